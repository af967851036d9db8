import { addressText, type EmailAddress } from './email-address.ts';

const PLACEHOLDER = /%EMAIL(ADDRESS|LOCALPART|DOMAIN)%/g;

/**
 * Fills the Autoconfig placeholders of one configured value; `encode` is applied to each inserted part.
 * Spec: draft-ietf-mailmaint-autoconfig, "Placeholders".
 * One pass with a function: "%" and "$" are legal in a local part (RFC 5322 section 3.2.3), so client input must not be
 * expanded again, or be read as a replacement pattern such as "$&".
 */
export function fillPlaceholders(
  value: string,
  address: EmailAddress,
  encode: (part: string) => string = (part) => part,
): string {
  return value.replace(PLACEHOLDER, (_match, part: string) =>
    encode(part === 'LOCALPART' ? address.localPart : part === 'DOMAIN' ? address.domain : addressText(address)),
  );
}

/** Percent-encodes what would end a part of a URL (RFC 3986 section 2.2), except "@". */
export const urlEncoded = (part: string): string => encodeURIComponent(part).replaceAll('%40', '@');

/** Fills the placeholders of a URL. */
export const fillUrlPlaceholders = (url: string, address: EmailAddress): string =>
  fillPlaceholders(url, address, urlEncoded);

/** Whether the value is exactly one placeholder, which every Autoconfig client can fill itself. */
export const isSinglePlaceholder = (value: string): boolean => /^%EMAIL(?:ADDRESS|LOCALPART|DOMAIN)%$/.test(value);

export const hasPlaceholder = (value: string): boolean => /%EMAIL(?:ADDRESS|LOCALPART|DOMAIN)%/.test(value);

/** Whether the value differs by user: the domain's part is the same for all. */
export const hasUserPlaceholder = (value: string): boolean => /%EMAIL(?:ADDRESS|LOCALPART)%/.test(value);

/** Literal parts and placeholders in turn; the first and the last are literal. */
export const splitPlaceholders = (value: string): readonly string[] =>
  value.split(/(%EMAIL(?:ADDRESS|LOCALPART|DOMAIN)%)/);

/** The value with sample parts in place of placeholders, for validation without an address. */
export const withSampleParts = (value: string): string => value.replace(PLACEHOLDER, 'x');
