import { type DomainName, parseDomainName } from './domain-name.ts';
import { Failure } from './failure.ts';

export interface EmailAddress {
  /** As the client sent it, with its letter case and quotes. */
  readonly localPart: string;
  readonly domain: DomainName;
}

/** RFC 5321 section 4.5.3.1: octets of a local part, and of an address (a path of 256 without its angle brackets). */
const MAX_LOCAL_PART_OCTETS = 64;
const MAX_ADDRESS_OCTETS = 254;

// RFC 5322 section 3.2.3 and RFC 6531 section 3.3; empty atoms ("a..b@", "a.@") exist in the field and are tolerated.
// U+FFFE and U+FFFF are excluded because XML cannot carry them: the login would change.
const NON_ASCII = '\u00a1-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}';
const DOT_ATOM = new RegExp(`^[a-z0-9!#$%&'*+/=?^_\`{|}~.${NON_ASCII}-]+$`, 'iu');
const QUOTED_STRING = new RegExp(`^"(?:[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e${NON_ASCII}]|\\\\[\\x20-\\x7e])*"$`, 'u');

const octets = (text: string): number => Buffer.byteLength(text);

/** The address in the form that all answers use. */
export const addressText = ({ localPart, domain }: EmailAddress): string => `${localPart}@${domain}`;

/**
 * Reads an address: a dot-atom or quoted string, the last "@", a domain name in any spelling.
 * Throws address_missing for an empty text and address_invalid for anything else, including blanks around the address.
 */
export function parseEmailAddress(text: string): EmailAddress {
  if (text === '') throw new Failure('address_missing', 'no address');
  const at = text.lastIndexOf('@');
  const localPart = text.slice(0, Math.max(at, 0));
  const domain = parseDomainName(text.slice(at + 1));
  const address = { localPart, domain } as EmailAddress;
  if (
    domain === undefined ||
    octets(localPart) > MAX_LOCAL_PART_OCTETS ||
    octets(addressText(address)) > MAX_ADDRESS_OCTETS ||
    !(DOT_ATOM.test(localPart) || QUOTED_STRING.test(localPart))
  ) {
    throw new Failure('address_invalid', 'not a valid email address (RFC 5321 section 4.1.2)');
  }
  return address;
}
