import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createHttpServer } from '../../../src/adapters/http/create-server.ts';
import { type Handler, textReply } from '../../../src/adapters/http/exchange.ts';
import { createRequestListener } from '../../../src/adapters/http/request-listener.ts';
import { readSettings } from '../../../src/app/options.ts';
import { MemoryLog } from '../../support/memory-log.ts';

const MAX = 3;
const QUICK = 'GET /quick HTTP/1.1\r\nHost: x\r\n\r\n';
const SLOW = 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n';
const BODY_HEADERS = 'POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n';

interface Client {
  /** Sends octets and resolves when the server has read them. */
  send(octets: string): Promise<void>;
  /** Resolves when so many answers have come in all, or the connection is closed: with their bodies. */
  answers(count: number): Promise<string>;
  readonly closed: Promise<unknown>;
}

/** A server for three connections: /quick is answered at once, /body when it is there, /slow when `finish` is called. */
async function start(t: TestContext) {
  const waiting: (() => void)[] = [];
  const route = (path: RegExp, method: string, handler: Handler) => ({
    format: 'test',
    path,
    methods: { [method]: handler },
  });
  const routes = [
    route(/^\/quick$/, 'GET', async () => textReply(200, 'quick')),
    route(/^\/body$/, 'POST', async (exchange) => textReply(200, String((await exchange.body(9))?.length))),
    route(/^\/slow$/, 'GET', async () => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return textReply(200, 'slow');
    }),
  ];
  const clock = { now: () => new Date(), elapsedMs: () => 0 };
  const { limits } = readSettings(undefined);
  const { server, setLimits } = createHttpServer(
    createRequestListener({ routes, proxyCount: 0, log: new MemoryLog(), clock }),
    { ...limits, maxConnections: MAX },
  );
  t.after(() => server.close().closeAllConnections());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const open = async (): Promise<Client> => {
    const taken: Promise<Socket[]> = once(server, 'connection');
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    t.after(() => socket.destroy());
    socket.on('error', () => undefined); // closed by the server
    let [text, isClosed] = ['', false];
    socket.on('data', (part: string) => {
      text += part;
    });
    const closed = once(socket, 'close').then(() => {
      isClosed = true;
    });
    const [[peer]] = await Promise.all([taken, once(socket, 'connect')]);
    let sent = 0;
    return {
      closed,
      async send(octets) {
        sent += octets.length;
        socket.write(octets);
        while (peer !== undefined && !peer.destroyed && peer.bytesRead < sent) await setImmediate();
        await setImmediate(); // and its handler has begun
      },
      async answers(count) {
        const bodies = (): string[] => [...text.matchAll(/\r\n\r\n(\w+)\n/g)].map(([, body = '']) => body);
        while (bodies().length < count && !isClosed) await setImmediate();
        return bodies().join();
      },
    };
  };
  return {
    open,
    finish: () => {
      for (const resolve of waiting.splice(0)) resolve();
    },
    setMax: (maxConnections: number) => setLimits({ ...limits, maxConnections }),
    count: () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count))),
  };
}

describe('one connection more than the limit', () => {
  type Name = 'a' | 'b' | 'c' | 'd';
  for (const { name, sent, closed } of [
    { name: 'nobody has sent anything: the one that came first makes room', sent: [], closed: 'a' },
    { name: 'what was answered waits anew', sent: [['a', QUICK, 1]], closed: 'b' },
    {
      name: 'the one whose last answer is oldest makes room',
      sent: [
        ['c', QUICK, 1],
        ['a', QUICK, 1],
        ['b', QUICK, 1],
        ['c', QUICK, 2],
      ],
      closed: 'a',
    },
    { name: 'half of the headers count for nothing', sent: [['a', 'GET /quick HTTP/1.1\r\nHost:', 0]], closed: 'a' },
    { name: 'complete headers do', sent: [['a', BODY_HEADERS, 0]], closed: 'b' },
    {
      name: 'pieces of a body do not',
      sent: [
        ['a', BODY_HEADERS, 0],
        ['b', BODY_HEADERS, 0],
        ['c', BODY_HEADERS, 0],
        ['a', 'x', 0],
        ['b', 'x', 0],
      ],
      closed: 'a',
    },
    { name: 'a whole body that is answered does', sent: [['a', `${BODY_HEADERS}123456789`, 1]], closed: 'b' },
    { name: 'who waits for us is not closed', sent: [['a', SLOW, 0]], closed: 'b' },
    {
      name: 'nor if a further request was answered meanwhile',
      sent: [
        ['a', SLOW, 0],
        ['b', SLOW + QUICK, 0],
      ],
      closed: 'c',
    },
    {
      name: 'while all wait for us the new one is closed',
      sent: [
        ['a', SLOW, 0],
        ['b', SLOW, 0],
        ['c', SLOW, 0],
      ],
      closed: 'd',
    },
  ] satisfies readonly {
    readonly name: string;
    /** By whom, what, and how many answers are waited for then. */
    readonly sent: readonly (readonly [Name, string, number])[];
    readonly closed: Name;
  }[]) {
    test(name, async (t) => {
      const { open, finish, count } = await start(t);
      const clients = new Map<Name, Client>();
      const client = (one: Name): Client => clients.get(one) ?? assert.fail();
      for (const one of ['a', 'b', 'c'] as const) clients.set(one, await open());
      for (const [one, octets, answers] of sent) {
        await client(one).send(octets);
        await client(one).answers(answers);
      }
      clients.set('d', await open());
      await client(closed).closed;
      assert.equal(await count(), MAX);
      finish();
      for (const [one, { send, answers }] of clients) {
        if (one === closed) continue;
        // What it had begun is answered, or it is answered now.
        const begun = sent.flatMap(([by, octets]) => (by === one ? [octets] : [])).join('');
        if (begun === '') await send(QUICK);
        else if (begun.startsWith(BODY_HEADERS)) await send(`${BODY_HEADERS}123456789`.slice(begun.length));
        assert.notEqual(await answers(1), '', one);
      }
    });
  }

  test('up to the limit none is closed', async (t) => {
    const { open } = await start(t);
    const clients = [await open(), await open(), await open()];
    for (const { send, answers } of clients) {
      await send(QUICK);
      assert.equal(await answers(1), 'quick');
    }
  });

  test('when we are done with all, the next one finds room again', async (t) => {
    const { open, finish } = await start(t);
    const busy = [await open(), await open(), await open()];
    for (const { send } of busy) await send(SLOW);
    await (await open()).closed;
    finish();
    for (const { answers } of busy) assert.equal(await answers(1), 'slow');
    const { send, answers } = await open();
    await busy[0]?.closed;
    await send(QUICK);
    assert.equal(await answers(1), 'quick');
  });

  test('a client that went away counts no more', async (t) => {
    const { open, finish, count } = await start(t);
    for (let round = 0; round < 3 * MAX; round++) {
      const { send } = await open();
      await send(round % 2 === 0 ? SLOW : QUICK);
    }
    finish();
    assert.ok((await count()) <= MAX);
    const { send, answers } = await open();
    await send(QUICK);
    assert.equal(await answers(1), 'quick');
  });

  test('the limit that is set anew counts for those that come', async (t) => {
    const { open, setMax, count } = await start(t);
    const [first] = [await open(), await open(), await open()];
    setMax(MAX + 1);
    await open();
    assert.equal(await count(), MAX + 1);
    setMax(MAX);
    await open();
    await first.closed;
    assert.equal(await count(), MAX);
  });
});
