import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { loadMaterial, type Material } from '../../../src/adapters/signing/material.ts';
import { signedData } from '../../../src/adapters/signing/signed-data.ts';
import { type Certificate, certificatesMissing, type KeyKind, makeCertificates } from '../../support/certificates.ts';
import { findProgram } from '../../support/database-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const PROFILE = '<?xml version="1.0" encoding="UTF-8"?>\n<plist>Söhne\r\n</plist>\n';
const NOW = new Date();

describe('a signed profile', { skip: certificatesMissing }, () => {
  const folder = temporaryFolder({ after });
  const authority = makeCertificates({ after });
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const openssl = (...words: readonly string[]) => spawnSync(findProgram('openssl') ?? '', words, { encoding: 'utf8' });
  /** What openssl makes of it: the content, and the certificates in it. */
  const verify = (signed: Uint8Array) => {
    const [input, content, certificates] = ['in', 'content', 'certificates'].map((name) => join(folder, name));
    writeFileSync(input ?? '', signed);
    const { status, stderr } = openssl(
      ...['cms', '-verify', '-binary', '-inform', 'der', '-purpose', 'any', '-CAfile', authority.root.certificateFile],
      ...['-in', input ?? '', '-out', content ?? '', '-certsout', certificates ?? ''],
    );
    const read = (path = ''): string => readFileSync(path, 'utf8');
    return { status, stderr, content: () => read(content), count: () => read(certificates).split('BEGIN').length - 1 };
  };
  /** Certificate and key of a kind, below so many intermediate authorities. */
  const issued = (newKey: KeyKind, intermediates: number): Certificate => {
    let issuer: Certificate | undefined;
    for (let left = intermediates; left > 0; left--) {
      // Each one has a key of its own, or it would sign itself.
      issuer = authority.issue({
        names: [],
        organization: `Süd ${left}`,
        isAuthority: true,
        newKey: 'ec:P-256',
        ...(issuer && { issuer }),
      });
    }
    return authority.issue({ names: ['profiles.example'], newKey, ...(issuer && { issuer }) });
  };
  const material = (certificate: string, key: string): Material =>
    loadMaterial({ certificate: file('a.pem', certificate), key: file('a.key', key), password: undefined });

  for (const [kind, intermediates] of [
    ['rsa:2048', 0],
    ['rsa:3072', 1],
    ['ec:P-256', 2],
    ['ec:P-384', 1],
  ] as const) {
    test(`${kind}, a chain of ${intermediates + 1}`, async () => {
      const { chain, key } = issued(kind, intermediates);
      const signed = await signedData(PROFILE, NOW, material(chain, key));
      const { status, stderr, content, count } = verify(signed);
      assert.equal(status, 0, stderr);
      assert.equal(content(), PROFILE);
      assert.equal(count(), intermediates + 1);
      const again = join(folder, 'again');
      openssl('cms', '-cmsout', '-inform', 'der', '-outform', 'der', '-in', file('in', signed), '-out', again);
      assert.deepEqual(readFileSync(again), Buffer.from(signed));
    });
  }

  test('one file in any order, with key, root, strangers and text; long content; a change shows', async () => {
    const { chain, key } = issued('rsa:2048', 2);
    const certificates = chain.split(/(?<=-----END CERTIFICATE-----\n)/).reverse();
    const stranger = authority.issue({ names: ['other.example'] }).certificate;
    // Of the name of an issuer, with another key: the old one, for example.
    const twin = authority.issue({
      names: [],
      organization: 'Süd 1',
      isAuthority: true,
      newKey: 'ec:P-256',
    }).certificate;
    const mixed = [twin, authority.root.certificate, 'Bag Attributes\n', stranger, key, ...certificates].join('');
    const long = PROFILE.repeat(1_200);
    const signed = Buffer.from(await signedData(long, NOW, material(mixed, mixed)));
    const { status, stderr, content, count } = verify(signed);
    assert.equal(status, 0, stderr);
    assert.deepEqual([content(), count()], [long, 3]);
    const at = signed.indexOf('<plist>');
    signed[at] = (signed[at] ?? 0) ^ 1;
    assert.notEqual(verify(signed).status, 0);
  });

  test('its time is that of the clock', async () => {
    const { certificate, key } = issued('ec:P-256', 0);
    const own = material(certificate, key);
    for (const [time, want] of [
      ['2026-11-28T01:02:03.999Z', '\x17\x0d261128010203Z'],
      ['2049-12-31T23:59:59Z', '\x17\x0d491231235959Z'],
      ['2050-01-01T00:00:00Z', '\x18\x0f20500101000000Z'],
    ] as const) {
      assert.ok(Buffer.from(await signedData(PROFILE, new Date(time), own)).includes(want), time);
    }
  });

  test('a serial number with a leading zero octet, and a name in UTF-8, are copied', async () => {
    const self = join(folder, 'self.pem');
    const key = join(folder, 'self.key');
    openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-utf8'],
      ...['-set_serial', '0xF1F2F3F4F5F6F7F8F9FAFB', '-subj', '/O=Süd/CN=self', '-keyout', key, '-out', self],
    );
    const own = loadMaterial({ certificate: self, key, password: undefined });
    const signed = await signedData(PROFILE, NOW, own);
    const { status, stderr } = openssl(
      ...['cms', '-verify', '-binary', '-inform', 'der', '-purpose', 'any', '-CAfile', self],
      ...['-in', file('in', signed), '-out', join(folder, 'content')],
    );
    assert.equal(status, 0, stderr);
  });
});
