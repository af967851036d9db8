import { fileURLToPath } from 'node:url';
import { type RunningProcess, startProcess } from './process.ts';
import type { Cleanup } from './temporary-folder.ts';

export const MAIN = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));

const PASSED_ON = ['PATH', 'NODE_V8_COVERAGE', 'NODE_COMPILE_CACHE'];

/** What a program of ours gets of this process's environment. */
export function ourEnvironment(folder: string): Readonly<Record<string, string | undefined>> {
  const ours = Object.entries(process.env).filter(([name]) => PASSED_ON.includes(name));
  return { ...Object.fromEntries(ours), HOME: folder };
}

export interface LaunchOptions {
  /** Beside `ourEnvironment`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Another copy of the program. */
  readonly main?: string;
  /** Words before the program's own, such as those of sh(1) or setpriv(1). */
  readonly wrap?: readonly string[];
}

/**
 * Runs the program as a process, in a folder that is its home, too. For what only a process has: signals, users, pipes,
 * and how it ends; text and status are those of `runInProcess`, which is faster.
 */
export const launchProgram = (
  t: Cleanup,
  folder: string,
  words: readonly string[],
  { environment = {}, main = MAIN, wrap = [] }: LaunchOptions = {},
): RunningProcess =>
  startProcess(t, [...wrap, process.execPath, main, ...words], {
    folder,
    environment: { ...ourEnvironment(folder), ...environment },
  });
