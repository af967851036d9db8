import type { DomainName } from '../domain/domain-name.ts';
import type { EmailAddress } from '../domain/email-address.ts';
import type { ServedDomain } from '../domain/served-domain.ts';
import type { UserAccount } from '../domain/user-account.ts';

/**
 * Who is served, and with what. Undefined means "not served here", which is no failure. Each method rejects with
 * domain_unusable, store_unavailable or store_unprepared.
 */
export interface Lookup {
  domain(name: DomainName): Promise<ServedDomain | undefined>;
  /** The domain for which a host name speaks, as clients write it into Host; one with a row of its own before a wildcard's. */
  host(host: string): Promise<ServedDomain | undefined>;
  /** Asks the domain's directory, if it has one; rejects with directory_unavailable, too. */
  user(address: EmailAddress): Promise<UserAccount | undefined>;
}
