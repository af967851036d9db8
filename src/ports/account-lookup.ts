import type { Account } from '../domain/account.ts';
import type { DomainName } from '../domain/domain-name.ts';
import type { EmailAddress } from '../domain/email-address.ts';

/**
 * What HTTP asks for: the account of an address, or what all addresses of a domain share.
 * Rejects with domain_unknown, domain_unusable, store_unavailable, store_unprepared or directory_unavailable.
 */
export type AccountLookup = (asked: EmailAddress | DomainName) => Promise<Account>;
