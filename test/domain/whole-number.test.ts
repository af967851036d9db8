import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWholeNumber } from '../../src/domain/whole-number.ts';

for (const [text, want] of [
  ['0', 0],
  ['4243', 4243],
  ['65535', 65535],
  ['00080', 80],
  ['65536', undefined],
  ['', undefined],
  ['-1', undefined],
  ['+1', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  [' 1', undefined],
  ['1\n', undefined],
  ['0x10', undefined],
  ['１', undefined],
  ['9999999999', undefined],
] as const) {
  test(`${JSON.stringify(text)} as a port`, () => assert.equal(parseWholeNumber(text, 0, 65_535), want));
}

test('the bounds are included', () => {
  assert.deepEqual(
    ['9', '10', '12', '13'].map((text) => parseWholeNumber(text, 10, 12)),
    [undefined, 10, 12, undefined],
  );
});
