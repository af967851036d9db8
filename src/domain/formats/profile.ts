import type { DomainName } from '../domain-name.ts';
import { addressText, type EmailAddress } from '../email-address.ts';
import { uuidEnd, uuidOf, uuidStem } from '../uuid.ts';
import type { DocumentUser, Format } from './format.ts';
import { type PlistDictionary, writePlist } from './plist.ts';
import { escapeText } from './xml.ts';

/** What all formats of profiles have in common. */
export const PROFILE = {
  scope: 'user',
  contentType: 'application/x-apple-aspen-config',
  escapeText,
  derived: (address) => Object.values(identity(address)),
} as const satisfies Partial<Format>;

/** Identifiers follow from the address alone, so that a later download replaces the earlier one. */
function identity(address: EmailAddress) {
  const uuid = uuidOf(addressText(address));
  return { identifierPart: uuid.toLowerCase(), payloadStem: uuidStem(uuid) };
}

/** Identifiers hold letters, digits, "-" and "." only: the address is in them as its UUID. */
const profileIdentifier = (domain: DomainName, part: string): string =>
  `${domain.split('.').reverse().join('.').replaceAll('_', '-')}.automx2.${part}`;

/** The keys that every payload has; `suffix` and `type` together are its own in all profiles of an address. */
type CommonKeys = (type: string, suffix: string) => PlistDictionary;

interface Profile {
  /** Of its identifier: empty for the first profile of an address. */
  readonly suffix: string;
  readonly displayName: string;
  readonly payloads: (commonKeys: CommonKeys) => readonly PlistDictionary[];
}

/** Writes a profile for one user (Apple device management: TopLevel, CommonPayloadKeys). */
export function writeProfile({ domain, address }: DocumentUser, { suffix, displayName, payloads }: Profile): string {
  const { identifierPart, payloadStem } = identity(address);
  const identifier = profileIdentifier(domain.name, identifierPart);
  const keys = (type: string, end: string, name: string): PlistDictionary => ({
    PayloadDisplayName: name,
    PayloadIdentifier: identifier + end,
    PayloadType: type,
    PayloadUUID: payloadStem + uuidEnd(type + end),
    PayloadVersion: 1,
  });
  return writePlist({
    ...keys('Configuration', suffix, displayName),
    PayloadDescription: `Mail settings of ${addressText(address)}`,
    PayloadOrganization: domain.settings.provider.name,
    PayloadRemovalDisallowed: false,
    PayloadContent: payloads((type, end) => keys(type, suffix + end, domain.name)),
  });
}
