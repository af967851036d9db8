/** Values that every driver can bind. */
export type SqlValue = string | number | null;
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}
export type Row = Readonly<Record<string, unknown>>;

/**
 * The little that the store needs from a database. Statements are written with "?" for parameters.
 * Each method rejects with store_unavailable, or store_unprepared where a table or column is missing.
 */
export interface Connection {
  readonly dialect: Dialect;
  query(statement: Statement): Promise<readonly Row[]>;
  /** Runs the statements as one transaction. Rejects with data_exist if a row is there already. */
  apply(statements: readonly Statement[]): Promise<void>;
  close(): Promise<void>;
}

/** Where the engines' SQL differs. */
export interface Dialect {
  /** SQL for a stored domain name with (at least) its ASCII letters in lower case, such that an index serves it. */
  foldedName(column: string): string;
  /** Name of the function that makes a JSON object of keys and values. */
  readonly jsonObject: string;
  /** A query for the names of all tables and indexes, in a column `name`. */
  readonly catalogue: string;
}
