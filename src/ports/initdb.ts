/** What /initdb/ and `automx2 init` do to the rows of a database. */
export interface Initdb {
  /** Creates tables and sample data; false: the database holds data already, and no row was touched. */
  seedSample(): Promise<boolean>;
  /**
   * Takes a JSON document of version 1 or 2, in UTF-8. Resolves with the paths of its unknown members.
   * Rejects with seed_invalid or data_exist.
   */
  seedJson(octets: Uint8Array): Promise<readonly string[]>;
  /** Deletes every row of every table. */
  purge(): Promise<void>;
}
