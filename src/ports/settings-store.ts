import type { DomainName } from '../domain/domain-name.ts';
import type { MailDomain } from '../domain/mail-domain.ts';
import type { Seed } from '../domain/seed.ts';

/**
 * unprepared: no tables, or not all; outdated: those of an older automx2, which `migrate` upgrades; foreign: not ours,
 * or newer than we know; empty: tables without a single row; filled: anything else.
 */
export type StoreState = 'unprepared' | 'outdated' | 'foreign' | 'empty' | 'filled';

/** What is there, and what is missing. */
export interface StoreReport {
  readonly state: StoreState;
  /** For the operator: which layout it is, or why it is foreign. */
  readonly detail: string;
  /** What `migrate` or `createTables` would do, a line each. */
  readonly missing: readonly string[];
}

/** A row of the database that makes no sense and is left out. */
export interface SenselessRow {
  readonly table: string;
  readonly id: number;
  readonly reason: string;
}

/** A row of the table of domains, and what it comes to. */
export interface StoredDomain {
  readonly id: number;
  /** Undefined: the stored name is none. */
  readonly name: DomainName | undefined;
  /** Undefined: nothing is served for this row, and `leftOut` says why. */
  readonly mailDomain: MailDomain | undefined;
  readonly leftOut: readonly SenselessRow[];
}

/** The rows that are this domain, in whatever spelling; or those after an id, the next ones of a walk over all. */
export type DomainChoice = DomainName | { readonly afterId: number };

/**
 * Where the operator's settings live. Every database passes the same contract test.
 * Each method rejects with store_unavailable while the database cannot be asked.
 */
export interface SettingsStore {
  /** Undefined means "not served here", which is no failure. Rejects with store_unprepared if tables are missing. */
  findDomain(name: DomainName): Promise<MailDomain | undefined>;
  /**
   * A number that is another one once what is stored may have changed, whoever changed it; for a cache. What changes
   * within a turn of the event loop counts from the next one on. Undefined: the database cannot tell without being asked.
   * Throws store_unavailable.
   */
  dataVersion(): number | undefined;
  /**
   * Stored domains in order of id, at most a page of them; none: these were all. Rejects with store_unprepared if tables
   * are missing.
   */
  storedDomains(choice: DomainChoice): Promise<readonly StoredDomain[]>;
  report(): Promise<StoreReport>;
  /** Creates what is missing of tables and indexes; touches no row. Rejects with store_unprepared unless all is ours. */
  createTables(): Promise<void>;
  /** Creates the tables and stores the seed, all or nothing. Rejects with data_exist unless the store is empty. */
  seed(seed: Seed): Promise<void>;
  /** Deletes every row, all or nothing. */
  purge(): Promise<void>;
  /** Brings an older layout to the current one, keeping every row; returns what was done, a line each. */
  migrate(): Promise<readonly string[]>;
  close(): Promise<void>;
}
