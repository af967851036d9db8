import { type Account, accountOf } from '../domain/account.ts';
import { Failure } from '../domain/failure.ts';
import type { AccountLookup } from '../ports/account-lookup.ts';
import type { Log } from '../ports/log.ts';
import type { SettingsStore } from '../ports/settings-store.ts';

/** The use case behind every format: from an address or a domain to the account that a client shall set up. */
export function accountLookup(store: SettingsStore, log: Log): AccountLookup {
  // One line when the database goes and one when it is back, not one a request.
  let away = false;
  return async (asked): Promise<Account> => {
    const address = typeof asked === 'string' ? undefined : asked;
    const domain = typeof asked === 'string' ? asked : asked.domain;
    const mailDomain = await store.findDomain(domain).catch((error: unknown) => {
      if (!away && error instanceof Failure) log.write('ERROR', `look-ups fail: ${error.message}`);
      away = true;
      throw error;
    });
    if (away) log.write('WARNING', 'look-ups are answered again');
    away = false;
    if (mailDomain === undefined) throw new Failure('domain_unknown', `${domain}: not served here`);
    if (mailDomain.directoryId !== undefined && address !== undefined) {
      // A guess would set the client up with a login that does not exist.
      throw new Failure('directory_unavailable', `${domain}: this version cannot ask directories (LDAP) yet`);
    }
    return accountOf(mailDomain, address);
  };
}
