import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { type RunningProcess, startProcess } from './process.ts';
import { MAIN, ourEnvironment } from './program.ts';
import { SCHEMA } from './schema.ts';
import { execute } from './sqlite-file.ts';
import { type Cleanup, temporaryFolder } from './temporary-folder.ts';
import { EXAMPLE_ROWS } from './test-daemon.ts';

const AUTOCONFIG = '/mail/config-v1.1.xml?emailaddress=jane@example.com';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export type Target = { readonly port: number } | { readonly socketPath: string };

export interface Question {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined: a connection of its own. */
  readonly agent?: Agent;
}

export async function ask(
  target: Target,
  { path = AUTOCONFIG, method = 'GET', body, headers = {}, agent }: Question = {},
): Promise<Answer> {
  const where = 'port' in target ? { host: '127.0.0.1', ...target } : target;
  const request = httpRequest({ ...where, path, method, headers: { ...headers }, agent: agent ?? false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') };
}

/** The program as a process whose configuration the test rewrites. */
export interface Service extends RunningProcess {
  readonly folder: string;
  readonly file: string;
  /** Rewrites the configuration. */
  configure(config: string): void;
  /** Sends SIGHUP and resolves when the daemon has dealt with it. */
  reload(outcome?: RegExp): Promise<void>;
  /** The port that it says it listens on, the first or a later one. */
  port(index?: number): Promise<number>;
  stop(): Promise<string>;
}

export interface ServiceOptions {
  /** Options beside db_uri; INFO is the level unless it says otherwise. */
  readonly config?: string;
  readonly rows?: string;
  /** What is written before the program's own words. */
  readonly wrap?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly sockets?: readonly Server[];
  /** Standard error is a file, whose device and inode JOURNAL_STREAM names. */
  readonly isJournal?: boolean;
}

/** Starts the program on an SQLite database that serves example.com. */
export function start(
  t: Cleanup,
  {
    config = '',
    rows = EXAMPLE_ROWS,
    wrap = [],
    environment = {},
    sockets = [],
    isJournal = false,
  }: ServiceOptions = {},
): Service {
  const folder = temporaryFolder(t);
  const file = join(folder, 'automx2.conf');
  execute(join(folder, 'db.sqlite'), SCHEMA + rows);
  const configure = (lines: string): void =>
    writeFileSync(
      file,
      `[automx2]\n${/^loglevel/m.test(lines) ? '' : 'loglevel = INFO\n'}db_uri = sqlite:///${folder}/db.sqlite\n${lines}\n`,
    );
  configure(config);
  const errorFile = join(folder, 'log');
  if (isJournal) writeFileSync(errorFile, '');
  const { dev, ino } = statSync(isJournal ? errorFile : folder);
  const running = startProcess(t, [...wrap, process.execPath, MAIN, '--config', file], {
    folder,
    sockets,
    environment: {
      ...ourEnvironment(folder),
      ...(isJournal ? { JOURNAL_STREAM: `${dev}:${ino}` } : {}),
      ...environment,
    },
    ...(isJournal ? { errorFile } : {}),
  });
  let reloads = 0;
  return {
    ...running,
    folder,
    file,
    configure,
    async reload(outcome = /configuration reloaded/) {
      reloads += 1;
      running.child.kill('SIGHUP');
      await running.said(new RegExp(`(?:(?:${outcome.source})[\\s\\S]*){${reloads}}`));
    },
    async port(index = 0) {
      const all = new RegExp(`(?:listening[^\\n]*"?port"?[=:](\\d+)[\\s\\S]*?){${index + 1}}`);
      return Number((await running.said(all))[1]);
    },
    async stop() {
      running.child.kill('SIGTERM');
      const { status, err } = await running.ended;
      assert.equal(status, 0, err);
      return err;
    },
  };
}

export const refused = (target: Target): Promise<void> =>
  assert.rejects(ask(target), { code: 'port' in target ? 'ECONNREFUSED' : 'ENOENT' });

/** Resolves once connections are refused: "stopping" is logged before, and who connects in between is answered or reset. */
export async function becomesRefused(port: number): Promise<void> {
  for (let code = ''; code !== 'ECONNREFUSED'; ) {
    code = await ask({ port }).then(
      () => '',
      (error: NodeJS.ErrnoException) => error.code ?? '',
    );
  }
}

/** Any free port. */
export const LISTEN = 'listen = 127.0.0.1:0';
