/** A bare server and the daemon, each under the same load for the same time, one right after the other. */
export interface Round {
  readonly bare: Sample;
  readonly daemon: Sample;
}

export interface Sample {
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Time on the processor for one request. */
  readonly cpuUs: number;
}

/** All rounds of one kind of traffic on one database. */
export interface CaseResult {
  readonly store: string;
  readonly case: string;
  readonly title: string;
  readonly goal: number | undefined;
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

/** What the daemon has for each that the bare server has, round by round. */
const ratios = (figure: Figure, { rounds }: CaseResult): readonly number[] =>
  rounds.map(({ bare, daemon }) => daemon[figure] / bare[figure]);

export const ratio = (figure: Figure, result: CaseResult): number => median(ratios(figure, result));

/** Median, least and most; how far these lie apart tells how quiet the machine was. */
const ratioText = (result: CaseResult): string => {
  const all = ratios('requestsPerSecond', result);
  return `${median(all).toFixed(2)} (${Math.min(...all).toFixed(2)}-${Math.max(...all).toFixed(2)})`;
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_name, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const milliseconds = (us: number): string => (us / 1_000).toFixed(2);

/** All ratios in one table: a row a database, a column a kind of traffic. */
function overview(cases: readonly CaseResult[]): string {
  const titles = [...new Set(cases.map(({ title }) => title))];
  const stores = [...new Set(cases.map(({ store }) => store))];
  return table(
    ['ratio of requests/s', ...titles],
    stores.map((store) => [
      store,
      ...titles.map((title) => {
        const result = cases.find((candidate) => candidate.store === store && candidate.title === title);
        return result === undefined ? '' : ratio('requestsPerSecond', result).toFixed(2);
      }),
    ]),
  );
}

/** In Markdown: all ratios, a table for each kind of traffic, and one for start and memory. */
export function writeTables({ cases, startMs, memory, processes, ...run }: Results): string {
  const parts = [
    `Node.js ${run.node}, ${run.processors} processors${run.haveOwnProcessor ? ', one for wrk and one for what it drives' : ''}; rounds: ${run.rounds}, of ${run.seconds} s each,\n` +
      `${run.connections} connections. Medians; a ratio is the median of the ratios of the rounds, daemon to bare server.\n`,
    ...(cases.length > 1 ? [overview(cases)] : []),
  ];
  for (const title of new Set(cases.map((result) => result.title))) {
    const results = cases.filter((result) => result.title === title);
    const goal = results[0]?.goal;
    parts.push(
      `### ${title}${goal === undefined ? '' : ` (wanted: a ratio of ${goal.toFixed(2)})`}\n`,
      table(
        [
          'database',
          'bare/s',
          'daemon/s',
          'ratio',
          'p50 ms',
          'p99 ms',
          'p99 ratio',
          'bare CPU µs',
          'CPU µs',
          'RSS MiB',
        ],
        results.map((result) => [
          result.store,
          whole(of('bare', 'requestsPerSecond', result)),
          whole(of('daemon', 'requestsPerSecond', result)),
          ratioText(result),
          milliseconds(of('daemon', 'p50Us', result)),
          milliseconds(of('daemon', 'p99Us', result)),
          ratio('p99Us', result).toFixed(1),
          of('bare', 'cpuUs', result).toFixed(1),
          of('daemon', 'cpuUs', result).toFixed(1),
          whole(result.rssMib),
        ]),
      ),
    );
  }
  const rows = [
    ...(startMs.length === 0
      ? []
      : [[`start to first answer, median of ${startMs.length}`, `${whole(median(startMs))} ms`, '300 ms']]),
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
