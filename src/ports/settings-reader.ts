import type { DomainName, Wildcard } from '../domain/domain-name.ts';
import type { MailDomain } from '../domain/mail-domain.ts';
import type { UnusableRow } from '../domain/read-rows.ts';

/** A row of the table of domains, and what it comes to. */
export interface StoredDomain {
  readonly id: number;
  /** Undefined: the stored name is not a domain name. */
  readonly name: DomainName | Wildcard | undefined;
  /** That of a sample, where a wildcard serves many. Undefined: nothing is served for this row, and `unusable` says why. */
  readonly mailDomain: MailDomain | undefined;
  readonly unusable: readonly UnusableRow[];
}

/** Every row that spells this domain; or the rows after an id: the next page of a walk over all. */
export type DomainChoice = DomainName | Wildcard | { readonly afterId: number };

/**
 * Where the operator's settings are read from. Every implementation passes the same contract test.
 * Each method rejects with store_unavailable while the source is unreachable, and with store_unprepared if tables are
 * missing.
 */
export interface SettingsReader {
  /** By its own row, or by that of a wildcard. Undefined means "not served here", which is no failure. */
  find(name: DomainName): Promise<MailDomain | undefined>;
  /**
   * For caches: a number that differs once the stored data may have changed, by us or by another program. A change
   * counts from the next turn of the event loop on. Undefined: the source cannot tell. Throws store_unavailable.
   */
  version(): number | undefined;
  /** Stored domains in order of id, at most a page of them; an empty page ends the walk. */
  walk(choice: DomainChoice): Promise<readonly StoredDomain[]>;
  /** One cheap question: rejects as a look-up would; resolves with whether any domain is stored. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
}
