import type { DomainName } from '../domain/domain-name.ts';
import type { MailDomain } from '../domain/mail-domain.ts';
import type { Seed } from '../domain/seed.ts';

/** unprepared: no tables; empty: tables without a single row; filled: anything else. */
export type StoreState = 'unprepared' | 'empty' | 'filled';

/**
 * Where the operator's settings live. Every database passes the same contract test.
 * Each method rejects with store_unavailable while the database cannot be asked.
 */
export interface SettingsStore {
  /** Undefined means "not served here", which is no failure. Rejects with store_unprepared if tables are missing. */
  findDomain(name: DomainName): Promise<MailDomain | undefined>;
  state(): Promise<StoreState>;
  /** Creates what is missing of tables and indexes; touches no row. */
  createTables(): Promise<void>;
  /** Creates the tables and stores the seed, all or nothing. Rejects with data_exist unless the store is empty. */
  seed(seed: Seed): Promise<void>;
  /** Deletes every row, all or nothing. */
  purge(): Promise<void>;
  close(): Promise<void>;
}
