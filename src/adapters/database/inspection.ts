import { Failure } from '../../domain/failure.ts';
import { type Column, isRequired, TABLES, type Table, type Tables } from '../../domain/tables.ts';
import { type Connection, plain, type Statement } from './connection.ts';
import { isAboutTables } from './reading-extras.ts';
import { addColumn, createTable, neededIndexes } from './schema.ts';

/** What automx2's migrations (alembic) call the layout that we know, and the three before it, the newest first. */
const CURRENT_REVISION = '43ebb40d0578';
const WITHOUT_DAV = '5334f8a8282c';
const WITHOUT_PRIORITY = 'f62e64b43d2f';
const WITHOUT_DIRECTORY = '13f41ca95089';

/** Columns that layouts before ours lack: by table and column, the newest layout without it. */
const LATER_COLUMNS: ReadonlyMap<string, string> = new Map([
  ['domain.ldapserver_id', WITHOUT_DIRECTORY],
  ['server.prio', WITHOUT_PRIORITY],
]);

/**
 * The layout of a database. absent: none or not all of automx2's tables; outdated: that of an older automx2; foreign:
 * tables with these names and other columns, or an automx2 that is newer than this program. Additive tables may be missing.
 */
export type Layout =
  | { readonly kind: 'absent' | 'current' }
  | { readonly kind: 'outdated'; readonly revision: string }
  | { readonly kind: 'foreign'; readonly reason: string };

/** One thing that is missing, in words, and the statement that adds it. */
export interface Step {
  readonly kind: 'table' | 'column' | 'index' | 'revision';
  readonly description: string;
  readonly statement: Statement;
}

export interface Inspection {
  readonly layout: Layout;
  /** What creates the missing tables, columns and indexes; no step removes anything. */
  readonly steps: readonly Step[];
  /** Names of those of our tables that are views or foreign tables here: rows are read from them, nothing else is done. */
  readonly views: readonly string[];
  /** Names of tables that are of another program. */
  readonly others: readonly string[];
  /** Names of those of our tables that are there, parents before children; additive ones only if they can be read. */
  readonly existing: readonly string[];
}

interface MissingTable {
  readonly table: string;
  readonly definition: Table;
}
interface MissingColumn {
  readonly table: string;
  readonly column: string;
  readonly definition: Column;
}

/** Names from a catalogue: engines differ in the letter case of what they report. */
const lower = (value: unknown): string => String(value).toLowerCase();

/** Catalogues hide tables that we may not read. Rejects with store_unavailable if the table is there all the same. */
async function assertMissing(connection: Pick<Connection, 'query'>, table: string): Promise<void> {
  try {
    await connection.query(plain(`SELECT 1 FROM ${table} WHERE 1 = 0`));
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'store_unprepared') throw error;
  }
}

/** Whether an additive table cannot be used: it has another layout, or the user may not read it. The other tables are used. */
async function isUseless(
  connection: Pick<Connection, 'dialect' | 'query'>,
  table: string,
  { columns }: Table,
  isPresent: boolean,
): Promise<boolean> {
  try {
    await connection.query(plain(`SELECT ${Object.keys(columns).join(', ')} FROM ${table} WHERE 1 = 0`));
    return false;
  } catch (error) {
    if (!isAboutTables(error, connection.dialect)) throw error;
    // MySQL denies what is missing, too, to those who may not create it.
    return isPresent || error.code !== 'store_unprepared';
  }
}

/** What alembic and SQLite itself keep in tables. */
const BOOKKEEPING = /^(?:alembic_version$|sqlite_)/;

/** Compares the database with the description of its tables. */
export async function inspect(
  connection: Pick<Connection, 'dialect' | 'query'>,
  tables: Tables = TABLES,
): Promise<Inspection> {
  const { dialect } = connection;
  const present = new Map<string, Set<string>>();
  const ownTables = new Set<string>();
  for (const row of await connection.query(plain(dialect.columns))) {
    const table = lower(row['table_name']);
    present.set(table, (present.get(table) ?? new Set()).add(lower(row['column_name'])));
    if (row['is_table']) ownTables.add(table);
  }
  const useless = new Set<string>();
  for (const [table, definition] of Object.entries(tables)) {
    if (isRequired(definition)) continue;
    if (await isUseless(connection, table, definition, present.has(table))) useless.add(table);
  }
  const used = Object.entries(tables).filter(([table]) => !useless.has(table));
  const existing = used.map(([table]) => table).filter((table) => present.has(table));
  const views = existing.filter((table) => !ownTables.has(table));
  const indexes = new Set((await connection.query(plain(dialect.indexes))).map((row) => lower(row['index_name'])));
  const hasRevision = present.get('alembic_version')?.has('version_num') === true;
  const revisionRows = hasRevision ? await connection.query(plain('SELECT version_num FROM alembic_version')) : [];
  const revisions = revisionRows.map((row) => String(row['version_num']));

  const missingTables: MissingTable[] = [];
  const missingColumns: MissingColumn[] = [];
  for (const [table, definition] of used) {
    const columns = present.get(table);
    if (columns === undefined) {
      missingTables.push({ table, definition });
      continue;
    }
    for (const [column, columnDefinition] of Object.entries(definition.columns)) {
      if (!columns.has(column)) missingColumns.push({ table, column, definition: columnDefinition });
    }
  }
  for (const { table } of missingTables) await assertMissing(connection, table);
  const columnSteps = (isReference: boolean): Step[] =>
    missingColumns
      .filter(({ definition }) => (definition.kind === 'reference') === isReference)
      .map(({ table, column, definition }) => ({
        kind: 'column',
        description: `column ${column} added to table ${table}`,
        statement: plain(addColumn(dialect, table, column, definition)),
      }));
  const steps: Step[] = [
    ...columnSteps(false),
    ...missingTables.map(
      ({ table, definition }): Step => ({
        kind: 'table',
        description: `table ${table} created`,
        statement: plain(createTable(dialect, table, definition)),
      }),
    ),
    ...columnSteps(true), // the table that they refer to is there now
    ...[...neededIndexes(dialect)]
      .filter(([name, { table }]) => !indexes.has(name) && !views.includes(table))
      .map(
        ([name, { table, columns }]): Step => ({
          kind: 'index',
          description: `index ${name} created`,
          statement: plain(`CREATE INDEX ${name} ON ${table} (${columns})`),
        }),
      ),
  ];
  const layout = layoutOf({
    missingTables: missingTables.filter(({ definition }) => isRequired(definition)).map(({ table }) => table),
    requiredTables: Object.values(tables).filter(isRequired).length,
    missingColumns,
    views,
    revisions,
  });
  if (layout.kind === 'outdated' && revisions.length > 0) {
    steps.push({
      kind: 'revision',
      description: `alembic_version set to ${CURRENT_REVISION}`,
      statement: { sql: 'UPDATE alembic_version SET version_num = ?', parameters: [CURRENT_REVISION] },
    });
  }
  const others = [...ownTables].filter((table) => !Object.hasOwn(tables, table) && !BOOKKEEPING.test(table));
  return { layout, steps, views, others, existing };
}

function layoutOf({
  missingTables,
  requiredTables,
  missingColumns,
  views,
  revisions,
}: {
  readonly missingTables: readonly string[];
  /** How many tables automx2 has. */
  readonly requiredTables: number;
  readonly missingColumns: readonly MissingColumn[];
  readonly views: readonly string[];
  readonly revisions: readonly string[];
}): Layout {
  const [revision] = revisions;
  const known = [CURRENT_REVISION, WITHOUT_DAV, WITHOUT_PRIORITY, WITHOUT_DIRECTORY];
  if (revisions.length > 1 || (revision !== undefined && !known.includes(revision))) {
    // Of a newer automx2, or of another program: in either case our tables would not belong there.
    return { kind: 'foreign', reason: 'this program does not know its alembic_version; it may be newer' };
  }
  if (missingTables.length === requiredTables) return { kind: 'absent' };
  const missing = new Set(missingColumns.map(({ table, column }) => `${table}.${column}`));
  const strange = missingColumns.find(
    ({ table, column }) => views.includes(table) || !LATER_COLUMNS.has(`${table}.${column}`),
  );
  if (strange !== undefined) {
    const kind = views.includes(strange.table) ? 'view' : 'table';
    return { kind: 'foreign', reason: `its ${kind} ${strange.table} has no column ${strange.column}` };
  }
  const without = [...LATER_COLUMNS].find(([column]) => missing.has(column))?.[1];
  if (without !== undefined) return { kind: 'outdated', revision: without };
  if (revision !== undefined && revision !== CURRENT_REVISION) return { kind: 'outdated', revision };
  if (missingTables.length === 0) return { kind: 'current' };
  // Without a revision and with tables of the first layout missing, a CREATE TABLE was interrupted.
  const lacksDavOnly = missingTables.every((table) => table.startsWith('davserver'));
  return lacksDavOnly ? { kind: 'outdated', revision: WITHOUT_DAV } : { kind: 'absent' };
}
