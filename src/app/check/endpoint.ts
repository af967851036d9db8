import { isIP } from 'node:net';
import { parseWholeNumber } from '../../domain/whole-number.ts';

/** An IP address, and a port where one is named. */
export interface Endpoint {
  readonly address: string;
  readonly port: number | undefined;
}

/** What `readEndpoint` accepts, for messages. */
export const ENDPOINT_FORMS = 'an IP address, IPv4:port or [IPv6]:port';

const MAX_PORT = 65_535;
const FORM = /^(?:(?<bare>[^[\]]+?)|\[(?<bracketed>[^[\]]*)\])(?::(?<port>\d+))?$/;

/** Reads an IP address with or without a port. Undefined: anything else, host names included. */
export function readEndpoint(text: string): Endpoint | undefined {
  // Node.js silently drops the zone of a link-local name server (RFC 4007 section 11), and asks another one, or nobody.
  if (text.includes('%')) return undefined;
  if (isIP(text) !== 0) return { address: text, port: undefined };
  const { bare, bracketed, port: portText } = FORM.exec(text)?.groups ?? {};
  const port = portText === undefined ? undefined : parseWholeNumber(portText, 1, MAX_PORT);
  if (portText !== undefined && port === undefined) return undefined;
  const address = bracketed ?? bare ?? '';
  return isIP(address) === (bracketed === undefined ? 4 : 6) ? { address, port } : undefined;
}
