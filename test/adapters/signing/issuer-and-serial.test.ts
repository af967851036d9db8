import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DerError, der, TAG } from '../../../src/adapters/signing/der.ts';
import { issuerAndSerial } from '../../../src/adapters/signing/issuer-and-serial.ts';

const serial = der(TAG.integer, Uint8Array.of(0, 0xf1));
const algorithm = der(TAG.sequence, der(TAG.objectIdentifier, Uint8Array.of(0x2a)));
const issuer = der(TAG.sequence, der(TAG.set, Buffer.from('Süd')));
const version = der(TAG.context0, der(TAG.integer, Uint8Array.of(2)));
const certificate = (...parts: readonly Uint8Array[]): Uint8Array => der(TAG.sequence, der(TAG.sequence, ...parts));

test('of versions 3 and 1, as they stand there', () => {
  const want = der(TAG.sequence, issuer, serial);
  assert.deepEqual(issuerAndSerial(certificate(version, serial, algorithm, issuer, algorithm)), want);
  assert.deepEqual(issuerAndSerial(certificate(serial, algorithm, issuer, algorithm)), want);
});

test('another layout is refused', () => {
  for (const parts of [[], [version], [serial, issuer], [algorithm, serial, issuer], [version, version, serial]]) {
    assert.throws(() => issuerAndSerial(certificate(...parts)), DerError);
  }
  assert.throws(() => issuerAndSerial(der(TAG.set, der(TAG.sequence, serial, algorithm, issuer))), DerError);
});
