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
  jsonObject: (members) => `json_object(${members})`,
  primaryKey: 'INTEGER PRIMARY KEY NOT NULL',
  tableOptions: '',
  columns:
    'SELECT tables.name AS table_name, columns.name AS column_name ' +
    "FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'",
  indexes: "SELECT name AS index_name FROM sqlite_master WHERE type = 'index'",
  lacksIndexes: true,
  untranslatable: [],
  renumber: () => [],
};
