/** A bare server and the daemon, each under the same load for the same time, one right after the other. */
export interface Round {
  readonly bare: Sample;
  readonly daemon: Sample;
}

export interface Sample {
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Processor time of the whole process, user and system, per request. */
  readonly cpuUs: number;
  /** The same of the database server; 0 where there is none. */
  readonly databaseCpuUs: number;
}

/** What a ratio of processor times has to reach: the bare server's to ours at least, or ours to the bare server's at most. */
export type Goal = { readonly bareToOurs: number } | { readonly oursToBare: number };

/** All rounds of one kind of traffic on one database. */
export interface CaseResult {
  readonly store: string;
  readonly case: string;
  readonly title: string;
  /** Whether nearly each request is for a domain that the daemon has to look up. */
  readonly isNotKept: boolean;
  readonly goal: Goal | undefined;
  readonly rounds: readonly Round[];
  /** Of the daemon, after the last round. */
  readonly rssMib: number;
}

export interface Results {
  readonly date: string;
  readonly node: string;
  readonly processors: number;
  /** Whether wrk and what it drives ran on one processor each. */
  readonly haveOwnProcessor: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly cases: readonly CaseResult[];
  /** From the start of the process to the end of the first answer, of each start. */
  readonly startMs: readonly number[];
  readonly memory: readonly { readonly store: string; readonly requests: number; readonly rssMib: number }[];
  /** By the number of processes on one port: Autoconfig requests in a second, of each round. */
  readonly processes: readonly { readonly processes: number; readonly requestsPerSecond: readonly number[] }[];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2;
}

type Figure = keyof Sample;

const of = (who: keyof Round, figure: Figure, { rounds }: CaseResult): number =>
  median(rounds.map((round) => round[who][figure]));

/** Ratios of processor time, round by round. */
const bareToOurs = ({ rounds }: CaseResult): readonly number[] =>
  rounds.map(({ bare, daemon }) => bare.cpuUs / daemon.cpuUs);
const oursToBare = (result: CaseResult): readonly number[] => bareToOurs(result).map((ratio) => 1 / ratio);

/** What the daemon has for each that the bare server has, round by round. */
const daemonToBare = (figure: Figure, { rounds }: CaseResult): readonly number[] =>
  rounds.map(({ bare, daemon }) => daemon[figure] / bare[figure]);

/** Median, least and most; how far these lie apart shows how quiet the machine was. */
const spanOf = (all: readonly number[], digits = 2): string => {
  const [middle, least, most] = [median(all), Math.min(...all), Math.max(...all)].map((value) => value.toFixed(digits));
  return `${middle} (${least}-${most})`;
};

/** The first figure of a case, for people. */
export const writeRatio = (result: CaseResult): string =>
  result.isNotKept
    ? `${median(oursToBare(result)).toFixed(1)} times the bare server's processor time`
    : `${median(bareToOurs(result)).toFixed(2)} of processor time, bare / ours`;

const writeGoal = (goal: Goal | undefined): string =>
  goal === undefined ? '' : 'bareToOurs' in goal ? `>= ${goal.bareToOurs.toFixed(2)}` : `<= ${goal.oursToBare} times`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_name, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const milliseconds = (us: number): string => (us / 1_000).toFixed(2);
const microseconds = (us: number): string => us.toFixed(1);

/** All ratios in one table: a row a database, a column a kind of traffic. */
function overview(cases: readonly CaseResult[]): string {
  const titles = [...new Set(cases.map(({ title }) => title))];
  const stores = [...new Set(cases.map(({ store }) => store))];
  return table(
    ['CPU, bare / ours', ...titles],
    stores.map((store) => [
      store,
      ...titles.map((title) => {
        const result = cases.find((candidate) => candidate.store === store && candidate.title === title);
        return result === undefined ? '' : median(bareToOurs(result)).toFixed(2);
      }),
    ]),
  );
}

/** What it costs to look a domain up that is not kept. */
const notKept = (cases: readonly CaseResult[]): string =>
  table(
    ['database', 'bare CPU µs', 'CPU µs', 'ours / bare', 'wanted', "database's CPU µs"],
    cases.map((result) => [
      result.store,
      microseconds(of('bare', 'cpuUs', result)),
      microseconds(of('daemon', 'cpuUs', result)),
      spanOf(oursToBare(result), 1),
      writeGoal(result.goal),
      // SQLite is a part of the daemon.
      result.store.startsWith('sqlite') ? '' : microseconds(of('daemon', 'databaseCpuUs', result)),
    ]),
  );

const ofOneKind = (results: readonly CaseResult[]): string =>
  table(
    [
      'database',
      'bare CPU µs',
      'CPU µs',
      'bare / ours',
      'wanted',
      'bare/s',
      'daemon/s',
      'ratio of /s',
      'p50 ms',
      'p99 ms',
      'p99 ratio',
      'RSS MiB',
    ],
    results.map((result) => [
      result.store,
      microseconds(of('bare', 'cpuUs', result)),
      microseconds(of('daemon', 'cpuUs', result)),
      spanOf(bareToOurs(result)),
      result.isNotKept ? '' : writeGoal(result.goal),
      whole(of('bare', 'requestsPerSecond', result)),
      whole(of('daemon', 'requestsPerSecond', result)),
      median(daemonToBare('requestsPerSecond', result)).toFixed(2),
      milliseconds(of('daemon', 'p50Us', result)),
      milliseconds(of('daemon', 'p99Us', result)),
      median(daemonToBare('p99Us', result)).toFixed(1),
      whole(result.rssMib),
    ]),
  );

/** In Markdown: all ratios, look-ups that are not kept, a table for each kind of traffic, and one for start and memory. */
export function writeTables({ cases, startMs, memory, processes, ...run }: Results): string {
  const parts = [
    `Node.js ${run.node}, ${run.processors} processors${run.haveOwnProcessor ? ', one for wrk and one for what it drives' : ''}; rounds: ${run.rounds}, of ${run.seconds} s each,\n` +
      `${run.connections} connections. CPU is processor time per request, user and system of the whole process, after a second\n` +
      'to get warm. Medians; a ratio is the median of the ratios of the rounds.\n',
    ...(cases.length > 1 ? [overview(cases)] : []),
  ];
  const lookedUp = cases.filter((result) => result.isNotKept);
  if (lookedUp.length > 0) {
    parts.push(
      '### A look-up that is not kept (all domains evenly, of more domains than are kept: nearly each is looked up)\n',
      notKept(lookedUp),
    );
  }
  for (const title of new Set(cases.map((result) => result.title))) {
    parts.push(`### ${title}\n`, ofOneKind(cases.filter((result) => result.title === title)));
  }
  const rows = [
    ...(startMs.length === 0
      ? []
      : [[`start to first answer, median of ${startMs.length}`, `${whole(median(startMs))} ms`, '200 ms']]),
    ...memory.map(({ store, requests, rssMib }) => [
      `RSS after ${whole(requests)} requests, ${store}`,
      `${rssMib.toFixed(1)} MiB`,
      '100 MiB',
    ]),
  ];
  if (rows.length > 0) parts.push('### Start and memory\n', table(['SQLite', 'measured', 'wanted at most'], rows));
  if (processes.length > 0) {
    parts.push(
      '### Several processes on one port (reuse_port), wrk on the same processors\n',
      table(
        ['processes', 'Autoconfig GET/s'],
        processes.map(({ processes: count, requestsPerSecond }) => [String(count), whole(median(requestsPerSecond))]),
      ),
    );
  }
  return parts.join('\n');
}
