import { type DomainName, parseDomainName } from './domain-name.ts';
import type { DavServer } from './mail-domain.ts';
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
const UNSAFE = /[^A-Za-z0-9_.~:/?#[\]@!$&'()*+,;=%\\-]|%(?![\dA-Fa-f]{2})/gu;

/** A URL's scheme with user information, host, port, and the rest. Backslashes would end the host for some clients only. */
const FORM =
  /^(?<before>https?:\/\/(?:[^/?#\\]*@)?)(?<host>\[[^/?#\\@[\]]+\]|[^/?#\\@:]+)(?<port>:\d*)?(?<after>[/?#].*)?$/isu;

/** The full stops of IDNA (UTS #46), which separate labels as "." does. */
const STOPS = /[\u3002\uff0e\uff61]/gu;

const encoded = (text: string): string =>
  splitPlaceholders(text)
    // Every second part is a placeholder.
    .map((part, index) =>
      index % 2 === 1 ? part : part.replace(UNSAFE, (found) => (found === '%' ? '%25' : encodeURIComponent(found))),
    )
    .join('');

/** A host in A-labels. Undefined: invalid, or a label of which a placeholder is a part and that is not ASCII. */
function hostInALabels(host: string): string | undefined {
  if (/^[\w.:[\]-]+$/.test(withSampleParts(host))) return host;
  const labels = host.replace(STOPS, '.').split('.');
  const written = labels.map((label) => (/^[\w-]+$/.test(withSampleParts(label)) ? label : parseDomainName(label)));
  return written.every((label) => label !== undefined) ? written.join('.') : undefined;
}

/**
 * Reads the URL of a DAV server, with or without placeholders, and writes it as RFC 3986 wants it: the host in A-labels,
 * other characters percent-encoded. One that is written so already stays as it is. Undefined: no client can use it.
 */
export function readDavUrl(text: string): string | undefined {
  const { before = '', host = '', port = '', after = '' } = FORM.exec(text.toWellFormed())?.groups ?? {};
  const written = hostInALabels(host);
  if (written === undefined) return undefined;
  const url = encoded(before) + written + port + encoded(after);
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

/** Whether the columns beside the URL say another port or scheme. Autoconfig clients see the URL only, others the columns. */
export function isAtOddsWithUrl({ url, port, useSsl }: Pick<DavServer, 'url' | 'port' | 'useSsl'>): boolean {
  const { protocol, port: urlPort } = new URL(withSampleParts(url));
  const isSecure = protocol === 'https:';
  const effective = urlPort === '' ? (isSecure ? 443 : 80) : Number(urlPort);
  return isSecure !== useSsl || (port !== undefined && port !== effective);
}
