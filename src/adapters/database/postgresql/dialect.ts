import type { Dialect } from '../connection.ts';

export const POSTGRESQL: Dialect = {
  foldedName: (column) => `lower(${column})`,
  join: 'JOIN',
  jsonMember: (column) => column,
  // It does so for one that is used more than once.
  computedOnce: 'AS',
  jsonObject: (members) => `json_build_object(${members})::text`,
  primaryKey: 'SERIAL PRIMARY KEY NOT NULL',
  tableOptions: '',
  ownTableOptions: '',
  columns:
    "SELECT table_name, column_name, table_type NOT IN ('VIEW', 'FOREIGN') AS is_table FROM information_schema.columns " +
    'JOIN information_schema.tables USING (table_schema, table_name) WHERE table_schema = current_schema() ' +
    // The information schema leaves materialized views out.
    'UNION ALL SELECT relname, attname, FALSE FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid ' +
    "WHERE relkind = 'm' AND relnamespace = current_schema()::regnamespace AND attnum > 0",
  askAgainMs: 1_000,
  ifReadable: (table) => `WHERE has_table_privilege(to_regclass('${table}'), 'SELECT')`,
  indexes: 'SELECT indexname AS index_name FROM pg_indexes WHERE schemaname = current_schema()',
  lacksIndexes: true,
  // insufficient_privilege, undefined_function: `data` may be of the type jsonb.
  denied: ['42501', '42883'],
  untranslatable: ['22P05'],
  lock: (tables) => [`LOCK TABLE ${tables.join(', ')} IN SHARE ROW EXCLUSIVE MODE`],
  renumber: (table) => [
    `SELECT setval(pg_get_serial_sequence('${table}', 'id'), (SELECT max(id) FROM ${table})) WHERE EXISTS (SELECT 1 FROM ${table})`,
  ],
  // Autovacuum comes by a minute later, and what is kept prepared is planned only once.
  analyze: (tables) => [`ANALYZE ${tables.join(', ')}`],
};
