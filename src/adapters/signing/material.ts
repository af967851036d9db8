import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { systemReason } from '../../domain/system-error.ts';
import { type Algorithm, algorithmOf } from './algorithm.ts';
import { setOf, TAG } from './der.ts';
import { issuerAndSerial } from './issuer-and-serial.ts';
import { SigningError, type SigningOption } from './signing-error.ts';

/** What profiles are signed with. */
export interface Material {
  readonly key: KeyObject;
  readonly algorithm: Algorithm;
  /** IssuerAndSerialNumber and CertificateSet (RFC 5652 sections 10.2.4 and 10.2.3), in DER. */
  readonly signer: Uint8Array;
  readonly certificates: Uint8Array;
  /** How many certificates these are. */
  readonly chainLength: number;
  /** When every certificate of the chain is valid. */
  readonly validFrom: Date;
  readonly validTo: Date;
}

/** Paths of PEM files, which may be the same one, and the password of the key. */
export interface MaterialFiles {
  readonly certificate: string;
  readonly key: string;
  readonly password: string | undefined;
}

function read(option: SigningOption, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SigningError(option, `the file cannot be read: ${systemReason(cause)}`, { cause });
  }
}

/** The first private key of a text; whatever stands around it does not count. */
function keyIn(text: string, password: string | undefined): KeyObject {
  const [block] = /-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----.*?-----END \1-----/s.exec(text) ?? [];
  if (block === undefined) throw new SigningError('sign_key', 'the file holds no private key in PEM form');
  // In PKCS#8 the label says so, in the traditional forms a header (RFC 1421 section 4.6.1.1).
  const isEncrypted = /^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(block);
  if (isEncrypted && password === undefined) {
    throw new SigningError('sign_key', 'the key is encrypted; name a file with its password in sign_key_password_file');
  }
  try {
    return createPrivateKey({ key: block, ...(password === undefined ? {} : { passphrase: password }) });
  } catch (cause) {
    // A wrong password shows in several ways: what it decrypts to is parsed, and may look right for a while.
    if (isEncrypted) throw new SigningError('sign_key_password_file', 'the password does not fit the key', { cause });
    throw new SigningError('sign_key', 'the file holds no readable private key', { cause });
  }
}

/** Every certificate of a text, in any order; text, keys and other blocks between them do not count. */
function certificatesIn(text: string): readonly X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw new SigningError('sign_certificate', 'the file holds a certificate that cannot be read', { cause });
  }
  throw new SigningError('sign_certificate', 'the file holds no certificate in PEM form');
}

const isSelfSigned = (certificate: X509Certificate): boolean => certificate.checkIssued(certificate);

/** Its issuer, that one's issuer and so on, as far as they are there; no root: devices have it, or trust nobody. */
function issuersOf(certificate: X509Certificate, others: readonly X509Certificate[]): readonly X509Certificate[] {
  const issuer = others.find(
    (each) => !isSelfSigned(each) && certificate.checkIssued(each) && certificate.verify(each.publicKey),
  );
  if (issuer === undefined) return [];
  return [
    issuer,
    ...issuersOf(
      issuer,
      others.filter((each) => each !== issuer),
    ),
  ];
}

/** Reads key and certificates. Throws SigningError. */
export function loadMaterial(files: MaterialFiles): Material {
  const key = keyIn(read('sign_key', files.key), files.password);
  const algorithm = algorithmOf(key);
  const certificates = certificatesIn(read('sign_certificate', files.certificate));
  const leaf = certificates.find((each) => each.checkPrivateKey(key));
  if (leaf === undefined) {
    throw new SigningError('sign_certificate', 'no certificate in the file belongs to the key of sign_key');
  }
  const chain = [leaf, ...issuersOf(leaf, certificates)];
  return {
    key,
    algorithm,
    signer: issuerAndSerial(leaf.raw),
    // A SET, which OpenSSL sorts, too; the profile says by `signer` whose certificate is the signer's.
    certificates: setOf(
      TAG.context0,
      chain.map(({ raw }) => raw),
    ),
    chainLength: chain.length,
    validFrom: new Date(Math.max(...chain.map(({ validFromDate }) => validFromDate.getTime()))),
    validTo: new Date(Math.min(...chain.map(({ validToDate }) => validToDate.getTime()))),
  };
}
