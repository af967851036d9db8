import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CaseResult, type Results, type Sample, writeTables } from '../../bench/results.ts';

const sample = (cpuUs: number, databaseCpuUs = 0): Sample => ({
  requestsPerSecond: 1e6 / cpuUs,
  p50Us: 400,
  p99Us: 900,
  cpuUs,
  databaseCpuUs,
});

const result = (more: Partial<CaseResult>): CaseResult => ({
  store: 'sqlite-1',
  case: 'autoconfig',
  title: 'Autoconfig GET',
  isNotKept: false,
  goal: { bareToOurs: 0.8 },
  rounds: [],
  rssMib: 80,
  ...more,
});

const RUN: Omit<Results, 'cases'> = {
  date: '2000-01-01',
  node: '24.0.0',
  processors: 2,
  haveOwnProcessor: true,
  rounds: 3,
  seconds: 2,
  connections: 16,
  startMs: [],
  memory: [],
  processes: [],
};

/** The cells of each row that begins with `first`. */
const rowsOf = (text: string, first: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`| ${first} |`))
    .map((line) => line.split('|').map((cell) => cell.trim()));

test('the first figure is processor time per request, bare to ours, the median of the rounds', () => {
  // Of sums or of medians it would be something else: rounds are compared each by itself.
  const rounds = [
    { bare: sample(10), daemon: sample(20) },
    { bare: sample(30), daemon: sample(40) },
    { bare: sample(12), daemon: sample(20) },
  ];
  const text = writeTables({ ...RUN, cases: [result({ rounds }), result({ store: 'sqlite-2', rounds })] });
  const [overview, table] = rowsOf(text, 'sqlite-1');
  assert.deepEqual(overview?.slice(1, 3), ['sqlite-1', '0.60']);
  assert.deepEqual(table?.slice(1, 6), ['sqlite-1', '12.0', '20.0', '0.60 (0.50-0.75)', '>= 0.80']);
});

test('a look-up that is not kept has a table of its own, ours to bare', () => {
  const rounds = [{ bare: sample(10), daemon: sample(70, 140) }];
  const notKept = { store: 'postgresql-100000', title: 'evenly', isNotKept: true, goal: { oursToBare: 12 }, rounds };
  const [row] = rowsOf(writeTables({ ...RUN, cases: [result(notKept)] }), 'postgresql-100000');
  assert.deepEqual(row?.slice(2, -1), ['10.0', '70.0', '7.0 (7.0-7.0)', '<= 12 times', '140.0']);
});
