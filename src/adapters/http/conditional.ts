import { hash } from 'node:crypto';
import { type Reply, XML } from './exchange.ts';

/** How long a cache may answer in our place, in seconds: what the operator changes is not seen before. */
const MAX_AGE_SECONDS = 300;

/**
 * An XML document that is the same for every user of a domain: caches may keep it, and a client that has it already
 * (`ifNoneMatch`) gets 304 (RFC 9110 sections 8.8.3 and 13.1.2).
 */
export function sharedReply(body: string, ifNoneMatch: string): Reply {
  const etag = `"${hash('sha1', body, 'base64url')}"`;
  const headers = { ETag: etag, 'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}` };
  const tags = ifNoneMatch === '' ? [] : ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (tags.includes(etag) || ifNoneMatch.trim() === '*') return { status: 304, contentType: XML, body: '', headers };
  return { status: 200, contentType: XML, body, headers };
}
