import type { StoreReport } from './settings-store.ts';

/** What an operator may do to the database as a whole, over HTTP or on the command line. */
export interface DatabasePreparation {
  report(): Promise<StoreReport>;
  /** Creates tables and indexes and no row. */
  createTables(): Promise<void>;
  /** Creates tables and sample data; false: data exist already, and no row was touched. */
  seedSample(): Promise<boolean>;
  /** Takes a JSON document of version 1 or 2, in UTF-8. Rejects with seed_invalid or data_exist. */
  seedJson(octets: Uint8Array): Promise<void>;
  /** Deletes every row of every table. */
  purge(): Promise<void>;
  /** Brings an older layout to the current one; returns what was done, a line each. */
  migrate(): Promise<readonly string[]>;
}
