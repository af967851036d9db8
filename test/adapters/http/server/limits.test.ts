import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import type { HttpLimits } from '../../../../src/adapters/http/server/limits.ts';
import { autodiscoverRequest, EXAMPLE_ROWS, startTestDaemon } from '../../../support/test-daemon.ts';

// What happens below, at and above each limit of src/adapters/http/server/limits.ts; maxConnections is in
// connections.test.ts, and many clients at once are in test/trouble/connections.test.ts. Of the others,
// - depth and namespaces of XML are in test/adapters/xml/read-autodiscover-request.test.ts ("hostile"),
// - octets of an address and its parts in test/domain/email-address.test.ts and domain-name.test.ts,
// - connections and deadlines of database servers, and the queue, in test/trouble/ and test/contract/,
// - the lock on an SQLite file in test/trouble/sqlite.test.ts, deadlines of directories in test/adapters/ldap/,
// - the grace at the end in test/trouble/signals.test.ts, proxies in a row and what options accept in test/app/options.test.ts.

/** So many answers of /healthz, and nothing else. */
const healthy = (count: string): RegExp =>
  new RegExp(`^(?:HTTP/1\\.1 200 OK\\r\\n(?:(?!HTTP/)[^])*\\r\\n\\r\\nok\\n){${count}}$`);

describe('sizes', () => {
  const HEADERS = 'Connection: close\r\nHost: x\r\n';
  /** Of which node:http counts target, names and values. */
  const counted = (octets: number): number => octets - '/healthzConnectioncloseHostxX'.length;
  const post = (path: string, type: string, body: string): string =>
    `POST ${path} HTTP/1.1\r\n${HEADERS}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const autodiscover = autodiscoverRequest('a@example.net');
  const healthRequests = (count: number): string =>
    `${'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count - 1)}GET /healthz HTTP/1.1\r\n${HEADERS}\r\n`;

  for (const { limit, value, request, rows } of [
    {
      limit: 'maxHeaderOctets',
      value: 1_024,
      request: (octets) => `GET /healthz HTTP/1.1\r\n${HEADERS}X: ${'x'.repeat(counted(octets))}\r\n\r\n`,
      rows: [
        [1_022, /^HTTP\/1\.1 200 OK\r\n/],
        [1_023, /^HTTP\/1\.1 200 OK\r\n/],
        [1_024, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/],
        [1_025, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/],
      ],
    },
    {
      limit: 'maxAutodiscoverOctets',
      value: 1_024,
      request: (octets) => post('/autodiscover/autodiscover.xml', 'text/xml', autodiscover.padEnd(octets)),
      rows: [
        [1_023, /<LoginName>a@example\.net</],
        [1_024, /<LoginName>a@example\.net</],
        [1_025, /^HTTP\/1\.1 200 OK\r\n[\s\S]*<ErrorCode>600</],
        // Read to its end, so that the client gets the answer.
        [1_048_576, /^HTTP\/1\.1 200 OK\r\n[\s\S]*<ErrorCode>600</],
      ],
    },
    {
      limit: 'maxSeedOctets',
      value: 100,
      request: (octets) => post('/initdb/', 'application/json', '{}'.padEnd(octets)).replace('Host: x', 'Host: [::1]'),
      rows: [
        [99, /^HTTP\/1\.1 400 [\s\S]*\r\n\r\nthe document: [^\n]+\n$/],
        [100, /^HTTP\/1\.1 400 [\s\S]*\r\n\r\nthe document: [^\n]+\n$/],
        [101, /^HTTP\/1\.1 400 [\s\S]*\r\n\r\na seed must be 100 octets at most\n$/],
      ],
    },
    {
      limit: 'maxPipelinedRequests',
      value: 3,
      request: healthRequests,
      rows: [
        [2, healthy('2')],
        [3, healthy('3')],
        [4, healthy('0,3')],
        [2_000, healthy('0,3')],
      ],
    },
  ] satisfies readonly {
    readonly limit: keyof HttpLimits;
    readonly value: number;
    readonly request: (size: number) => string;
    readonly rows: readonly (readonly [number, RegExp])[];
  }[]) {
    for (const [size, answer] of rows) {
      test(`${limit} is ${value}: ${size}`, async (t) => {
        const daemon = await startTestDaemon(t, { rows: EXAMPLE_ROWS, limits: { [limit]: value } });
        assert.match(await daemon.raw(request(size)).catch(() => ''), answer);
        assert.equal((await fetch(`${daemon.base}/healthz`)).status, 200);
      });
    }
  }
});

/** A client of its own that has sent something and stays; what it got, and whether the daemon is done with it. */
async function patientClient(t: TestContext, port: number, octets: string) {
  const socket: Socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  socket.write(octets);
  return {
    async untilClosed(): Promise<string> {
      await closed;
      return answer;
    },
    async goOn(more: string): Promise<string> {
      socket.write(more);
      return this.untilClosed();
    },
  };
}

describe('times', () => {
  const body = autodiscoverRequest('a@example.net');
  const half = `POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body.slice(0, 9)}`;

  // Two daemons, one with a short limit: what it cuts off, the other one still answers after the same time and longer.
  for (const { limit, value, others = {}, begin, cut, goOn, answered } of [
    {
      limit: 'headersTimeoutMs',
      value: 50,
      begin: 'GET /healthz HTTP/1.1\r\nHost: x\r\n',
      cut: /^HTTP\/1\.1 408 Request Timeout\r\n/,
      goOn: 'Connection: close\r\n\r\n',
      answered: healthy('1'),
    },
    {
      limit: 'requestTimeoutMs',
      value: 50,
      // Were it the time for headers that counted, this would come first, and without an answer.
      others: { stallTimeoutMs: 5_000 },
      begin: half,
      cut: /^HTTP\/1\.1 408 Request Timeout\r\n/,
      goOn: body.slice(9),
      answered: /^HTTP\/1\.1 200 OK\r\n[\s\S]*<LoginName>a@example\.net</,
    },
    {
      limit: 'keepAliveTimeoutMs',
      value: 50,
      begin: 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
      cut: healthy('1'),
      goOn: 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      answered: healthy('2'),
    },
    { limit: 'stallTimeoutMs', value: 50, begin: '', cut: /^$/, goOn: half + body.slice(9), answered: /<LoginName>/ },
  ] satisfies readonly {
    readonly limit: keyof HttpLimits;
    readonly others?: Partial<HttpLimits>;
    readonly [more: string]: unknown;
  }[]) {
    test(`${limit}: above it the connection is closed, below it the client gets its answer`, async (t) => {
      const short = await startTestDaemon(t, { rows: EXAMPLE_ROWS, limits: { ...others, [limit]: value } });
      const long = await startTestDaemon(t, { rows: EXAMPLE_ROWS });
      const patient = await patientClient(t, long.port, begin);
      const slow = await patientClient(t, short.port, begin);
      assert.match(await slow.untilClosed(), cut);
      assert.match(await patient.goOn(goOn), answered);
      assert.equal((await fetch(`${short.base}/healthz`)).status, 200);
    });
  }
});

test('a reload sets limits anew for connections that come', async (t) => {
  const daemon = await startTestDaemon(t, { rows: EXAMPLE_ROWS });
  const requests = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(9);
  const { settings } = daemon;
  for (const [limits, answers] of [
    [{ maxPipelinedRequests: 8 }, healthy('0,8')],
    [{ maxPipelinedRequests: 9, keepAliveTimeoutMs: 50 }, healthy('9')],
  ] as const) {
    await daemon.daemon.reload({ ...settings, limits: { ...settings.limits, ...limits } });
    assert.match(await daemon.raw(requests).catch(() => ''), answers);
  }
  await daemon.daemon.reload({ ...settings, limits: { ...settings.limits, maxHeaderOctets: 1_024 } });
  assert.deepEqual(
    daemon.log.filter((line) => / WARNING .*restart/.test(line)).map((line) => line.replace(/^\S+ /, '')),
    ['WARNING these options change only with a restart: max_header_octets\n'],
  );
});
