import type { Dialect } from './connection.ts';

interface Table {
  /** By name, with type and constraints; the engine says how `id` numbers rows by itself. */
  readonly columns: Readonly<Record<string, string>>;
  readonly constraints?: readonly string[];
}

const ID = '(numbers itself)';

const linkTable = (linked: string): Table => ({
  columns: { [`${linked}_id`]: 'INTEGER NOT NULL', domain_id: 'INTEGER NOT NULL' },
  constraints: [
    `PRIMARY KEY (${linked}_id, domain_id)`,
    `FOREIGN KEY (${linked}_id) REFERENCES ${linked} (id)`,
    'FOREIGN KEY (domain_id) REFERENCES domain (id)',
  ],
});

/** automx2's tables with its columns, widths and defaults (its revision 43ebb40d0578); parents before children. */
const TABLES: ReadonlyMap<string, Table> = new Map<string, Table>([
  ['provider', { columns: { id: ID, name: 'VARCHAR(128) NOT NULL', short_name: 'VARCHAR(32) NOT NULL' } }],
  [
    'server',
    {
      columns: {
        id: ID,
        prio: 'INTEGER DEFAULT 10 NOT NULL',
        name: 'VARCHAR(128) NOT NULL',
        port: 'INTEGER NOT NULL',
        type: 'VARCHAR(32) NOT NULL',
        socket_type: 'VARCHAR(32) NOT NULL',
        user_name: 'VARCHAR(64) NOT NULL',
        authentication: 'VARCHAR(32) NOT NULL',
      },
    },
  ],
  [
    'davserver',
    {
      columns: {
        id: ID,
        url: 'VARCHAR(128) NOT NULL',
        port: 'INTEGER NOT NULL',
        type: 'VARCHAR(32) NOT NULL',
        use_ssl: 'BOOLEAN NOT NULL',
        domain_required: 'BOOLEAN NOT NULL',
        user_name: 'VARCHAR(64)',
      },
    },
  ],
  [
    'ldapserver',
    {
      columns: {
        id: ID,
        name: 'VARCHAR(128) NOT NULL',
        port: 'INTEGER NOT NULL',
        use_ssl: 'BOOLEAN NOT NULL',
        search_base: 'VARCHAR(128) NOT NULL',
        search_filter: 'VARCHAR(128) NOT NULL',
        attr_uid: 'VARCHAR(32) NOT NULL',
        attr_cn: 'VARCHAR(32)',
        bind_password: 'VARCHAR(128)',
        bind_user: 'VARCHAR(128)',
      },
    },
  ],
  [
    'domain',
    {
      columns: {
        id: ID,
        name: 'VARCHAR(128) NOT NULL UNIQUE',
        provider_id: 'INTEGER NOT NULL',
        ldapserver_id: 'INTEGER',
      },
      constraints: [
        'FOREIGN KEY (provider_id) REFERENCES provider (id)',
        'FOREIGN KEY (ldapserver_id) REFERENCES ldapserver (id)',
      ],
    },
  ],
  // The last one tells a creation that was cut short from the layout before DAV servers.
  ['davserver_domain', linkTable('davserver')],
  ['server_domain', linkTable('server')],
]);

export const TABLE_NAMES: readonly string[] = [...TABLES.keys()];

/** Tables whose rows are numbered. */
export const NUMBERED_TABLES: readonly string[] = TABLE_NAMES.filter((name) => TABLES.get(name)?.columns['id'] === ID);

export const columnNames = (table: string): readonly string[] => Object.keys(TABLES.get(table)?.columns ?? {});

const columnDefinition = (dialect: Dialect, table: string, column: string): string => {
  const definition = TABLES.get(table)?.columns[column] ?? '';
  return `${column} ${definition === ID ? dialect.primaryKey : definition}`;
};

export const createTable = (dialect: Dialect, table: string): string => {
  const columns = columnNames(table).map((column) => columnDefinition(dialect, table, column));
  const lines = [...columns, ...(TABLES.get(table)?.constraints ?? [])];
  return `CREATE TABLE ${table} (${lines.join(', ')})${dialect.tableOptions}`;
};

export const addColumn = (dialect: Dialect, table: string, column: string): string =>
  `ALTER TABLE ${table} ADD COLUMN ${columnDefinition(dialect, table, column)}`;

/**
 * Indexes that look-ups need and automx2's tables lack: by name, what they stand on. The primary keys of the link
 * tables begin with the server, and names are compared case-blind: without these a look-up reads three whole tables,
 * and with `list_domains = all` a fourth time.
 */
export const neededIndexes = (dialect: Dialect): ReadonlyMap<string, string> =>
  new Map(
    dialect.lacksIndexes
      ? [
          ['automx2_domain_name', `domain (${dialect.foldedName('name')})`],
          ['automx2_server_domain', 'server_domain (domain_id)'],
          ['automx2_davserver_domain', 'davserver_domain (domain_id)'],
          ['automx2_domain_provider', 'domain (provider_id, id)'],
        ]
      : [],
  );
