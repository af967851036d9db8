import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { loadMaterial } from '../../../src/adapters/signing/material.ts';
import { SigningError, type SigningOption } from '../../../src/adapters/signing/signing-error.ts';
import { certificatesMissing, makeCertificates } from '../../support/certificates.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder({ after });
const PASSWORD = 'geheim';

let written = 0;
const file = (content: string): string => {
  written += 1;
  const path = join(folder, String(written));
  writeFileSync(path, content);
  return path;
};
const load = (certificate: string, key: string, password?: string) =>
  loadMaterial({ certificate: file(certificate), key: file(key), password });

function refused(option: SigningOption, work: () => unknown): void {
  assert.throws(work, (error) => {
    assert.ok(error instanceof SigningError, String(error));
    assert.equal(error.option, option, error.message);
    // One line, without a path and without anything of the file.
    assert.doesNotMatch(error.message, /[\r\n]|geheim|BEGIN/);
    assert.ok(!error.message.includes(folder));
    return true;
  });
}

const pem = ({ privateKey }: { readonly privateKey: KeyObject }): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

for (const [name, key] of [
  ['Ed25519', () => pem(generateKeyPairSync('ed25519'))],
  ['Ed448', () => pem(generateKeyPairSync('ed448'))],
  ['RSA-PSS', () => pem(generateKeyPairSync('rsa-pss', { modulusLength: 2_048 }))],
  ['RSA of 1024 bits', () => pem(generateKeyPairSync('rsa', { modulusLength: 1_024 }))],
  ['P-521', () => pem(generateKeyPairSync('ec', { namedCurve: 'secp521r1' }))],
  ['secp256k1', () => pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))],
  ['an empty file', () => ''],
  ['garbage', () => '\0\u0001 no key\n'],
  ['a key cut off', () => '-----BEGIN PRIVATE KEY-----\nMIG\n'],
  ['a key of garbage', () => '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n'],
  [
    'a public key',
    () =>
      generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
        .publicKey.export({ type: 'spki', format: 'pem' })
        .toString(),
  ],
] as const) {
  test(`no key to sign with: ${name}`, () => refused('sign_key', () => load('', key())));
}

test('files that are not there', () => {
  refused('sign_key', () => loadMaterial({ certificate: file(''), key: join(folder, 'none'), password: undefined }));
  const key = pem(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }));
  refused('sign_certificate', () =>
    loadMaterial({ certificate: join(folder, 'none'), key: file(key), password: undefined }),
  );
});

describe('with certificates', { skip: certificatesMissing }, () => {
  const own = makeCertificates({ after }).issue({ names: ['profiles.example'], newKey: 'rsa:2048' });

  test('every form of a key', () => {
    const { certificate, key } = own;
    const object = createPrivateKey(key);
    const cipher = { cipher: 'aes-256-cbc', passphrase: PASSWORD } as const;
    for (const [text, password] of [
      [object.export({ type: 'pkcs8', format: 'pem' }), undefined],
      [object.export({ type: 'pkcs1', format: 'pem' }), undefined],
      [object.export({ type: 'pkcs8', format: 'pem', ...cipher }), PASSWORD],
      [object.export({ type: 'pkcs1', format: 'pem', ...cipher }), PASSWORD],
    ] as const) {
      assert.equal(load(certificate, text.toString(), password).algorithm.name, 'RSA-2048');
      if (password === undefined) continue;
      refused('sign_key', () => load(certificate, text.toString()));
      // Some of these look right until the key is parsed.
      for (let wrong = 0; wrong < 20; wrong++) {
        refused('sign_key_password_file', () => load(certificate, text.toString(), `no ${wrong}`));
      }
    }
  });

  test('SEC1', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    // Another one's certificate: the key has been read by then.
    const text = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
    refused('sign_certificate', () => load(own.certificate, text));
  });

  for (const [name, certificate] of [
    ['an empty file', ''],
    ['garbage', 'no certificate'],
    ['a certificate of garbage', '-----BEGIN CERTIFICATE-----\nMIGH\n-----END CERTIFICATE-----\n'],
  ] as const) {
    test(`no certificate: ${name}`, () => refused('sign_certificate', () => load(certificate, own.key)));
  }

  test('the certificate of another key', () => {
    const other = pem(generateKeyPairSync('rsa', { modulusLength: 2_048 }));
    refused('sign_certificate', () => load(own.certificate, other));
  });
});
