import { TABLE_NAMES } from '../../../domain/tables.ts';
import type { Dialect } from '../connection.ts';

export const SQLITE: Dialect = {
  // Folds ASCII letters only; storedSpellings knows.
  foldedName: (column) => `lower(${column})`,
  // Keeps the order: it knows nothing of how few rows a MATERIALIZED expression has.
  join: 'CROSS JOIN',
  // A column may hold a BLOB whatever its type says, and JSON may not.
  jsonMember: (column) => `iif(typeof(${column}) = 'blob', CAST(${column} AS TEXT), ${column})`,
  computedOnce: 'AS MATERIALIZED',
  notADatabase: 'SQLITE_NOTADB',
  noFile: 'SQLITE_CANTOPEN',
  jsonObject: (members) => `json_object(${members})`,
  primaryKey: 'INTEGER PRIMARY KEY NOT NULL',
  tableOptions: '',
  ownTableOptions: '',
  columns:
    "SELECT tables.name AS table_name, columns.name AS column_name, tables.type = 'table' AS is_table " +
    'FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns ' +
    // A view that is broken is an error, so others than ours are not asked for their columns.
    "WHERE tables.type = 'table' OR tables.type = 'view' " +
    `AND lower(tables.name) IN (${TABLE_NAMES.map((name) => `'${name}'`).join(', ')})`,
  // At each look-up: what is kept of an answer counts as long as nobody changes the file.
  askAgainMs: 0,
  ifReadable: (table) => `FROM sqlite_master WHERE lower(name) = '${table}'`,
  indexes: "SELECT name AS index_name FROM sqlite_master WHERE type = 'index'",
  lacksIndexes: true,
  denied: [],
  untranslatable: [],
  // A transaction that begins IMMEDIATE has the file to itself.
  lock: () => [],
  renumber: () => [],
  // A look-up is written such that it needs no statistics.
  analyze: () => [],
};
