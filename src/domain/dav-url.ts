import { type DomainName, parseDomainName } from './domain-name.ts';

/** Whether a client can make something of a DAV server's URL: http or https, with a host that is a name or address. */
export function isDavUrl(url: string): boolean {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname.startsWith('[') || parseDomainName(hostname) !== undefined;
}

/**
 * Where a client that knows no address yet begins (RFC 6764 section 5, the "context path"): the URL, or the folder above
 * the first part that is another one for each user. Undefined: the user decides about the host, or about all of the path.
 */
export function davContextUrl(url: string, domain: DomainName): string | undefined {
  const ofDomain = url.replaceAll('%EMAILDOMAIN%', domain);
  const user = ofDomain.search(/%EMAIL(?:ADDRESS|LOCALPART)%/);
  const context = user < 0 ? ofDomain : ofDomain.slice(0, ofDomain.lastIndexOf('/', user) + 1);
  // With nothing of the path left, it would be a guess.
  return isDavUrl(context) && (user < 0 || new URL(context).pathname !== '/') ? new URL(context).href : undefined;
}
