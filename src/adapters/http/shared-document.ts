import { hash } from 'node:crypto';
import { type Reply, XML } from './exchange.ts';

/** How long a cache may answer in our place, in seconds: what the operator changes is not seen before. */
const MAX_AGE_SECONDS = 300;

/** An XML document that is the same for all users of a domain, and what a client gets who has it already. */
export interface SharedDocument {
  readonly etag: string;
  readonly whole: Reply;
  readonly notModified: Reply;
}

/** `body` as a document that caches may keep, with a tag by which it is known again (RFC 9110 section 8.8.3). */
export function sharedDocument(body: string): SharedDocument {
  const etag = `"${hash('sha1', body, 'base64url')}"`;
  const headers = {
    ETag: etag,
    'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}`,
    // A proxy may let a client write this header, which says what Host is: others must not get that client's answer.
    Vary: 'X-Forwarded-Host',
  };
  return {
    etag,
    whole: { status: 200, contentType: XML, body, headers },
    notModified: { status: 304, contentType: XML, body: '', headers },
  };
}

/** The document, or 304 if `ifNoneMatch` says that the client has it (RFC 9110 section 13.1.2, weak comparison). */
export function replyUnlessKnown({ etag, whole, notModified }: SharedDocument, ifNoneMatch: string): Reply {
  if (ifNoneMatch === '') return whole;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || ifNoneMatch.trim() === '*' ? notModified : whole;
}
