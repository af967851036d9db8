import type { Fields } from '../../domain/fields.ts';
import type { RowChanges } from '../../domain/plan/row-changes.ts';
import {
  BEFORE_ALL,
  columnsOf,
  emptyRows,
  REFERENCES,
  type Row,
  type Rows,
  TABLE_NAMES,
  TABLES,
  type Table,
  type TableName,
  type Value,
} from '../../domain/tables.ts';
import { type Dialect, plain, type ResultRow, type SqlValue, type Statement, type Transaction } from './connection.ts';
import { readSettings } from './read-look-ups.ts';
import { bindable, renumber } from './schema.ts';
import { member } from './statements.ts';

/** Rows that one statement reads, and that one stores: drivers bind at most 32,766 parameters (SQLite). */
const READ_ROWS = 5_000;
const STORED_ROWS = 200;

/** The key columns of a table: they identify its rows, and give the order of reading. */
export const keyOf = (table: TableName): readonly string[] => (TABLES[table] as Table).primaryKey ?? ['id'];

const isText = (table: TableName, column: string): boolean => columnsOf(table)[column]?.kind === 'text';
const hasTextKey = (table: TableName): boolean => keyOf(table).some((name) => isText(table, name));

/** The condition that a key comes behind another one. On the first column by itself, for an index to be used. */
function behind(
  [first = 'id', ...others]: readonly string[],
  [value = null, ...values]: readonly SqlValue[],
): Statement {
  if (others.length === 0) return { sql: `${first} > ?`, parameters: [value] };
  const { sql, parameters } = behind(others, values);
  return { sql: `${first} >= ? AND (${first} > ? OR (${sql}))`, parameters: [value, value, ...parameters] };
}

/** The rows behind a key. */
function pageOf(dialect: Dialect, table: TableName, after: readonly SqlValue[]): Statement {
  const members = Object.entries(columnsOf(table)).map(
    ([name, column]) => `'${name}', ${member(dialect, `${table}.${name}`, column)}`,
  );
  const { sql: condition, parameters } = behind(keyOf(table), after);
  const order = keyOf(table).join(', ');
  const selected = [`${dialect.jsonObject(members.join(', '))} AS settings`, ...(hasTextKey(table) ? [order] : [])];
  return {
    sql: `SELECT ${selected.join(', ')} FROM ${table} WHERE ${condition} ORDER BY ${order} LIMIT ${READ_ROWS}`,
    parameters,
  };
}

const isValue = (value: unknown): value is Value =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** A row as the database's JSON has it; anything but text, number or boolean counts as NULL. */
function rowOf(stored: Fields): Row {
  // Nearly always the object as it was parsed, which takes the least memory.
  if (Object.values(stored).every(isValue)) return stored as Row;
  return Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, isValue(value) ? value : null]));
}

function* readTable(dialect: Dialect, table: TableName): Transaction<readonly Row[]> {
  const rows: Row[] = [];
  let after: readonly SqlValue[] = keyOf(table).map((name) => (isText(table, name) ? '' : BEFORE_ALL));
  for (;;) {
    const page: readonly ResultRow[] = yield pageOf(dialect, table, after);
    for (const { settings } of page) rows.push(rowOf(readSettings(String(settings))));
    if (page.length < READ_ROWS) return rows;
    // Where a key is a text, as the driver has it: in SQLite it may be long or a BLOB, and JSON shows something else.
    const last = hasTextKey(table) ? page.at(-1) : rows.at(-1);
    after = keyOf(table).map((name) => (hasTextKey(table) ? (last?.[name] as SqlValue) : Number(last?.[name])));
  }
}

/** All rows of these tables, in order of their keys. */
export function* readAllRows(dialect: Dialect, tables: readonly TableName[]): Transaction<Rows> {
  const rows: { [T in TableName]: readonly Row[] } = emptyRows();
  for (const table of tables) rows[table] = yield* readTable(dialect, table);
  return rows;
}

/** Statements that store rows, several at a time. */
export function* insertRows(table: TableName, rows: readonly Row[]): Generator<Statement, void, unknown> {
  const names = Object.keys(columnsOf(table));
  const marks = `(${names.map(() => '?').join(', ')})`;
  for (let at = 0; at < rows.length; at += STORED_ROWS) {
    const some = rows.slice(at, at + STORED_ROWS);
    yield {
      sql: `INSERT INTO ${table} (${names.join(', ')}) VALUES ${some.map(() => marks).join(', ')}`,
      parameters: some.flatMap((row) => names.map((name) => bindable(row[name] ?? null))),
    };
  }
}

function* deleteRows(table: TableName, rows: readonly Row[]): Generator<Statement, void, unknown> {
  const condition = keyOf(table)
    .map((name) => `${name} = ?`)
    .join(' AND ');
  for (let at = 0; at < rows.length; at += STORED_ROWS) {
    const some = rows.slice(at, at + STORED_ROWS);
    yield {
      sql: `DELETE FROM ${table} WHERE ${some.map(() => `(${condition})`).join(' OR ')}`,
      parameters: some.flatMap((row) => keyOf(table).map((name) => bindable(row[name] ?? null))),
    };
  }
}

const LINK_TABLES = TABLE_NAMES.filter((table) =>
  keyOf(table).every((name) => columnsOf(table)[name]?.kind === 'reference'),
);
const OTHER_TABLES = TABLE_NAMES.filter((table) => !LINK_TABLES.includes(table) && table !== 'automx2_extra');

/** Statements that delete what is stored of the names and kinds of these extras. */
export function* clearExtras(rows: readonly Row[]): Generator<Statement, void, unknown> {
  const kinds = new Map(rows.map((row) => [`${row['domain_name']} ${row['kind']}`, row]));
  for (const { domain_name = null, kind = null } of kinds.values()) {
    yield {
      sql: 'DELETE FROM automx2_extra WHERE domain_name = ? AND kind = ?',
      parameters: [bindable(domain_name), bindable(kind)],
    };
  }
}

/** Statements that delete extras. */
const deleteExtras = (rows: readonly Row[]): Generator<Statement, void, unknown> => deleteRows('automx2_extra', rows);

/** Statements that delete links without server or domain: whoever gets the id of what is missing would inherit the other. */
export const removeOrphans = (): readonly Statement[] =>
  LINK_TABLES.map((table) => {
    const isMissing = REFERENCES.filter((reference) => reference.table === table).map(
      ({ column, to }) => `NOT EXISTS (SELECT 1 FROM ${to} WHERE ${to}.id = ${table}.${column})`,
    );
    return plain(`DELETE FROM ${table} WHERE ${isMissing.join(' OR ')}`);
  });

/** A change of at least so many rows is followed by ANALYZE. */
const MANY_ROWS = 1_000;

/** Statements that follow a change of `count` rows. */
export function* settle(
  dialect: Dialect,
  tables: readonly TableName[],
  count: number,
): Generator<Statement, void, unknown> {
  yield* renumber(dialect, TABLES).map(plain);
  if (count >= MANY_ROWS) yield* dialect.analyze(tables).map(plain);
}

/** How many rows there are, of all tables together. */
export const countRows = (rows: Rows): number => TABLE_NAMES.reduce((count, table) => count + rows[table].length, 0);

/** Statements that change rows of these tables, such that references always have what they refer to. */
export function* changeRows(
  dialect: Dialect,
  tables: readonly TableName[],
  { inserted, updated, deleted }: RowChanges,
): Generator<Statement, void, unknown> {
  for (const table of LINK_TABLES) yield* deleteRows(table, deleted[table]);
  // Before another comes whose name the database takes for the same: MySQL is blind to accents.
  yield* deleteRows('domain', deleted.domain);
  for (const table of OTHER_TABLES) yield* insertRows(table, inserted[table]);
  for (const { table, id, values } of updated) {
    const names = Object.keys(values);
    yield {
      sql: `UPDATE ${table} SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`,
      parameters: [...names.map((name) => bindable(values[name] ?? null)), id],
    };
  }
  for (const table of OTHER_TABLES.toReversed()) {
    if (table !== 'domain') yield* deleteRows(table, deleted[table]);
  }
  for (const table of LINK_TABLES) yield* insertRows(table, inserted[table]);
  // In this order: a changed row is deleted and inserted again.
  yield* deleteExtras(deleted.automx2_extra);
  yield* insertRows('automx2_extra', inserted.automx2_extra);
  yield* settle(dialect, tables, countRows(inserted) + countRows(deleted));
}
