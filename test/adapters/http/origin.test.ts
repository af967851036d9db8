import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { type Origin, originOf } from '../../../src/adapters/http/origin.ts';

type Headers = readonly (readonly [name: string, value: string])[];

/** As much of a request as says where it comes from; one entry a line of the head. */
function requestOf(peer: string | undefined, headers: Headers, httpVersion: string): IncomingMessage {
  const lines = new Map<string, string[]>();
  for (const [name, value] of headers) lines.set(name, [...(lines.get(name) ?? []), value]);
  return {
    httpVersion,
    socket: { remoteAddress: peer },
    headersDistinct: Object.fromEntries(lines),
    // Node keeps the first of several Host lines and joins those of other headers.
    headers: Object.fromEntries(
      [...lines].map(([name, values]) => [name, name === 'host' ? values[0] : values.join(', ')]),
    ),
  } as unknown as IncomingMessage;
}

const origin = (
  peer: string | undefined,
  proxyCount: number,
  headers: Headers,
  authority?: string,
  httpVersion = '1.1',
): Origin => originOf(requestOf(peer, headers, httpVersion), authority, { proxyCount, viaUnixSocket: false });

const PEER = '192.0.2.1';

describe('the client, by X-Forwarded-For', () => {
  for (const { name, lines, clients } of [
    // One entry of `clients` for 0, 1 and 2 trusted proxies.
    { name: 'no header', lines: [], clients: [PEER, PEER, PEER] },
    { name: 'one entry', lines: ['203.0.113.1'], clients: [PEER, '203.0.113.1', PEER] },
    { name: 'two entries', lines: ['203.0.113.1, 203.0.113.2'], clients: [PEER, '203.0.113.2', '203.0.113.1'] },
    {
      name: 'three entries',
      lines: ['1.1.1.1,203.0.113.1,203.0.113.2'],
      clients: [PEER, '203.0.113.2', '203.0.113.1'],
    },
    { name: 'two lines', lines: ['203.0.113.1', '203.0.113.2'], clients: [PEER, '203.0.113.2', '203.0.113.1'] },
    {
      name: 'two lines, one of two entries',
      lines: ['203.0.113.1', '203.0.113.2 ,203.0.113.3'],
      clients: [PEER, '203.0.113.3', '203.0.113.2'],
    },
    {
      name: 'blanks around',
      lines: [' \t203.0.113.1  ,   203.0.113.2\t'],
      clients: [PEER, '203.0.113.2', '203.0.113.1'],
    },
    { name: 'an empty header', lines: [''], clients: [PEER, PEER, PEER] },
    { name: 'nothing but commas', lines: [', ,'], clients: [PEER, PEER, PEER] },
    { name: 'IPv4 with port', lines: ['203.0.113.1:4711'], clients: [PEER, '203.0.113.1', PEER] },
    { name: 'IPv6', lines: ['2001:db8::1'], clients: [PEER, '2001:db8::1', PEER] },
    { name: 'IPv6 in capitals', lines: ['2001:DB8::A'], clients: [PEER, '2001:db8::a', PEER] },
    { name: 'IPv6 in brackets', lines: ['[2001:db8::1]'], clients: [PEER, '2001:db8::1', PEER] },
    { name: 'IPv6 in brackets with port', lines: ['[2001:db8::1]:4711'], clients: [PEER, '2001:db8::1', PEER] },
    { name: 'IPv6 that ends like a port', lines: ['2001:db8::1:80'], clients: [PEER, '2001:db8::1:80', PEER] },
    { name: 'IPv4 within IPv6', lines: ['::ffff:203.0.113.1'], clients: [PEER, '203.0.113.1', PEER] },
    { name: 'a word', lines: ['203.0.113.1, unknown'], clients: [PEER, 'unknown', '203.0.113.1'] },
  ]) {
    for (const [proxyCount, want] of clients.entries()) {
      test(`${name}, ${proxyCount} trusted`, () => {
        const headers = lines.map((line) => ['x-forwarded-for', line] as const);
        assert.equal(origin(PEER, proxyCount, headers).client, want);
      });
    }
  }
});

describe('the client, by the connection', () => {
  for (const [peer, want] of [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::1', '::1'],
    [undefined, ''],
  ] as const) {
    test(String(peer), () => assert.equal(origin(peer, 0, [['host', 'x']]).client, want));
  }
});

describe('host and scheme', () => {
  const host = ['host', 'example.org'] as const;
  const twice: Headers = [host, ['x-forwarded-host', 'one.example, two.example'], ['x-forwarded-proto', 'https, http']];
  const nothing = { scheme: undefined };
  for (const { name, headers, proxyCount = 0, authority, want } of [
    { name: 'Host', headers: [host], want: { host: 'example.org', ...nothing } },
    { name: 'Host with port', headers: [['host', 'example.org:4243']], want: { host: 'example.org', ...nothing } },
    { name: 'Host with a colon only', headers: [['host', 'example.org:']], want: { host: 'example.org', ...nothing } },
    { name: 'Host in capitals', headers: [['host', 'EXAMPLE.Org']], want: { host: 'example.org', ...nothing } },
    { name: 'Host with a dot', headers: [['host', 'example.org.']], want: { host: 'example.org', ...nothing } },
    {
      name: 'Host with a dot and port',
      headers: [['host', 'example.org.:80']],
      want: { host: 'example.org', ...nothing },
    },
    { name: 'Host as IPv6', headers: [['host', '[2001:DB8::1]']], want: { host: '[2001:db8::1]', ...nothing } },
    { name: 'Host as IPv6 with port', headers: [['host', '[::1]:4243']], want: { host: '[::1]', ...nothing } },
    { name: 'no Host', headers: [], want: { host: '', ...nothing } },
    { name: 'two Hosts', headers: [host, ['host', 'x.example']], want: { host: 'example.org', ...nothing } },
    { name: 'an absolute target', headers: [host], authority: 'X.example:80', want: { host: 'x.example', ...nothing } },
    { name: 'forwarded, 0 trusted', headers: twice, want: { host: 'example.org', ...nothing } },
    { name: 'forwarded, 1 trusted', headers: twice, proxyCount: 1, want: { host: 'two.example', scheme: 'http' } },
    { name: 'forwarded, 2 trusted', headers: twice, proxyCount: 2, want: { host: 'one.example', scheme: 'https' } },
    { name: 'forwarded, 3 trusted', headers: twice, proxyCount: 3, want: { host: 'example.org', ...nothing } },
    { name: 'none forwarded, 1 trusted', headers: [host], proxyCount: 1, want: { host: 'example.org', ...nothing } },
    {
      name: 'forwarded with port, dot and capitals',
      headers: [host, ['x-forwarded-host', 'Mail.EXAMPLE.org.:443'], ['x-forwarded-proto', 'HTTPS']],
      proxyCount: 1,
      want: { host: 'mail.example.org', scheme: 'https' },
    },
    {
      name: 'forwarded in several lines',
      headers: [host, ['x-forwarded-host', 'evil.example'], ['x-forwarded-host', 'two.example']],
      proxyCount: 1,
      want: { host: 'two.example', ...nothing },
    },
    {
      name: 'forwarded beats an absolute target',
      headers: [host, ['x-forwarded-host', 'two.example']],
      proxyCount: 1,
      authority: 'x.example',
      want: { host: 'two.example', ...nothing },
    },
    {
      name: 'Forwarded (RFC 7239) is not heeded',
      headers: [host, ['forwarded', 'for=203.0.113.1;host=evil.example;proto=https']],
      proxyCount: 1,
      want: { host: 'example.org', ...nothing },
    },
  ] satisfies readonly {
    name: string;
    headers: Headers;
    proxyCount?: number;
    authority?: string;
    want: Pick<Origin, 'host' | 'scheme'>;
  }[]) {
    test(name, () => {
      const { host, scheme } = origin(PEER, proxyCount, headers, authority);
      assert.deepEqual({ host, scheme }, want);
    });
  }
});

describe('loopback', () => {
  const local = ['host', 'localhost:4243'] as const;
  const via = (name: string, value: string): Headers => [local, [name, value]];

  for (const { name, peer = '127.0.0.1', headers, proxyCount = 0 } of [
    { name: 'localhost', headers: [local] },
    { name: 'localhost without port', headers: [['host', 'localhost']] },
    { name: 'LOCALHOST with dot', headers: [['host', 'LOCALHOST.:4243']] },
    { name: '127.0.0.1', headers: [['host', '127.0.0.1:4243']] },
    { name: '127.8.9.10', peer: '127.8.9.10', headers: [['host', '127.8.9.10']] },
    { name: '::1', peer: '::1', headers: [['host', '[::1]:4243']] },
    { name: '::1 without port', peer: '::1', headers: [['host', '[::1]']] },
    { name: 'IPv4 within IPv6', peer: '::ffff:127.0.0.1', headers: [local] },
    { name: 'a trusted proxy that was not passed', headers: [local], proxyCount: 1 },
    { name: 'an address typed into a browser', headers: via('sec-fetch-site', 'none') },
  ] satisfies readonly { name: string; peer?: string; headers: Headers; proxyCount?: number }[]) {
    test(`yes: ${name}`, () => assert.equal(origin(peer, proxyCount, headers).isLoopback(), true));
  }

  for (const { name, peer = '127.0.0.1', headers, proxyCount = 0, httpVersion } of [
    { name: 'another peer', peer: PEER, headers: [local] },
    { name: 'a peer in IPv6', peer: '2001:db8::1', headers: [local] },
    { name: 'a peer within IPv6', peer: '::ffff:192.0.2.1', headers: [local] },
    { name: 'a peer that is gone', peer: '', headers: [local] },
    { name: 'Host of a stranger (DNS rebinding)', headers: [['host', 'evil.example:4243']] },
    { name: 'Host that begins with localhost', headers: [['host', 'localhost.evil.example']] },
    { name: 'Host that ends with localhost', headers: [['host', 'evil-localhost']] },
    { name: 'Host that begins like an address', headers: [['host', '127.0.0.1.evil.example']] },
    { name: 'Host 128.0.0.1', headers: [['host', '128.0.0.1']] },
    { name: 'Host 0.0.0.0', headers: [['host', '0.0.0.0:4243']] },
    { name: 'no Host', headers: [] },
    ...[
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-Forwarded-Proto',
      'X-Forwarded',
      'X-Real-IP',
      'Forwarded',
      'Via',
      'X-Client-IP',
      'X-Cluster-Client-IP',
      'True-Client-IP',
      'CF-Connecting-IP',
      'CF-Ray',
      'X-Envoy-External-Address',
      'CDN-Loop',
      'Proxy-Connection',
      'Surrogate-Capability',
      'X-Original-URL',
      'X-Scheme',
      'Front-End-Https',
      'X-Varnish',
      'X-Amzn-Trace-Id',
    ].flatMap((header) =>
      // Whatever it says, and however many proxies are trusted.
      [0, 1].map((proxyCount) => ({
        name: `${header}, ${proxyCount} trusted`,
        headers: via(header.toLowerCase(), '127.0.0.1'),
        proxyCount,
      })),
    ),
    { name: 'an empty X-Forwarded-For', headers: via('x-forwarded-for', '') },
    { name: 'a form or a script of a page', headers: via('origin', 'http://localhost:4243') },
    { name: 'a page that hides its origin', headers: via('origin', 'null') },
    { name: 'an image in a page', headers: via('sec-fetch-site', 'cross-site') },
    { name: 'a page of ours', headers: via('sec-fetch-site', 'same-origin') },
    {
      name: 'a page, by DNS rebinding, that writes the headers of a trusted proxy',
      headers: [
        ['host', 'evil.example:4243'],
        ['x-forwarded-for', '127.0.0.1'],
        ['x-forwarded-host', 'localhost'],
      ],
      proxyCount: 1,
    },
    {
      name: 'HTTP/1.0, the version of an nginx that has no settings for proxies',
      headers: [local],
      httpVersion: '1.0',
    },
    { name: 'HTTP/0.9', headers: [local], httpVersion: '0.9' },
    { name: 'HTTP/2.0', headers: [local], httpVersion: '2.0' },
  ] as readonly {
    name: string;
    peer?: string;
    headers: Headers;
    proxyCount?: number;
    httpVersion?: string;
  }[]) {
    test(`no: ${name}`, () =>
      assert.equal(origin(peer, proxyCount, headers, undefined, httpVersion).isLoopback(), false));
  }
});

test('a request that node:http read', async (t) => {
  const server = createServer((message, response) => {
    const found = originOf(message, undefined, { proxyCount: 2, viaUnixSocket: false });
    response.end(JSON.stringify({ ...found, isLoopback: found.isLoopback() }));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = request({
    host: '127.0.0.1',
    port,
    headers: {
      'X-Forwarded-For': ['203.0.113.1', '203.0.113.2, [2001:db8::3]:80'],
      'X-Forwarded-Proto': ['https', 'http'],
      'X-Forwarded-Host': 'Example.org, proxy.example',
    },
  });
  ask.end();
  const [answer] = (await once(ask, 'response')) as [IncomingMessage];
  assert.deepEqual(JSON.parse((await answer.toArray()).join('')), {
    client: '203.0.113.2',
    host: 'example.org',
    scheme: 'https',
    isLoopback: false,
  });
});

for (const { what, viaUnixSocket, headers, want } of [
  { what: 'a Unix socket', viaUnixSocket: true, headers: { host: 'localhost' }, want: ['unix', true] },
  {
    what: 'a Unix socket behind an uncounted proxy',
    viaUnixSocket: true,
    headers: { host: 'localhost', 'x-forwarded-for': '127.0.0.1' },
    want: ['unix', false],
  },
  {
    what: 'a TCP connection that its peer has reset',
    viaUnixSocket: false,
    headers: { host: 'localhost' },
    want: ['', false],
  },
] as const) {
  test(`a request from ${what} is ${want[1] ? '' : 'not '}from this machine`, () => {
    const message = { socket: {}, headers, headersDistinct: {}, httpVersion: '1.1' } as unknown as IncomingMessage;
    const found = originOf(message, undefined, { proxyCount: 0, viaUnixSocket });
    assert.deepEqual([found.client, found.isLoopback()], want);
  });
}
