import { hash } from 'node:crypto';

/** This project's own namespace, so that its names do not collide with others. */
const NAMESPACE = Buffer.from('4d2b0f0c9f1d4c1e8f6a1f3a5b7c9e02', 'hex');

/** The UUID of version 5 (RFC 9562 section 5.5) of a name in this project's namespace, in upper case as Apple prints it. */
export function uuidOf(name: string): string {
  const digest = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(name)]), 'hex').toUpperCase();
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0b0011) | 0b1000).toString(16).toUpperCase();
  const part = (start: number, end: number): string => digest.slice(start, end);
  return `${part(0, 8)}-${part(8, 12)}-5${part(13, 16)}-${variant}${part(17, 20)}-${part(20, 32)}`;
}

const LAST_GROUP = 12;

/** All of such a UUID but its last group, for the UUIDs of several parts of what it names. */
export const uuidStem = (uuid: string): string => uuid.slice(0, -LAST_GROUP);

/** The last group for one part: 48 bits of the digest of its name. */
export const uuidEnd = (part: string): string => uuidOf(part).slice(-LAST_GROUP);
