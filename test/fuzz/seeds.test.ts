import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_JUDGE, startJudge } from '../support/document-judge.ts';
import { KeepAliveClient, type RawAnswer } from '../support/keep-alive-client.ts';
import { autodiscoverRequest, startTestDaemon } from '../support/test-daemon.ts';
import { ROUNDS, randomFrom, SEED } from './random.ts';

// Whatever stands in a seed: it is stored as a whole or refused as a whole, and what is stored makes documents that
// parsers of another language can read.

/** A round is some twelve requests, two of them with all tables written anew. */
const SEED_ROUNDS = Math.ceil(ROUNDS / 4);

const random = randomFrom(SEED);
const maybe = (chances: number): boolean => random.below(chances) === 0;

/** Seeds that are right, one of each version. */
const seeds = (): Record<string, unknown>[] => [
  {
    provider: 'Example & Söhne',
    domains: ['example.com', 'bücher.example'],
    servers: [
      { type: 'imap', name: 'imap.example.com' },
      { type: 'smtp', name: 'smtp.example.com', port: 587 },
    ],
  },
  {
    version: 2,
    provider: 'Example',
    domains: [{ name: 'example.com' }, { name: 'example.net', ldapserver_id: 7 }],
    servers: [
      { type: 'imap', name: 'imap.%EMAILDOMAIN%', port: 143, prio: 20, socket_type: 'STARTTLS' },
      { type: 'pop', name: 'pop.example.com', user_name: '%EMAILLOCALPART%', authentication: 'CRAM-MD5' },
      { type: 'smtp', name: 'smtp.example.com', user_name: 'x-%EMAILADDRESS%' },
      { type: 'caldav', url: 'https://dav.example.com/%EMAILADDRESS%/' },
      { type: 'carddav', url: 'https://dav.example.com:8443/', port: 8443, user_name: '' },
    ],
    ldapservers: [{ id: 7, name: '127.0.0.1', port: 1, search_base: 'dc=example', search_filter: '(mail={0})' }],
  },
];

const TEXTS = [
  ...['', ' ', 'a', 'ü', '日本', '😀', '\u202e', '\u0085', '\ufeff', '\0', '\n', '\ud800', '\ufffe', '&', '<', '>'],
  ...['"', "'", ']]>', '<!--', '&x;', '%', '%EMAILADDRESS%', '%EMAILLOCALPART%', '%EMAILDOMAIN%', '%25', '..', '/'],
  ...['?', '#', '@', '{0}', '(', ')', '*', '\\', "'; DROP TABLE domain; --", '__proto__', 'constructor', 'imap'],
  ...['smtp', 'caldav', 'SSL', 'STARTTLS', 'plain', 'Auto', 'NTLM', 'OAuth2', 'none', 'example.com', 'https://'],
  ...['http://x/', 'x'.repeat(130)],
];
const OTHER_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 7, 143, 65_535, 65_536, 2 ** 31, 2 ** 53, 1e300, 1.5, [], {}, [[]], [null], [1]],
  ...[['example.com', 'example.com'], { name: 'example.com' }, { toString: 1 }],
];
const MEMBERS = [
  ...['version', 'provider', 'domains', 'servers', 'ldapservers', 'type', 'name', 'port', 'prio', 'socket_type'],
  ...['url', 'user_name', 'authentication', 'ldapserver_id', 'id', 'use_ssl', 'bind_user', 'constructor'],
  ...['__proto__', 'x'],
];

const value = (): unknown => (maybe(2) ? random.text(TEXTS, 4) : structuredClone(random.pick(OTHER_VALUES)));

/** Changes something somewhere inside. */
function mutate(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const keys = Object.keys(node);
  const key = maybe(8) || keys.length === 0 ? random.pick(MEMBERS) : random.pick(keys);
  const members = node as Record<string, unknown>;
  const inside = members[key];
  if (typeof inside === 'object' && inside !== null && Object.hasOwn(node, key) && !maybe(6)) mutate(inside);
  else if (maybe(6)) delete members[key];
  else Object.defineProperty(node, key, { value: value(), enumerable: true, configurable: true, writable: true });
}

/** A seed with up to three changes. */
function makeSeed(): { readonly seed: string; readonly changes: number } {
  const seed = random.pick(seeds());
  const changes = random.below(4);
  for (let count = 0; count < changes; count++) mutate(seed);
  return { seed: JSON.stringify(seed), changes };
}

const request = (method: string, path: string, body = '', type = 'application/json'): Buffer =>
  Buffer.concat([
    Buffer.from(
      `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`,
    ),
    Buffer.from(body),
  ]);

/** Nothing but this machine may be asked, by whatever name. */
const isOffline = (seed: string): boolean =>
  !seed.includes('"ldapserver_id"') || seed.includes('[{"id":7,"name":"127.0.0.1","port":1,');

const DOMAINS = ['example.com', 'example.net', 'xn--bcher-kva.example'];

test('seeds', { skip: NO_JUDGE }, async (t) => {
  const daemon = await startTestDaemon(t, {
    settings: { database: { engine: 'sqlite', path: undefined }, initdb: 'purge', logLevel: 'WARNING' },
  });
  const log = daemon.log as string[];
  const client = new KeepAliveClient(daemon.port);
  t.after(() => client.close());
  const judge = startJudge();
  const ask = async (octets: Buffer): Promise<RawAnswer> => {
    const answer = await client.ask(octets, false);
    assert.ok(answer !== undefined, 'no answer');
    return answer;
  };
  assert.equal((await ask(request('GET', '/initdb/'))).status, 200); // the tables are there, and the sample data
  const counts = { stored: 0, refused: 0, documents: 0 };
  for (let round = 0; round < SEED_ROUNDS; round++) {
    const { seed, changes } = makeSeed();
    try {
      log.length = 0;
      assert.ok(
        [400, 409].includes((await ask(request('POST', '/initdb/', seed))).status),
        'into a database with data',
      );
      assert.equal((await ask(request('DELETE', '/initdb/'))).status, 200);
      const { status, body } = await ask(request('POST', '/initdb/', seed));
      assert.ok(status === 200 || (status === 400 && changes > 0), `status ${status}: ${body}`);
      const isStored = status === 200;
      counts[isStored ? 'stored' : 'refused'] += 1;
      let accounts = 0;
      for (const domain of isOffline(seed) ? DOMAINS : []) {
        const address = `${changes === 0 ? '' : random.text(TEXTS.slice(1, 6), 2)}a@${domain}`;
        const written = encodeURIComponent(address);
        for (const octets of [
          request('GET', `/mail/config-v1.1.xml?emailaddress=${written}`),
          request('GET', `/mobileconfig/?emailaddress=${written}`),
          request('POST', '/autodiscover/autodiscover.xml', autodiscoverRequest(address), 'text/xml'),
        ]) {
          const answer = await ask(octets);
          const type = answer.headers.get('content-type');
          // 503: the directory that the seed names is not there.
          assert.ok([200, 400, 404, 503].includes(answer.status), `status ${answer.status}`);
          if (answer.status !== 200) continue;
          // Autodiscover's errors are documents, too.
          accounts += answer.body.includes('<ErrorCode>') ? 0 : 1;
          judge.hand(type === 'application/x-apple-aspen-config' ? 'plist' : 'xml', answer.body);
          counts.documents += 1;
        }
      }
      if (!isStored) assert.equal(accounts, 0);
      // One domain of each seed that nothing was changed in is looked up in no directory.
      if (changes === 0) assert.ok(accounts >= 3, `${accounts} documents with an account`);
      const { body: state } = await ask(request('GET', '/initdb/'));
      assert.match(state, isStored ? /holds data already/ : /sample data stored/);
      for (const entry of log) assert.doesNotMatch(entry, /unforeseen|\n./);
    } catch (error) {
      throw new Error(`FUZZ_SEED=${SEED} round ${round}: ${seed}`, { cause: error });
    }
    if (round % 1_000 === 999) await judge.pause();
  }
  const { said, handed } = await judge.verdict();
  assert.equal(said, `read ${handed}\n`, `FUZZ_SEED=${SEED}`);
  const isEnough = (count: number): boolean => SEED_ROUNDS < 100 || count > SEED_ROUNDS / 10;
  assert.ok(isEnough(counts.stored) && isEnough(counts.refused), JSON.stringify(counts));
  t.diagnostic(`${SEED_ROUNDS} rounds, seed ${SEED}: ${JSON.stringify(counts)}`);
});
