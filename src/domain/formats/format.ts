import type { EmailAddress } from '../email-address.ts';
import type { ServedDomain } from '../served-domain.ts';
import type { UserAccount } from '../user-account.ts';
import type { ClientRule } from './client-rule.ts';

/** A document that clients ask for: how it is written, and which clients cannot use it. */
export interface Format {
  /** For `lookup --format` and the access log. */
  readonly name: string;
  /** domain: all users get the same document, unless `ServedDomain.differsByAddress`; user: each gets an own one. */
  readonly scope: 'domain' | 'user';
  readonly contentType: string;
  /** Writes the document of one user. Throws domain_unusable if the settings lack what the format needs. */
  write(user: UserAccount): string;
  /** What `write` makes of an address by other means than placeholders. */
  derived?(address: EmailAddress): readonly string[];
  /** What known clients cannot use in this format. */
  readonly rules: readonly ClientRule[];
}

/** A format that can answer without an address, too. */
export interface DomainFormat extends Format {
  writeForDomain(domain: ServedDomain): string;
}
