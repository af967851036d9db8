import { parseDomainName } from './domain-name.ts';

/** Whether a client can make something of a DAV server's URL: http or https, with a host that is a name or address. */
export function isDavUrl(url: string): boolean {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname.startsWith('[') || parseDomainName(hostname) !== undefined;
}
