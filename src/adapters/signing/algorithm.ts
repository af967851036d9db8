import type { KeyObject } from 'node:crypto';
import { SigningError } from './signing-error.ts';

/** How a kind of key signs (RFC 5754), in DER. */
export interface Algorithm {
  /** For the log. */
  readonly name: string;
  readonly hash: 'sha256' | 'sha384';
  /** AlgorithmIdentifier of the hash, without parameters (RFC 5754 section 2). */
  readonly digest: Uint8Array;
  /** AlgorithmIdentifier of the signature. */
  readonly signature: Uint8Array;
}

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** 2.16.840.1.101.3.4.2.1 and .2 */
const SHA256 = { hash: 'sha256', digest: hex('30 0b 06 09 60 86 48 01 65 03 04 02 01') } as const;
const SHA384 = { hash: 'sha384', digest: hex('30 0b 06 09 60 86 48 01 65 03 04 02 02') } as const;
/** rsaEncryption, 1.2.840.113549.1.1.1, with NULL, as OpenSSL writes it (RFC 5754 section 3.2). */
const RSA = hex('30 0d 06 09 2a 86 48 86 f7 0d 01 01 01 05 00');
/** ecdsa-with-SHA256 and ecdsa-with-SHA384, 1.2.840.10045.4.3.2 and .3. */
const ECDSA_SHA256 = hex('30 0a 06 08 2a 86 48 ce 3d 04 03 02');
const ECDSA_SHA384 = hex('30 0a 06 08 2a 86 48 ce 3d 04 03 03');

/** Shorter keys are not trusted any more (CA/Browser Forum, Baseline Requirements, section 6.1.5). */
const MIN_RSA_BITS = 2_048;
const ACCEPTED = `use RSA (${MIN_RSA_BITS} bits or more) or ECDSA (P-256 or P-384)`;

/**
 * How this key signs. Throws SigningError for one that devices, or the tools that verify a profile, are not known to take:
 * OpenSSL 3.0 cannot verify Ed25519 in CMS.
 */
export function algorithmOf(key: KeyObject): Algorithm {
  const { asymmetricKeyType: type, asymmetricKeyDetails: { modulusLength = 0, namedCurve } = {} } = key;
  if (type === 'rsa' && modulusLength >= MIN_RSA_BITS) {
    return { name: `RSA-${modulusLength}`, ...SHA256, signature: RSA };
  }
  if (namedCurve === 'prime256v1') return { name: 'P-256', ...SHA256, signature: ECDSA_SHA256 };
  if (namedCurve === 'secp384r1') return { name: 'P-384', ...SHA384, signature: ECDSA_SHA384 };
  const kind = type === 'rsa' ? `too short (RSA, ${modulusLength} bits)` : `of the kind ${namedCurve ?? type}`;
  throw new SigningError('sign_key', `the key is ${kind}; ${ACCEPTED}`);
}
