import type { Account } from '../../domain/account.ts';
import { parseDomainName } from '../../domain/domain-name.ts';
import { parseEmailAddress } from '../../domain/email-address.ts';
import { Failure } from '../../domain/failure.ts';
import { writeAutoconfig } from '../../domain/formats/autoconfig.ts';
import type { AccountLookup } from '../../ports/account-lookup.ts';
import { sharedReply } from './conditional.ts';
import { type Exchange, type Handler, type Reply, XML } from './exchange.ts';
import { accountOfHost } from './host-domain.ts';
import { percentDecode, queryParameter } from './request-target.ts';

/** Caches may keep a document unless something in it is the asking user's own. */
function reply(account: Account, { ifNoneMatch }: Exchange): Reply {
  const body = writeAutoconfig(account);
  if (!account.isPersonal) return sharedReply(body, ifNoneMatch);
  return { status: 200, contentType: XML, body, headers: { 'Cache-Control': 'private, no-store' } };
}

/**
 * Answers a request for an Autoconfig document (draft-ietf-mailmaint-autoconfig, "Configuration retrieval").
 * The domain comes from `emailaddress`; without it from Host, and placeholders stay for the client to fill.
 */
export function autoconfigHandler(lookUp: AccountLookup): Handler {
  return async (exchange: Exchange): Promise<Reply> => {
    const text = queryParameter(exchange.target.query, 'emailaddress') ?? '';
    if (text !== '') {
      const address = parseEmailAddress(text);
      exchange.domain = address.domain;
      return reply(await lookUp(address), exchange);
    }
    const account = await accountOfHost(exchange.origin.host, lookUp);
    if (account === undefined) throw new Failure('address_missing', 'no address, and Host is no domain of ours');
    exchange.domain = account.domain;
    return reply(account, exchange);
  };
}

/** Answers a request in the form of Mozilla's provider database: the domain is the path's last part. */
export function ispdbHandler(lookUp: AccountLookup): Handler {
  return async (exchange: Exchange): Promise<Reply> => {
    const { path } = exchange.target;
    const domain = parseDomainName(percentDecode(path.slice(path.lastIndexOf('/') + 1)));
    if (domain === undefined) throw new Failure('domain_unknown', 'the path names no domain');
    exchange.domain = domain;
    return reply(await lookUp(domain), exchange);
  };
}
