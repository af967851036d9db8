import { DEFAULT_USER_NAME } from './mail-domain.ts';

/** A value of a column; null: none. */
export type Value = string | number | boolean | null;

/**
 * What a column holds. id: numbers the rows of its table by itself; reference: the id of a row of the table `to`;
 * text: 1 to `width` characters; word: the same, but an empty one has a meaning of its own; port: `least` to 65535.
 */
export type Column = {
  readonly isNullable?: true;
  readonly isUnique?: true;
  /** What the database stores where an INSERT does not name the column. */
  readonly byDefault?: number;
  /** A password: blanks around it belong to it, and it is never shown. */
  readonly isSecret?: true;
  /** Its member in seeds; undefined: seeds do not have it, and its value follows from others. */
  readonly member?: string;
  /** What a seed means that lacks the member; undefined: it is required, or its default follows from other members. */
  readonly absent?: Value;
} & (
  | { readonly kind: 'id' | 'integer' | 'boolean' }
  | { readonly kind: 'reference'; readonly to: string }
  | { readonly kind: 'text' | 'word'; readonly width: number }
  | { readonly kind: 'port'; readonly least: 0 | 1 }
);

export interface Table {
  /** By name, in their order. */
  readonly columns: Readonly<Record<string, Column>>;
  /** Of a table whose rows are not numbered. */
  readonly primaryKey?: readonly string[];
  /** A table of ours, which Python's automx2 does not know: a database without it serves as before. */
  readonly isAdditive?: true;
}
/** By name; parents before children. */
export type Tables = Readonly<Record<string, Table>>;

const ID = { kind: 'id' } as const;
const PRIORITY = 10;

const linkTable = (linked: string) =>
  ({
    columns: {
      [`${linked}_id`]: { kind: 'reference', to: linked },
      domain_id: { kind: 'reference', to: 'domain' },
    },
    primaryKey: [`${linked}_id`, 'domain_id'],
  }) as const satisfies Table;

/**
 * automx2's tables (its revision 43ebb40d0578): their columns, widths and defaults, and the members of its seeds.
 * Everything that reads, writes, creates or checks tables, rows and seeds follows from this.
 */
export const TABLES = {
  provider: {
    columns: {
      id: ID,
      name: { kind: 'text', width: 128, member: 'provider' },
      short_name: { kind: 'text', width: 32 },
    },
  },
  server: {
    columns: {
      id: ID,
      prio: { kind: 'integer', byDefault: PRIORITY, member: 'prio', absent: PRIORITY },
      name: { kind: 'text', width: 128, member: 'name' },
      port: { kind: 'port', least: 1, member: 'port' },
      type: { kind: 'text', width: 32, member: 'type' },
      socket_type: { kind: 'word', width: 32, member: 'socket_type' },
      user_name: { kind: 'word', width: 64, member: 'user_name', absent: DEFAULT_USER_NAME },
      authentication: { kind: 'word', width: 32, member: 'authentication', absent: 'plain' },
    },
  },
  davserver: {
    columns: {
      id: ID,
      url: { kind: 'text', width: 128, member: 'url' },
      // 0: the URL says it.
      port: { kind: 'port', least: 0, member: 'port', absent: 0 },
      type: { kind: 'text', width: 32, member: 'type' },
      use_ssl: { kind: 'boolean' },
      domain_required: { kind: 'boolean' },
      user_name: { kind: 'word', width: 64, isNullable: true, member: 'user_name', absent: DEFAULT_USER_NAME },
    },
  },
  ldapserver: {
    columns: {
      id: { kind: 'id', member: 'id' },
      name: { kind: 'text', width: 128, member: 'name' },
      port: { kind: 'port', least: 1, member: 'port', absent: 636 },
      use_ssl: { kind: 'boolean', member: 'use_ssl' },
      search_base: { kind: 'text', width: 128, member: 'search_base' },
      search_filter: { kind: 'text', width: 128, member: 'search_filter', absent: '(mail={0})' },
      attr_uid: { kind: 'text', width: 32, member: 'attr_uid', absent: 'uid' },
      attr_cn: { kind: 'text', width: 32, isNullable: true, member: 'attr_cn', absent: 'cn' },
      bind_password: {
        kind: 'text',
        width: 128,
        isNullable: true,
        isSecret: true,
        member: 'bind_password',
        absent: null,
      },
      bind_user: { kind: 'text', width: 128, isNullable: true, member: 'bind_user', absent: null },
    },
  },
  domain: {
    columns: {
      id: ID,
      name: { kind: 'text', width: 128, isUnique: true, member: 'name' },
      provider_id: { kind: 'reference', to: 'provider' },
      ldapserver_id: { kind: 'reference', to: 'ldapserver', isNullable: true, member: 'ldapserver_id', absent: null },
    },
  },
  automx2_extra: {
    // Its values: extras.ts. Keyed by name, as Python's automx2 reuses ids: a new domain must not inherit extras.
    columns: {
      domain_name: { kind: 'text', width: 128 },
      kind: { kind: 'text', width: 32 },
      n: { kind: 'integer', byDefault: 0 },
      data: { kind: 'text', width: 2_000 },
    },
    primaryKey: ['domain_name', 'kind', 'n'],
    isAdditive: true,
  },
  // server_domain comes last: if it is missing, a creation was cut short; the layout before DAV servers has it.
  davserver_domain: linkTable('davserver'),
  server_domain: linkTable('server'),
} as const satisfies Tables;

/** Whether a database without the table counts as unprepared. */
export const isRequired = ({ isAdditive }: Table): boolean => isAdditive !== true;

/** Before all ids: PostgreSQL and MySQL count in 32 bits. */
export const BEFORE_ALL = -(2 ** 31);

export type TableName = keyof typeof TABLES;

/** All of them, parents before children. */
export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];

export const columnsOf = (table: TableName): Table['columns'] => TABLES[table].columns;

/** A row that is to be stored, in the operator's own words: a value for each column. */
export type Row = Readonly<Record<string, Value>>;

/** All rows of a store. */
export type Rows = Readonly<Record<TableName, readonly Row[]>>;

/** Ids, and other whole numbers, go as far: PostgreSQL and MySQL count in 32 bits. */
export const MAX_INTEGER = 2 ** 31 - 1;

/** A store without rows, to be filled. */
export const emptyRows = (): { readonly [T in TableName]: Row[] } => ({
  provider: [],
  server: [],
  davserver: [],
  ldapserver: [],
  domain: [],
  automx2_extra: [],
  davserver_domain: [],
  server_domain: [],
});

/** Each column that refers to the rows of another table. */
export const REFERENCES: readonly { readonly table: TableName; readonly column: string; readonly to: TableName }[] =
  TABLE_NAMES.flatMap((table) =>
    Object.entries(columnsOf(table)).flatMap(([column, definition]) =>
      definition.kind === 'reference' ? [{ table, column, to: definition.to as TableName }] : [],
    ),
  );
