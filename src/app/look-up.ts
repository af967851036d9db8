import { type Account, accountOf } from '../domain/account.ts';
import { Failure } from '../domain/failure.ts';
import type { AccountLookup } from '../ports/account-lookup.ts';
import type { Directory } from '../ports/directory.ts';
import type { Log } from '../ports/log.ts';
import type { SettingsStore } from '../ports/settings-store.ts';

/** The use case behind every format: from an address or a domain to the account that a client shall set up. */
export function accountLookup(store: SettingsStore, directory: Directory, log: Log): AccountLookup {
  const watchStore = outageWatch('look-ups', log);
  const directoryWatches = new Map<number, Watch>();
  const watchDirectory = (id: number): Watch => {
    const watch = directoryWatches.get(id) ?? outageWatch(`look-ups in ldapserver ${id}`, log);
    directoryWatches.set(id, watch);
    return watch;
  };
  return async (asked): Promise<Account> => {
    const address = typeof asked === 'string' ? undefined : asked;
    const domain = typeof asked === 'string' ? asked : asked.domain;
    const mailDomain = await watchStore(store.findDomain(domain));
    if (mailDomain === undefined) throw new Failure('domain_unknown', `${domain}: not served here`);
    const server = mailDomain.directory;
    // The directory decides about the login only; without an address there is none.
    if (server === undefined || address === undefined) return accountOf(mailDomain, address);
    return accountOf(mailDomain, address, await watchDirectory(server.id)(directory.find(server, address)));
  };
}

type Watch = <T>(answer: Promise<T>) => Promise<T>;

/** Passes answers on; one line in the log when they begin to fail and one when they come again, not one a request. */
function outageWatch(name: string, log: Log): Watch {
  let asked = 0;
  /** How many had been asked for when one failed last; an answer to these does not end the outage. */
  let awayUntil: number | undefined;
  return async (answer) => {
    asked += 1;
    const turn = asked;
    try {
      const value = await answer;
      if (awayUntil !== undefined && turn > awayUntil) {
        log.write('WARNING', `${name} are answered again`);
        awayUntil = undefined;
      }
      return value;
    } catch (error) {
      if (awayUntil === undefined && error instanceof Failure) log.write('ERROR', `${name} fail: ${error.message}`);
      awayUntil = asked;
      throw error;
    }
  };
}
