import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { freePort } from '../support/database-server.ts';
import { APACHE, CADDY, NAMES, NGINX, type ReverseProxy } from '../support/proxy-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  autodiscoverRequest,
  EXAMPLE_ROWS,
  exchange,
  startTestDaemon,
  type TestDaemon,
} from '../support/test-daemon.ts';

type Scheme = 'http' | 'https';

interface Request {
  readonly scheme?: Scheme;
  readonly method?: string;
  /** The Host header. */
  readonly host?: string;
  /** As it stands in the request line. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly minVersion?: 'TLSv1.3';
  /** The body goes out in two chunks instead of with its length. */
  readonly chunked?: boolean;
  /** The client's own address. */
  readonly from: string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The proxy said "100 Continue" first. */
  readonly continued: boolean;
}

async function ask(
  proxy: ReverseProxy,
  { scheme = 'https', method = 'GET', target, from, minVersion = undefined, ...rest }: Request,
): Promise<Answer> {
  const { host = 'autoconfig.example.com', headers = {}, body, chunked = false } = rest;
  const length = body === undefined || chunked ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const options = {
    host: '127.0.0.1',
    port: proxy.ports[scheme],
    localAddress: from,
    method,
    path: target,
    headers: { Connection: 'close', Host: host, ...length, ...headers },
    setHost: false,
    agent: false,
  };
  const request =
    scheme === 'http'
      ? requestHttp(options)
      : requestHttps({
          ...options,
          minVersion,
          ca: proxy.ca,
          servername: NAMES.includes(host) ? host : AUTOCONFIG_HOST,
        });
  let continued = false;
  request.on('continue', () => {
    continued = true;
  });
  const responded = once(request, 'response');
  // A proxy that has refused a long body may close the connection while we are still sending.
  request.on('error', () => undefined);
  if (headers['Expect'] !== undefined) {
    request.flushHeaders();
    await Promise.race([once(request, 'continue'), responded]);
  }
  if (body !== undefined && chunked) {
    request.write(body.slice(0, body.length / 2));
    await sleep(10);
    request.write(body.slice(body.length / 2));
  } else if (body !== undefined) request.write(body);
  request.end();
  const [response] = (await responded) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const octets = Buffer.concat(chunks);
  const text = (response.headers['content-encoding'] === 'gzip' ? gunzipSync(octets) : octets).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, text, continued };
}

const CONFIG = '/mail/config-v1.1.xml';
const WELL_KNOWN = '/.well-known/autoconfig/mail/config-v1.1.xml';
const AUTODISCOVER = '/autodiscover/autodiscover.xml';
const PACC = '/.well-known/user-agent-configuration.json';
const AUTOCONFIG_HOST = 'autoconfig.example.com';
const AUTODISCOVER_HOST = 'autodiscover.example.com';
const BOTH: readonly Scheme[] = ['http', 'https'];

const XML = 'text/xml; charset=utf-8';
const JSON_TYPE = 'application/json';
const PROFILE = 'application/x-apple-aspen-config';
const TEXT = 'text/plain; charset=utf-8';
const HTML = 'text/html; charset=utf-8';

const GECKO = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.0';
const OUTLOOK = {
  'User-Agent': 'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17726; Pro)',
  'Content-Type': 'text/xml',
  'X-MapiHttpCapability': '1',
  'X-ClientCanHandle': 'Negotiate, ExHttpInfo',
  Depth: '0',
  'Cache-Control': 'no-cache',
};
/** A password that a client sends unasked; it must be in no log. */
const CREDENTIALS = Buffer.from('fred@example.com:geheim').toString('base64');

/** The document of a served domain, without an address and with one: a DAV URL shows which, and how it was read. */
const PLAIN = /<domain>example\.com<\/domain>.*cal\/%EMAILADDRESS%\//s;
const FRED = /<domain>example\.com<\/domain>.*cal\/fred@example\.com\//s;
const FRED_TAG = /<domain>example\.com<\/domain>.*cal\/fred%2Btag@example\.com\//s;
const LOGIN = /<LoginName>fred@example\.com<\/LoginName>/;
const SETTINGS = /<Type>IMAP<\/Type>\s*<Server>imap\.example\.com<\/Server>/;
const V2 = new RegExp(
  `^{"Protocol":"AutodiscoverV1","Url":"https://${AUTODISCOVER_HOST}/autodiscover/autodiscover.xml"}$`,
);

interface Row extends Omit<Request, 'from' | 'scheme'> {
  readonly client: string;
  readonly schemes?: readonly Scheme[];
  readonly status?: number;
  readonly type: string;
  readonly text: RegExp;
  /** Headers of the answer, beside those that all answers have. */
  readonly want?: Readonly<Record<string, string>>;
}

/** What clients ask (clients.md, sections 2, 3 and 5), and what the daemon answers. */
const ROWS: readonly Row[] = [
  ...[
    { host: AUTOCONFIG_HOST, path: CONFIG },
    { host: 'example.com', path: WELL_KNOWN },
  ].flatMap(({ host, path }): Row[] => [
    {
      client: `Thunderbird at ${host}`,
      schemes: BOTH,
      host,
      target: `${path}?emailaddress=fred%40example.com`,
      headers: { 'User-Agent': GECKO, Accept: '*/*', 'Accept-Encoding': 'gzip, deflate, br' },
      type: XML,
      text: FRED,
    },
    {
      client: `Thunderbird at ${host}, an address with a plus`,
      schemes: BOTH,
      host,
      target: `${path}?emailaddress=fred%2Btag%40example.com`,
      headers: { 'User-Agent': GECKO },
      type: XML,
      text: FRED_TAG,
    },
    {
      client: `Thunderbird for Android at ${host}`,
      schemes: BOTH,
      host,
      target: path,
      headers: { 'User-Agent': 'okhttp/5.1.0', 'Accept-Encoding': 'gzip' },
      type: XML,
      text: PLAIN,
    },
    {
      client: `FairEmail and Nextcloud at ${host}: a raw address with a plus`,
      schemes: BOTH,
      host,
      target: `${path}?emailaddress=fred+tag@example.com`,
      type: XML,
      text: FRED_TAG,
    },
  ]),
  {
    client: 'GNOME',
    target: '/.well-known/mail-v1.xml?emailaddress=fred@example.com',
    headers: { 'User-Agent': 'gnome-online-accounts/3.48' },
    type: XML,
    text: FRED,
  },
  { client: 'GNOME, bare domain', host: 'example.com', target: '/.well-known/mail-v1.xml', type: XML, text: PLAIN },
  {
    client: 'Evolution',
    schemes: BOTH,
    target: `${CONFIG}?emailaddress=EVOLUTIONUSER%40example.com&emailmd5=c1a6b3ab2c8cb0b01ae5ac5ee5a2bbd0`,
    headers: { 'User-Agent': 'Evolution/3.46' },
    type: XML,
    text: /EVOLUTIONUSER@example\.com/,
  },
  {
    client: 'a provider of many domains',
    target: `${CONFIG}?emailaddress=fred%40example.net`,
    type: XML,
    text: /<domain>example\.net<\/domain>/,
  },
  { client: 'Nine', target: '/v1.1/mail/config-v1.1.xml?emailaddress=fred@example.com', type: XML, text: FRED },
  { client: 'one that takes us for ISPDB', target: '/v1.1/ex%61mple.com', type: XML, text: PLAIN },
  {
    client: 'one that writes Host its own way',
    schemes: BOTH,
    host: 'AutoConfig.Example.COM:8443',
    target: CONFIG,
    type: XML,
    text: PLAIN,
  },
  ...['example.com', AUTODISCOVER_HOST].map(
    (host): Row => ({ client: `Delta Chat at ${host}`, host, target: AUTODISCOVER, type: XML, text: SETTINGS }),
  ),
  ...['example.com', AUTODISCOVER_HOST].map(
    (host): Row => ({
      client: `Outlook, looking for a redirect at ${host}`,
      schemes: ['http'],
      host,
      target: AUTODISCOVER,
      status: 302,
      type: TEXT,
      text: /https/,
      want: { location: `https://${host}${AUTODISCOVER}?redirected` },
    }),
  ),
  ...['example.com', AUTODISCOVER_HOST].flatMap((host) =>
    [AUTODISCOVER, '/Autodiscover/Autodiscover.xml', '/AUTODISCOVER/AutoDiscover.XML'].map(
      (target): Row => ({
        client: `Outlook at ${host}${target}`,
        method: 'POST',
        host,
        target,
        headers: OUTLOOK,
        body: autodiscoverRequest('fred@example.com'),
        type: XML,
        text: LOGIN,
      }),
    ),
  ),
  {
    client: 'Thunderbird, password and all',
    schemes: BOTH,
    method: 'POST',
    host: AUTODISCOVER_HOST,
    target: AUTODISCOVER,
    headers: { 'Content-Type': 'text/xml; charset=utf-8', Authorization: `Basic ${CREDENTIALS}` },
    body: autodiscoverRequest('fred@example.com'),
    type: XML,
    text: LOGIN,
  },
  {
    client: 'one that sends chunks',
    schemes: BOTH,
    method: 'POST',
    host: AUTODISCOVER_HOST,
    target: AUTODISCOVER,
    headers: { ...OUTLOOK, 'Transfer-Encoding': 'chunked' },
    chunked: true,
    body: autodiscoverRequest('fred@example.com'),
    type: XML,
    text: LOGIN,
  },
  {
    client: 'one that sends a type of its own',
    method: 'POST',
    host: 'example.com',
    target: AUTODISCOVER,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: autodiscoverRequest('fred@example.com'),
    type: XML,
    text: LOGIN,
  },
  {
    client: 'one whose body is longer than the daemon reads',
    method: 'POST',
    host: AUTODISCOVER_HOST,
    target: AUTODISCOVER,
    headers: OUTLOOK,
    body: autodiscoverRequest('fred@example.com').padEnd(20_000, ' '),
    type: XML,
    text: /<ErrorCode>600<\/ErrorCode>/,
  },
  {
    client: 'Outlook, a domain of somebody else',
    method: 'POST',
    host: AUTODISCOVER_HOST,
    target: AUTODISCOVER,
    headers: OUTLOOK,
    body: autodiscoverRequest('fred@nowhere.example'),
    type: XML,
    text: /<ErrorCode>500<\/ErrorCode>/,
  },
  ...[
    '/autodiscover/autodiscover.json/v1.0/fred@example.com?Protocol=Autodiscoverv1&RedirectCount=1',
    '/Autodiscover/AutoDiscover.JSON/v1.0/fred+tag@example.com?Protocol=Autodiscoverv1',
    '/autodiscover/autodiscover.json/v1.0/fred%2Btag%40example.com?Protocol=Autodiscoverv1',
    '/autodiscover/autodiscover.json/v1.0/fred%2Ftag@example.com?Protocol=Autodiscoverv1',
    '/autodiscover/autodiscover.json?Email=fred%40example.com&Protocol=Autodiscoverv1&RedirectCount=1',
    '/autodiscover/autodiscover.json?Email=fred+tag@example.com&Protocol=AutodiscoverV1',
  ].map(
    (target): Row => ({
      client: `Outlook, JSON, ${target}`,
      host: AUTODISCOVER_HOST,
      target,
      type: JSON_TYPE,
      text: V2,
    }),
  ),
  {
    client: 'Outlook, JSON at the bare domain',
    host: 'example.com',
    target: '/Autodiscover/autodiscover.json/v1.0/fred@example.com?Protocol=Autodiscoverv1',
    type: JSON_TYPE,
    text: /"Url":"https:\/\/example\.com\/autodiscover\/autodiscover\.xml"/,
  },
  {
    client: 'Outlook for phones',
    host: AUTODISCOVER_HOST,
    target: '/autodiscover/autodiscover.json?Email=fred%40example.com&Protocol=ActiveSync&RedirectCount=1',
    status: 404,
    type: 'application/json',
    text: /"ErrorCode":"ProtocolNotSupported"/,
  },
  ...['/mobileconfig/', '/mobileconfig'].flatMap((path) =>
    [AUTOCONFIG_HOST, 'example.com'].map(
      (host): Row => ({
        client: `an iPhone at ${host}${path}`,
        schemes: BOTH,
        host,
        target: `${path}?emailaddress=a%26b%25c+d@example.com&name=Fred%20%3CX%3E`,
        headers: { 'User-Agent': 'Mozilla/5.0 (iPhone)', 'Accept-Encoding': 'gzip, deflate, br' },
        type: PROFILE,
        text: /<string>a&amp;b%c\+d@example\.com<\/string>.*<string>Fred &lt;X&gt;<\/string>/s,
        want: { 'content-disposition': 'attachment; filename="example.com.mobileconfig"' },
      }),
    ),
  ),
  {
    client: 'one with a percent sign that is no escape',
    target: '/mobileconfig/?emailaddress=100%@example.com',
    type: PROFILE,
    text: /<string>100%@example\.com<\/string>/,
  },
  ...[AUTOCONFIG_HOST, 'example.com'].map(
    (host): Row => ({
      client: `one with a domain of somebody else at ${host}`,
      schemes: BOTH,
      host,
      target: `${WELL_KNOWN}?emailaddress=fred%40nowhere.example`,
      status: 404,
      type: TEXT,
      text: /^This domain is not served here\n$/,
    }),
  ),
  {
    client: 'one without an address at a host of somebody else',
    schemes: ['http'],
    host: 'autoconfig.nowhere.example',
    target: CONFIG,
    status: 400,
    type: TEXT,
    text: /^Missing request argument "emailaddress"\n$/,
  },
  { client: 'one that asks for what is not there', target: '/nowhere', status: 404, type: TEXT, text: /^Not found/ },
  {
    client: 'one that uses the wrong method',
    method: 'PUT',
    target: CONFIG,
    status: 405,
    type: TEXT,
    text: /./,
    want: { allow: 'GET, HEAD' },
  },
  { client: 'HEAD', method: 'HEAD', schemes: BOTH, target: CONFIG, type: XML, text: /^$/ },
  {
    client: 'HEAD for a profile',
    method: 'HEAD',
    target: '/mobileconfig/?emailaddress=fred@example.com',
    type: PROFILE,
    text: /^$/,
    want: { 'content-disposition': 'attachment; filename="example.com.mobileconfig"' },
  },
  ...['ua-auto-config.example.com', 'example.com'].map(
    (host): Row => ({
      client: `a client of PACC at ${host}`,
      host,
      target: PACC,
      minVersion: 'TLSv1.3',
      headers: { 'Accept-Encoding': 'gzip, deflate, br' },
      type: JSON_TYPE,
      text: /^\{"authentication":\{"password":true\},.*"submit":\{"host":"smtp\.example\.com"\}\}\}$/,
      want: { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' },
    }),
  ),
  {
    client: 'a client of PACC for a domain of somebody else',
    host: 'ua-auto-config.nowhere.example',
    target: PACC,
    status: 404,
    type: TEXT,
    text: /^This domain is not served here\n$/,
  },
  { client: 'a person', target: '/', type: HTML, text: /<h1>Set up mail for example\.com</ },
  {
    client: 'a person with an address',
    target: '/help?emailaddress=fred+tag@example.com&lang=de',
    type: HTML,
    text: /<h1>E-Mail für example\.com einrichten<.*value="fred\+tag@example\.com"/s,
    want: { 'content-language': 'de', 'referrer-policy': 'no-referrer' },
  },
  { client: 'a monitor', target: '/healthz', type: TEXT, text: /^ok\n$/ },
];

/** The usual rows, with SMTP as PACC can name it. */
const SERVED_ROWS = `${EXAMPLE_ROWS}
UPDATE server SET port = 465, socket_type = 'SSL' WHERE id = 3;`;

const SPELLINGS_OF_INITDB = [
  '/initdb',
  '/initdb/',
  '/initdb?x',
  '/initdb/?x=/',
  '/initdb//',
  '/initdb/.',
  '/initdb/x/..',
  '/initdb;x',
  '/initdb%2f',
  '/%69nitdb/',
  '/%69%6e%69%74%64%62',
  '/%2569nitdb/',
  '/InitDB/',
  '//initdb/',
  '///initdb',
  '/./initdb/',
  '/%2e/initdb/',
  '/x/../initdb/',
  '/x/%2e%2e/initdb/',
  '/x/..%2finitdb/',
  '/%2finitdb/',
  '/..%5cinitdb/',
  '/.well-known/acme-challenge/../../initdb/',
  '/autodiscover/autodiscover.json/v1.0/../../../initdb/',
  'http://localhost/initdb/',
  'http://autoconfig.example.com/initdb/',
  '//localhost/initdb/',
];

/** Headers by which a client pretends to be somebody else, asking for something else. */
const FORGERIES: readonly { readonly name: string; readonly headers: NonNullable<Request['headers']> }[] = [
  {
    name: 'each header once',
    headers: {
      'X-Forwarded-For': '192.0.2.66',
      'X-Forwarded-Host': 'login.example',
      'X-Forwarded-Proto': 'gopher',
      'X-Forwarded-Port': '70',
      'X-Real-IP': '192.0.2.66',
      Forwarded: 'for=192.0.2.66;host=login.example;proto=gopher',
    },
  },
  {
    name: 'lists and repetitions',
    headers: {
      'X-Forwarded-For': ['192.0.2.66, 192.0.2.67', '192.0.2.68'],
      'X-Forwarded-Host': ['login.example', 'login.example, login.example'],
      'X-Forwarded-Proto': ['gopher', 'gopher'],
    },
  },
  {
    name: 'other letter case, empty entries',
    headers: { 'x-forwarded-FOR': '192.0.2.66,,', 'X-FORWARDED-HOST': 'login.example,,', 'x-forwarded-proto': ',' },
  },
  {
    name: 'Connection tells the proxy to drop them',
    headers: {
      Connection: 'close, X-Forwarded-For, X-Forwarded-Host, Host',
      'X-Forwarded-For': '192.0.2.66',
      'X-Forwarded-Host': 'login.example',
    },
  },
];

for (const kind of [NGINX, APACHE, CADDY]) {
  const name = `behind ${kind.name} with the sample of contrib/`;
  if (kind.missing !== false) {
    // A test, since a suite that is skipped does not count as such.
    test(name, { skip: kind.missing }, () => undefined);
    continue;
  }
  describe(name, () => {
    // What is started here ends with the suite, last things first.
    const endings: (() => unknown)[] = [];
    const suite = { after: (callback: () => unknown) => void endings.unshift(callback) };
    let daemon: TestDaemon;
    let proxy: ReverseProxy;
    const settings = { proxyCount: 1, initdb: 'purge' } as const;

    before(async () => {
      daemon = await startTestDaemon(suite, { rows: SERVED_ROWS, settings });
      proxy = await kind.start(suite, { port: daemon.port });
    });
    after(async () => {
      for (const end of endings) await end();
    });

    // Each test is a client of its own, so that limits for one do not hit another.
    let clients = 0;
    const newClient = (): string => `127.1.${Math.floor(++clients / 200)}.${1 + (clients % 200)}`;

    /** What the daemon has logged of the requests of a client. */
    const logOf = (client: string): readonly string[] =>
      daemon.log.filter((line) => line.split(/\s/).includes(`client=${client}`));

    const isServed = ({ host = '' }: Row): boolean => kind.servesAnyDomain || !host.endsWith('nowhere.example');
    for (const { client, schemes = ['https'] as const, status = 200, type, text, want, ...request } of ROWS.filter(
      isServed,
    )) {
      for (const scheme of schemes) {
        test(`${client}, ${scheme}`, async () => {
          const from = newClient();
          const answer = await ask(proxy, { ...request, scheme, from });
          const { headers } = answer;
          assert.deepEqual([answer.status, headers['content-type']], [status, type]);
          assert.match(answer.text, text);
          assert.equal(headers['x-content-type-options'], 'nosniff');
          // What is the same for all users of a domain may be kept, the rest may not; the proxy leaves it as it is.
          assert.match(headers['cache-control'] ?? '', /^(?:(?:private, )?no-store|public, max-age=300)$/);
          for (const [name, value] of Object.entries(want ?? {})) assert.equal(headers[name], value);
          // The daemon knows who asked.
          assert.equal(logOf(from).length, 1);
          assert.match(logOf(from)[0] ?? '', new RegExp(` INFO ${request.method ?? 'GET'} .* status=${status} `));
        });
      }
    }

    test('the document of PACC arrives octet by octet: its digest is in DNS', async () => {
      const { text } = await ask(proxy, { host: 'ua-auto-config.example.com', target: PACC, from: newClient() });
      const direct = await fetch(daemon.base + PACC, { headers: { 'X-Forwarded-Host': 'example.com' } });
      assert.equal(text, await direct.text());
    });

    for (const scheme of BOTH) {
      test(`one that waits for 100 Continue, ${scheme}`, async () => {
        const headers = { ...OUTLOOK, Expect: '100-continue' };
        const body = autodiscoverRequest('fred@example.com');
        const request = { scheme, method: 'POST', host: AUTODISCOVER_HOST, target: AUTODISCOVER, headers, body };
        const answer = await ask(proxy, { ...request, from: newClient() });
        assert.deepEqual([answer.status, answer.continued], [200, true]);
        assert.match(answer.text, LOGIN);
      });
    }

    test('SnappyMail speaks HTTP/1.0', async () => {
      const answer = await exchange(proxy.ports.http, `GET ${CONFIG} HTTP/1.0\r\nHost: ${AUTOCONFIG_HOST}\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.[01] 200 /);
      assert.match(answer, PLAIN);
    });

    // A slash in a local part ends that part of the path once somebody decodes it.
    for (const { target, status } of [
      { target: '/autodiscover/autodiscover.json/v1.0/a%2Fb@example.com?Protocol=AutodiscoverV1', status: 200 },
      { target: '/autodiscover/autodiscover.json/v1.0/a+b@example.com?Protocol=AutodiscoverV1', status: 200 },
    ]) {
      test(`the daemon gets the path as it was sent: ${target}`, async () =>
        assert.equal((await ask(proxy, { target, from: newClient() })).status, status));
    }

    for (const { name, headers } of FORGERIES) {
      test(`a client that forges X-Forwarded headers is not believed: ${name}`, async () => {
        const from = newClient();
        for (const scheme of BOTH) {
          const answer = await ask(proxy, { scheme, target: CONFIG, headers, from });
          assert.match(answer.text, PLAIN);
          const redirect = await ask(proxy, { scheme, host: AUTODISCOVER_HOST, target: AUTODISCOVER, headers, from });
          assert.equal(redirect.status, scheme === 'http' ? 302 : 200);
          const { location } = redirect.headers;
          assert.equal(
            location,
            scheme === 'http' ? `https://${AUTODISCOVER_HOST}${AUTODISCOVER}?redirected` : undefined,
          );
        }
        assert.equal(logOf(from).length, 4);
        assert.doesNotMatch(daemon.log.join('\n'), /192\.0\.2\.|login\.example/);
      });
    }

    test('a target in absolute form counts, not Host', async () => {
      const from = newClient();
      const target = `http://${AUTOCONFIG_HOST}${CONFIG}`;
      const { status, text } = await ask(proxy, { scheme: 'http', target, host: 'autoconfig.login.example', from });
      // A proxy may refuse it as well.
      if (status !== 400) assert.match(text, PLAIN);
    });

    test('/initdb is closed in every spelling, even for clients of this machine that ask for localhost', async () => {
      // The daemon itself would let them in.
      const headers = { 'X-Forwarded-For': '127.0.0.1', 'X-Forwarded-Host': 'localhost', 'X-Forwarded-Proto': 'http' };
      assert.equal((await fetch(`${daemon.base}/initdb/`)).status, 200);
      const length = daemon.log.length;
      for (const target of SPELLINGS_OF_INITDB) {
        const from = newClient();
        const connection = { Connection: 'close, X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto' };
        for (const host of [AUTOCONFIG_HOST, 'localhost', '127.0.0.1', 'example.com']) {
          for (const method of ['GET', 'DELETE']) {
            for (const more of [{}, headers, connection]) {
              const scheme = method === 'GET' ? 'http' : 'https';
              const { status } = await ask(proxy, { scheme, method, host, target, headers: more, from });
              // What Caddy says of hosts that it does not serve means nothing.
              if (host !== AUTOCONFIG_HOST || !target.startsWith('/')) continue;
              assert.ok([400, 403, 404].includes(status), `${method} ${target}: ${status}`);
            }
          }
        }
        const seed = { 'Content-Type': 'application/json' };
        await ask(proxy, { method: 'POST', target, headers: seed, body: '{}', from });
      }
      const lines = daemon.log.slice(length);
      assert.deepEqual(
        lines.filter((line) => line.includes('format=initdb')),
        [],
      );
      assert.equal((await fetch(`${daemon.base}${CONFIG}?emailaddress=fred@example.com`)).status, 200);
    });

    for (const chunked of [false, true]) {
      test(`a body of 1 MiB is refused, ${chunked ? 'chunked' : 'with its length'}`, async () => {
        const body = autodiscoverRequest('fred@example.com').padEnd(1024 * 1024, ' ');
        const request = { method: 'POST', host: AUTODISCOVER_HOST, target: AUTODISCOVER, headers: OUTLOOK, body };
        for (const scheme of BOTH) {
          const from = newClient();
          const answer = await ask(proxy, { ...request, scheme, chunked, from });
          assert.ok(kind.statusesTooLong.includes(answer.status), String(answer.status));
          assert.notEqual(answer.text, '');
          // Nothing is left behind on the way.
          assert.match((await ask(proxy, { scheme, target: CONFIG, from })).text, PLAIN);
        }
      });
    }

    test('the bare domain keeps its other paths', async () => {
      const from = newClient();
      for (const scheme of BOTH) {
        const other = await ask(proxy, { scheme, host: 'example.com', target: '/', from });
        assert.deepEqual([other.status, other.text], [200, 'a site of its own\n']);
        for (const target of [
          CONFIG,
          '/healthz',
          '/help',
          '/initdb/',
          '/mobileconfigs',
          '/autodiscover/',
          '/.well-known/user-agent-configuration',
          '/v1.1/example.com',
        ]) {
          assert.equal((await ask(proxy, { scheme, host: 'example.com', target, from })).status, 404, target);
        }
      }
      assert.deepEqual(logOf(from), []);
    });

    if (kind.servesChallenges) {
      test('certificates can be had by HTTP-01', async () => {
        const target = '/.well-known/acme-challenge/token';
        const { status, text } = await ask(proxy, { scheme: 'http', target, from: newClient() });
        assert.deepEqual([status, text], [200, 'proof\n']);
      });
    }

    if (kind.limitsRate) {
      test('a client that asks too often is told so, and no other', async () => {
        const from = newClient();
        const target = `${CONFIG}?emailaddress=fred%40example.com`;
        const answers = await Promise.all(
          Array.from({ length: 150 }, () => ask(proxy, { scheme: 'http', target, from })),
        );
        const count = (status: number): number => answers.filter((answer) => answer.status === status).length;
        // Clients at work in one office get through.
        assert.ok(count(200) >= 40, String(count(200)));
        assert.ok(count(429) >= 50, String(count(429)));
        assert.equal(count(200) + count(429), 150);
        assert.equal((await ask(proxy, { scheme: 'http', target, from: newClient() })).status, 200);
      });
    }

    test('over a Unix socket', async (t) => {
      const folder = temporaryFolder(t);
      chmodSync(folder, 0o755);
      const path = join(folder, 'socket');
      const place = { listen: [{ path }], socketMode: 0o666 };
      const { log } = await startTestDaemon(t, { rows: EXAMPLE_ROWS, settings: { ...settings, ...place } });
      const other = await kind.start(t, { path });
      const from = newClient();
      const target = '/mobileconfig/?emailaddress=fred+tag@example.com';
      assert.match(
        (await ask(other, { scheme: 'http', target, from })).text,
        /<string>fred\+tag@example\.com<\/string>/,
      );
      const post = { method: 'POST', target: AUTODISCOVER, body: autodiscoverRequest('fred@example.com') };
      assert.match((await ask(other, { ...post, host: 'example.com', from })).text, LOGIN);
      assert.match((await ask(other, { scheme: 'http', method: 'GET', target: AUTODISCOVER, from })).text, /https/);
      assert.equal((await ask(other, { target: '/initdb/', from })).status, 403);
      assert.equal(log.filter((line) => line.split(/\s/).includes(`client=${from}`)).length, 3);
    });

    const assertNoAddresses = (logs: ReadonlyMap<string, string>): void => {
      for (const [name, text] of logs) {
        for (const line of text.split('\n')) {
          assert.doesNotMatch(line, /fred|@|%40|emailaddress|geheim|EVOLUTIONUSER/i, name);
          assert.ok(!line.includes(CREDENTIALS), name);
        }
      }
    };

    test('while the daemon is down the proxy says so, and writes no address', async (t) => {
      const other = await kind.start(t, { port: await freePort() });
      for (const host of [AUTOCONFIG_HOST, 'example.com']) {
        const request = { host, target: `${WELL_KNOWN}?emailaddress=fred%40example.com`, from: newClient() };
        const { status, text } = await ask(other, request);
        assert.equal(status, kind.statusWhenDown);
        if (host === AUTOCONFIG_HOST) assert.notEqual(text, '');
        const target = '/autodiscover/autodiscover.json/v1.0/fred@example.com?Protocol=Autodiscoverv1';
        assert.equal((await ask(other, { ...request, target })).status, kind.statusWhenDown);
      }
      assertNoAddresses(other.logs());
    });

    test('the proxy has logged paths and clients, but no address, query or password', async () => {
      // What no server can read is logged, too.
      for (const octets of [
        `GET ${CONFIG}?emailaddress=fred@example.com HTTP/1.1\r\n\r\n`,
        `GET ${CONFIG}?emailaddress=fred@example.com HTTP/9.9\r\nHost: ${AUTOCONFIG_HOST}\r\n\r\n`,
        `GET ${CONFIG}?emailaddress=fred@example.com\r\n`,
        `GET /fred@example.com%zz?emailaddress=fred@example.com HTTP/1.1\r\nHost: ${AUTOCONFIG_HOST}\r\nConnection: close\r\n\r\n`,
        `GET ${CONFIG}?emailaddress=fred@example.com HTTP/1.1\r\nHost: ${AUTOCONFIG_HOST}\r\nfred@example.com\r\nConnection: close\r\n\r\n`,
        `GET ${CONFIG}?emailaddress=fred@example.com&${'x'.repeat(70_000)} HTTP/1.1\r\nHost: ${AUTOCONFIG_HOST}\r\nConnection: close\r\n\r\n`,
      ]) {
        await exchange(proxy.ports.http, octets).catch(() => undefined);
      }
      const from = newClient();
      await ask(proxy, { target: `${CONFIG}?emailaddress=fred@example.com`, from });
      // Servers may write a little later than they answer.
      const line = (): string | undefined =>
        proxy
          .logs()
          .get('automx2.log')
          ?.split('\n')
          .find((each) => each.includes(from) && each.includes(CONFIG));
      while (line() === undefined) await sleep(20);
      assert.match(line() ?? '', /200/);
      assertNoAddresses(proxy.logs());
      // Nor has all this upset the daemon.
      assert.doesNotMatch(daemon.log.join('\n'), / ERROR |unforeseen/);
    });
  });
}
