import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { startProcess } from '../support/process.ts';
import { SCHEMA } from '../support/schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { autodiscoverRequest, EXAMPLE_ROWS } from '../support/test-daemon.ts';

// Many clients that harm by doing little, against the program itself, while others ask. Linux only, for its memory and
// its open files are read from /proc.

const MAIN = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));
const BODY = autodiscoverRequest('a@example.com');
const POST = `POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: x\r\nContent-Length: ${BODY.length}\r\n\r\n`;

async function start(t: TestContext, options: string) {
  const folder = temporaryFolder(t);
  const database = new Database(join(folder, 'db.sqlite'));
  database.pragma('foreign_keys = OFF');
  database.exec(SCHEMA + EXAMPLE_ROWS);
  database.close();
  const config = join(folder, 'automx2.conf');
  const lines = ['loglevel = INFO', `db_uri = sqlite:///${folder}/db.sqlite`, 'listen = 127.0.0.1:0', options];
  writeFileSync(config, `[automx2]\n${lines.join('\n')}\n`);
  const { PATH, NODE_V8_COVERAGE } = process.env;
  const running = startProcess(t, [process.execPath, MAIN, '--config', config], {
    folder,
    environment: { PATH, HOME: folder, ...(NODE_V8_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE }) },
  });
  const [, port] = await running.said(/listening address=127\.0\.0\.1 port=(\d+)/);
  const { pid } = running.child;
  return {
    port: Number(port),
    residentMib: () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    openFiles: () => readdirSync(`/proc/${pid}/fd`).length,
    async stop() {
      running.child.kill('SIGTERM');
      const { status, err } = await running.ended;
      assert.equal(status, 0, err);
      return err;
    },
  };
}

/** One who asks, on a connection of his own; the status. */
function ask(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const path = '/mail/config-v1.1.xml?emailaddress=a@example.com';
    const asked = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    asked.on('error', reject).end();
  });
}

interface Nuisance {
  readonly name: string;
  readonly clients: number;
  /** Options of the daemon, beside the defaults. */
  readonly options?: string;
  /** What a client does once it is connected; `tick` runs again and again while it is. */
  readonly begin?: (socket: Socket) => void;
  readonly tick?: (socket: Socket, index: number) => void;
  /** The daemon closes all of them, not only those beyond its limit. */
  readonly isCutOff?: boolean;
}

const unread = {
  clients: 20,
  begin: (socket: Socket) => socket.pause(),
  tick: (socket: Socket) =>
    socket.write('GET /mobileconfig/?emailaddress=a@example.com HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(8)),
  isCutOff: true,
};

const nuisances: readonly Nuisance[] = [
  { name: '10,000 idle connections', clients: 10_000 },
  {
    name: '3,000 clients that send headers an octet a time',
    clients: 3_000,
    begin: (socket) => socket.write('GET / HTTP/1.1\r\nHost: x\r\nX: '),
    tick: (socket) => socket.write('x'),
  },
  {
    name: '3,000 clients that send a body an octet a time',
    clients: 3_000,
    begin: (socket) => socket.write(POST),
    tick: (socket, index) => socket.write(BODY.charAt(index)),
  },
  {
    name: '3,000 clients that close their side at once',
    clients: 3_000,
    begin: (socket) => socket.end(),
    isCutOff: true,
  },
  {
    name: '3,000 clients that close their side after half a request',
    clients: 3_000,
    begin: (socket) => socket.end(POST + BODY.slice(0, 9)),
    isCutOff: true,
  },
  { name: '20 clients that send requests and never read', ...unread },
  {
    name: '20 clients that never read and may send many requests ahead',
    ...unread,
    options: 'max_pipelined_requests = 1000\nstall_timeout_ms = 1000',
  },
];

/** Of the daemon's own by default. */
const MAX_CONNECTIONS = 1_000;
/** What connections may cost: V8 takes its time to collect what those have left that were closed. */
const MAX_MIB = 300;
/** How many connections are opened at the same time. */
const ABREAST = 20;

/** Why these tests cannot be run here. */
function reason(): string | false {
  if (!existsSync('/proc/self/limits')) return 'memory and open files are read from /proc, as Linux has it';
  const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return Number(limit) < 2 * MAX_CONNECTIONS && `ulimit -n is ${limit}, and ${2 * MAX_CONNECTIONS} are needed`;
}

const skip = reason();

for (const { name, clients, options = '', begin, tick, isCutOff = false } of nuisances) {
  test(`${name}: others are answered, memory stays bounded, nothing is left behind`, { skip }, async (t) => {
    const daemon = await start(t, options);
    for (let count = 0; count < 100; count++) assert.equal(await ask(daemon.port), 200);
    const [memory, files] = [daemon.residentMib(), daemon.openFiles()];

    const sockets = new Set<Socket>();
    let opened = 0;
    const open = (): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect({ host: '127.0.0.1', port: daemon.port, allowHalfOpen: true });
        socket.once('connect', () => {
          opened += 1;
          sockets.add(socket);
          socket.resume();
          begin?.(socket);
          resolve();
        });
        // The daemon closes some: that is what the limit is for.
        socket.on('error', () => resolve());
        socket.on('end', () => socket.destroy());
        socket.on('close', () => sockets.delete(socket));
      });
    const answers = new Map<unknown, number>();
    let [isOver, peakMib, peakFiles] = [false, 0, 0];
    const others = async (): Promise<void> => {
      while (!isOver) {
        const answer = await ask(daemon.port).catch((error: Error) => error.message);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        peakMib = Math.max(peakMib, daemon.residentMib());
        peakFiles = Math.max(peakFiles, daemon.openFiles());
      }
    };
    const asking = [others(), others()];
    for (let count = 0; count < clients; count += ABREAST) {
      await Promise.all(Array.from({ length: ABREAST }, open));
    }
    for (let index = 0; isCutOff ? sockets.size > 0 : index < 40; index++) {
      for (const socket of sockets) if (socket.writable) tick?.(socket, index);
      await sleep(50);
    }
    isOver = true;
    await Promise.all(asking);
    const left = sockets.size;
    for (const socket of sockets) socket.destroy();
    while (daemon.openFiles() > files) await sleep(20);
    const at = (value: number): string => `${Math.round(value)} MiB`;
    t.diagnostic(
      `${opened} opened, ${left} left at the end; others: ${JSON.stringify([...answers])}; files ${files}, at most ${peakFiles}; ` +
        `resident ${at(memory)}, at most ${at(peakMib)}, at the end ${at(daemon.residentMib())}`,
    );
    assert.deepEqual([...answers.keys()], [200]);
    assert.ok(peakFiles - files <= MAX_CONNECTIONS + ABREAST, `${peakFiles} files`);
    assert.ok(peakMib - memory <= MAX_MIB, at(peakMib));
    assert.equal(await ask(daemon.port), 200);
    assert.doesNotMatch(await daemon.stop(), / (?:WARNING|ERROR) (?!look-ups are slow)/);
  });
}
