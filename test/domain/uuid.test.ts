import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { uuidOf } from '../../src/domain/uuid.ts';

/** The project's namespace for ever: another one would pile up second copies of every profile that is installed. */
const NAMESPACE = '4d2b0f0c-9f1d-4c1e-8f6a-1f3a5b7c9e02';

/** RFC 9562 section 5.5, written once more and differently: on the digits of the hash. */
function version5(namespace: string, name: string): string {
  const octets = [...Buffer.from(namespace.replaceAll('-', ''), 'hex'), ...new TextEncoder().encode(name)];
  const digits = createHash('sha1').update(Uint8Array.from(octets)).digest('hex');
  const variant = '89ab'.charAt(Number.parseInt(digits.charAt(16), 16) % 4);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `5${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}

test('the check itself gives the UUID of RFC 9562 appendix A.4', () =>
  assert.equal(
    version5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com'),
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  ));

// The literals were made with Python's uuid.uuid5.
for (const { name, want } of [
  { name: '', want: '7E17A340-AB66-5E70-AC77-F3B27F26DEAE' },
  { name: 'ann@example.org', want: 'ABD6D4B3-81CB-5A2A-BFBF-21F2FB3D3D95' },
  { name: 'bücher', want: '24F42CA5-9C1E-56A4-BF7F-6C8246759EE6' },
  { name: '😀', want: 'ED663692-2FF4-5CE7-BEC8-A6973D029FBE' },
]) {
  test(`uuidOf ${JSON.stringify(name)}`, () => {
    assert.equal(uuidOf(name), want);
    assert.equal(uuidOf(name), version5(NAMESPACE, name).toUpperCase());
  });
}

test('uuidOf many names: version 5, variant 10, as computed independently, all distinct', () => {
  const names = Array.from({ length: 500 }, (_, index) => `user${index}@example.org`);
  for (const name of names) {
    assert.match(uuidOf(name), /^[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
    assert.equal(uuidOf(name), version5(NAMESPACE, name).toUpperCase());
  }
  assert.equal(new Set(names.map(uuidOf)).size, names.length);
});
