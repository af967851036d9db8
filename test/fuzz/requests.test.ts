import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHtml } from '../domain/formats/read-html.ts';
import { readPlist } from '../domain/formats/read-plist.ts';
import { readXml, type XmlNode } from '../domain/formats/read-xml.ts';
import { NO_JUDGE, startJudge } from '../support/document-judge.ts';
import { KeepAliveClient, type RawAnswer } from '../support/keep-alive-client.ts';
import { autodiscoverRequest, EXAMPLE_ROWS, startTestDaemon } from '../support/test-daemon.ts';
import { ROUNDS, randomFrom, SEED } from './random.ts';

// Whatever a stranger sends, to whatever place: each answer is one that we foresaw, can be read by parsers that are not
// ours, and holds the stranger's text only as it was.

const ROWS = `${EXAMPLE_ROWS}
INSERT INTO domain (id, name, provider_id) VALUES (4, 'bücher.example', 1), (5, 'composite.example', 1);
INSERT INTO server (id, prio, type, name, port, socket_type, user_name, authentication) VALUES
  (5, 10, 'imap', 'imap.%EMAILDOMAIN%', 993, 'SSL', 'DOM\\%EMAILLOCALPART%', 'plain'),
  (6, 10, 'smtp', 'smtp.%EMAILDOMAIN%', 587, 'STARTTLS', 'DOM\\%EMAILLOCALPART%', 'plain');
INSERT INTO server_domain (server_id, domain_id) VALUES (2, 4), (3, 4), (5, 5), (6, 5);
INSERT INTO davserver (id, url, port, type, use_ssl, domain_required, user_name) VALUES
  (3, 'https://dav.%EMAILDOMAIN%/%EMAILLOCALPART%/cal/', 443, 'caldav', 1, 0, '%EMAILADDRESS%');
INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (3, 5);`;

/** Stands in each local part, and in other things that a client sends: the log must hold neither. */
const MARKER = 'Zq7Xk9';
const SECRET = 'Jq4Wv8';
const EITHER = new RegExp(`${MARKER}|${SECRET}`);

const DOMAINS = ['example.com', 'EXAMPLE.com.', 'example.net', 'login.example', 'composite.example'];
const OTHER_DOMAINS = [
  ...['bücher.example', 'xn--bcher-kva.example', 'unknown.example', 'a', '', '[::1]', '127.0.0.1', 'x..y'],
];
const LABELS = ['', 'autoconfig.', 'autodiscover.', 'AutoDiscover.', 'ua-auto-config.', 'autoconfig.autoconfig.', '.'];
/** Characters of an atom, and what looks like syntax of ours or of JavaScript's. */
const LOCAL = ['a', 'B', '7', '.', '+', '-', '_', '%', '&', "'", '$&', '$1', '`', '{0}', '%EMAILADDRESS%'];
const MORE_LOCAL = [
  ...['%EMAILLOCALPART%', '%EMAILDOMAIN%', '&amp;', '&lt;', 'ü', '日', '😀', '=', '?', '/', '*', '#', '~'],
];
const NAMES = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'prototype', 'length'];
const SYNTAX = [
  ...['<', '>', '"', ']]>', '<!--', '<![CDATA[', '<!DOCTYPE a [', '&x;', '&#0;'],
  ...['\\', '\t', ' ', '@', ':', ';', ','],
];
const ESCAPES = [
  ...['%', '%00', '%0d%0a', '%2e%2e', '%2f', '%41', '%ff', '%c3%bc', '%zz', '%25', '%2B', '%40', '//', '..', '*'],
];
const OCTETS = ['\u00ff', '\u00c3\u00bc', '\u0080', '\u007f'];
const ALL = [...LOCAL, ...MORE_LOCAL, ...NAMES, ...SYNTAX, ...ESCAPES, ...OCTETS, ...DOMAINS, 'x'.repeat(300)];

const PATHS = [
  ...['/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml', '/.well-known/mail-v1.xml'],
  ...['/v1.1/', '/autodiscover/autodiscover.xml', '/AutoDiscover/AutoDiscover.XML'],
  ...['/autodiscover/autodiscover.json', '/autodiscover/autodiscover.json/v1.0/', '/mobileconfig/'],
  ...[
    '/mobileconfig',
    '/initdb/',
    '/',
    '/help',
    '/help/',
    '/healthz',
    '/v1/served',
    '/.well-known/caldav',
    '/.well-known/carddav',
    '/.well-known/jmap',
  ],
  '/.well-known/user-agent-configuration.json',
  ...['//example.com/', 'http://example.net/v1.1/', '/nothing', '*'],
];
const PARAMETERS = ['emailaddress', 'Email', 'Protocol', 'domain', 'name', 'password', 'RedirectCount', ...NAMES];
const METHODS = [
  ...['GET', 'GET', 'GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'],
];
const HEADERS = [
  ...['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Real-IP', 'Forwarded', 'Via', 'If-None-Match'],
  ...['Authorization', 'Accept', 'User-Agent', 'Referer', 'Cookie', 'Origin', 'Content-Type', 'Range', ...NAMES],
];
const TYPES = ['text/xml', 'application/json', 'application/x-www-form-urlencoded', 'text/xml; charset=utf-16', ''];
const JSON_PIECES = [
  ...['{', '}', '[', ']', ':', ',', '"', '1', '-1', '1e999', 'null', 'true', '"provider"', '"domains"'],
  ...['"servers"', '"version"', '2', '"type"', '"imap"', '"name"', '"ldapservers"', '"__proto__"', '"constructor"'],
  ...['\\u0000', '\ud800'],
];

const random = randomFrom(SEED);
const maybe = (chances: number): boolean => random.below(chances) === 0;
const host = (): string => `${random.pick(LABELS)}${random.pick([...DOMAINS, ...DOMAINS, ...OTHER_DOMAINS])}`;
const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
/** Text for a header line or a target, as Latin-1 letters that stand for the octets. */
const line = (pieces: readonly string[], most: number): string =>
  utf8(random.text(pieces, most)).replace(/[\r\n\0]/g, '');

interface Sent {
  readonly octets: Buffer;
  readonly method: string;
  /** What may stand in the answer for the local part: as it was meant, and as it was written. */
  readonly localParts: readonly string[];
}

/** A request that is nearly right, with something hostile in some of its places. */
function makeRequest(): Sent {
  const method = random.pick(METHODS);
  const localPart = `${MARKER}${random.text([...LOCAL, ...MORE_LOCAL], 6)}`;
  const address = `${localPart}@${maybe(4) ? host() : random.pick(DOMAINS)}`;
  // Many clients write the address as it is; with "%" in it, it may then mean another one.
  const written = maybe(3) ? address.replace(/[ #]|[^\x00-\x7f]+/g, encodeURIComponent) : encodeURIComponent(address);
  let path = random.pick(PATHS);
  if (path.endsWith('/v1.1/')) path += maybe(3) ? line(ALL, 3) : random.pick(DOMAINS);
  if (path.endsWith('/v1.0/')) path += written;
  if (maybe(8)) path += line([...ESCAPES, ...NAMES], 3);
  const parameters = Array.from({ length: random.below(4) }, () => {
    const value = maybe(2) ? written : `${SECRET}${line(ALL, 4)}`;
    return `${maybe(6) ? line(ALL, 2) : random.pick(PARAMETERS)}=${value}`;
  });
  if (maybe(2)) parameters.unshift(`emailaddress=${written}`);
  if (maybe(6)) parameters.push(random.pick(['Protocol=AutodiscoverV1', 'protocol=ews', `domain=${host()}`]));
  const target = `${path}${parameters.length > 0 ? '?' : ''}${parameters.join(random.pick(['&', '&', '&&', '?']))}`;
  const headers = [`Host: ${maybe(6) ? line(ALL, 3) : utf8(host())}`];
  for (let count = random.below(4); count > 0; count--) {
    const name = random.pick(HEADERS);
    const value = maybe(2)
      ? random.pick(['http', 'https', '127.0.0.1', '::1', 'localhost', 'W/"a", *', '*', host(), 'text/xml'])
      : `${SECRET}${line(ALL, 5)}`;
    headers.push(`${name}: ${utf8(value)}`);
  }
  const body =
    method === 'POST' || maybe(20)
      ? random.pick([
          autodiscoverRequest(address),
          autodiscoverRequest(address.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)),
          autodiscoverRequest(random.text(ALL, 4)).slice(0, 100 + random.below(600)),
          random.text([...ALL, ...JSON_PIECES], 20),
          random.text(JSON_PIECES, 30),
          '',
        ])
      : '';
  const octets = Buffer.from(body);
  if (octets.length > 0) headers.push(`Content-Length: ${octets.length}`, `Content-Type: ${random.pick(TYPES)}`);
  // A blank would end the target; what else is wrong in it is for the daemon to say.
  const head = `${method} ${target.replace(/[ \t]/g, '')} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`;
  // In XML that nobody escaped, a reference is one.
  const referred = address.replaceAll('&lt;', '<').replaceAll('&amp;', '&');
  const localParts = [address, referred, written, percentDecoded(written)].map((text) =>
    text.slice(0, text.lastIndexOf('@')),
  );
  return { octets: Buffer.concat([Buffer.from(head, 'latin1'), octets]), method, localParts };
}

/** What a text means that its client may have escaped or not: either all of its escapes are some, or none is. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** 417 is node:http's own, as is 431; the others are ours. */
const STATUS = [200, 302, 304, 307, 400, 403, 404, 405, 409, 414, 415, 431];
/** What node:http could not read was no request yet, and is answered without a line in the log. */
const isUnread = ({ status, headers }: RawAnswer): boolean =>
  [400, 431].includes(status) && headers.get('connection') === 'close';
const TYPE_OF: ReadonlyMap<string, 'xml' | 'plist' | 'json' | 'html' | 'text'> = new Map([
  ['text/xml; charset=utf-8', 'xml'],
  ['application/x-apple-aspen-config', 'plist'],
  ['application/json', 'json'],
  ['text/html; charset=utf-8', 'html'],
  ['text/plain; charset=utf-8', 'text'],
]);

/** All texts of a document, and all values of its attributes. */
const textsOf = (node: XmlNode): readonly string[] => [
  node.text,
  ...node.attributes.values(),
  ...node.children.flatMap(textsOf),
];

/** Only what the client sent may carry the marker, and it stands there as it was, or percent-encoded in a URL. */
function assertNotExpanded(texts: readonly string[], localParts: readonly string[]): void {
  const allowed = localParts.flatMap((localPart) => [localPart, encodeURIComponent(localPart)]);
  for (const text of texts.filter((each) => each.includes(MARKER))) {
    assert.ok(
      allowed.some((each) => text.includes(each)),
      `changed: ${JSON.stringify({ text, allowed })}`,
    );
  }
}

function assertSound(
  answer: RawAnswer,
  { localParts, method }: Sent,
  judge: (kind: string, body: string) => void,
): void {
  const { status, headers, body } = answer;
  assert.ok(STATUS.includes(status), `status ${status}`);
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  for (const name of ['server', 'x-powered-by', 'www-authenticate', 'set-cookie'])
    assert.equal(headers.get(name), undefined);
  for (const [name, value] of headers)
    assert.ok(!value.includes('\n') && !EITHER.test(value), `header ${name}: ${value}`);
  const location = headers.get('location');
  assert.equal(location !== undefined, status === 302 || status === 307);
  if (status === 302)
    assert.match(location ?? '', /^https:\/\/[a-z0-9_.-]+\/autodiscover\/autodiscover\.xml\?redirected$/);
  if (status === 307) assert.match(location ?? '', /^https:\/\/dav\.example\.com(?::8443)?\/(?:cal|card)\/$/);
  if (status === 304 || method === 'HEAD' || (method === 'OPTIONS' && body === '')) return;
  const kind = TYPE_OF.get(headers.get('content-type') ?? '');
  switch (kind) {
    case 'xml':
      assertNotExpanded(textsOf(readXml(body)), localParts);
      break;
    case 'plist':
      readPlist(body);
      assertNotExpanded(textsOf(readXml(body)), localParts);
      break;
    case 'json':
      assert.doesNotMatch(JSON.stringify(JSON.parse(body)), EITHER);
      break;
    case 'html':
      // Its form shows again what was typed; page.test.ts says more.
      readHtml(body);
      break;
    case 'text':
      assert.match(body, /^[^\n]+\n$/);
      assert.doesNotMatch(body, EITHER);
      break;
    default:
      assert.fail(`content type ${headers.get('content-type')}`);
  }
  if (kind === 'xml' || kind === 'plist' || kind === 'json') judge(kind, body);
}

for (const proxyCount of [0, 1]) {
  test(`whole requests, ${proxyCount} proxies`, {
    skip: NO_JUDGE,
  }, async (t) => {
    const daemon = await startTestDaemon(t, { rows: ROWS, settings: { proxyCount } });
    const log = daemon.log as string[];
    const client = new KeepAliveClient(daemon.port);
    t.after(() => client.close());
    const judge = startJudge();
    const statuses = new Map<number | 'closed', number>();
    for (let round = 0; round < ROUNDS; round++) {
      const sent = makeRequest();
      const told = (): string => `FUZZ_SEED=${SEED} round ${round}: ${sent.octets.toString('base64')}`;
      log.length = 0;
      try {
        const answer = await client.ask(sent.octets, sent.method === 'HEAD');
        const status = answer?.status ?? 'closed';
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (answer !== undefined) assertSound(answer, sent, judge.hand);
        const lines = log.filter((entry) => / INFO [A-Z]+ \/.* status=/.test(entry)).length;
        if (answer === undefined) assert.ok(lines <= 1, `${lines} access lines`);
        else assert.equal(lines, isUnread(answer) ? 0 : 1, 'access lines');
        for (const entry of log) {
          assert.doesNotMatch(entry, EITHER);
          assert.doesNotMatch(entry, /unforeseen|\n./);
        }
      } catch (error) {
        throw new Error(told(), { cause: error });
      }
      if (round % 1_000 === 999) await judge.pause();
    }
    const { said, handed } = await judge.verdict();
    assert.equal(said, `read ${handed}\n`, `FUZZ_SEED=${SEED}`);
    // What this test is worth: every kind of answer was met.
    for (const status of [200, 400, 404, 405]) assert.ok(ROUNDS < 1_000 || statuses.has(status), `no answer ${status}`);
    t.diagnostic(`${ROUNDS} rounds, seed ${SEED}, ${handed} documents read twice`);
    t.diagnostic(`answers ${[...statuses].map(([status, count]) => `${status}: ${count}`).join(', ')}`);
    assert.equal((await fetch(`${daemon.base}/healthz`)).status, 200);
  });
}
