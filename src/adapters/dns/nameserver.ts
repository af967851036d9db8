import { isIP } from 'node:net';
import { parseWholeNumber } from '../../domain/whole-number.ts';

const MAX_PORT = 65_535;
/** IP, IPv4:PORT, [IPv6] or [IPv6]:PORT */
const FORM = /^(?:(?<bare>[^[\]]+?)|\[(?<bracketed>[^[\]]*)\])(?::(?<port>\d+))?$/;

/** Whether a name server can be asked under this: an IP address, with a port or without. Host names are not accepted. */
export function isNameserver(text: string): boolean {
  // Node.js silently drops the zone of a link-local address (RFC 4007 section 11), and asks another one, or nobody.
  if (text.includes('%')) return false;
  if (isIP(text) !== 0) return true;
  const { bare, bracketed, port } = FORM.exec(text)?.groups ?? {};
  if (port !== undefined && parseWholeNumber(port, 1, MAX_PORT) === undefined) return false;
  return bracketed === undefined ? isIP(bare ?? '') === 4 : isIP(bracketed) === 6;
}
