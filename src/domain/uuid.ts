import { hash } from 'node:crypto';

/** This project's own namespace: what it names never meets what others name. */
const NAMESPACE = Buffer.from('4d2b0f0c9f1d4c1e8f6a1f3a5b7c9e02', 'hex');

/** The UUID of version 5 (RFC 9562 section 5.5) of a name in this project's namespace, in upper case as Apple prints it. */
export function uuidOf(name: string): string {
  const bytes = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(name)]), 'buffer').subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes
    .toString('hex')
    .toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
