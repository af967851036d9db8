import { Failure } from '../../domain/failure.ts';
import { type Connection, plain, type Statement } from './connection.ts';
import { addColumn, columnNames, createTable, neededIndexes, TABLE_NAMES } from './schema.ts';

/** What automx2's migrations (alembic) call the layout that we know, and the two before it, the oldest first. */
const CURRENT_REVISION = '43ebb40d0578';
const WITHOUT_DAV = '5334f8a8282c';
const WITHOUT_PRIORITY = 'f62e64b43d2f';

/**
 * The layout of a database. absent: none or not all of our tables; outdated: that of an older automx2; foreign: tables
 * with our names that are not ours, or of an automx2 that is newer than we know.
 */
export type Layout =
  | { readonly kind: 'absent' | 'current' }
  | { readonly kind: 'outdated'; readonly revision: string }
  | { readonly kind: 'foreign'; readonly reason: string };

/** One thing that is missing, in words, and the statement that adds it. */
export interface Step {
  readonly description: string;
  readonly statement: Statement;
}

export interface Inspection {
  readonly layout: Layout;
  /** What is to be done to have every table, column and index; nothing takes anything away. */
  readonly steps: readonly Step[];
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

/** Compares the database with what we know. */
export async function inspect(connection: Pick<Connection, 'dialect' | 'query'>): Promise<Inspection> {
  const { dialect } = connection;
  const present = new Map<string, Set<string>>();
  for (const row of await connection.query(plain(dialect.columns))) {
    const table = lower(row['table_name']);
    present.set(table, (present.get(table) ?? new Set()).add(lower(row['column_name'])));
  }
  const indexes = new Set((await connection.query(plain(dialect.indexes))).map((row) => lower(row['index_name'])));
  const hasRevision = present.get('alembic_version')?.has('version_num') === true;
  const revisionRows = hasRevision ? await connection.query(plain('SELECT version_num FROM alembic_version')) : [];
  const revisions = revisionRows.map((row) => String(row['version_num']));

  const missingTables = TABLE_NAMES.filter((table) => !present.has(table));
  for (const table of missingTables) await assertMissing(connection, table);
  const missingColumns = TABLE_NAMES.filter((table) => present.has(table)).flatMap((table) =>
    columnNames(table)
      .filter((column) => present.get(table)?.has(column) !== true)
      .map((column) => ({ table, column })),
  );
  const steps: Step[] = [
    ...missingColumns.map(({ table, column }) => ({
      description: `column ${column} added to table ${table}`,
      statement: plain(addColumn(dialect, table, column)),
    })),
    ...missingTables.map((table) => ({
      description: `table ${table} created`,
      statement: plain(createTable(dialect, table)),
    })),
    ...[...neededIndexes(dialect)]
      .filter(([name]) => !indexes.has(name))
      .map(([name, on]) => ({
        description: `index ${name} created`,
        statement: plain(`CREATE INDEX ${name} ON ${on}`),
      })),
  ];
  const layout = layoutOf({ missingTables, missingColumns, revisions });
  if (layout.kind === 'outdated' && revisions.length > 0) {
    steps.push({
      description: `alembic_version set to ${CURRENT_REVISION}`,
      statement: { sql: 'UPDATE alembic_version SET version_num = ?', parameters: [CURRENT_REVISION] },
    });
  }
  return { layout, steps };
}

function layoutOf({
  missingTables,
  missingColumns,
  revisions,
}: {
  readonly missingTables: readonly string[];
  readonly missingColumns: readonly { readonly table: string; readonly column: string }[];
  readonly revisions: readonly string[];
}): Layout {
  const [revision] = revisions;
  const known = [CURRENT_REVISION, WITHOUT_DAV, WITHOUT_PRIORITY];
  if (revisions.length > 1 || (revision !== undefined && !known.includes(revision))) {
    // Of a newer automx2, or of another program: in either case our tables would not belong there.
    return { kind: 'foreign', reason: 'its alembic_version is none that this program knows; it may be newer' };
  }
  if (missingTables.length === TABLE_NAMES.length) return { kind: 'absent' };
  const isPriority = ({ table, column }: { table: string; column: string }): boolean =>
    table === 'server' && column === 'prio';
  const strange = missingColumns.find((missing) => !isPriority(missing));
  if (strange !== undefined) {
    return { kind: 'foreign', reason: `its table ${strange.table} has no column ${strange.column}` };
  }
  if (missingColumns.some(isPriority)) return { kind: 'outdated', revision: WITHOUT_PRIORITY };
  if (revision === WITHOUT_DAV || revision === WITHOUT_PRIORITY) return { kind: 'outdated', revision };
  if (missingTables.length === 0) return { kind: 'current' };
  // Without a revision and with tables of the first layout missing, somebody's CREATE TABLE was cut short.
  const lacksDavOnly = missingTables.every((table) => table.startsWith('davserver'));
  return lacksDavOnly ? { kind: 'outdated', revision: WITHOUT_DAV } : { kind: 'absent' };
}
