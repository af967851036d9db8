import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { SCHEMA } from '../support/schema.ts';
import { ask, autoconfigOf, noticed, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { autodiscoverRequest, EXAMPLE_ROWS } from '../support/test-daemon.ts';

// Many clients that harm by doing little, against the program itself, while others ask.

const BODY = autodiscoverRequest('a@example.com');
const POST = `POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: x\r\nContent-Length: ${BODY.length}\r\n\r\n`;

interface Nuisance {
  readonly name: string;
  readonly clients: number;
  /** Options of the daemon, beside the defaults. */
  readonly options?: readonly string[];
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
    // A busy machine needs a second for all that is sent ahead, and others are not to be taken for stalled meanwhile.
    options: ['max_pipelined_requests = 1000', 'stall_timeout_ms = 4000'],
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

for (const { name, clients, options = [], begin, tick, isCutOff = false } of nuisances) {
  test(`${name}: others are answered, memory stays bounded, nothing is left behind`, { skip }, async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const database = new Database(file);
    database.pragma('foreign_keys = OFF');
    database.exec(SCHEMA + EXAMPLE_ROWS);
    database.close();
    const { port, child, stop } = await startService(t, `sqlite:///${file}`, { options });
    const residentMib = (): number =>
      Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
    const openFiles = (): number => readdirSync(`/proc/${child.pid}/fd`).length;
    const question = async () => (await ask(port, autoconfigOf('a@example.com'))).status;
    for (let count = 0; count < 100; count++) assert.equal(await question(), 200);
    const [memory, files] = [residentMib(), openFiles()];

    const sockets = new Set<Socket>();
    let opened = 0;
    const open = (): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
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
        const answer = await question().catch((error: Error) => error.message);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        peakMib = Math.max(peakMib, residentMib());
        peakFiles = Math.max(peakFiles, openFiles());
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
    while (openFiles() > files) await sleep(20);
    const at = (value: number): string => `${Math.round(value)} MiB`;
    t.diagnostic(
      `${opened} opened, ${left} left at the end; others: ${JSON.stringify([...answers])}; files ${files}, at most ${peakFiles}; ` +
        `resident ${at(memory)}, at most ${at(peakMib)}, at the end ${at(residentMib())}`,
    );
    assert.deepEqual([...answers.keys()], [200]);
    assert.ok(peakFiles - files <= MAX_CONNECTIONS + ABREAST, `${peakFiles} files`);
    assert.ok(peakMib - memory <= MAX_MIB, at(peakMib));
    assert.equal(await question(), 200);
    assert.deepEqual(noticed(await stop()), []);
  });
}
