import type { IncomingMessage } from 'node:http';
import { type Reply, textReply } from './reply.ts';
import type { RequestTarget } from './request-target.ts';

/** Addresses, names and paths of clients fit in a fraction; what is longer is not read. */
export const MAX_TARGET_OCTETS = 4_096;

/** A host and perhaps a port; no list, and no part of a URL (RFC 9110 section 7.2). */
const HOST = /^[^\s,/@?#]*$/;

/** RFC 9110 section 4.2.3: letter case, and the port of the scheme. */
const normalised = (authority: string): string => authority.toLowerCase().replace(/:(?:80)?$/, '');

const isHost = (name: string | undefined, index: number): boolean => index % 2 === 0 && name?.toLowerCase() === 'host';

/**
 * The answer to a request with an invalid head, whatever its path: 414 for a target that is too long (RFC 9110
 * section 15.5.15), 400 for several hosts, or one in the target that contradicts Host (RFC 9112 section 3.2). Undefined:
 * the head is valid.
 */
export function refusedHead(message: IncomingMessage, { authority }: RequestTarget): Reply | undefined {
  const { rawHeaders, headers, url = '' } = message;
  if (url.length > MAX_TARGET_OCTETS) return textReply(414, 'The request target is too long');
  const { host = '' } = headers;
  const isContradicted = authority !== undefined && normalised(authority) !== normalised(host);
  if (isContradicted || !HOST.test(host) || rawHeaders.filter(isHost).length > 1)
    return textReply(400, 'Invalid request');
  return undefined;
}
