import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../../src/domain/documents/json.ts';

const parse = (text: string): unknown => parseJson(Buffer.from(text), 'it');

for (const { text, want } of [
  { text: '{"a": 1,}', want: 'line 1, column 9' },
  { text: '{\n  "a": [1, 2,],\n}', want: 'line 2, column 14' },
  { text: '{"a": 1 "b": 2}', want: 'line 1, column 9' },
  { text: "{'a': 1}", want: 'line 1, column 2' },
  { text: '// comment\n{}', want: 'line 1, column 1' },
  { text: '{"a": tru}', want: 'line 1, column 7' },
  { text: '{"a": 01}', want: 'line 1, column 8' },
  { text: '{"a": "x\ny"}', want: 'line 1, column 7' },
  { text: '{"a": "\\x"}', want: 'line 1, column 7' },
  { text: '{"a": [1, 2}', want: 'line 1, column 12' },
  { text: '{"a" 1}', want: 'line 1, column 6' },
  { text: '{"a": }', want: 'line 1, column 7' },
  { text: '{"a": {"b": 1}\n', want: 'line 2, column 1' },
  { text: '[1] [2]', want: 'line 1, column 5' },
  { text: '{a: 1}', want: 'line 1, column 2' },
  { text: '[1,,2]', want: 'line 1, column 4' },
  { text: '{1: 2}', want: 'line 1, column 2' },
]) {
  test(`${JSON.stringify(text)} is not JSON at ${want}`, () => {
    assert.throws(() => JSON.parse(text), SyntaxError);
    assert.throws(() => parse(text), { name: 'FieldError', message: `it: not valid JSON at ${want}` });
  });
}

test('what is empty is called so', () => {
  for (const text of ['', ' \r\n']) assert.throws(() => parse(text), { message: 'it: must not be empty' });
});

test('what is too large is called so, and is not read', () => {
  assert.throws(() => parseJson(Buffer.alloc(2 ** 28 + 1), 'it'), { message: 'it: must be at most 268435456 octets' });
});

test('what is JSON is read to its end', () => {
  for (const value of [{ a: [1, -2.5e3, true, null, '"\\\u00e9', {}], b: { c: [] } }, [], 'x', 0]) {
    assert.deepEqual(parse(`\n${JSON.stringify(value, undefined, 1)}\n`), value);
  }
});

for (const { text, want } of [
  { text: '{"a": 1, "a": 1}', want: 'a: repeats an earlier one (line 1, column 10)' },
  {
    text: '{"a": [{"b": {"c": 1}}, {"b": {\n"d": 1, "d": 2}}]}',
    want: 'a[1].b.d: repeats an earlier one (line 2, column 9)',
  },
  { text: '{"a": {"b": 1}, "\\u0061": 2}', want: 'a: repeats an earlier one (line 1, column 17)' },
  { text: '[[], [{}, {"x": 1, "x": 1}]]', want: '[1][1].x: repeats an earlier one (line 1, column 20)' },
]) {
  test(`${JSON.stringify(text)} repeats a key`, () => assert.throws(() => parse(text), { message: want }));
}

test('the same key in two objects is none that is repeated', () => {
  assert.deepEqual(parse('[{"a": 1}, {"a": {"a": 2}}]'), [{ a: 1 }, { a: { a: 2 } }]);
});

test('octets that are not UTF-8 are refused', () =>
  assert.throws(() => parseJson(Buffer.from('"\xff"', 'latin1'), 'it'), { message: 'it: must be UTF-8' }));

test('100 levels are read, one more is refused where it begins, however many follow', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  assert.equal(JSON.stringify(parse(nested(100))), nested(100));
  for (const text of [nested(101), '['.repeat(2 ** 23)]) {
    assert.throws(() => parse(text), { message: 'it: must be at most 100 levels deep (line 1, column 101)' });
  }
  assert.throws(() => parse('{"a":'.repeat(101)), {
    message: 'it: must be at most 100 levels deep (line 1, column 501)',
  });
});
