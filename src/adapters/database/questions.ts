import { columnsOf, isRequired, TABLE_NAMES, TABLES } from '../../domain/tables.ts';
import { plain, type ResultRow } from './connection.ts';

/** Those that a look-up needs. */
export const REQUIRED_TABLES = TABLE_NAMES.filter((name) => isRequired(TABLES[name]));

/** Whether a domain is stored; each column is named, because a look-up needs them all. */
export const PING = plain(
  `SELECT EXISTS (SELECT 1 FROM domain) AS has_domains, ${REQUIRED_TABLES.map((table) => {
    const columns = Object.keys(columnsOf(table)).join(', ');
    return `(SELECT count(*) FROM (SELECT ${columns} FROM ${table} WHERE 1 = 0) AS ${table}_columns)`;
  }).join(' + ')} AS checked`,
);

/** Whether any row is stored. */
export const IS_FILLED = plain(
  REQUIRED_TABLES.map((table) => `SELECT EXISTS (SELECT 1 FROM ${table}) AS filled`).join(' UNION ALL '),
);

export const isAnyFilled = (rows: readonly ResultRow[]): boolean => rows.some((row) => Boolean(row['filled']));
