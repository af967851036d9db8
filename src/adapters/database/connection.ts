import { Failure } from '../../domain/failure.ts';
import type { Redact } from './redaction.ts';

/** Values that every driver can bind. */
export type SqlValue = string | number | null;
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
  /** One of few texts that are run again and again: the server may keep it prepared. */
  readonly isKept?: true;
}
/** A row of an answer, as the driver gives it. */
export type ResultRow = Readonly<Record<string, unknown>>;

/** A statement without parameters. */
export const plain = (sql: string): Statement => ({ sql, parameters: [] });

/** Statements of one transaction, each with what its rows lead to. */
export type Transaction<T> = Generator<Statement, T, readonly ResultRow[]>;

export function* inOrder(statements: Iterable<Statement>): Transaction<void> {
  for (const statement of statements) yield statement;
}

/**
 * The little that the store needs from a database. Statements are written with "?" for parameters.
 * Each method rejects with store_unavailable, or store_unprepared where a table or column is missing.
 */
export interface Connection {
  readonly dialect: Dialect;
  /** One statement, in one round trip. */
  query(statement: Statement): Promise<readonly ResultRow[]>;
  /**
   * Runs the statements that `work` yields as one transaction, as far as the engine has transactions (MySQL commits at CREATE
   * and ALTER), and gives the rows of each back to it. Begins again where the engine ended the transaction in favour of
   * another one. A transaction that only reads sees one state of the whole database. Rejects with data_exist if a row is there
   * already.
   */
  transact<T>(access: 'read' | 'write', work: () => Transaction<T>): Promise<T>;
  /** As SettingsReader.version. */
  version(): number | undefined;
  close(): Promise<void>;
}

/** Where the engines' SQL differs. */
export interface Dialect {
  /** SQL for a stored domain name with (at least) its ASCII letters in lower case, such that an index serves it. */
  foldedName(column: string): string;
  /** SQL that joins tables, in the order in which they are written wherever the engine's own choice can be a bad one. */
  readonly join: string;
  /** "AS" of a common table expression, such that the engine computes it once. */
  readonly computedOnce: string;
  /** The driver's codes for a file of another kind, and for none; undefined: the engine has no files. */
  readonly notADatabase?: string;
  readonly noFile?: string;
  /** SQL for a column as a value in such an object, whatever its row holds. */
  jsonMember(column: string): string;
  /** SQL for a JSON object, as text, of alternating keys and values. */
  jsonObject(members: string): string;
  /** Type of a column `id` that numbers its rows by itself, for other programs that insert. */
  readonly primaryKey: string;
  /** What follows the columns of a CREATE TABLE. */
  readonly tableOptions: string;
  /** The same of a table of ours: its texts are equal only if they are so octet by octet. */
  readonly ownTableOptions: string;
  /** A query for the columns of all tables, and of views: `table_name`, `column_name`, `is_table`. */
  readonly columns: string;
  /** SQL that goes on after SELECT and a list of constants: one row if this table is there and may be read, else none. */
  ifReadable(table: string): string;
  /** How long look-ups go on before they ask that again. */
  readonly askAgainMs: number;
  /** A query for the names of all indexes: `index_name`. */
  readonly indexes: string;
  /** Whether look-ups need an index for `foldedName` and for `domain_id` that automx2's own tables lack. */
  readonly lacksIndexes: boolean;
  /** The driver's codes where the user may not read a table, or a column is of another type than ours. */
  readonly denied: readonly string[];
  /** The driver's codes where the database's character set cannot hold a text that a column is compared with. */
  readonly untranslatable: readonly string[];
  /** Statements that keep others from changing these tables until the transaction ends; they may be read meanwhile. */
  lock(tables: readonly string[]): readonly string[];
  /** Statements that let the engine go on numbering behind ids that we chose, for this table. */
  renumber(table: string): readonly string[];
  /** Statements after which the engine plans for the rows that these tables hold now, if it does not see to it in time. */
  analyze(tables: readonly string[]): readonly string[];
}

/** The driver's code for what made a statement fail; "": none, or not the driver's doing. */
export const driverCode = (error: unknown): string =>
  String((error as { readonly cause?: { readonly code?: unknown } }).cause?.code ?? '');

/**
 * What a driver's error comes to, by its code. The message holds no part of the database URL; and the cause is the code
 * alone, because objects of drivers hold passwords and rows.
 */
export function connectionFailure(
  engine: string,
  error: unknown,
  codes: { readonly unprepared: readonly string[]; readonly exists: readonly string[] },
  redact: Redact,
): Failure {
  if (error instanceof Failure) return error;
  const { code: given, message } = error as Error & { readonly code?: unknown };
  // A server can send any text as its code.
  const code = typeof given === 'string' && /^\w{1,64}$/.test(given) ? (redact(given) ?? '') : '';
  const cause = { code };
  if (codes.exists.includes(code)) return new Failure('data_exist', 'the database holds data already', { cause });
  const kind = codes.unprepared.includes(code) ? 'store_unprepared' : 'store_unavailable';
  // An AggregateError (every address of a host refused) has no message of its own.
  return new Failure(kind, `${engine}: ${redact(message) || code || 'no answer'}`, { cause });
}
