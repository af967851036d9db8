import { hash } from 'node:crypto';

/** A document that is the same for all users of a domain. */
export interface SharedDocument {
  readonly text: string;
  /** By which the document is recognized: SHA-1 of its octets in UTF-8, in base64url. */
  readonly digest: string;
}

export const sharedDocument = (text: string): SharedDocument => ({ text, digest: hash('sha1', text, 'base64url') });
