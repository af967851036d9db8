import { REFERENCES, type TableName } from '../../domain/tables.ts';
import type { Stray } from '../../ports/database-admin.ts';
import { keyOf } from './changes.ts';
import { plain, type ResultRow, type Statement } from './connection.ts';

/** One more than is shown says that there are more. */
const MAX_ROWS = 11;

interface Question {
  readonly kind: Stray['kind'];
  readonly table: TableName;
  readonly statement: Statement;
}

function ask(kind: Stray['kind'], table: TableName, condition: string): Question {
  const key = keyOf(table).join(', ');
  const sql = `SELECT ${key} FROM ${table} WHERE ${condition} ORDER BY ${key} LIMIT ${MAX_ROWS}`;
  return { kind, table, statement: plain(sql) };
}

/** Rows that name one that is not there, for each table once. */
const dangling = [...new Set(REFERENCES.map(({ table }) => table))].map((table) => {
  const missing = REFERENCES.filter((reference) => reference.table === table).map(
    ({ column, to }) =>
      `(${table}.${column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${to} WHERE ${to}.id = ${table}.${column}))`,
  );
  return ask('dangling', table, missing.join(' OR '));
});

/** Rows that no other one names, of tables that are there to be named; a domain is there for itself. */
const unused = [...new Set(REFERENCES.map(({ to }) => to))]
  .filter((table) => table !== 'domain')
  .map((table) => {
    const used = REFERENCES.filter(({ to }) => to === table).map(
      (reference) =>
        `NOT EXISTS (SELECT 1 FROM ${reference.table} WHERE ${reference.table}.${reference.column} = ${table}.id)`,
    );
    return ask('unused', table, used.join(' AND '));
  });

/** By a list that is made once: MariaDB would compare each row with all others. */
const sameName = ask('same name', 'provider', 'name IN (SELECT name FROM provider GROUP BY name HAVING count(*) > 1)');

const QUESTIONS: readonly Question[] = [...dangling, ...unused, sameName];

/** Rows that belong nowhere, some of each table. `query` runs a statement. */
export async function findStrays(
  query: (statement: Statement) => Promise<readonly ResultRow[]>,
): Promise<readonly Stray[]> {
  const strays: Stray[] = [];
  for (const { kind, table, statement } of QUESTIONS) {
    const rows = await query(statement);
    const keys = rows.map((row) =>
      keyOf(table)
        .map((name) => `${name === 'id' ? '' : `${name} `}${row[name]}`)
        .join(', '),
    );
    if (keys.length > 0) strays.push({ kind, table, rows: keys });
  }
  return strays;
}
