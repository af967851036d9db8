import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkCertificates } from '../../../src/app/check/certificates.ts';
import { type Finding, Findings } from '../../../src/app/check/finding.ts';
import type { CertificateSeen } from '../../../src/ports/prober.ts';
import { certificate, daysFromNow, NAME, NOW } from './scripted.ts';

function findingsOf(...certificates: readonly CertificateSeen[]): readonly Finding[] {
  const findings = new Findings();
  checkCertificates(findings, NAME, NAME, { certificates, now: NOW, check: 'certificate' });
  return findings.list;
}

describe('certificates', () => {
  const advices = [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_GET_ISSUER_CERT',
    'CERT_REVOKED',
  ].map((fault) => {
    test(`${fault} is an error, whatever else it is good for`, () => {
      const [finding, ...more] = findingsOf(certificate({ fault, names: [] }));
      assert.deepEqual(more, []);
      assert.equal(finding?.severity, 'error');
      assert.ok(finding?.found.startsWith(fault), finding?.found);
      assert.notEqual(finding?.advice, '');
    });
    return findingsOf(certificate({ fault }))[0]?.advice;
  });

  test('each fault has an advice of its own; that of an unknown authority is the same', () => {
    assert.equal(new Set(advices).size, advices.length - 3);
  });

  test('one of several addresses shows another', () => {
    const [finding] = findingsOf(certificate(), certificate({ fault: 'CERT_HAS_EXPIRED' }));
    assert.equal(finding?.severity, 'error');
  });

  for (const { days, want } of [
    { days: [14], want: 'ok' },
    { days: [13.9], want: 'warning' },
    { days: [80, 3, 90], want: 'warning' },
  ]) {
    test(`${days.join(', ')} days left: ${want}`, () => {
      const [finding] = findingsOf(...days.map((each) => certificate({ validTo: daysFromNow(each) })));
      assert.equal(finding?.severity, want);
    });
  }

  test('none was seen: nothing is said', () => assert.deepEqual(findingsOf(), []));
});
