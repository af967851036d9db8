import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get as httpGet } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { createListener } from '../../../src/adapters/http/listener.ts';
import { textReply } from '../../../src/adapters/http/reply.ts';
import { createHttpServer } from '../../../src/adapters/http/server/create-server.ts';
import { readSettings } from '../../../src/app/options.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { NO_LOOKUP } from '../../support/no-lookup.ts';
import { autodiscoverRequest, EXAMPLE_ROWS, exchange, startTestDaemon } from '../../support/test-daemon.ts';

const { base, raw, port } = await startTestDaemon({ after }, { rows: EXAMPLE_ROWS });

describe('what node:http refuses is answered with a line of text', () => {
  for (const { name, request, status } of [
    { name: 'no HTTP', request: 'hello\r\n\r\n', status: 400 },
    { name: 'a method that nobody knows', request: 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n', status: 400 },
    {
      name: 'bytes above 127 in the target',
      request: Buffer.from('GET /mail/config-v1.1.xml?emailaddress=j\xf6@d HTTP/1.1\r\nHost: x\r\n\r\n', 'latin1'),
      status: 400,
    },
    { name: 'no Host', request: 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', status: 400 },
  ]) {
    test(name, async () => assert.equal(Number((await raw(request)).slice(9, 12)), status));
  }

  test('behind a request that is not answered yet: closed, and no answer is taken for that of another', async () => {
    const request = 'GET /v1.1/example.com HTTP/1.1\r\nHost: x\r\n\r\n';
    const answers = await raw(`${request}hello\r\n\r\n`);
    assert.ok(answers === '' || answers.startsWith('HTTP/1.1 200 '), answers);
  });

  test('with type, length and nosniff', async () => {
    assert.match(
      await raw('hello\r\n\r\n'),
      /^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text\/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 12\r\n\r\nBad Request\n$/,
    );
  });
});

describe('bodies', () => {
  const head = 'POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';

  test('in chunks, and after 100 Continue', async () => {
    const body = autodiscoverRequest('a@example.net');
    const chunks = body.match(/.{1,50}/gs)?.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`) ?? [];
    assert.match(await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`), /<LoginName>/);
    const answer = await raw(`${head}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n[\s\S]*<LoginName>/);
  });

  test('a client that goes away in the middle harms nobody', async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`${head}Content-Length: 100\r\n\r\nhalf`);
    socket.destroy();
    assert.equal((await fetch(`${base}/healthz`)).status, 200);
  });
});

describe('more than a client should send', () => {
  for (const [name, body] of [
    ['declarations', `<!${'&'.repeat(16_382)}`],
    ['letters in a declaration', `<!${'a'.repeat(16_382)}`],
  ] as const) {
    test(`16 KiB of ${name} cost no time`, async () => {
      const response = await fetch(`${base}/autodiscover/autodiscover.xml`, { method: 'POST', body });
      assert.match(await response.text(), /<ErrorCode>600</);
    });
  }
});

describe('the store fails', () => {
  test('locked: a domain that is known is answered, and /healthz says from where', async (t) => {
    const daemon = await startTestDaemon(t, { rows: EXAMPLE_ROWS });
    const lookUp = () => fetch(`${daemon.base}/mail/config-v1.1.xml?emailaddress=a@example.com`);
    const health = async (): Promise<string> => (await fetch(`${daemon.base}/healthz`)).text();
    assert.equal((await lookUp()).status, 200);
    assert.equal(await health(), 'ok\n');
    const other = new Database(daemon.file);
    t.after(() => other.close());
    other.exec('BEGIN EXCLUSIVE');
    assert.equal((await lookUp()).status, 200);
    assert.match(await health(), /from memory/);
    other.exec('ROLLBACK');
  });

  test('locked: 503 with Retry-After everywhere, one line in the log, and back again', async (t) => {
    const daemon = await startTestDaemon(t, { rows: EXAMPLE_ROWS });
    const other = new Database(daemon.file);
    t.after(() => other.close());
    other.exec('BEGIN EXCLUSIVE');
    const ask = async () => {
      const mail = await Promise.all([
        fetch(`${daemon.base}/mail/config-v1.1.xml?emailaddress=a@example.com`),
        fetch(`${daemon.base}/autodiscover/autodiscover.xml`, {
          method: 'POST',
          body: autodiscoverRequest('a@example.com'),
        }),
        fetch(`${daemon.base}/mobileconfig/?emailaddress=a@example.com`),
      ]);
      // Last: a look-up that was answered tells that the database is back, else a second may pass.
      return [...mail, await fetch(`${daemon.base}/healthz`)];
    };
    for (const response of await ask()) {
      assert.equal(response.status, 503);
      assert.match(response.headers.get('retry-after') ?? '', /^\d+$/);
      assert.match(await response.text(), /^[^\n]+\n$/);
    }
    assert.match(await (await fetch(`${daemon.base}/healthz`)).text(), /unreachable/);
    other.exec('ROLLBACK');
    for (const response of await ask()) assert.equal(response.status, 200);
    assert.equal(
      daemon.log.filter((line) => / ERROR look-ups in the database fail: sqlite: .*locked/.test(line)).length,
      1,
    );
    assert.equal(
      daemon.log.filter((line) => / WARNING look-ups in the database are answered again/.test(line)).length,
      1,
    );
  });
});

describe('a mistake of ours', () => {
  for (const { name, handler, answer } of [
    {
      name: 'thrown: 500, the stack in the log, nothing to the client',
      handler: async () => {
        throw new TypeError('secret detail');
      },
      answer: /^HTTP\/1\.1 500 [\s\S]*\r\n\r\nInternal error\n$/,
    },
    {
      name: 'in a reply: the connection is closed, the daemon lives',
      handler: async () => textReply(200, 'x', { 'X-Bad': 'secret detail\r\nX: y' }),
      answer: /^$/,
    },
  ]) {
    test(name, async (t) => {
      const log = new MemoryLog();
      const routes = [{ format: 'test', path: /^\/$/, methods: { GET: handler } }];
      const clock = { now: () => new Date(), elapsedMs: () => 0 };
      const listener = createListener({ routes, lookup: NO_LOOKUP, proxyCount: 0, log, clock });
      const { server } = createHttpServer(listener, readSettings(undefined).limits);
      t.after(() => server.close());
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port: own } = server.address() as AddressInfo;
      for (let round = 0; round < 2; round++) {
        assert.match(await exchange(own, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), answer);
      }
      const errors = log.entries.filter(({ level }) => level === 'ERROR');
      assert.equal(errors.length, 2);
      assert.match(errors[0]?.message ?? '', /^unforeseen: TypeError at /);
    });
  }
});

describe('stopping', () => {
  test('a request in flight is answered, its connection closed, and a new one refused', async (t) => {
    const { daemon, ...at } = await startTestDaemon(t, { rows: EXAMPLE_ROWS });
    const agent = new Agent({ keepAlive: true });
    const idle = httpGet(`${at.base}/healthz`, { agent });
    const [response] = await once(idle, 'response');
    response.resume();
    await once(response, 'end');

    const body = autodiscoverRequest('a@example.net');
    const socket = connect(at.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const stopped = daemon.stop();
    await assert.rejects(fetch(`${at.base}/healthz`));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write(body);
    await once(socket, 'close');
    assert.match(Buffer.concat(chunks).toString(), /^HTTP\/1\.1 200 OK[\s\S]*<LoginName>a@example\.net</);
    await stopped;
    agent.destroy();
  });
});
