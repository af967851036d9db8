import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LineLog, type LogFormat } from '../../../src/adapters/log/line-log.ts';
import { LOG_LEVELS, type LogFields, type LogLevel } from '../../../src/ports/log.ts';

const NOW = new Date('2026-01-02T03:04:05.678Z');

function written(threshold: LogLevel, level: LogLevel, message: string, fields?: LogFields): readonly string[] {
  const lines: string[] = [];
  const log = new LineLog(
    { level: threshold, format: 'text' },
    (line) => void lines.push(line),
    () => NOW,
  );
  log.write(level, message, fields);
  return lines;
}

const lineOf = (message: string, fields?: LogFields): string => written('DEBUG', 'INFO', message, fields).join('|');

/** The fields as a program reads them: blanks divide, a value with blanks is a JSON string. */
const readFields = (line: string): readonly (readonly [string, string])[] =>
  [...line.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|\S*)/g)].map(([, name = '', value = '']) => [
    name,
    value.startsWith('"') ? (JSON.parse(value) as string) : value,
  ]);

describe('levels', () => {
  for (const [index, threshold] of LOG_LEVELS.entries()) {
    test(`${threshold} drops what is below it`, () => {
      const heard = LOG_LEVELS.filter((level) => written(threshold, level, 'x').length === 1);
      assert.deepEqual(heard, LOG_LEVELS.slice(index));
    });
  }
});

describe('an entry is one line', () => {
  test('time, level, message, fields in their order', () => {
    assert.equal(
      lineOf('GET /', { status: 200, ms: '0.50', client: '::1' }),
      '2026-01-02T03:04:05.678Z INFO GET / status=200 ms=0.50 client=::1\n',
    );
  });
  test('no fields', () => assert.equal(lineOf('ready'), '2026-01-02T03:04:05.678Z INFO ready\n'));
  test('letters beyond ASCII stay', () => assert.match(lineOf('Söhne 日本 😀'), /Söhne 日本 😀/));

  for (const { name, character } of [
    { name: 'LF', character: '\n' },
    { name: 'CR', character: '\r' },
    { name: 'TAB', character: '\t' },
    { name: 'NUL', character: '\0' },
    { name: 'vertical tab', character: '\v' },
    { name: 'form feed', character: '\f' },
    { name: 'ESC', character: '\x1b' },
    { name: 'DEL', character: '\x7f' },
    { name: 'NEL', character: '\x85' },
    { name: 'CSI', character: '\x9b' },
    { name: 'line separator', character: '\u2028' },
    { name: 'paragraph separator', character: '\u2029' },
    { name: 'bidi: embedding', character: '\u202a' },
    { name: 'bidi: override', character: '\u202e' },
    { name: 'bidi: isolate', character: '\u2066' },
    { name: 'bidi: end of isolate', character: '\u2069' },
    { name: 'byte order mark', character: '\ufeff' },
    { name: 'half a character', character: '\ud83d' },
  ]) {
    const text = `a${character}2026-01-01T00:00:00.000Z ERROR forged`;
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    test(`${name} in a message is escaped`, () => {
      const line = lineOf(text);
      assert.ok(!line.slice(0, -1).includes(character) && line.endsWith('\n'), JSON.stringify(line));
      assert.match(line, new RegExp(`u${code}`));
    });
    test(`${name} in a value is escaped`, () => {
      const line = lineOf('x', { domain: text });
      assert.ok(!line.slice(0, -1).includes(character) && line.endsWith('\n'), JSON.stringify(line));
      assert.match(line, new RegExp(`u${code}`));
      assert.equal(readFields(line).length, 1);
    });
  }
});

describe('a value cannot be taken for further fields', () => {
  for (const { name, value, shown } of [
    { name: 'a word', value: 'example.org', shown: 'example.org' },
    { name: 'a number', value: 404, shown: '404' },
    { name: 'an empty text', value: '', shown: '""' },
    { name: 'a blank', value: 'a b', shown: '"a b"' },
    { name: 'a blank, then a field', value: 'a status=200', shown: '"a status=200"' },
    { name: 'a quote', value: 'a"b', shown: String.raw`"a\"b"` },
    { name: 'an equals sign', value: 'a=b', shown: '"a=b"' },
    { name: 'a backslash', value: 'a\\b', shown: String.raw`"a\\b"` },
    { name: 'a quote, then a field', value: '" status=200 x="', shown: String.raw`"\" status=200 x=\""` },
    { name: 'a non-ASCII blank', value: 'a\u00a0b=1', shown: '"a\u00a0b=1"' },
  ]) {
    test(name, () => {
      const line = lineOf('x', { first: value, second: 'end' });
      assert.ok(line.endsWith(` INFO x first=${shown} second=end\n`), line);
      assert.deepEqual(readFields(line), [
        ['first', String(value)],
        ['second', 'end'],
      ]);
    });
  }
  test('a field without value is omitted', () => {
    assert.deepEqual(readFields(lineOf('x', { domain: undefined, status: 404 })), [['status', '404']]);
  });
});

const formatted = (format: LogFormat, level: LogLevel, message: string, ...fields: LogFields[]): string => {
  const lines: string[] = [];
  new LineLog(
    { level: 'DEBUG', format },
    (line) => void lines.push(line),
    () => NOW,
  ).write(level, message, ...fields);
  return lines.join('|');
};

for (const { level, priority } of [
  { level: 'DEBUG', priority: 7 },
  { level: 'INFO', priority: 6 },
  { level: 'WARNING', priority: 4 },
  { level: 'ERROR', priority: 3 },
  { level: 'CRITICAL', priority: 2 },
] as const) {
  test(`the journal gets ${level} as priority ${priority}, without a time`, () =>
    assert.equal(formatted('journal', level, 'a\n<0>b', { c: 1 }), `<${priority}>a\\u000a<0>b c=1\n`));
}

for (const { what, message, fields } of [
  { what: 'fields', message: 'GET /', fields: { status: 200, client: '127.0.0.1', domain: undefined } },
  {
    what: 'line ends and other control characters',
    message: 'a\r\n\u2028\u2029\u001b[31m',
    fields: { x: '\u202e"\\' },
  },
  { what: 'half a character', message: 'a\ud800', fields: {} },
]) {
  test(`JSON is one line and reads back: ${what}`, () => {
    const line = formatted('json', 'INFO', message, fields);
    assert.match(line, /^[\x20-\x7e]+\n$/);
    const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    assert.deepEqual(JSON.parse(line), { time: NOW.toISOString(), level: 'INFO', message, ...known });
  });
}

test('what the message says already is for machines alone', () => {
  const written = (format: LogFormat) =>
    formatted(format, 'INFO', 'GET /', { status: 200 }, { method: 'GET', path: '/' });
  assert.equal(written('journal'), '<6>GET / status=200\n');
  const time = NOW.toISOString();
  const want = { time, level: 'INFO', message: 'GET /', method: 'GET', path: '/', status: 200 };
  assert.deepEqual(JSON.parse(written('json')), want);
});

test('level and format change for the entries to come', () => {
  const lines: string[] = [];
  const log = new LineLog(
    { level: 'ERROR', format: 'text' },
    (line) => void lines.push(line),
    () => NOW,
  );
  log.write('INFO', 'dropped');
  log.configure({ level: 'INFO', format: 'journal' });
  log.write('INFO', 'kept');
  assert.deepEqual(lines, ['<6>kept\n']);
});

test('a line that is cut keeps its numbers and its fields', () => {
  const lines: string[] = [];
  const log = new LineLog(
    { level: 'INFO', format: 'json' },
    (line) => void lines.push(line),
    () => new Date(0),
  );
  log.write('INFO', 'm'.repeat(20_000), { status: 200, client: '"'.repeat(20_000), bytes: 0, domain: undefined });
  const [line = ''] = lines;
  assert.ok(Buffer.byteLength(line) <= 8_192);
  const { status, bytes, message, client } = JSON.parse(line);
  assert.deepEqual([status, bytes], [200, 0]);
  assert.match(`${message} ${client}`, /^m+… "+…$/);
});
