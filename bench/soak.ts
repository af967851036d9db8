import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type DatabaseServer, freePort } from '../test/support/database-server.ts';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { CleanupStack } from './cleanup-stack.ts';
import { DIST, mainOf, writeConfiguration } from './servers.ts';
import { DOMAINS, Traffic } from './soak-traffic.ts';
import { type Engine, startEngine } from './stores.ts';
import { slope } from './trend.ts';

const HELP = `Usage: npm run soak -- [--minutes N]

Runs the daemon, as built in dist/, on PostgreSQL and on MariaDB under mixed
traffic, with reloads and restarts of both servers, and prints what it holds.
Ends with status 1 if a request was not answered as it should, or if more
files and connections are open at the end, at rest, than at the start.

  --minutes N  how long (default 10)
`;

const MAIN = mainOf(DIST);
const LINES = 20;
const RELOAD_MS = 5_000;
/** One of the servers is away for so long ... */
const OUTAGE_MS = 3_000;
/** ... and then for so long none. */
const RESTART_MS = 15_000;
/** More than the daemon keeps an unused connection to its database. */
const REST_MS = 40_000;

/** What can be seen of a process from outside. */
interface Sample {
  readonly requests: number;
  readonly rssMib: number;
  /** JavaScript objects that the last full garbage collection found in use; undefined before the first. */
  readonly heapMib: number | undefined;
  readonly descriptors: number;
}

/** A daemon, its database server, and what it is asked. */
interface Soaked {
  readonly engine: Engine;
  readonly database: DatabaseServer;
  readonly traffic: Traffic;
  readonly daemon: ChildProcess;
  readonly samples: Sample[];
  sample(): Sample;
  /** Files and connections, waited for until they are as few as they were, or for as long as that may take. */
  atRest(few: number): Promise<number>;
}

async function soaked(engine: Engine, seed: number, cleanup: CleanupStack): Promise<Soaked | undefined> {
  const databases = await startEngine(engine, MAIN, cleanup);
  if (databases?.server === undefined) return undefined;
  const url = await databases.fill({ name: `${engine}-soak`, engine, domains: DOMAINS, oneProvider: false });
  const port = await freePort();
  const configuration = writeConfiguration(temporaryFolder(cleanup), url, port);
  const daemon = spawn(process.execPath, ['--trace-gc', MAIN, '--config', configuration], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanup.after(() => daemon.kill('SIGKILL'));
  let heapMib: number | undefined;
  daemon.stdout.setEncoding('utf8').on('data', (lines: string) => {
    for (const [, mib] of lines.matchAll(/Mark-Compact.* -> ([\d.]+) \(/g)) heapMib = Number(mib);
  });
  daemon.stderr.setEncoding('utf8').on('data', (lines: string) => {
    // Outages are what we make; anything worse is to be seen.
    for (const line of lines.split('\n')) if (/ CRITICAL | 500 |\bat .*\.js:/.test(line)) console.error(line);
  });
  const traffic = new Traffic(port, seed);
  await traffic.untilDatabaseAnswers();
  const proc = `/proc/${daemon.pid}`;
  const descriptors = (): number => readdirSync(`${proc}/fd`).length;
  return {
    engine,
    database: databases.server,
    traffic,
    daemon,
    samples: [],
    sample: () => ({
      requests: traffic.requests,
      rssMib: Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`${proc}/status`, 'utf8'))?.[1]) / 1024,
      heapMib,
      descriptors: descriptors(),
    }),
    async atRest(few) {
      for (const deadline = Date.now() + REST_MS; descriptors() > few && Date.now() < deadline; ) await sleep(200);
      return descriptors();
    },
  };
}

/** Takes the database away and brings it back, while requests run. */
async function restart({ engine, database, traffic }: Soaked): Promise<void> {
  await traffic.warmUp();
  traffic.isDatabaseAway = true;
  // PostgreSQL's SIGTERM waits for clients to go; ours never do.
  await database.stop(engine === 'postgresql' ? 'SIGINT' : 'SIGTERM');
  await sleep(OUTAGE_MS);
  await database.start();
  await traffic.untilDatabaseAnswers();
  traffic.isDatabaseAway = false;
}

const mib = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(1));

/** Resolves with whether all was as it should. */
async function soak(minutes: number, cleanup: CleanupStack): Promise<boolean> {
  if (!existsSync(MAIN)) throw new Error('there is no dist/; it is made by: npm run build');
  const all: Soaked[] = [];
  for (const engine of ['postgresql', 'mariadb'] as const) {
    const one = await soaked(engine, all.length + 1, cleanup);
    if (one === undefined) console.log(`${engine} is not installed`);
    else all.push(one);
  }
  if (all.length === 0) throw new Error('no database server is installed (Debian: postgresql, mariadb-server)');

  const atStart = await Promise.all(all.map((one) => one.atRest(0)));
  for (const { traffic } of all) {
    await traffic.warmUp();
    traffic.start();
  }
  const end = Date.now() + minutes * 60_000;
  const lineMs = (minutes * 60_000) / LINES;
  let [nextLine, nextReload, nextRestart, restarts] = [
    Date.now() + lineMs,
    Date.now() + RELOAD_MS,
    Date.now() + RESTART_MS,
    0,
  ];
  let restarting: Promise<void> | undefined;
  console.log('| minute | engine | requests | failed | 503, database away | RSS MiB | heap MiB | descriptors |');
  console.log('| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  while (Date.now() < end) {
    await sleep(100);
    const gone = all.find(({ daemon }) => daemon.exitCode !== null || daemon.signalCode !== null);
    if (gone !== undefined) throw new Error(`the daemon on ${gone.engine} ended by itself`);
    if (Date.now() >= nextLine) {
      nextLine += lineMs;
      for (const { engine, traffic, sample, samples } of all) {
        const now = sample();
        samples.push(now);
        const minute = (minutes - (end - Date.now()) / 60_000).toFixed(1);
        console.log(
          `| ${minute} | ${engine} | ${now.requests} | ${traffic.failed} | ${traffic.unavailable} | ${mib(now.rssMib)} | ` +
            `${mib(now.heapMib)} | ${now.descriptors} |`,
        );
      }
    }
    // A reload forgets every domain, so none comes while the database is away.
    if (restarting === undefined && Date.now() >= nextReload) {
      nextReload = Date.now() + RELOAD_MS;
      for (const { daemon } of all) daemon.kill('SIGHUP');
    }
    const next = all[restarts % all.length];
    if (next !== undefined && restarting === undefined && Date.now() >= nextRestart) {
      restarts += 1;
      restarting = restart(next).then(() => {
        restarting = undefined;
        nextRestart = Date.now() + RESTART_MS;
      });
    }
  }
  await restarting;
  await Promise.all(all.map(({ traffic }) => traffic.end()));
  const atEnd = await Promise.all(all.map((one, index) => one.atRest(atStart[index] ?? 0)));

  console.log(`\nDatabase servers were restarted ${restarts} times.`);
  for (const [index, { engine, traffic, samples }] of all.entries()) {
    const half = samples.slice(samples.length / 2);
    const trend = (of: (sample: Sample) => number | undefined): string => {
      const points = half.map((sample) => ({ x: sample.requests / 1e6, y: of(sample) ?? Number.NaN }));
      return slope(points).toFixed(1);
    };
    console.log(
      `${engine}: ${traffic.requests} requests, ${traffic.failed} failed; per 1,000,000 requests in the second half ` +
        `RSS rose by ${trend(({ rssMib }) => rssMib)} MiB, heap by ${trend(({ heapMib }) => heapMib)} MiB; ` +
        `descriptors at rest ${atStart[index]} at the start, ${atEnd[index]} at the end.`,
    );
    for (const failure of traffic.failures) console.log(`  ${failure}`);
  }
  return all.every(({ traffic }, index) => traffic.failed === 0 && (atEnd[index] ?? 0) <= (atStart[index] ?? 0));
}

const { values } = parseArgs({ options: { minutes: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
const minutes = Number(values.minutes ?? 10);
if (values.help === true) process.stdout.write(HELP);
else if (!(minutes > 0 && minutes <= 24 * 60)) {
  process.stderr.write('soak: --minutes wants a number, a day at most\n');
  process.exitCode = 1;
} else {
  const cleanup = new CleanupStack();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cleanup.run().then(() => process.exit(1)));
  }
  try {
    if (!(await soak(minutes, cleanup))) process.exitCode = 1;
  } finally {
    await cleanup.run();
  }
}
