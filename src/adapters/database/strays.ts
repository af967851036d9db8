import { type DomainName, parseDomainName, parseWildcard, type Wildcard } from '../../domain/domain-name.ts';
import { ALL_DOMAINS } from '../../domain/extras.ts';
import { REFERENCES, type TableName } from '../../domain/tables.ts';
import type { Stray } from '../../ports/database-admin.ts';
import { keyOf } from './changes.ts';
import { plain, type ResultRow, type Statement } from './connection.ts';
import { readName } from './read-look-ups.ts';

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

/** Names of extras that are compared with stored domains at a time. */
const PAGE_NAMES = 100;

type Query = (statement: Statement) => Promise<readonly ResultRow[]>;

/** The next names of extras. */
const namesAfter = (name: string): Statement => ({
  sql: `SELECT DISTINCT domain_name FROM automx2_extra WHERE domain_name > ? ORDER BY domain_name LIMIT ${PAGE_NAMES}`,
  parameters: [name],
});

/**
 * Extras that no look-up reads, some of them. Engines refuse to compare names of tables in different collations, and a domain
 * has several spellings: `rowsNamed` finds the domains that are stored under one of these names, and we compare.
 */
export async function findStrayExtras(
  query: Query,
  rowsNamed: (names: readonly (DomainName | Wildcard)[]) => Promise<readonly ResultRow[]>,
): Promise<readonly Stray[]> {
  const strays: string[] = [];
  for (let last = ''; strays.length < MAX_ROWS; ) {
    const page = (await query(namesAfter(last))).map((row) => String(row['domain_name']));
    const names = page.flatMap((name) => parseDomainName(name) ?? parseWildcard(name) ?? []);
    const stored = new Set(names.length === 0 ? [] : (await rowsNamed(names)).map((row) => readName(row).name));
    strays.push(...page.filter((name) => name !== ALL_DOMAINS && !stored.has(name as DomainName)));
    const [before, next] = [last, page.at(-1) ?? ''];
    // In SQLite a name may be a BLOB, which comes behind every text, itself as well.
    if (page.length < PAGE_NAMES || next === before) break;
    last = next;
  }
  return strays.length === 0 ? [] : [{ kind: 'no domain', table: 'automx2_extra', rows: strays.slice(0, MAX_ROWS) }];
}

/** Rows that belong nowhere, some of each table. `query` runs a statement. */
export async function findStrays(query: Query): Promise<readonly Stray[]> {
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
