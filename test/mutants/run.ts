import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findProgram } from '../support/database-server.ts';
import { MUTANTS, type Mutant } from './list.ts';

// npm run mutants [-- WORD]: applies each change of list.ts (whose file, name or test has the word) to a copy of the
// project, and demands that its test fails there. Exit status 1: a change was not noticed, or could not be made.

/** For one mutant, in milliseconds: a single test, and all of them. */
const TEST_MS = 20_000;
const LIMIT_MS = 120_000;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NOT_COPIED = ['node_modules', '.git', 'dist', 'coverage'];

type Outcome = 'killed' | 'SURVIVED' | 'NOT FOUND' | 'NOT RUNNABLE' | 'TIMED OUT' | 'FAILS UNCHANGED' | 'skipped';

interface TestResult {
  /** Exit status of the test runner. */
  readonly status: number;
  readonly passed: number;
  /** Name of the first test that failed. */
  readonly firstFailure: string;
}

/** Runs a mutant's tests in the copy; undefined after the time limit. */
async function runTests(copy: string, { test, only }: Mutant): Promise<TestResult | undefined> {
  const pattern = only === undefined ? [] : [`--test-name-pattern=${only}`];
  const options = ['--test-isolation=none', `--test-timeout=${TEST_MS}`, '--test-reporter=tap', ...pattern];
  const limits = { cwd: copy, timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: 2 ** 28 } as const;
  const { stdout, status } = await new Promise<{ readonly stdout: string; readonly status: number | undefined }>(
    (resolve) => {
      const ended = (error: unknown, output: string): void => {
        const code = error instanceof Error && 'code' in error ? error.code : 0;
        resolve({ stdout: output, status: typeof code === 'number' ? code : undefined });
      };
      execFile(process.execPath, ['--test', ...options, test], limits, ended);
    },
  );
  if (status === undefined) return undefined;
  const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1] ?? 0);
  const [, firstFailure = ''] = /^\s*not ok \d+ - (.*)$/m.exec(stdout) ?? [];
  return { status, passed, firstFailure };
}

/** Whether a module of the copy can be loaded: a change that is not TypeScript would fail every test. */
const isRunnable = (path: string, version: number): Promise<boolean> =>
  import(`${pathToFileURL(path)}?${version}`).then(
    () => true,
    () => false,
  );

const unchanged = new Map<string, boolean>();

/** Applies one change, runs its test and takes the change back. */
async function tryMutant(copy: string, mutant: Mutant, index: number): Promise<[outcome: Outcome, detail?: string]> {
  const { program } = mutant;
  if (program !== undefined && findProgram(program) === undefined) return ['skipped', `${program} is not installed`];
  const path = join(copy, mutant.file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return ['NOT FOUND', 'no such file'];
  }
  const parts = text.split(mutant.from);
  if (parts.length !== 2) return ['NOT FOUND', `the text occurs ${parts.length - 1} times`];
  const key = `${mutant.test} ${mutant.only}`;
  if (!unchanged.has(key)) {
    const result = await runTests(copy, mutant);
    unchanged.set(key, result?.status === 0 && result.passed > 0);
  }
  if (unchanged.get(key) === false) return ['FAILS UNCHANGED', mutant.test];
  writeFileSync(path, parts.join(mutant.to));
  try {
    if (!(await isRunnable(path, index))) return ['NOT RUNNABLE'];
    const result = await runTests(copy, mutant);
    if (result === undefined) return ['TIMED OUT', mutant.test];
    return result.status !== 0 ? ['killed', result.firstFailure] : ['SURVIVED', mutant.test];
  } finally {
    writeFileSync(path, text);
  }
}

const word = process.argv[2] ?? '';
const chosen = MUTANTS.filter(({ file, name, test }) => `${file} ${name} ${test}`.includes(word));
const outcomes: Outcome[] = [];
const waiting = [...chosen.entries()];

/** Tries one mutant after the other in a copy of its own. */
async function work(): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), 'automx2-mutants-'));
  try {
    cpSync(ROOT, copy, { recursive: true, filter: (path) => !NOT_COPIED.includes(basename(path)) });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, mutant] = next;
      const start = performance.now();
      const [outcome, detail] = await tryMutant(copy, mutant, index);
      outcomes.push(outcome);
      const seconds = ((performance.now() - start) / 1_000).toFixed(1).padStart(5);
      console.log(`${outcome.padEnd(15)} ${seconds} s  ${mutant.file}: ${mutant.name}`);
      if (detail !== undefined) console.log(`${' '.repeat(25)}${detail}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
const bad = outcomes.filter((outcome) => outcome !== 'killed' && outcome !== 'skipped');
console.log(`${outcomes.length} mutants, ${outcomes.filter((outcome) => outcome === 'killed').length} killed`);
process.exitCode = bad.length > 0 || outcomes.length === 0 ? 1 : 0;
