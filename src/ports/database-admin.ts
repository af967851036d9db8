import type { RowChanges } from '../domain/plan/row-changes.ts';
import type { Rows } from '../domain/tables.ts';

/**
 * unprepared: no tables, or not all; outdated: those of an older automx2, which `migrate` upgrades; foreign: not ours,
 * or newer than we know; empty: tables without a single row; filled: anything else.
 */
export type DatabaseState = 'unprepared' | 'outdated' | 'foreign' | 'empty' | 'filled';

/** What is there, and what is missing. */
export interface DatabaseReport {
  readonly state: DatabaseState;
  /** For the operator: which layout it is, or why it is foreign. */
  readonly detail: string;
  /** What `migrate` or `create` would do, a line each. */
  readonly missing: readonly string[];
  /** How many of them are indexes. */
  readonly missingIndexes: number;
  /** Names of those of automx2's tables that are views or foreign tables: only read, never changed. */
  readonly views: readonly string[];
  /** Names of tables that are of another program. */
  readonly others: readonly string[];
}

/**
 * Rows of a table that belong nowhere. dangling: they name a row that is not there; unused: no other row names them; same
 * name: to people, they are one.
 */
export interface Stray {
  readonly kind: 'dangling' | 'unused' | 'same name' | 'no domain';
  readonly table: string;
  /** Their keys, or names of domains, a few. */
  readonly rows: readonly string[];
}

/**
 * What an operator does to a database as a whole. Each method rejects with store_unavailable while the database is
 * unreachable, and with store_unprepared if its layout does not permit the operation.
 */
export interface DatabaseAdmin {
  report(): Promise<DatabaseReport>;
  /** Creates the tables and indexes that are missing; touches no row. */
  create(): Promise<void>;
  /** Brings an older layout to the current one, keeping every row; returns what was done, a line each. */
  migrate(): Promise<readonly string[]>;
  /** Creates the tables and stores the rows, all or nothing. Rejects with data_exist unless the database is empty. */
  seed(rows: Rows): Promise<void>;
  /** All rows as they are stored, of one moment. */
  rows(): Promise<Rows>;
  /**
   * Changes rows as `decide` says for all that are stored then; nobody else changes any meanwhile. All or nothing; where
   * `decide` throws, nothing. Links without server or domain go, too.
   */
  change(decide: (rows: Rows) => RowChanges): Promise<void>;
  /** What hand-written changes leave behind. */
  strays(): Promise<readonly Stray[]>;
  /** Deletes every row, all or nothing. */
  purge(): Promise<void>;
}
