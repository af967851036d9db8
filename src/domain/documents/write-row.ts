import { FieldError } from '../fields.ts';
import { readServerRow } from '../read-rows.ts';
import type { ServerTable } from '../row-index.ts';
import type { NamedTable } from '../row-names.ts';
import { type Column, columnsOf, type Row, type Value } from '../tables.ts';
import { readColumn } from './read-row.ts';
import { COLUMN } from './settings.ts';

export type Members = Readonly<Record<string, unknown>>;

const isNone = ({ isNullable }: Column, value: Value): boolean =>
  value === null || (value === '' && isNullable === true);

/** The columns of a row as members of a document, in the operator's words. Throws FieldError for what no document may hold. */
function rowMembers(table: NamedTable, row: Row, isLeftOut: (column: string, value: Value) => boolean): Members {
  return Object.fromEntries(
    Object.entries(columnsOf(table)).flatMap(([name, column]): [string, Value][] => {
      const stored = row[name] ?? null;
      if (COLUMN(name, column) === undefined) return [];
      // An absent member would get a default here; an empty text stands for NULL.
      if (isNone(column, stored)) return column.kind === 'text' && column.absent !== null ? [[name, '']] : [];
      // SQLite and MySQL keep booleans as numbers.
      const value = column.kind === 'boolean' ? stored === true || stored === 1 : stored;
      if (isLeftOut(name, value)) return [];
      return [[name, readColumn(column, value, name)]];
    }),
  );
}

/** Members that follow from a DAV server's URL are left out. automx2 ignores a port of 0 or less. */
const impliedBy =
  (row: Row) =>
  (column: string, value: Value): boolean =>
    (column === 'use_ssl' && value === /^https:/i.test(String(row['url']).trim())) ||
    (column === 'domain_required' && value === true) ||
    (column === 'port' && typeof value === 'number' && value <= 0);

// Each returns the members of a row, and throws FieldError if it is unusable, or holds what no document may hold.

/** `withShortName`: or the one that follows from its name. */
export const providerMembers = (row: Row, withShortName: boolean): Members =>
  rowMembers('provider', row, (column) => column === 'short_name' && !withShortName);

export function directoryMembers(row: Row, withSecrets: boolean): Members {
  readServerRow('ldapserver', row);
  return rowMembers('ldapserver', row, (column) => column === 'bind_password' && !withSecrets);
}

export function serverMembers(table: ServerTable, row: Row): Members {
  readServerRow(table, row);
  return rowMembers(table, row, table === 'davserver' ? impliedBy(row) : () => false);
}

/** Whether a document can say what the row says. */
export function isSayable(table: ServerTable | 'ldapserver', row: Row): boolean {
  try {
    if (table === 'ldapserver') directoryMembers(row, true);
    else serverMembers(table, row);
    return true;
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return false;
  }
}
