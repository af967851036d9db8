import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCommandLine } from '../../src/app/command-line.ts';
import type { Signal } from '../../src/app/commands/command.ts';
import type { Result } from './process.ts';
import { type Cleanup, temporaryFolder } from './temporary-folder.ts';

/** The command line at work in this process, with streams, environment and signals of its own. */
export interface RunningCommand {
  /** What is typed. */
  readonly stdin: PassThrough;
  readonly ended: Promise<Result>;
  /** Resolves when standard output or error matches; rejects if the command ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: Signal): void;
}

export function startInProcess(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): RunningCommand {
  let [out, err] = ['', ''];
  const heard = new EventEmitter();
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    heard.emit('text');
  });
  stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    heard.emit('text');
  });
  const surroundings = Object.assign(new EventEmitter(), {
    stdin,
    stdout,
    stderr,
    env: { ...environment },
    pid: process.pid,
  });
  const ended = (async (): Promise<Result> => {
    const status = await runCommandLine(words, surroundings);
    for (const stream of [stdout, stderr]) await new Promise((resolve) => stream.on('end', resolve).end());
    return { status, out, err };
  })();
  return {
    stdin,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(err + out);
          if (match !== null) resolve(match);
        };
        heard.on('text', look);
        look();
        ended.then(({ status }) => reject(new Error(`ended with ${status}, never said ${pattern}: ${err}`)), reject);
      }),
    signal: (name) => surroundings.emit(name),
  };
}

/** Runs a command to its end; nothing is typed. */
export const runInProcess = (
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Result> => startInProcess(words, environment).ended;

/** A configuration file in a new folder, and the command line run with it. */
export interface Configured {
  readonly folder: string;
  /** Of the configuration. */
  readonly config: string;
  /** Where `sqlite` puts the database. */
  readonly file: string;
  start(...words: readonly string[]): RunningCommand;
  run(...words: readonly string[]): Promise<Result>;
  /** Writes a file into the folder and returns its path. */
  write(name: string, content: string | Uint8Array): string;
}

/** `options`: lines of the configuration; `sqlite` stands for the URL of the database `file`. */
export function configured(t: Cleanup, options: string | ((sqlite: string) => string)): Configured {
  const folder = temporaryFolder(t);
  const [config, file] = [join(folder, 'automx2.conf'), join(folder, 'db.sqlite')];
  const lines = typeof options === 'string' ? options : options(`sqlite:///${file}`);
  writeFileSync(config, `[automx2]\n${lines}\n`);
  const start = (...words: readonly string[]): RunningCommand =>
    startInProcess(['--config', config, ...words], { HOME: folder });
  return {
    folder,
    config,
    file,
    start,
    run: (...words) => start(...words).ended,
    write(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
  };
}
