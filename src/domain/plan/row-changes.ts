import { Failure } from '../failure.ts';
import { idOf, SERVER_TABLES, type ServerTable } from '../row-index.ts';
import type { NamedTable } from '../row-names.ts';
import {
  emptyRows,
  MAX_INTEGER,
  REFERENCES,
  type Row,
  type Rows,
  TABLE_NAMES,
  type TableName,
  type Value,
} from '../tables.ts';

/** Other values for some columns of a row. */
export interface RowUpdate {
  readonly table: NamedTable;
  readonly id: number;
  readonly values: Readonly<Record<string, Value>>;
}

/** What is done to the rows of a store, in one transaction: links are deleted first and inserted last. */
export interface RowChanges {
  readonly inserted: Rows;
  readonly updated: readonly RowUpdate[];
  readonly deleted: Rows;
}

export class RowChangesBuilder {
  readonly #inserted = emptyRows();
  readonly #deleted = emptyRows();
  readonly #updated: RowUpdate[] = [];

  insert(table: TableName, row: Row): void {
    this.#inserted[table].push(row);
  }

  delete(table: TableName, row: Row): void {
    this.#deleted[table].push(row);
  }

  update(table: NamedTable, id: number, values: Readonly<Record<string, Value>>): void {
    this.#updated.push({ table, id, values });
  }

  changes(): RowChanges {
    return { inserted: this.#inserted, updated: this.#updated, deleted: this.#deleted };
  }
}

/** Ids for new rows: above all that are stored, and above all that another row refers to, be there such a row or not. */
export class NewIds {
  readonly #rows: Rows;
  readonly #last = new Map<TableName, number>();

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  next(table: TableName): number {
    const id = (this.#last.get(table) ?? this.#greatest(table)) + 1;
    if (id > MAX_INTEGER) throw new Failure('change_failed', `the ids of the table ${table} are used up`);
    this.#last.set(table, id);
    return id;
  }

  #greatest(table: TableName): number {
    let greatest = 0;
    const count = (rows: readonly Row[], column: string): void => {
      for (const row of rows) if (idOf(row, column) > greatest) greatest = idOf(row, column);
    };
    count(this.#rows[table], 'id');
    for (const reference of REFERENCES) {
      if (reference.to === table) count(this.#rows[reference.table], reference.column);
    }
    return greatest;
  }
}

/** A row of a link table as one text. */
const linkKey = (table: ServerTable, row: Row): string => `${idOf(row, `${table}_id`)} ${idOf(row, 'domain_id')}`;

/** What tells a row from the others of its table. */
function keyOf(table: TableName, row: Row): string | number {
  const links = SERVER_TABLES.find((each) => `${each}_domain` === table);
  if (links !== undefined) return linkKey(links, row);
  return table === 'automx2_extra' ? JSON.stringify([row['domain_name'], row['kind'], row['n']]) : idOf(row);
}

/** The rows of a store after the changes. */
export function changedRows(rows: Rows, { inserted, updated, deleted }: RowChanges): Rows {
  const values = Map.groupBy(updated, ({ table }) => table);
  const entries = TABLE_NAMES.map((table): [TableName, readonly Row[]] => {
    const gone = new Set(deleted[table].map((row) => keyOf(table, row)));
    const others = new Map((values.get(table as NamedTable) ?? []).map((update) => [update.id, update.values]));
    const kept = rows[table]
      .filter((row) => gone.size === 0 || !gone.has(keyOf(table, row)))
      .map((row) => (others.has(idOf(row)) ? { ...row, ...others.get(idOf(row)) } : row));
    return [table, [...kept, ...inserted[table]]];
  });
  return Object.fromEntries(entries) as Rows;
}
