import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DerError, der, element, setOf, TAG } from '../../../src/adapters/signing/der.ts';

for (const [length, head] of [
  [0, '0400'],
  [127, '047f'],
  [128, '048180'],
  [255, '0481ff'],
  [256, '04820100'],
  [65_535, '0482ffff'],
  [65_536, '0483010000'],
  [17_000_000, '04840103' + '6640'],
] as const) {
  test(`${length} octets`, () => {
    const octets = der(TAG.octetString, Buffer.alloc(length));
    assert.equal(octets.subarray(0, octets.length - length).toString('hex'), head);
    assert.deepEqual(element(octets, 0), { tag: TAG.octetString, start: head.length / 2, end: octets.length });
  });
}

test('a set is sorted by the octets of its elements', () => {
  const elements = ['0201ff', '020100', '0101ff'].map((hex) => Buffer.from(hex, 'hex'));
  assert.equal(setOf(TAG.set, elements).toString('hex'), '31090101ff0201000201ff');
});

for (const hex of ['', '30', '3001', '3080', '308101', '30850000000000', '30ff', '3084ffffffff']) {
  test(`refused: ${hex}`, () => assert.throws(() => element(Buffer.from(hex, 'hex'), 0), DerError));
}

test('nothing goes beyond the limit', () => {
  const octets = Buffer.from('3003020100', 'hex');
  assert.throws(() => element(octets, 0, 4), DerError);
  assert.throws(() => element(octets, 2, 3), DerError);
  assert.throws(() => element(octets, 9), DerError);
});
