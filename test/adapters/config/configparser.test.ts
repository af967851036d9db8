import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import ini from 'ini';
import { normaliseSection } from '../../../src/adapters/config/configparser.ts';

// What Python's configparser gives for each of these texts was tried out with Python 3.11.

const normalise = (text: string, section = 'automx2', accepts = (_option: string): boolean => true) =>
  normaliseSection(text, section, accepts);

/** The options as they come out of the ini package, which makes true, false and null of these words. */
function optionsOf(text: string, accepts?: (option: string) => boolean): ReadonlyMap<string, string> {
  const section = normalise(text, 'automx2', accepts);
  assert.ok(section !== undefined);
  const values = ini.parse(section.ini)['automx2'] as Record<string, unknown>;
  return new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

describe('what configparser reads', () => {
  for (const { name, text, want } of [
    { name: 'no inline comments', text: 'db_uri = mysql://u:p#w;x@h/db', want: { db_uri: 'mysql://u:p#w;x@h/db' } },
    { name: 'a semicolon after a blank', text: 'a = 1 ; note', want: { a: '1 ; note' } },
    { name: 'a hash after a blank', text: 'a = 1 # note', want: { a: '1 # note' } },
    { name: 'backslashes stay', text: 'a = b\\;c\\#d\\\\e\\n', want: { a: 'b\\;c\\#d\\\\e\\n' } },
    { name: 'full-line comments', text: '# one\n; two\n  # three\na = 1\n', want: { a: '1' } },

    { name: 'colon as delimiter', text: 'loglevel: DEBUG', want: { loglevel: 'DEBUG' } },
    { name: '":" before "="', text: 'db_uri: mysql://h/d?charset=x', want: { db_uri: 'mysql://h/d?charset=x' } },
    { name: '"=" before ":"', text: 'db_uri=mysql://h/d?charset=x', want: { db_uri: 'mysql://h/d?charset=x' } },
    { name: 'a name with blanks inside', text: 'a b = 1', want: { 'a b': '1' } },
    { name: 'blanks around name and value', text: 'a \t=\t 1 \t', want: { a: '1' } },
    { name: 'a value that begins with "="', text: 'a == 1', want: { a: '= 1' } },
    { name: 'an empty value', text: 'a =\nb:', want: { a: '', b: '' } },

    { name: '"%%"', text: 'a = p%%40ss', want: { a: 'p%40ss' } },
    { name: 'a reference', text: 'root = /srv\na = %(root)s/db', want: { root: '/srv', a: '/srv/db' } },
    { name: 'a lone "%" is literal', text: 'a = p%40ss', want: { a: 'p%40ss' } },
    { name: 'a lone "%" at the end', text: 'a = 100%', want: { a: '100%' } },
    { name: '"%(" that never ends', text: 'a = %(b', want: { a: '%(b' } },
    { name: 'a reference without "s"', text: 'a = %(b)d', want: { a: '%(b)d' } },

    { name: 'double quotes stay', text: 'a = "x"', want: { a: '"x"' } },
    { name: 'quoted array', text: "a = '[1,2]'", want: { a: "'[1,2]'" } },
    { name: 'quoted number', text: "a = '5'", want: { a: "'5'" } },
    { name: 'quoted object', text: `a = '{"b":1}'`, want: { a: `'{"b":1}'` } },
    { name: 'array, number, object', text: 'a = [1,2]\nb = 5\nc = {}', want: { a: '[1,2]', b: '5', c: '{}' } },
    { name: 'a quote that never ends', text: 'a = "x', want: { a: '"x' } },

    { name: 'true, false, null', text: 'a = true\nb = false\nc = null', want: { a: 'true', b: 'false', c: 'null' } },
    { name: 'quoted true and null', text: `a = "true"\nb = 'null'`, want: { a: '"true"', b: "'null'" } },
    { name: 'yes', text: 'a = yes', want: { a: 'yes' } },

    { name: 'option names in any case', text: 'LogLevel = INFO', want: { loglevel: 'INFO' } },

    { name: 'indented next line', text: 'a = 1\n  2\n\t3', want: { a: '1\n2\n3' } },
    { name: 'indented after an empty value', text: 'a =\n  2', want: { a: '\n2' } },
    { name: 'continuation over a blank line', text: 'a = 1\n\n  2', want: { a: '1\n\n2' } },
    { name: 'continuation over a line of blanks', text: 'a = 1\n     \n  2', want: { a: '1\n\n2' } },
    { name: 'continuation over a comment', text: 'a = 1\n# note\n  ; note\n  2', want: { a: '1\n2' } },
    { name: 'continuation that looks like an option', text: 'a = 1\n b = 2', want: { a: '1\nb = 2' } },
    { name: 'continuation that looks like a section', text: 'a = 1\n [b]', want: { a: '1\n[b]' } },
    { name: 'blank lines after a value', text: 'a = 1\n\n\nb = 2\n\n', want: { a: '1', b: '2' } },
    { name: 'options with the same indent', text: '  a = 1\n  b = 2', want: { a: '1', b: '2' } },
    { name: 'less indent begins an option', text: '    a = 1\n  b = 2', want: { a: '1', b: '2' } },
    { name: 'more indent than the option', text: '  a = 1\n    2', want: { a: '1\n2' } },
    { name: 'a reference over two lines', text: 'b = x\na = %(b)s\n  %(b)s', want: { b: 'x', a: 'x\nx' } },

    { name: '"constructor"', text: 'constructor = 1\na = 2', want: { constructor: '1', a: '2' } },
    {
      name: '"toString" and "hasOwnProperty"',
      text: 'toString: 1\nhasOwnProperty: 2',
      want: { tostring: '1', hasownproperty: '2' },
    },
    { name: 'a name in quotes', text: '"a" = 1', want: { '"a"': '1' } },
    { name: 'a name with a semicolon', text: 'a;b = 1', want: { 'a;b': '1' } },
    { name: 'a name with a dot', text: 'a.b = 1', want: { 'a.b': '1' } },
    { name: 'a name that begins with a bracket', text: '[a = 1', want: { '[a': '1' } },

    { name: 'CRLF', text: 'a = 1\r\n\r\n  2\r\nb = 3\r\n', want: { a: '1\n\n2', b: '3' } },
    { name: 'CR alone', text: 'a = 1\rb = 2\r', want: { a: '1', b: '2' } },
    { name: 'no line end at the end', text: 'a = 1\nb = 2', want: { a: '1', b: '2' } },
    { name: 'letters beyond ASCII', text: 'a = Söhne 日本', want: { a: 'Söhne 日本' } },
  ] satisfies readonly { name: string; text: string; want: Record<string, string> }[]) {
    test(name, () => assert.deepEqual(optionsOf(`[automx2]\n${text}`), new Map(Object.entries(want))));
  }
});

describe('sections', () => {
  for (const { name, text, want } of [
    { name: 'an indented header', text: '  [automx2]\na = 1', want: { a: '1' } },
    { name: 'a header with a note behind', text: '[automx2] ; note\na = 1', want: { a: '1' } },
    { name: 'comments and blank lines in front', text: '# note\n\n  \n; note\n[automx2]\na = 1', want: { a: '1' } },
    { name: 'no options', text: '[automx2]', want: {} },
    { name: 'an indented option after the header', text: '[b]\nc = 1\n[automx2]\n  a = 1', want: { a: '1' } },
    { name: 'other sections are left alone', text: '[a]\nb = %(c)s\n[automx2]\na = 1\n[c]\na = 2', want: { a: '1' } },
    { name: 'one called [a.b]', text: '[a.b]\nc = 1\n[automx2]\na = 1\n[automx2.a]\na = 2', want: { a: '1' } },
    { name: 'one called [__proto__]', text: '[__proto__]\na = 2\n[automx2]\nb = 1', want: { b: '1' } },
    { name: '[DEFAULT] gives defaults', text: '[DEFAULT]\na = 1\nb = 2\n[automx2]\nb = 3', want: { a: '1', b: '3' } },
    { name: '[DEFAULT] after the section', text: '[automx2]\nb = 3\n[DEFAULT]\na = 1', want: { a: '1', b: '3' } },
    { name: '[DEFAULT] twice', text: '[DEFAULT]\na = 1\n[automx2]\n[DEFAULT]\nb = 2', want: { a: '1', b: '2' } },
    {
      name: 'a default refers to what the section says',
      text: '[DEFAULT]\nroot = /a\npath = %(root)s/x\n[automx2]\nroot = /b',
      want: { root: '/b', path: '/b/x' },
    },
  ] satisfies readonly { name: string; text: string; want: Record<string, string> }[]) {
    test(name, () => assert.deepEqual(optionsOf(text), new Map(Object.entries(want))));
  }

  for (const { name, text, section } of [
    { name: 'names in another case', text: '[AUTOMX2]\na = 1', section: 'automx2' },
    { name: 'blanks within the brackets', text: '[ automx2 ]\na = 1', section: 'automx2' },
    { name: '[a.b] is no part of a', text: '[a.b]\nc = 1', section: 'a' },
    { name: 'an empty file', text: '', section: 'automx2' },
    { name: 'nothing but comments', text: '# note\n\n', section: 'automx2' },
  ]) {
    test(`another one: ${name}`, () => assert.equal(normalise(text, section), undefined));
  }

  test('[a.b] is one section', () =>
    assert.deepEqual([...(normalise('[a.b]\nc = 1', 'a.b')?.lines ?? [])], [['c', 2]]));
});

describe('what configparser refuses', () => {
  for (const { name, text, line } of [
    { name: 'an option twice', text: '[automx2]\na = 1\nb = 2\na = 3', line: 4 },
    { name: 'an option twice, in two letter cases', text: '[automx2]\nLogLevel = INFO\nloglevel = DEBUG', line: 3 },
    { name: 'an option with brackets twice', text: '[automx2]\na[] = 1\na[] = 2', line: 3 },
    { name: 'an option twice in two [DEFAULT]', text: '[DEFAULT]\na = 1\n[automx2]\n[DEFAULT]\na = 1', line: 5 },
    { name: 'a section twice', text: '[automx2]\na = 1\n[b]\n[automx2]\nc = 1', line: 4 },
    { name: 'another section twice', text: '[b]\n[automx2]\n[b]', line: 3 },
    { name: 'text before the first section', text: '# note\na = 1\n[automx2]', line: 2 },
    { name: 'a name without value', text: '[automx2]\na = 1\nb\n', line: 3 },
    { name: 'a value without name', text: '[automx2]\n = 1', line: 2 },
    { name: 'empty brackets', text: '[automx2]\n[]', line: 2 },
    { name: 'a header that never ends', text: '[automx2', line: 1 },
    { name: 'an indented line after the header', text: '[automx2]\n  note', line: 2 },
    { name: 'the same, with an option further up', text: '[b]\nc = 1\n[automx2]\n  note', line: 4 },
    { name: 'a byte order mark', text: '\ufeff[automx2]\na = 1', line: 1 },
    { name: 'a mistake in another section', text: '[automx2]\na = 1\n[b]\nc', line: 4 },
    { name: 'with CRLF, the same line', text: '[automx2]\r\na = 1\r\n\r\na = 3\r\n', line: 4 },
    { name: 'a reference to nothing', text: '[automx2]\nb = 1\na = x\n  %(c)s', line: 3 },
    { name: 'a reference into another section', text: '[b]\nc = 1\n[automx2]\na = %(c)s', line: 4 },
    { name: 'a reference to itself', text: '[automx2]\na = %(a)s', line: 2 },
  ]) {
    test(name, () => assert.throws(() => normalise(text), { name: 'ConfigSyntaxError', line }));
  }

  test('references in a circle', () => {
    assert.throws(() => normalise('[automx2]\na = %(b)s\nb = %(c)s\nc = %(a)s'), { name: 'ConfigSyntaxError' });
  });
});

describe('references', () => {
  for (const { name, text, want } of [
    { name: 'in any letter case', text: 'Root = /srv\na = %(ROOT)s', want: '/srv' },
    { name: 'to a later option', text: 'a = %(root)s\nroot = /srv', want: '/srv' },
    { name: 'in a chain', text: 'a = <%(b)s>\nb = (%(c)s)\nc = x', want: '<(x)>' },
    { name: 'twice', text: 'a = %(b)s%(b)s\nb = x', want: 'xx' },
    { name: 'with "%%" in front', text: 'a = %%(b)s\nb = x', want: '%(b)s' },
    { name: 'after "%%"', text: 'a = %%%(b)s\nb = x', want: '%x' },
    { name: 'what was filled in is not read again', text: 'a = %(b)s(c)s\nb = %%\nc = x', want: '%(c)s' },
    { name: 'to a text with replacement patterns', text: "a = %(b)s\nb = $&$'$1", want: "$&$'$1" },
    { name: 'a name with blanks', text: 'a = %(b c)s\nb c = x', want: 'x' },
    { name: 'empty brackets are none', text: 'a = %()s', want: '%()s' },
  ]) {
    test(name, () => assert.equal(optionsOf(`[automx2]\n${text}`).get('a'), want));
  }

  const chain = (length: number): string =>
    `[automx2]\na = %(r1)s\n${Array.from({ length }, (_, index) => `r${index + 1} = %(r${index + 2})s\n`).join('')}`;
  test('a chain as long as configparser allows', () => {
    assert.equal(optionsOf(`${chain(9)}r10 = x`).get('a'), 'x');
    assert.throws(() => normalise(`${chain(10)}r11 = x`), { name: 'ConfigSyntaxError' });
  });
});

describe('names that ini would take for something else', () => {
  for (const name of ['__proto__', 'a[]', 'constructor']) {
    test(`${name} is there, to be refused, and harms nothing`, () => {
      const section = normalise(`[automx2]\n${name} = 1\nb = 2`);
      assert.deepEqual([...(section?.lines.keys() ?? [])], [name, 'b']);
      assert.equal(optionsOf(`[automx2]\n${name} = 1\nb = 2`).get('b'), '2');
      assert.equal(Object.hasOwn(Object.prototype, 'b'), false);
    });
  }
});

describe('accepts', () => {
  const text = '[DEFAULT]\nroot = /srv\nloglevel = INFO\n[automx2]\nother = %(root)s';
  const accepts = (option: string): boolean => option === 'loglevel';

  test('unknown options are dropped from [DEFAULT] only', () => {
    assert.deepEqual(
      optionsOf(text, accepts),
      new Map([
        ['loglevel', 'INFO'],
        ['other', '/srv'],
      ]),
    );
  });
  test('each option has the number of its first line', () => {
    assert.deepEqual(
      normalise(`${text}\r\nnext =\n  1\n\n  2\nLast: 3`, 'automx2', accepts)?.lines,
      new Map([
        ['loglevel', 3],
        ['other', 5],
        ['next', 6],
        ['last', 10],
      ]),
    );
  });
});
