import { hash } from 'node:crypto';

/** A document that is the same for all users of a domain. */
export interface SharedDocument {
  readonly octets: Uint8Array;
  /** By which the document is recognized: SHA-1 of the octets in base64url. */
  readonly digest: string;
}

export const sharedDocument = (text: string): SharedDocument => ({
  octets: Buffer.from(text),
  digest: hash('sha1', text, 'base64url'),
});
