import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import type { Cleanup } from './temporary-folder.ts';

export interface Result {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A process of the test's own. */
export interface RunningProcess {
  readonly child: ChildProcess;
  /** What it has written to standard error so far. */
  err(): string;
  /** Resolves when standard output or error matches; rejects if the process ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Result>;
}

export interface ProcessOptions {
  readonly folder: string;
  /** All of it: nothing of our own environment goes to the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Listening sockets that it inherits as descriptors 3, 4, ... */
  readonly sockets?: readonly Server[];
  /** Path of a file to write standard error to; else a pipe. */
  readonly errorFile?: string;
}

/** A process that should have ended must not hold the tests up. */
const LIMIT_MS = 280_000;
const POLL_MS = 20;

/** Node.js has no official word for it. */
const descriptorOf = (server: Server): number => (server as unknown as { _handle: { fd: number } })._handle.fd;

/** Starts a program; it is killed when the test ends. */
export function startProcess(
  t: Cleanup,
  [program = '', ...words]: readonly string[],
  { folder, environment, sockets = [], errorFile }: ProcessOptions,
): RunningProcess {
  const errorDescriptor = errorFile === undefined ? undefined : openSync(errorFile, 'w');
  const stdio = ['ignore', 'pipe', errorDescriptor ?? 'pipe', ...sockets.map(descriptorOf)] as const;
  const child = spawn(program, words, { cwd: folder, env: { ...environment }, stdio: [...stdio] });
  if (errorDescriptor !== undefined) closeSync(errorDescriptor);
  t.after(() => child.exitCode ?? child.kill('SIGKILL'));
  let [out, piped] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    piped += chunk;
  });
  const err = (): string => (errorFile === undefined ? piped : readFileSync(errorFile, 'utf8'));
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let isOver = false;
  const ended = once(child, 'close').then(([status]): Result => {
    isOver = true;
    clearTimeout(limit);
    return { status, out, err: err() };
  });
  return {
    child,
    err,
    ended,
    async said(pattern) {
      for (;;) {
        const wasOver = isOver;
        const match = pattern.exec(err() + out);
        if (match !== null) return match;
        if (wasOver) throw new Error(`ended with ${child.exitCode}, and never said ${pattern}: ${err()}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
  };
}
