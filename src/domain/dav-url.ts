import { type DomainName, parseDomainName } from './domain-name.ts';
import { splitPlaceholders, withSampleParts } from './placeholders.ts';

/** Whether clients can use the URL of a DAV server: http or https, with a valid name or address as host. */
export function isDavUrl(url: string): boolean {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname.startsWith('[') || parseDomainName(hostname) !== undefined;
}

/**
 * What a URL may not hold as it is (RFC 3986 section 2): other characters, and a percent sign without its two digits. A
 * backslash stays: clients read it as a slash (WHATWG, "URL"), and %5C would be another path.
 */
const UNSAFE = /[^\w.~:/?#[\]@!$&'()*+,;=%\\-]|%(?![\da-f]{2})/giu;

/** Literal parts changed, placeholders left. */
const around = (text: string, change: (part: string) => string): string =>
  splitPlaceholders(text)
    .map((part, index) => (index % 2 === 0 ? change(part) : part))
    .join('');

const toALabels = (text: string): string =>
  text
    .split('.')
    .map((label) => (/[^\x00-\x7f]/.test(label) ? (parseDomainName(label) ?? label) : label))
    .join('.');

/**
 * Reads the URL of a DAV server, with or without placeholders, and writes it as RFC 3986 wants it: the host in A-labels,
 * other characters percent-encoded. One that is written so already stays as it is. Undefined: no client can use it.
 */
export function readDavUrl(text: string): string | undefined {
  const [, before = '', host = '', after = ''] = /^(https?:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/is.exec(text) ?? [];
  const encoded = (part: string): string =>
    part.replace(UNSAFE, (character) => (character === '%' ? '%25' : encodeURIComponent(character)));
  const url = around(before, encoded) + around(host, toALabels) + around(after.toWellFormed(), encoded);
  return isDavUrl(withSampleParts(url)) ? url : undefined;
}

/**
 * The "context path" (RFC 6764 section 5), where a client without an address starts: the URL, or the folder above the
 * first part that differs per user. Undefined: the host or the whole path differs per user.
 */
export function davContextUrl(url: string, domain: DomainName): string | undefined {
  const ofDomain = url.replaceAll('%EMAILDOMAIN%', domain);
  const user = ofDomain.search(/%EMAIL(?:ADDRESS|LOCALPART)%/);
  const context = user < 0 ? ofDomain : ofDomain.slice(0, ofDomain.lastIndexOf('/', user) + 1);
  // An empty remaining path would be a guess.
  return isDavUrl(context) && (user < 0 || new URL(context).pathname !== '/') ? new URL(context).href : undefined;
}
