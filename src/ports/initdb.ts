import type { DocumentKind } from '../domain/documents/read-document.ts';
import type { ReadSecret } from '../domain/documents/settings.ts';

/** What /initdb/ and `automx2 init` do to the rows of a database. */
export interface Initdb {
  /** Throws not_permitted where the settings are not kept in a database. */
  assertDatabase(): void;
  /** Creates tables and sample data; false: the database holds data already, and no row was touched. */
  seedSample(): Promise<boolean>;
  /**
   * Stores a JSON document: a seed of version 1 or 2, or a settings document, in UTF-8. Without `readSecret`, none that names
   * a file. Resolves with what it was. Rejects with document_invalid or data_exist.
   */
  seedJson(octets: Uint8Array, readSecret?: ReadSecret): Promise<DocumentKind>;
  /** Deletes every row of every table. */
  purge(): Promise<void>;
}
