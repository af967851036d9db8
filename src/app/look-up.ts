import { type Account, accountOf } from '../domain/account.ts';
import { Failure } from '../domain/failure.ts';
import type { MailDomain } from '../domain/mail-domain.ts';
import type { AccountLookup } from '../ports/account-lookup.ts';
import type { Directory } from '../ports/directory.ts';
import type { Log } from '../ports/log.ts';
import type { SettingsReader } from '../ports/settings-reader.ts';
import { type OutageWatch, outageWatch } from './outage-watch.ts';

/** The use case behind every format: from an address or a domain to the account that a client shall set up. */
export function accountLookup(store: Pick<SettingsReader, 'find'>, directory: Directory, log: Log): AccountLookup {
  const directoryWatches = new Map<number, OutageWatch>();
  const watchDirectory = (id: number): OutageWatch => {
    const watch = directoryWatches.get(id) ?? outageWatch(`look-ups in ldapserver ${id}`, log);
    directoryWatches.set(id, watch);
    return watch;
  };
  // Made once for as long as the store hands out the same settings.
  const shared = new WeakMap<MailDomain, Account>();
  const sharedAccount = (mailDomain: MailDomain): Account => {
    const account = shared.get(mailDomain) ?? accountOf(mailDomain, undefined);
    shared.set(mailDomain, account);
    return account;
  };
  return async (asked): Promise<Account> => {
    const address = typeof asked === 'string' ? undefined : asked;
    const domain = typeof asked === 'string' ? asked : asked.domain;
    const mailDomain = await store.find(domain);
    if (mailDomain === undefined) throw new Failure('domain_unknown', `${domain}: not served here`);
    // A directory decides about the login only; without an address there is none.
    if (address === undefined) return sharedAccount(mailDomain);
    const server = mailDomain.directory;
    if (server === undefined) return accountOf(mailDomain, address);
    return accountOf(mailDomain, address, await watchDirectory(server.id)(directory.find(server, address)));
  };
}
