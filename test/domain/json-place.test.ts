import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOfMistake } from '../../src/domain/json-place.ts';

for (const { text, want } of [
  { text: '', want: 'line 1, column 1' },
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
    assert.equal(placeOfMistake(text), want);
  });
}

test('what is JSON is read to its end', () => {
  for (const value of [{ a: [1, -2.5e3, true, null, '"\\\u00e9', {}], b: { c: [] } }, [], 'x', 0]) {
    const text = JSON.stringify(value, undefined, 1);
    assert.equal(
      placeOfMistake(`${text} ?`),
      placeOfMistake(`${text}?`).replace(/\d+$/, (column) => String(Number(column) + 1)),
    );
  }
});
