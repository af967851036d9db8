import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { DerError, element } from '../../src/adapters/signing/der.ts';
import { issuerAndSerial } from '../../src/adapters/signing/issuer-and-serial.ts';
import { ROUNDS, randomFrom, SEED } from './random.ts';

const random = randomFrom(SEED);
/** Real ones: Node's own roots. */
const CERTIFICATES = rootCertificates.slice(0, 8).map((pem) => new X509Certificate(pem).raw);
const octet = (): number => random.pick([0, 1, 2, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0, 0xff, random.below(256)]);

test('any octets are an element within them, or refused', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const octets = Buffer.from(Array.from({ length: random.below(12) }, octet));
    const [at, limit] = [random.below(12), random.below(octets.length + 1)];
    const told = `FUZZ_SEED=${SEED} round ${round}: ${octets.toString('hex')} at ${at} of ${limit}`;
    try {
      const { start, end } = element(octets, at, limit);
      assert.ok(at < start && start <= end && end <= limit, told);
    } catch (error) {
      assert.ok(error instanceof DerError, `${told} gave ${String(error)}`);
    }
  }
});

test('of a certificate with wrong octets, issuer and number are parts, or it is refused', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const octets = Buffer.from(random.pick(CERTIFICATES));
    // The layout is at the beginning.
    for (let left = random.below(4); left > 0; left--) octets[random.below(48)] = octet();
    const cut = octets.subarray(0, random.below(4) === 0 ? random.below(octets.length) : octets.length);
    const told = `FUZZ_SEED=${SEED} round ${round}: ${cut.subarray(0, 48).toString('hex')}`;
    try {
      const both = issuerAndSerial(cut);
      const outer = element(both, 0);
      const issuer = element(both, outer.start);
      const serial = element(both, issuer.end);
      assert.equal(serial.end, both.length, told);
      assert.ok(cut.includes(both.subarray(outer.start, issuer.end)), told);
      assert.ok(cut.includes(both.subarray(issuer.end)), told);
    } catch (error) {
      assert.ok(error instanceof DerError, `${told} gave ${String(error)}`);
    }
  }
});
