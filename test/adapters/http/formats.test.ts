import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { autodiscoverRequest, EXAMPLE_ROWS, startTestDaemon } from '../../support/test-daemon.ts';

const { base, log } = await startTestDaemon({ after }, { rows: EXAMPLE_ROWS });

const AUTOCONFIG = '/mail/config-v1.1.xml';
const POX = '/autodiscover/autodiscover.xml';
const post = (body: string | Uint8Array, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'Content-Type': 'text/xml', ...headers },
});

interface Case {
  readonly name: string;
  readonly path: string;
  readonly init?: RequestInit;
  readonly status: number;
  readonly type?: string;
  readonly has?: readonly RegExp[];
  readonly lacks?: readonly RegExp[];
}

const ERROR = (code: number): RegExp => new RegExp(`<ErrorCode>${code}</ErrorCode>`);
const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';
const XML = 'text/xml; charset=utf-8';

const CASES: readonly Case[] = [
  // Autoconfig
  ...[
    AUTOCONFIG,
    '/.well-known/autoconfig/mail/config-v1.1.xml',
    '/.well-known/mail-v1.xml',
    '/v1.1/mail/config-v1.1.xml',
  ].map((path) => ({
    name: `Autoconfig on ${path}`,
    path: `${path}?emailaddress=jane%40example.com`,
    status: 200,
    type: XML,
    has: [/^<\?xml version="1.0" encoding="UTF-8"\?>\n<clientConfig/, /<displayName>Example &amp; Söhne</],
  })),
  {
    name: 'servers by priority, DAV servers behind, placeholders of logins kept',
    path: `${AUTOCONFIG}?emailaddress=jane@example.com`,
    status: 200,
    has: [
      /imap\.example\.com[\s\S]*smtp\.example\.com[\s\S]*pop\.example\.com/,
      /<username>%EMAILADDRESS%<\/username>/,
      /<calendar type="caldav">\s*<url>https:\/\/dav\.example\.com\/cal\/jane@example\.com\/</,
      /<addressbook type="carddav">/,
    ],
    lacks: [/<identity/, /example\.net/],
  },
  {
    name: 'a plus in the query is a plus',
    path: `${AUTOCONFIG}?emailaddress=jane+tag@example.com`,
    status: 200,
    has: [/cal\/jane%2Btag@example\.com/],
  },
  { name: 'upper case, trailing dot', path: `${AUTOCONFIG}?emailaddress=jane@EXAMPLE.com.`, status: 200 },
  {
    name: 'the first of two parameters counts',
    path: `${AUTOCONFIG}?emailaddress=a@example.net&emailaddress=b@example.com`,
    status: 200,
    has: [/<domain>example\.net</],
  },
  { name: 'parameters that we do not know', path: `${AUTOCONFIG}?emailmd5=00&emailaddress=a@example.net`, status: 200 },
  {
    name: 'the ISPDB form',
    path: '/v1.1/example.com',
    status: 200,
    type: XML,
    has: [/<url>https:\/\/dav\.example\.com\/cal\/%EMAILADDRESS%/],
  },
  { name: 'the ISPDB form, unknown', path: '/v1.1/unknown.example', status: 404, type: TEXT },
  { name: 'the ISPDB form, no domain', path: '/v1.1/a%20b', status: 404, type: TEXT },
  { name: 'unknown domain', path: `${AUTOCONFIG}?emailaddress=jane@unknown.example`, status: 404, type: TEXT },
  { name: 'unknown sub-domain', path: `${AUTOCONFIG}?emailaddress=jane@sub.example.com`, status: 404 },
  ...['', '?emailaddress', '?emailaddress=', '?EmailAddress=a@example.com'].map((query) => ({
    name: `no address: ${query}`,
    path: AUTOCONFIG + query,
    status: 400,
    type: TEXT,
    has: [/^Missing request argument "emailaddress"\n$/],
  })),
  ...[
    'abc',
    '@example.com',
    'jane@',
    'a@b@example.com',
    'j%00@example.com',
    `${'x'.repeat(65)}@example.com`,
    '%FF@example.com',
    '%3Cb%3E@example.com',
  ].map((address) => ({
    name: `no e-mail address: ${address.slice(0, 30)}`,
    path: `${AUTOCONFIG}?emailaddress=${address}`,
    status: 400,
    type: TEXT,
  })),
  // Profile
  ...['/mobileconfig/', '/mobileconfig'].map((path) => ({
    name: `profile on ${path}`,
    path: `${path}?emailaddress=jane@example.com&name=J%C3%A4ne%20%3C%26%3E&password=geheim`,
    status: 200,
    type: 'application/x-apple-aspen-config',
    has: [
      /<!DOCTYPE plist PUBLIC/,
      /<key>EmailAccountName<\/key>\s*<string>Jäne &lt;&amp;&gt;<\/string>/,
      /<key>CalDAVPort<\/key>\s*<integer>443<\/integer>/,
      /<key>CardDAVPort<\/key>\s*<integer>8443<\/integer>/,
    ],
    lacks: [/geheim/],
  })),
  {
    name: 'profile without a name',
    path: '/mobileconfig/?emailaddress=jane@example.com',
    status: 200,
    lacks: [/EmailAccountName/],
  },
  {
    name: 'placeholders that the client sent stay',
    path: '/mobileconfig/?emailaddress=%25EMAILDOMAIN%25@example.com&name=%25EMAILADDRESS%25',
    status: 200,
    has: [/<string>%EMAILDOMAIN%@example\.com</, /<string>%EMAILADDRESS%</],
  },
  { name: 'profile, no address', path: '/mobileconfig/', status: 400, type: TEXT },
  { name: 'profile, unknown domain', path: '/mobileconfig/?emailaddress=a@unknown.example', status: 404 },
  // Autodiscover
  {
    name: 'Autodiscover',
    path: POX,
    init: post(autodiscoverRequest('Jane@Example.com')),
    status: 200,
    type: XML,
    has: [/<DisplayName>Jane@example\.com</, /<LoginName>Jane@example\.com</, /<Encryption>TLS</, /<Type>CardDAV</],
  },
  {
    name: 'Autodiscover in other letters, no type',
    path: '/AutoDiscover/AutoDiscover.XML',
    init: { method: 'POST', body: Buffer.from(autodiscoverRequest('a@example.net')) },
    status: 200,
    has: [/<LoginName>a@example\.net</],
  },
  {
    name: 'Autodiscover in UTF-16',
    path: POX,
    init: post(Buffer.from(`\ufeff${autodiscoverRequest('a@example.net')}`, 'utf16le')),
    status: 200,
    has: [/<LoginName>a@example\.net</],
  },
  {
    name: 'a local part of its own',
    path: POX,
    init: post(autodiscoverRequest('jane@login.example')),
    status: 200,
    has: [/<Server>imap\.login\.example<[\s\S]*?<LoginName>jane</],
  },
  {
    name: 'an address with blanks around',
    path: POX,
    init: post(autodiscoverRequest('\n  a@example.net ')),
    status: 200,
    has: [/<LoginName>a@example\.net</],
  },
  {
    name: 'an & that nobody escaped',
    path: POX,
    init: post(autodiscoverRequest('a&b@example.net')),
    status: 200,
    has: [/<LoginName>a&amp;b@example\.net</],
  },
  {
    name: 'Autodiscover, unknown domain',
    path: POX,
    init: post(autodiscoverRequest('a@unknown.example')),
    status: 200,
    type: XML,
    has: [ERROR(500), /<DebugData\/>/, /Time="\d\d:\d\d:\d\d\.\d{7}"/],
  },
  ...[
    '',
    'no xml',
    '<a/>',
    autodiscoverRequest(''),
    autodiscoverRequest('abc'),
    `<!DOCTYPE a [<!ENTITY b "c">]>${autodiscoverRequest('a@example.com')}`,
    `${autodiscoverRequest('a@example.com')}${' '.repeat(16 * 1024)}`,
  ].map((body) => ({
    name: `Autodiscover, unreadable: ${JSON.stringify(body.slice(0, 40))} (${body.length})`,
    path: POX,
    init: post(body),
    status: 200,
    has: [ERROR(600)],
  })),
  {
    name: 'Autodiscover, another schema',
    path: POX,
    init: post(autodiscoverRequest('a@example.com').replace('responseschema/2006a', 'responseschema/2021')),
    status: 200,
    has: [ERROR(601)],
  },
  {
    name: 'MobileSync',
    path: POX,
    init: post(autodiscoverRequest('a@example.com').replaceAll('outlook/', 'mobilesync/')),
    status: 200,
    has: [ERROR(601)],
  },
  {
    name: 'credentials are not looked at',
    path: POX,
    init: post(autodiscoverRequest('a@example.net'), { Authorization: 'Basic YTpnZWhlaW0=' }),
    status: 200,
    lacks: [/geheim/],
  },
  { name: 'GET for a Host that is not ours', path: POX, status: 404, type: TEXT },
  // Autodiscover V2
  {
    name: 'V2 in the query',
    path: '/autodiscover/autodiscover.json?Email=a%40example.com&Protocol=Autodiscoverv1&RedirectCount=1',
    status: 200,
    type: JSON_TYPE,
    has: [
      /^{"Protocol":"AutodiscoverV1","Url":"https:\/\/autodiscover\.example\.com\/autodiscover\/autodiscover\.xml"}$/,
    ],
  },
  {
    name: 'V2 in the path',
    path: '/Autodiscover/Autodiscover.json/v1.0/a@example.com?Protocol=AUTODISCOVERV1',
    status: 200,
    has: [/AutodiscoverV1/],
  },
  {
    name: 'V2, not configured',
    path: '/autodiscover/autodiscover.json?Email=a@example.com&Protocol=ActiveSync',
    status: 404,
    type: JSON_TYPE,
    has: [/"ErrorCode":"ProtocolNotSupported"/],
  },
  {
    name: 'V2, no such protocol',
    path: '/autodiscover/autodiscover.json?Email=a@example.com&Protocol=__proto__',
    status: 400,
    type: JSON_TYPE,
    has: [/"InvalidProtocol"/],
  },
  {
    name: 'V2, unknown domain',
    path: '/autodiscover/autodiscover.json?Email=a@unknown.example&Protocol=AutodiscoverV1',
    status: 404,
    type: JSON_TYPE,
    has: [/"ErrorCode":"UserNotFound"/],
  },
  {
    name: 'V2, not an address',
    path: '/autodiscover/autodiscover.json?Email=abc&Protocol=AutodiscoverV1',
    status: 400,
    type: JSON_TYPE,
    has: [/"ErrorCode":"InvalidUserId"/],
  },
  {
    name: 'V2, invalid octets',
    path: '/autodiscover/autodiscover.json/v1.0/%ff?Protocol=AutodiscoverV1',
    status: 400,
    type: JSON_TYPE,
    has: [/"ErrorCode":"InvalidRequest"/],
  },
  {
    name: 'V2, no parameters',
    path: '/autodiscover/autodiscover.json',
    status: 400,
    type: JSON_TYPE,
    has: [/"MandatoryParameterMissing"/],
  },
  // The rest
  { name: 'the page', path: '/', status: 200, type: 'text/html; charset=utf-8', has: [/<form/] },
  { name: 'health', path: '/healthz', status: 200, type: TEXT },
  ...[
    '/favicon.ico',
    '/mail/',
    '/MAIL/config-v1.1.xml',
    '/mail/config-v1.1.xml/',
    '/mail//config-v1.1.xml',
    '/autodiscover/',
    '/autodiscover',
    '/mobileconfig/x',
    '/__proto__',
  ].map((path) => ({ name: `nothing at ${path}`, path, status: 404, type: TEXT })),
];

describe('requests and answers', () => {
  for (const { name, path, init, status, type, has = [], lacks = [] } of CASES) {
    test(name, async () => {
      const response = await fetch(base + path, init);
      const body = await response.text();
      assert.equal(response.status, status, body);
      if (type !== undefined) assert.equal(response.headers.get('content-type'), type);
      for (const pattern of has) assert.match(body, pattern);
      for (const pattern of lacks) assert.doesNotMatch(body, pattern);
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(response.headers.get('server'), null);
      if (status >= 400 && type === TEXT) assert.match(body, /^[^\n]+\n$/);
      if (type?.startsWith('text/html'))
        assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
      if (type?.includes('aspen')) {
        assert.equal(response.headers.get('content-disposition'), 'attachment; filename="example.com.mobileconfig"');
      }
    });
  }
});

describe('methods', () => {
  for (const { path, allow } of [
    { path: `${AUTOCONFIG}?emailaddress=a@example.com`, allow: 'GET, HEAD' },
    { path: '/mobileconfig/?emailaddress=a@example.com', allow: 'GET, HEAD' },
    { path: POX, allow: 'GET, HEAD, POST' },
    { path: '/autodiscover/autodiscover.json', allow: 'GET, HEAD' },
    { path: '/initdb/', allow: 'GET, HEAD, POST, DELETE' },
    { path: '/', allow: 'GET, HEAD' },
  ]) {
    for (const method of ['PUT', 'PATCH', 'PROPFIND', ...(allow.includes('POST') ? [] : ['POST', 'DELETE'])]) {
      test(`${method} ${path}`, async () => {
        const response = await fetch(base + path, { method });
        assert.equal(response.status, 405);
        assert.equal(response.headers.get('allow'), allow);
        assert.match(await response.text(), /^[^\n]+\n$/);
      });
    }
  }

  for (const { path, status } of [
    { path: AUTOCONFIG, status: 200 },
    { path: POX, status: 200 },
    { path: '/initdb/', status: 200 },
    { path: '/healthz', status: 200 },
    { path: '/', status: 200 },
    { path: '/nothing', status: 404 },
  ]) {
    test(`OPTIONS ${path}, as balancers ask to see whether we live: ${status}`, async () => {
      const response = await fetch(base + path, { method: 'OPTIONS' });
      assert.equal(response.status, status);
      assert.equal(response.headers.get('allow')?.startsWith('GET, HEAD') ?? false, status === 200);
      assert.equal((await response.text()) === '', status === 200);
    });
  }

  test('several slashes at the beginning of a path are one', async () => {
    const answers = ['', '/', '///'].map(async (slashes) =>
      (await fetch(`${base}${slashes}${AUTOCONFIG}?emailaddress=a@example.com`)).text(),
    );
    const [one, ...more] = await Promise.all(answers);
    assert.match(one ?? '', /<clientConfig/);
    for (const answer of more) assert.equal(answer, one);
  });

  test('a plus is a blank in the name, and a plus in the address', async () => {
    const profile = await (await fetch(`${base}/mobileconfig/?name=Max+M%2BM&emailaddress=max+m@example.com`)).text();
    assert.match(profile, />Max M\+M</);
    assert.match(profile, />max\+m@example\.com</);
  });

  for (const path of [
    `${AUTOCONFIG}?emailaddress=a@example.com`,
    AUTOCONFIG,
    '/mobileconfig/?emailaddress=a@example.com',
    '/',
    '/healthz',
    '/nothing',
  ]) {
    test(`HEAD ${path} is GET without body`, async () => {
      const [head, get] = await Promise.all([fetch(base + path, { method: 'HEAD' }), fetch(base + path)]);
      assert.equal(head.status, get.status);
      const headers = (response: Response) =>
        [...response.headers].filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name));
      assert.deepEqual(headers(head), headers(get));
      assert.equal(await head.text(), '');
      assert.equal(Number(head.headers.get('content-length')), (await get.arrayBuffer()).byteLength);
    });
  }
});

test('two downloads of a profile are the same octets; another address has other identifiers', async () => {
  const download = async (address: string) => (await fetch(`${base}/mobileconfig/?emailaddress=${address}`)).text();
  const [first, second, other] = await Promise.all(['a@example.com', 'a@EXAMPLE.com', 'b@example.com'].map(download));
  assert.equal(first, second);
  const identifiers = (text = '') =>
    [...text.matchAll(/<key>Payload(?:UUID|Identifier)<\/key>\s*<string>(.*)</g)].map(([, id]) => id);
  assert.equal(identifiers(first).length, 8);
  assert.equal(new Set([...identifiers(first), ...identifiers(other)]).size, 16);
});

test('the log holds domains, but no local part, no name, no password and no query', () => {
  const text = log.join('');
  assert.match(
    text,
    /INFO GET \/mail\/config-v1\.1\.xml status=200 bytes=\d+ ms=\S+ client=127\.0\.0\.1 domain=example\.com format=autoconfig/,
  );
  assert.match(text, /GET \/Autodiscover\/Autodiscover\.json\/v1\.0\/… status=200/);
  assert.doesNotMatch(text, /jane|geheim|emailaddress=|J%C3|Basic/i);
});
