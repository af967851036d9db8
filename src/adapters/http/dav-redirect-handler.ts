import { davContextUrl } from '../../domain/dav-url.ts';
import { parseDomainName } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import type { DavServer } from '../../domain/mail-domain.ts';
import type { AccountLookup } from '../../ports/account-lookup.ts';
import { type Handler, textReply } from './exchange.ts';
import { accountOfHost } from './host-domain.ts';

/**
 * Answers `/.well-known/caldav` and `carddav` of a mail domain's own host with the way to its DAV server (RFC 6764
 * section 5), whatever the method: 307 keeps a PROPFIND what it is.
 */
export function davRedirectHandler(type: DavServer['type'], lookUp: AccountLookup): Handler {
  return async (exchange) => {
    const { host } = exchange.origin;
    const account = await accountOfHost(host, lookUp);
    if (account === undefined) throw new Failure('domain_unknown', 'Host is no domain of ours');
    exchange.domain = account.domain;
    const location = account.davServers
      .filter((server) => server.type === type)
      .map(({ url }) => davContextUrl(url, account.domain))
      .find((url) => url !== undefined && !leadsBack(url, host));
    if (location === undefined) throw new Failure('protocol_unconfigured', `${account.domain}: no ${type} server`);
    return textReply(307, `Go on at ${location}`, { Location: location });
  };
}

/** Whether a client that follows would be here again. */
function leadsBack(url: string, host: string): boolean {
  const { hostname, port, pathname } = new URL(url);
  return hostname === parseDomainName(host) && port === '' && /^\/\.well-known\/(?:caldav|carddav)\/?$/.test(pathname);
}
