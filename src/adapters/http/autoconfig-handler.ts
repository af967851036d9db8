import type { Account } from '../../domain/account.ts';
import { parseDomainName } from '../../domain/domain-name.ts';
import { parseEmailAddress } from '../../domain/email-address.ts';
import { Failure } from '../../domain/failure.ts';
import { writeAutoconfig } from '../../domain/formats/autoconfig.ts';
import type { AccountLookup } from '../../ports/account-lookup.ts';
import { type Exchange, type Handler, type Reply, XML } from './exchange.ts';
import { accountOfHost } from './host-domain.ts';
import { percentDecode, queryParameter } from './request-target.ts';
import { replyUnlessKnown, type SharedDocument, sharedDocument } from './shared-document.ts';

// Written once for as long as the settings of the domain stay the same: the account is the same object then.
const documents = new WeakMap<Account, SharedDocument>();

/** The answer that everyone of the domain gets. */
function sharedReply(account: Account, { ifNoneMatch }: Exchange): Reply {
  const document = documents.get(account) ?? sharedDocument(writeAutoconfig(account));
  documents.set(account, document);
  return replyUnlessKnown(document, ifNoneMatch);
}

/**
 * Answers a request for an Autoconfig document (draft-ietf-mailmaint-autoconfig, "Configuration retrieval").
 * The domain comes from `emailaddress`; without it from Host, and placeholders stay for the client to fill.
 */
export function autoconfigHandler(lookUp: AccountLookup): Handler {
  return async (exchange: Exchange): Promise<Reply> => {
    const text = queryParameter(exchange.target.query, 'emailaddress') ?? '';
    const address = text === '' ? undefined : parseEmailAddress(text);
    if (address !== undefined) exchange.domain = address.domain;
    const account = await (address === undefined
      ? accountOfHost(exchange.origin.host, lookUp)
      : lookUp(address.domain));
    if (account === undefined) throw new Failure('address_missing', 'no address, and Host is no domain of ours');
    exchange.domain = account.domain;
    if (address === undefined || !account.dependsOnAddress) return sharedReply(account, exchange);
    const body = writeAutoconfig(await lookUp(address));
    return { status: 200, contentType: XML, body, headers: { 'Cache-Control': 'private, no-store' } };
  };
}

/** Answers a request in the form of Mozilla's provider database: the domain is the path's last part. */
export function ispdbHandler(lookUp: AccountLookup): Handler {
  return async (exchange: Exchange): Promise<Reply> => {
    const { path } = exchange.target;
    const domain = parseDomainName(percentDecode(path.slice(path.lastIndexOf('/') + 1)));
    if (domain === undefined) throw new Failure('domain_unknown', 'the path names no domain');
    exchange.domain = domain;
    return sharedReply(await lookUp(domain), exchange);
  };
}
