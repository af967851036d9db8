import type { Dialect } from '../connection.ts';

export const MYSQL: Dialect = {
  // MySQL's usual collations compare case-blind, so the index of the UNIQUE name serves as it is. They are blind to
  // accents, too; what is found is read again, and only the asked domain counts.
  foldedName: (column) => column,
  // InnoDB's statistics lag behind an import: it would begin with the few servers, and read every link of each.
  join: 'STRAIGHT_JOIN',
  jsonMember: (column) => column,
  // It does so where columns are subqueries.
  computedOnce: 'AS',
  jsonObject: (members) => `CAST(JSON_OBJECT(${members}) AS CHAR)`,
  primaryKey: 'INTEGER PRIMARY KEY NOT NULL AUTO_INCREMENT',
  tableOptions: ' ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4',
  ownTableOptions: ' ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin',
  columns:
    "SELECT columns.table_name AS table_name, column_name AS column_name, table_type NOT LIKE '%VIEW' AS is_table " +
    // The schema is named twice, or the server opens the tables of all.
    'FROM information_schema.columns AS columns JOIN information_schema.tables AS tables ' +
    'ON tables.table_schema = DATABASE() AND tables.table_name = columns.table_name ' +
    'WHERE columns.table_schema = DATABASE()',
  // A look-up with that question costs a fourth more.
  askAgainMs: 1_000,
  // It shows only tables for which the user has a privilege.
  ifReadable: (table) => `FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '${table}'`,
  indexes:
    'SELECT DISTINCT index_name AS index_name FROM information_schema.statistics WHERE table_schema = DATABASE()',
  // InnoDB makes an index for each foreign key, `domain_id` among them.
  lacksIndexes: false,
  denied: ['ER_TABLEACCESS_DENIED_ERROR', 'ER_COLUMNACCESS_DENIED_ERROR', 'ER_VIEW_INVALID'],
  untranslatable: [
    'ER_IMPOSSIBLE_STRING_CONVERSION', // MySQL 8, for a parameter
    'ER_CANNOT_CONVERT_STRING',
    'ER_CANT_AGGREGATE_2COLLATIONS',
    'ER_CANT_AGGREGATE_3COLLATIONS',
    'ER_CANT_AGGREGATE_NCOLLATIONS',
  ],
  // LOCK TABLES would end the transaction, and keep look-ups out.
  lock: (tables) => tables.map((table) => `SELECT count(*) FROM ${table} FOR UPDATE`),
  renumber: () => [], // AUTO_INCREMENT follows by itself
  analyze: () => [],
};
