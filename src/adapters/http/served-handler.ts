import { parseDomainName } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import type { AccountLookup } from '../../ports/account-lookup.ts';
import { type Handler, textReply } from './exchange.ts';
import { accountOfHost } from './host-domain.ts';
import { queryParameter } from './request-target.ts';

/** Who may ask for what is served, as the option `served` says. */
export type ServedMode = 'loopback' | 'all';

/**
 * Tells a front proxy that is about to fetch a certificate (Caddy's on-demand `ask`) whether the host in `domain` is a
 * served mail domain, or one of the names in front of it under which clients ask: 200, else 404.
 */
export function servedHandler(lookUp: AccountLookup, mode: ServedMode): Handler {
  return async (exchange) => {
    if (mode === 'loopback' && !exchange.origin.isLoopback()) {
      throw new Failure('not_permitted', 'Only this machine itself may ask this, unless the option served is "all"');
    }
    const host = parseDomainName(queryParameter(exchange.target.query, 'domain') ?? '');
    const account = host === undefined ? undefined : await accountOfHost(host, lookUp);
    if (account === undefined) throw new Failure('domain_unknown', 'not served here');
    exchange.domain = account.domain;
    return textReply(200, 'This host is served here');
  };
}
