import assert from 'node:assert/strict';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { elementsOf, type HtmlTree, readHtml, structureOf, textIn } from '../domain/formats/read-html.ts';
import { KeepAliveClient, type RawAnswer } from '../support/keep-alive-client.ts';
import { EXAMPLE_ROWS, NO_CACHE, startTestDaemon } from '../support/test-daemon.ts';
import { ROUNDS, randomFrom, SEED } from './random.ts';

// Whatever rows and visitors say, the page has the elements and attributes that it has for harmless texts, and says the
// texts as they were.

const MARKUP = [
  ...[
    '<',
    '>',
    '"',
    "'",
    '&',
    '</',
    '/>',
    '<!--',
    '-->',
    ']]>',
    '<![CDATA[',
    '<script>',
    '</script>',
    '</style>',
    '<b>',
  ],
  ...[
    '</title>',
    '</textarea>',
    '</p>',
    '</td></tr></table>',
    '<svg onload=a>',
    ' onfocus="a"',
    '" autofocus="',
    '=',
    '/',
  ],
  ...['&lt;', '&#60;', '&quot', '&amp;', '&#0;', 'javascript:a', 'data:text/html,', '{{a}}', '$&', '$1', '%41'],
];
const LETTERS = [
  'a',
  'B',
  '7',
  ' ',
  '+',
  '%',
  '#',
  '?',
  ';',
  ':',
  '@',
  '\\',
  '`',
  'ü',
  '日',
  '😀',
  'e\u0301',
  '\u00a0',
];
const WORDS = ['__proto__', 'constructor', '%EMAILADDRESS%', '%EMAILDOMAIN%', 'example.com', 'x'.repeat(40)];
/** The page has to do without these. */
const LEFT_OUT = ['\u202e', '\u2066', '\ufffe', '\x7f', '\x9f', '\0', '\x1b'];
const SPACE = ['\r', '\n', '\t', '\u2028'];
const TEXTS = [...MARKUP, ...LETTERS, ...WORDS];
/** For what a visitor sends: nobody read it before. */
const ALL = [...TEXTS, ...LEFT_OUT, ...SPACE];
const ATOMS = [
  'a',
  '.',
  '%',
  '&',
  "'",
  '+',
  '/',
  '=',
  '?',
  '{',
  '}',
  '`',
  '$&',
  '#',
  '*',
  '~',
  '|',
  '&lt;',
  'ü',
  '日',
  '\u202e',
  ...WORDS.slice(0, 4),
];
const HOSTS = ['autoconfig.example.com', 'example.net', 'other.example', '127.0.0.1', 'a_b', '"', '<b>', "'", ''];
const LANGUAGES = ['', 'de', 'en', 'DE-at', 'fr', '"', '<b>'];

const left = (text: string): string => text.replace(/[\0\x1b\x7f\x9f\u202e\u2066\ufffe]/g, '');
const escaped = (text: string): string => encodeURIComponent(text);

/** More than any page has, with the longest address and name; see the last test. */
const MOST_OCTETS = 32 * 1_024;

interface Visit {
  readonly address: string;
  readonly name?: string;
  readonly lang?: string;
  readonly host?: string;
  readonly accept?: string;
}

test('any rows and queries: the same elements, and the texts as they were', async (t) => {
  const { file, port, log } = await startTestDaemon(t, { rows: EXAMPLE_ROWS, settings: NO_CACHE });
  const client = new KeepAliveClient(port);
  t.after(() => client.close());
  const rows = new Database(file);
  t.after(() => rows.close());
  rows.pragma('synchronous = OFF');
  const setProvider = rows.prepare('UPDATE provider SET name = ?');
  const setServers = rows.prepare('UPDATE server SET user_name = ?');
  const setDav = rows.prepare('UPDATE davserver SET user_name = ?, url = ?');

  async function visit({
    address,
    name = '',
    lang = '',
    host = 'example.com',
    accept = '',
  }: Visit): Promise<RawAnswer> {
    const query = `emailaddress=${escaped(address)}&name=${escaped(name).replaceAll('%20', '+')}&lang=${escaped(lang)}`;
    const head = `GET /help?${query} HTTP/1.1\r\nHost: ${host}\r\nAccept-Language: ${accept}\r\n\r\n`;
    const answer = await client.ask(Buffer.from(head), false);
    assert.ok(answer !== undefined, 'no answer');
    return answer;
  }

  /** With and without the codes, the calendars, and the language that was asked for. */
  const known = new Set<string>();
  for (const domain of ['example.com', 'example.net', 'unknown.example', '']) {
    for (const localPart of ['fred', 'ü', '']) {
      for (const lang of ['', 'de']) {
        for (const [name, host] of [
          ['', 'example.com'],
          ['', 'other.example'],
          ['日'.repeat(64), 'example.com'],
        ] as const) {
          const address = localPart + domain === '' ? '' : `${localPart}@${domain}`;
          known.add(structureOf(readHtml((await visit({ address, name, lang, host })).body)));
        }
      }
    }
  }

  const random = randomFrom(SEED);
  const statuses = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const provider = `p${random.text(TEXTS, 12)}`;
    const userName = `u${random.text(TEXTS, 8)}`;
    const path = random.text([...ATOMS, '<', '"', ' '], 6);
    setProvider.run(provider);
    setServers.run(userName);
    setDav.run(userName, `https://dav.example.com/${path}`);
    const domain = random.pick(['example.com', 'example.com', 'example.net', 'unknown.example', '<b>']);
    const localPart = random.below(5) === 0 ? random.text(ALL, 6) : `a${random.text(ATOMS, 6)}`;
    const sent: Visit = {
      address: `${localPart}@${domain}`,
      name: random.text(ALL, 10),
      lang: random.pick(LANGUAGES),
      host: random.pick(HOSTS),
      accept: random.text(['de', 'en', '*', ',', ';q=', '0.5', '<b>', '"', '-'], 8),
    };
    const told = (): string =>
      `FUZZ_SEED=${SEED} round ${round}: ${JSON.stringify({ sent, provider, userName, path })}`;
    try {
      const { status, headers, body } = await visit(sent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (headers.get('content-type') === 'text/plain; charset=utf-8') {
        // A Host that is none.
        assert.equal(status, 400);
        continue;
      }
      assert.ok([200, 400, 404].includes(status), `status ${status}`);
      assert.ok(Buffer.byteLength(body) <= MOST_OCTETS, `${body.length} characters`);
      const page = readHtml(body);
      assert.ok(known.has(structureOf(page)), structureOf(page));
      assertSaid(page, sent);
      if (status === 200) assert.ok(textIn(page).includes(`(${provider.trim()})`), 'the name of the provider');
    } catch (error) {
      throw new Error(told(), { cause: error });
    }
  }
  assert.ok(!log.some((line) => / ERROR |unforeseen/.test(line)));
  for (const status of [200, 400, 404]) assert.ok(ROUNDS < 500 || statuses.has(status), `no answer ${status}`);
  t.diagnostic(
    `${ROUNDS} rounds, seed ${SEED}: ${[...statuses].map(([status, count]) => `${status}: ${count}`).join(', ')}`,
  );
});

/** What was typed stands in the form as it was, but for characters that no page can hold. */
function assertSaid(page: HtmlTree, { address, name = '' }: Visit): void {
  const values = new Map(
    elementsOf(page, 'input').map(({ attributes }) => [attributes.get('name'), attributes.get('value')]),
  );
  const typed = left([...name.trim()].slice(0, 64).join(''));
  assert.equal(values.get('name'), typed);
  assert.equal(values.get('emailaddress'), left(address.trim()));
}

test('the longest address and name make no long page', async (t) => {
  const domain = `${'d'.repeat(63)}.${'e'.repeat(63)}.example`;
  const rows = EXAMPLE_ROWS.replaceAll('example.com', domain);
  const { base } = await startTestDaemon(t, { rows });
  let longest = 0;
  for (const localPart of ['a'.repeat(64), 'ü'.repeat(32), "'&".repeat(32), 'a'.repeat(20), 'a']) {
    for (const name of [
      '',
      'n'.repeat(64),
      '&"'.repeat(32),
      '日'.repeat(20),
      '日'.repeat(30),
      '😀'.repeat(100),
      'n'.repeat(1_000),
    ]) {
      const query = new URLSearchParams({ emailaddress: `${localPart}@${domain}`, name });
      const response = await fetch(`${base}/?${query}`);
      const body = await response.text();
      assert.equal(response.status, 200);
      const page = readHtml(body);
      longest = Math.max(longest, Buffer.byteLength(body));
      assert.ok(textIn(page).includes(domain));
    }
  }
  assert.ok(longest <= MOST_OCTETS, `${longest} octets`);
  t.diagnostic(`${longest} octets at most`);
});
