import { type DomainName, parseDomainName } from './domain-name.ts';

/** Whether clients can use the URL of a DAV server: http or https, with a valid name or address as host. */
export function isDavUrl(url: string): boolean {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname.startsWith('[') || parseDomainName(hostname) !== undefined;
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
