import { parseDomainName } from './domain-name.ts';
import { parseWholeNumber } from './whole-number.ts';

/** Where a directory listens, and whether it speaks TLS from the start. */
export interface DirectoryAddress {
  /** A host name, or an address without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly useSsl: boolean;
}

const FORM = /^(?:(?<scheme>ldaps?):\/\/)?(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^/:[\]]+))(?::(?<port>\d+))?\/?$/i;

/** The URL parser knows addresses (RFC 4291 section 2.2); the other characters would end it. */
const isIpv6 = (text: string): boolean => /^[\da-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]/`);

/**
 * Reads the name of a directory as automx2's library (ldap3) does: a host, HOST:PORT, or an LDAP URL (RFC 4516 section 2)
 * without a path. Its port and its scheme win over the row's columns. Undefined: invalid.
 */
export function readDirectoryAddress(name: string, port: number, useSsl: boolean): DirectoryAddress | undefined {
  if (isIpv6(name)) return { hostname: name, port, useSsl };
  const parts = FORM.exec(name)?.groups;
  const { ipv6, host = '' } = parts ?? {};
  const hostname = ipv6 !== undefined && isIpv6(ipv6) ? ipv6 : parseDomainName(host);
  const given = parts?.['port'];
  const ownPort = given === undefined ? port : parseWholeNumber(given, 1, 65_535);
  if (hostname === undefined || ownPort === undefined) return undefined;
  const scheme = parts?.['scheme']?.toLowerCase();
  return { hostname, port: ownPort, useSsl: scheme === undefined ? useSsl : scheme === 'ldaps' };
}
