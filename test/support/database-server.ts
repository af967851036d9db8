import { type ChildProcess, execFileSync, type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A real database server of the test's own, in a temporary folder, on a Unix socket and a loopback port. */
export interface DatabaseServer {
  readonly folder: string;
  readonly port: number;
  /** What the server wrote. */
  log(): string;
  /** The process ids of it and its children; none before it is started. */
  processes(): readonly number[];
  /** Resolves when connections are taken. */
  start(...more: readonly string[]): Promise<void>;
  /** Ends it; connections are cut. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it and its children in their tracks (SIGSTOP): it takes connections, as the system does that, but is mute. */
  freeze(): void;
  /** Lets it go on; nothing if it is not frozen. */
  thaw(): void;
  /** Ends it and takes the folder away. */
  remove(): Promise<void>;
}

/** The program on PATH or in one of Debian's folders; undefined: not installed. */
export function findProgram(name: string, ...folders: readonly string[]): string | undefined {
  const all = [...folders, ...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return all.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** PostgreSQL's programs, the newest that Debian's packages have put down. */
export function postgresqlFolder(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

interface Program {
  readonly name: string;
  /** Ids to run as: servers refuse to run as root. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
  /** What fills its folder "data", if it has one. */
  readonly install?: (data: string) => readonly [string, readonly string[]];
  readonly command: (folder: string, port: number) => readonly [string, readonly string[]];
  readonly ready: (folder: string, port: number) => boolean;
}

/** "nobody", if we are root. */
const otherUser = (): Program['ids'] => (process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined);

/** PostgreSQL has a process for each connection. Linux only: elsewhere no server is found that has children. */
const childrenOf = (pid: number): number[] => {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
};

/** A child may have ended meanwhile. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Stops a process; when this returns, all of its threads stand still. The signal alone leaves them time for an answer. */
function halt(pid: number): void {
  send(pid, 'SIGSTOP');
  const tasks = `/proc/${pid}/task`;
  const runs = (task: string): boolean => {
    try {
      return !/\) [TtZX] /.test(readFileSync(`${tasks}/${task}/stat`, 'utf8'));
    } catch {
      return false; // it has ended
    }
  };
  while (existsSync(tasks) && readdirSync(tasks).some(runs));
}

const START_LIMIT_MS = 60_000;

/** MariaDB removes the temporary tables of others when it starts: each server has a folder for its own. */
const surroundings = (folder: string) => ({ cwd: folder, env: { ...process.env, TMPDIR: folder } });

/** Data of new servers, to be copied. */
const TEMPLATES = fileURLToPath(new URL('../../node_modules/.cache/servers', import.meta.url));

/** Makes the folder "data". To install a server takes seconds of processor time: the first one's is kept for the others. */
function fillData({ name, ids, install }: Program, folder: string): void {
  if (install === undefined) return;
  const data = join(folder, 'data');
  const [program, words] = install(data);
  const whose = [statSync(program).mtimeMs, process.getuid?.(), ...install('data').flat()];
  const template = join(TEMPLATES, `${name}-${createHash('sha256').update(whose.join('\0')).digest('hex')}`);
  const copy = (from: string, to: string): void => runOnce('cp', ['-a', '--reflink=auto', from, to], {});
  if (existsSync(template)) {
    copy(template, data);
    return;
  }
  mkdirSync(data);
  if (ids !== undefined) chownSync(data, ids.uid, ids.gid);
  runOnce(program, words, { ...surroundings(folder), ...ids });
  mkdirSync(TEMPLATES, { recursive: true });
  const made = `${template}.${process.pid}`;
  copy(data, made);
  try {
    renameSync(made, template);
  } catch {
    rmSync(made, { recursive: true }); // another test file was faster
  }
}

async function makeServer(kind: Program): Promise<DatabaseServer> {
  const { name, ids, command, ready } = kind;
  const folder = mkdtempSync(join(tmpdir(), `automx2-${name}-`));
  if (ids !== undefined) chownSync(folder, ids.uid, ids.gid);
  const port = await freePort();
  fillData(kind, folder);
  const logFile = join(folder, 'log');
  let child: ChildProcess | undefined;
  let frozen: number[] = [];
  const server: DatabaseServer = {
    folder,
    port,
    log: () => readFileSync(logFile, 'utf8'),
    processes: () => (child?.pid === undefined ? [] : [child.pid, ...childrenOf(child.pid)]),
    async start(...more) {
      const [program, words] = command(folder, port);
      const log = openSync(logFile, 'a', 0o666);
      child = spawn(program, [...words, ...more], { ...surroundings(folder), stdio: ['ignore', log, log], ...ids });
      closeSync(log);
      for (const deadline = Date.now() + START_LIMIT_MS; !ready(folder, port); ) {
        if (child.exitCode !== null || Date.now() > deadline)
          throw new Error(`${name} did not start:\n${server.log()}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop(signal = 'SIGTERM') {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
    freeze() {
      if (child?.pid === undefined) return;
      halt(child.pid); // itself first, so that no further children come
      frozen = [...server.processes()];
      for (const pid of frozen) halt(pid);
    },
    thaw() {
      for (const pid of frozen.splice(0)) send(pid, 'SIGCONT');
    },
    async remove() {
      server.thaw();
      await server.stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return server;
}

/** Runs a program to its end. Throws, with all that it said, unless it succeeded. */
function runOnce(program: string, words: readonly string[], options: SpawnSyncOptions): void {
  const { status, signal, stdout, stderr } = spawnSync(program, words, { ...options, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ended with ${signal ?? status}:\n${stdout}${stderr}`);
}

/** Runs a client and tells whether it succeeded. */
function succeeds(program: string, words: readonly string[]): boolean {
  try {
    execFileSync(program, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** PostgreSQL with a superuser "automx2", whom it trusts without a password; undefined where it is not installed. */
export async function postgresqlServer(): Promise<DatabaseServer | undefined> {
  const bin = postgresqlFolder();
  if (bin === undefined) return undefined;
  return makeServer({
    name: 'postgresql',
    ids: otherUser(),
    install: (data) => [
      join(bin, 'initdb'),
      ['-D', data, '-U', 'automx2', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    ],
    command: (folder, port) => [
      join(bin, 'postgres'),
      ['-D', join(folder, 'data'), '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-F'],
    ],
    ready: (folder, port) => succeeds(join(bin, 'pg_isready'), ['-q', '-h', folder, '-p', String(port)]),
  });
}

/** What MariaDB and MySQL have in common; `more` are further options. */
async function mysqlLike(
  name: string,
  program: string,
  install: NonNullable<Program['install']>,
  more: readonly string[],
): Promise<DatabaseServer | undefined> {
  const admin = findProgram('mariadb-admin');
  if (admin === undefined) return undefined;
  return makeServer({
    name,
    ids: otherUser(),
    install,
    command: (folder, port) => [
      program,
      [
        '--no-defaults',
        `--datadir=${join(folder, 'data')}`,
        `--socket=${join(folder, 'socket')}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--pid-file=${join(folder, 'pid')}`,
        '--innodb-flush-log-at-trx-commit=0',
        // What is written outlives the end of the server; nothing here has to outlive that of the machine.
        '--innodb-flush-method=nosync',
        // MySQL's start takes half of its processor time for this.
        '--performance-schema=OFF',
        '--skip-log-bin',
        '--innodb-buffer-pool-size=32M',
        ...more,
      ],
    ],
    ready: (folder) => succeeds(admin, ['--no-defaults', `--socket=${join(folder, 'socket')}`, '-u', 'root', 'ping']),
  });
}

/** MariaDB with a user "root" without a password; undefined where it is not installed. */
export async function mariadbServer(): Promise<DatabaseServer | undefined> {
  const server = findProgram('mariadbd');
  const install = findProgram('mariadb-install-db');
  if (server === undefined || install === undefined) return undefined;
  const SMALL_LOG = ['--innodb-log-file-size=8M'];
  const words = ['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db', ...SMALL_LOG];
  return mysqlLike('mariadb', server, (data) => [install, [...words, `--datadir=${data}`]], SMALL_LOG);
}

/**
 * Oracle's MySQL, which no release of Debian has: the program that the environment variable MYSQLD names, with a user "root"
 * without a password; undefined where there is none.
 */
export async function mysqlServer(): Promise<DatabaseServer | undefined> {
  const server = process.env['MYSQLD'];
  if (server === undefined) return undefined;
  // As MariaDB does: no TLS unless a test brings a certificate.
  const more = ['--auto-generate-certs=OFF', '--innodb-redo-log-capacity=8M'];
  const words = ['--no-defaults', '--initialize-insecure', ...more];
  return mysqlLike('mysql', server, (data) => [server, [...words, `--datadir=${data}`]], more);
}

/** PgBouncer before `server`, with two connections of its own to it; undefined where it is not installed. */
export async function pgbouncerServer(
  server: DatabaseServer | undefined,
  poolMode: 'transaction' | 'session',
): Promise<DatabaseServer | undefined> {
  const program = findProgram('pgbouncer');
  const bin = postgresqlFolder();
  if (program === undefined || bin === undefined || server === undefined) return undefined;
  const version = /PgBouncer (\d+)\.(\d+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }));
  const knowsPrepared = Number(version?.[1]) > 1 || Number(version?.[2]) >= 21;
  return makeServer({
    name: 'pgbouncer',
    ids: otherUser(),
    command(folder, port) {
      const lines = [
        '[databases]',
        `* = host=${server.folder} port=${server.port} user=automx2`,
        '[pgbouncer]',
        'listen_addr = 127.0.0.1',
        `listen_port = ${port}`,
        'unix_socket_dir =',
        'auth_type = any',
        `pool_mode = ${poolMode}`,
        `default_pool_size = ${poolMode === 'session' ? 20 : 2}`,
        'ignore_startup_parameters = statement_timeout',
        'server_login_retry = 1',
        ...(knowsPrepared ? ['max_prepared_statements = 0'] : []),
      ];
      writeFileSync(join(folder, 'pgbouncer.ini'), `${lines.join('\n')}\n`);
      return [program, [join(folder, 'pgbouncer.ini')]];
    },
    ready: (_folder, port) => succeeds(join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]),
  });
}
