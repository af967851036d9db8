import { availableParallelism } from 'node:os';
import { type Certificate, certificatesMissing, type KeyKind, makeCertificates } from '../test/support/certificates.ts';
import { freePort } from '../test/support/database-server.ts';
import { type Cleanup, temporaryFolder } from '../test/support/temporary-folder.ts';
import { type Answer, ask, type Request } from './ask.ts';
import { autoconfig, CASES, type Case, isNotKept } from './cases.ts';
import { processorTimeOf } from './processor-time.ts';
import { HAVE_OWN } from './processors.ts';
import { type CaseResult, type Results, type Round, type Sample, writeRatio } from './results.ts';
import { type MeasuredServer, type Special, settled, startBareServer, startDaemon } from './servers.ts';
import { askedDomain, type Databases, type Engine, ONE_STORE, STORES, type Store, startEngine } from './stores.ts';
import { CONNECTIONS, drive, type Load } from './wrk.ts';

/** What can be measured: the kinds of traffic, the time to the first answer, memory, several processes on one port. */
export const CASE_NAMES: readonly string[] = [...CASES.map(({ name }) => name), 'start', 'memory', 'processes'];

const MEMORY_STORES: readonly string[] = ['sqlite-1', 'sqlite-100000'];
const STARTS = 11;
const MEMORY_STEPS = 4;
const MAX_STRIDE_SECONDS = 3;

/** What is wanted. */
export interface Plan {
  /** Path of the built program's first file. */
  readonly main: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly isQuick: boolean;
  /** Whether one of CASE_NAMES is to be measured there. */
  readonly isWanted: (name: string, store: Store) => boolean;
}

interface Bench {
  readonly plan: Plan;
  /** Path of the program. */
  readonly wrk: string;
  readonly cleanup: Cleanup;
}

type StoreResults = Pick<Results, 'cases' | 'startMs' | 'memory' | 'processes'>;
type Launch = (special?: Special) => ReturnType<typeof startDaemon>;

const isSame = (a: Answer, b: Answer): boolean => JSON.stringify(a) === JSON.stringify(b);

/** `databaseUs` is the processor time of the database server so far; what is asked beside costs processor time, too. */
async function sample(
  wrk: string,
  server: MeasuredServer,
  databaseUs: () => number,
  seconds: number,
  load: Load,
  beside: Request | undefined,
): Promise<Sample> {
  const before = { server: server.cpuUs(), database: databaseUs() };
  const [{ requests, requestsPerSecond, p50Us, p99Us }, others] = await Promise.all([
    drive(wrk, server.port, seconds, load),
    beside && drive(wrk, server.port, seconds, { request: beside, refused: 'none' }),
  ]);
  const answered = requests + (others?.requests ?? 0);
  const cpuUs = (server.cpuUs() - before.server) / answered;
  return { requestsPerSecond, p50Us, p99Us, cpuUs, databaseCpuUs: (databaseUs() - before.database) / answered };
}

/** Measures one kind of traffic: the two servers in turn, after a second for each to get warm. */
async function measure(
  { name, title, goal, request: requestFor, traffic, beside, isRight, isNewEachTime = false }: Case,
  store: Store,
  daemon: MeasuredServer,
  databases: Databases,
  { plan: { rounds, seconds }, wrk, cleanup }: Bench,
): Promise<CaseResult> {
  const domain = askedDomain(store);
  const request = requestFor(domain);
  const answer = await ask(daemon.port, request);
  if (!isRight(answer, domain)) throw new Error(`wrong answer: ${JSON.stringify({ request, answer })}`);
  const bare = await startBareServer(answer);
  cleanup.after(() => bare.stop());
  const refused = answer.status === 200 ? 'none' : 'all';
  const load = (seed: number): Load => ({
    request,
    refused,
    traffic: traffic === undefined ? undefined : { kind: traffic, domains: store.domains, seed },
  });
  const databaseUs = (): number => processorTimeOf(...(databases.server?.processes() ?? []));
  const sampleOf = (server: MeasuredServer, length: number, its: Load): Promise<Sample> =>
    sample(wrk, server, databaseUs, length, its, beside?.(domain));
  const results: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const length = round === 0 ? 1 : seconds;
    const both = {
      bare: await sampleOf(bare, length, load(round)),
      daemon: await sampleOf(daemon, length, { ...load(round), refused: traffic === 'mixed' ? 'unknown' : refused }),
    };
    if (round > 0) results.push(both);
  }
  for (const server of [bare, daemon]) {
    const after = await ask(server.port, request);
    const isStill = isNewEachTime ? isRight(after, domain) : isSame(after, answer);
    if (!isStill) throw new Error(`another answer than before: ${JSON.stringify({ request, after })}`);
  }
  await bare.stop();
  return {
    store: store.name,
    case: name,
    title,
    isNotKept: isNotKept(name, store),
    goal: goal?.(store),
    rounds: results,
    rssMib: daemon.rssMib(),
  };
}

/** Resident memory in steps on the way to a million requests, mixed traffic. */
async function measureMemory(store: Store, daemon: MeasuredServer, { plan, wrk }: Bench): Promise<Results['memory']> {
  const total = plan.isQuick ? 10_000 : 1_000_000;
  const request = autoconfig(askedDomain(store));
  const memory: Results['memory'][number][] = [];
  let [done, rate, seed] = [0, total, 0];
  for (let step = 1; step <= MEMORY_STEPS; step++) {
    const target = (total * step) / MEMORY_STEPS;
    while (done < target) {
      seed += 1;
      // It gets faster as it gets warm: in short strides, so as not to go far beyond the target.
      const seconds = Math.min(MAX_STRIDE_SECONDS, Math.ceil((target - done) / rate));
      const traffic = { kind: 'mixed' as const, domains: store.domains, seed };
      const run = await drive(wrk, daemon.port, seconds, { request, refused: 'unknown', traffic });
      done += run.requests;
      rate = run.requestsPerSecond;
    }
    memory.push({ store: store.name, requests: done, rssMib: daemon.rssMib() });
  }
  return memory;
}

/** Time to the first answer, of several starts. */
async function measureStart(launch: Launch, { plan }: Bench): Promise<readonly number[]> {
  const times: number[] = [];
  for (let start = 0; start < (plan.isQuick ? 1 : STARTS); start++) {
    const { server, startMs } = await launch();
    times.push(startMs);
    await server.stop();
  }
  return times;
}

/** Requests in a second of 1, 2, ... processes on one port, as many as there are processors, in turn. */
async function measureProcesses(store: Store, launch: Launch, { plan, wrk }: Bench): Promise<Results['processes']> {
  const request = autoconfig(askedDomain(store));
  const counts = Array.from({ length: availableParallelism() }, (_value, index) => index + 1);
  const results = counts.map((processes) => ({ processes, requestsPerSecond: [] as number[] }));
  for (let round = 0; round < plan.rounds; round++) {
    for (const { processes, requestsPerSecond } of results) {
      const shared = await freePort();
      const servers: MeasuredServer[] = [];
      while (servers.length < processes) servers.push((await launch({ shared })).server);
      const load: Load = { request, refused: 'none', isAnywhere: true };
      await drive(wrk, shared, 1, load);
      requestsPerSecond.push((await drive(wrk, shared, plan.seconds, load)).requestsPerSecond);
      for (const server of servers) await server.stop();
    }
  }
  return results;
}

/** As an authority issues it: with one intermediate. */
function makeSigner(newKey: KeyKind, cleanup: Cleanup): Certificate {
  const authority = makeCertificates(cleanup);
  return authority.issue({
    names: ['bench.example'],
    newKey,
    issuer: authority.issue({ names: [], isAuthority: true }),
  });
}

/** Measures what is wanted of one store. */
async function measureStore(store: Store, databases: Databases, bench: Bench): Promise<StoreResults> {
  const { plan, cleanup } = bench;
  const isWanted = (name: string): boolean => plan.isWanted(name, store);
  const isStart = store.name === ONE_STORE && isWanted('start');
  const isProcesses = store.name === ONE_STORE && isWanted('processes');
  const isMemory = MEMORY_STORES.includes(store.name) && isWanted('memory');
  const wanted = CASES.filter(
    ({ name, onlyStore, signingKey }) =>
      isWanted(name) &&
      (onlyStore === undefined || onlyStore === store.name) &&
      (signingKey === undefined || certificatesMissing === false),
  );
  if (wanted.length === 0 && !isStart && !isMemory && !isProcesses) {
    return { cases: [], startMs: [], memory: [], processes: [] };
  }

  say(`${store.name}: filling the database`);
  const url = await databases.fill(store);
  const folder = temporaryFolder(cleanup);
  const launch: Launch = async (special) => {
    const launched = await startDaemon(plan.main, folder, url, autoconfig(askedDomain(store)), special);
    cleanup.after(() => launched.server.stop());
    return launched;
  };
  const startMs = isStart ? await measureStart(launch, bench) : [];
  const cases: CaseResult[] = [];
  for (const key of new Set(wanted.map(({ signingKey }) => signingKey))) {
    const { server } = await launch({ signer: key && makeSigner(key, cleanup) });
    await settled(server);
    for (const each of wanted.filter(({ signingKey }) => signingKey === key)) {
      const result = await measure(each, store, server, databases, bench);
      say(`${store.name}: ${each.title}: ${writeRatio(result)}`);
      cases.push(result);
    }
    await server.stop();
  }
  const processes = isProcesses ? await measureProcesses(store, launch, bench) : [];
  if (!isMemory) return { cases, startMs, memory: [], processes };
  const { server } = await launch();
  const memory = await measureMemory(store, server, bench);
  await server.stop();
  return { cases, startMs, memory, processes };
}

/** Fills one database after the other and measures what the plan wants of it. */
export async function runBench(plan: Plan, wrk: string, cleanup: Cleanup): Promise<Results> {
  const parts: StoreResults[] = [];
  if (certificatesMissing !== false) say(`left out: signed profiles; ${certificatesMissing}`);
  for (const engine of new Set(STORES.map((store) => store.engine))) {
    const stores = STORES.filter((store) => store.engine === engine);
    if (!stores.some((store) => CASE_NAMES.some((name) => plan.isWanted(name, store)))) continue;
    const databases = await startEngine(engine, plan.main, cleanup);
    if (databases === undefined) say(`left out, for it is not installed: ${MISSING[engine]}`);
    else {
      for (const store of stores) parts.push(await measureStore(store, databases, { plan, wrk, cleanup }));
      // Nothing but what is measured runs beside it.
      await databases.end();
    }
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    processors: availableParallelism(),
    haveOwnProcessor: HAVE_OWN,
    rounds: plan.rounds,
    seconds: plan.seconds,
    connections: CONNECTIONS,
    cases: parts.flatMap(({ cases }) => cases),
    startMs: parts.flatMap(({ startMs }) => startMs),
    memory: parts.flatMap(({ memory }) => memory),
    processes: parts.flatMap(({ processes }) => processes),
  };
}

const MISSING: Readonly<Record<Engine, string>> = {
  sqlite: '',
  postgresql: 'PostgreSQL (Debian: postgresql)',
  mariadb: 'MariaDB (Debian: mariadb-server)',
};

/** Progress goes to standard error, the tables to standard output. */
const say = (line: string): void => void process.stderr.write(`${line}\n`);
