import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createListener, type Handler } from '../../../../src/adapters/http/listener.ts';
import { textReply } from '../../../../src/adapters/http/reply.ts';
import { Connections } from '../../../../src/adapters/http/server/connections.ts';
import { createHttpServer } from '../../../../src/adapters/http/server/create-server.ts';
import { readSettings } from '../../../../src/app/options.ts';
import { MemoryLog } from '../../../support/memory-log.ts';
import { NO_LOOKUP } from '../../../support/no-lookup.ts';

const MAX = 3;
const QUICK = 'GET /quick HTTP/1.1\r\nHost: x\r\n\r\n';
const SLOW = 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n';
const BODY_HEADERS = 'POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n';

interface Client {
  /** Sends octets and resolves when the server has read them. */
  send(octets: string): Promise<void>;
  /** Resolves with the bodies of all answers, when there are so many or the connection is closed. */
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
    route(/^\/body$/, 'POST', async (request) => textReply(200, String((await request.body(9))?.length))),
    route(/^\/slow$/, 'GET', async () => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return textReply(200, 'slow');
    }),
  ];
  const clock = { now: () => new Date(), elapsedMs: () => 0 };
  const { limits } = readSettings(undefined);
  const { server, setLimits } = createHttpServer(
    createListener({ routes, lookup: NO_LOOKUP, proxyCount: 0, log: new MemoryLog(), clock }),
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
    { name: 'an answer begins a new wait', sent: [['a', QUICK, 1]], closed: 'b' },
    {
      name: 'the one whose last answer is the oldest makes room',
      sent: [
        ['c', QUICK, 1],
        ['a', QUICK, 1],
        ['b', QUICK, 1],
        ['c', QUICK, 2],
      ],
      closed: 'a',
    },
    { name: 'a part of the headers does not', sent: [['a', 'GET /quick HTTP/1.1\r\nHost:', 0]], closed: 'a' },
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
    { name: 'one that is being answered is not closed', sent: [['a', SLOW, 0]], closed: 'b' },
    {
      name: 'nor after a later request was answered',
      sent: [
        ['a', SLOW, 0],
        ['b', SLOW + QUICK, 0],
      ],
      closed: 'c',
    },
    {
      name: 'nor after the headers of a later request',
      sent: [
        ['a', SLOW + BODY_HEADERS, 0],
        ['b', SLOW, 0],
        ['c', SLOW, 0],
      ],
      closed: 'd',
    },
    {
      name: 'while all are being answered, the new one is closed',
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
        // The request it has begun is answered, or else a new one.
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

  test('when all are answered, the next one finds room again', async (t) => {
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

  test('a client that went away no longer counts', async (t) => {
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

  test('a new limit applies to connections that arrive later', async (t) => {
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

/** A server whose requests are answered, the oldest first, when `answer` is called. */
async function startManual(t: TestContext) {
  const connections = new Connections({ maxConnections: 100, maxPipelinedRequests: 16 });
  const unanswered: (() => void)[] = [];
  const names = new Map<Socket, string>();
  let arrived = 0;
  const server = createServer((request, response) =>
    connections.serve(request, response, async () => {
      await new Promise<void>((resolve) => unanswered.push(resolve));
      response.end();
    }),
  );
  server.on('connection', (socket) => connections.admit(socket));
  server.on('request', () => {
    arrived += 1;
  });
  t.after(() => server.close().closeAllConnections());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connections,
    /** Names of the connections that we wait for. */
    waiting: () => [...connections.waiting()].map((socket) => names.get(socket)),
    /** A client, and the server's end of its connection. */
    async open(name: string): Promise<{ readonly client: Socket; readonly peer: Socket; received(): string }> {
      const client = connect(port, '127.0.0.1').setEncoding('utf8');
      t.after(() => client.destroy());
      const [[peer]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
        [Socket],
        unknown,
      ];
      names.set(peer, name);
      let text = '';
      client.on('data', (part: string) => {
        text += part;
      });
      return { client, peer, received: () => text };
    },
    /** Resolves when the headers of so many more requests have arrived. */
    async requests(count: number): Promise<void> {
      const all = arrived + count;
      while (arrived < all) await setImmediate();
    },
    /** Resolves when node:http cannot read what a client has sent. */
    error: (): Promise<unknown> => once(server, 'clientError'),
    async answer(): Promise<void> {
      (unanswered.shift() ?? assert.fail('no request'))();
      await setImmediate();
    },
  };
}

describe('connections whose clients we wait for', () => {
  test('new and answered ones, longest wait first; none that has sent a whole request', async (t) => {
    const { waiting, open, requests, answer } = await startManual(t);
    const { client } = await open('a');
    await open('b');
    assert.deepEqual(waiting(), ['a', 'b']);
    client.write(QUICK);
    await requests(1);
    assert.deepEqual(waiting(), ['b']);
    await answer();
    assert.deepEqual(waiting(), ['b', 'a']);
  });

  test('none that is owed an answer while the headers of its next request arrive', async (t) => {
    const { waiting, open, requests, answer } = await startManual(t);
    const { client } = await open('a');
    client.write(QUICK + BODY_HEADERS);
    await requests(2);
    assert.deepEqual(waiting(), []);
    await answer();
    assert.deepEqual(waiting(), ['a'], 'the body is still to come');
    client.write('123456789');
    while (waiting().length > 0) await setImmediate();
    await answer();
    assert.deepEqual(waiting(), ['a']);
  });

  test('none that is owed a further answer', async (t) => {
    const { waiting, open, requests, answer } = await startManual(t);
    const { client } = await open('a');
    client.write(QUICK + QUICK);
    await requests(2);
    await answer();
    assert.deepEqual(waiting(), []);
    await answer();
    assert.deepEqual(waiting(), ['a']);
  });

  for (const { name, octets } of [
    { name: 'while it waited', octets: '' },
    { name: 'while its request was being answered', octets: QUICK },
    { name: 'in the middle of its request', octets: BODY_HEADERS },
  ]) {
    test(`none that was closed ${name}`, async (t) => {
      const { waiting, open, requests, answer } = await startManual(t);
      const { client, peer } = await open('a');
      if (octets !== '') {
        client.write(octets);
        await requests(1);
      }
      client.destroy();
      await new Promise((resolve) => peer.once('close', resolve));
      if (octets !== '') await answer();
      assert.deepEqual(waiting(), []);
    });
  }
});

test('when the server stops, the last answer of each connection says so, and each later one', async (t) => {
  const { connections, open, requests, answer } = await startManual(t);
  const [a, b] = [await open('a'), await open('b')];
  a.client.write(QUICK + QUICK);
  await requests(2);
  connections.stop();
  b.client.write(QUICK);
  await requests(1);
  for (let count = 0; count < 3; count++) await answer();
  await Promise.all([a, b].map(({ client }) => once(client, 'close')));
  const saysClose = (text: string): readonly boolean[] =>
    text.split(/(?=HTTP\/1\.1 )/).map((head) => /^Connection: close\r$/m.test(head));
  assert.deepEqual(saysClose(a.received()), [false, true]);
  assert.deepEqual(saysClose(b.received()), [true]);
});

describe('an error response could be taken for the answer to another request, or be a second one', () => {
  const BAD_BODY = 'POST /slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n';
  for (const { name, octets, may } of [
    { name: 'no: there is none', octets: 'x\r\n\r\n', may: true },
    { name: 'no: the error is in the body of the only request', octets: BAD_BODY, may: true },
    { name: 'yes: a request is not answered yet', octets: `${QUICK}x\r\n\r\n`, may: false },
    {
      name: 'yes: a request with a complete body is not answered yet',
      octets: `${BODY_HEADERS}123456789x\r\n\r\n`,
      may: false,
    },
    { name: 'yes: the error is in the body of a further request', octets: QUICK + BAD_BODY, may: false },
  ]) {
    test(name, async (t) => {
      const { connections, open, error } = await startManual(t);
      const { client, peer } = await open('a');
      const failed = error();
      client.write(octets);
      await failed;
      assert.equal(connections.mayAnswerError(peer), may);
    });
  }
});
