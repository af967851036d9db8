import type { Column, Table, TableName, Tables } from '../../domain/tables.ts';
import type { Dialect, SqlValue } from './connection.ts';

function columnType(dialect: Dialect, column: Column): string {
  switch (column.kind) {
    case 'id':
      return dialect.primaryKey;
    case 'text':
    case 'word':
      return `VARCHAR(${column.width})`;
    case 'boolean':
      return 'BOOLEAN';
    default:
      return 'INTEGER';
  }
}

const columnDefinition = (dialect: Dialect, name: string, column: Column): string =>
  [
    `${name} ${columnType(dialect, column)}`,
    column.byDefault === undefined ? '' : ` DEFAULT ${column.byDefault}`,
    column.isNullable || column.kind === 'id' ? '' : ' NOT NULL',
    column.isUnique ? ' UNIQUE' : '',
  ].join('');

export function createTable(dialect: Dialect, name: string, { columns, primaryKey, isAdditive }: Table): string {
  const entries = Object.entries(columns);
  const lines = [
    ...entries.map(([column, definition]) => columnDefinition(dialect, column, definition)),
    ...(primaryKey === undefined ? [] : [`PRIMARY KEY (${primaryKey.join(', ')})`]),
    ...entries.flatMap(([column, definition]) =>
      definition.kind === 'reference' ? [`FOREIGN KEY (${column}) REFERENCES ${definition.to} (id)`] : [],
    ),
  ];
  const options = isAdditive ? dialect.ownTableOptions : dialect.tableOptions;
  return `CREATE TABLE ${name} (${lines.join(', ')})${options}`;
}

export const addColumn = (dialect: Dialect, table: string, name: string, column: Column): string => {
  // Engines that ignore a foreign key here, as MySQL does before 9.0, answer look-ups as well without it.
  const reference = column.kind === 'reference' ? ` REFERENCES ${column.to} (id)` : '';
  return `ALTER TABLE ${table} ADD COLUMN ${columnDefinition(dialect, name, column)}${reference}`;
};

/** Statements that let the engine go on numbering behind ids that we chose. */
export const renumber = (dialect: Dialect, tables: Tables): readonly string[] =>
  Object.entries(tables)
    .filter(([, { columns }]) => columns['id']?.kind === 'id')
    .flatMap(([name]) => dialect.renumber(name));

/** No driver binds true and false alike, but 1 and 0 bind everywhere. */
export const bindable = (value: SqlValue | boolean): SqlValue => (typeof value === 'boolean' ? Number(value) : value);

/** What an index is of; `columns` in SQL. */
export interface Index {
  readonly table: TableName;
  readonly columns: string;
}

/**
 * Indexes that look-ups need and automx2's tables lack: by name, what they index. The primary keys of the link
 * tables begin with the server, and names are compared case-blind: without these a look-up reads three whole tables,
 * and with `list_domains = all` a fourth time.
 */
export const neededIndexes = (dialect: Dialect): ReadonlyMap<string, Index> =>
  new Map(
    dialect.lacksIndexes
      ? [
          ['automx2_domain_name', { table: 'domain', columns: dialect.foldedName('name') }],
          ['automx2_server_domain', { table: 'server_domain', columns: 'domain_id' }],
          ['automx2_davserver_domain', { table: 'davserver_domain', columns: 'domain_id' }],
          ['automx2_domain_provider', { table: 'domain', columns: 'provider_id, id' }],
        ]
      : [],
  );
