import {
  DIRECT_TLS_PORTS,
  STORED_PASSWORD_CLEARTEXT,
  STORED_SOCKET_TYPES,
  socketTypeByPort,
} from '../connection-words.ts';
import { boolean, type Fields, integer, object, oneOf, port, repeated, required, text } from '../fields.ts';
import { DAV_TYPES, MAIL_TYPES } from '../mail-domain.ts';
import { SERVER_READERS } from '../read-rows.ts';
import { type Column, columnsOf, MAX_INTEGER, type Row, TABLES, type TableName, type Value } from '../tables.ts';

/** Servers and domains are linked pairwise, and each pair is a row. */
export const MAX_LINKS = 1_000_000;

/** The member of a document that holds a column; undefined: none does, and its value follows from others. */
export type Naming = (name: string, column: Column) => string | undefined;

/** The members that hold a table's columns. */
export const membersOf = (naming: Naming, table: TableName): readonly string[] =>
  Object.entries(columnsOf(table)).flatMap(([name, column]) => naming(name, column) ?? []);

export function readColumn(column: Column, value: unknown, path: string): Value {
  const trimmed = typeof value === 'string' && column.isSecret !== true ? value.trim() : value;
  switch (column.kind) {
    case 'text':
      return text(trimmed, path, column.width);
    case 'word':
      return value === '' ? '' : text(trimmed, path, column.width);
    case 'boolean':
      return boolean(value, path);
    case 'port':
      return port(value, path, column.least);
    case 'integer':
      return integer(value, path, -MAX_INTEGER, MAX_INTEGER);
    case 'id':
    case 'reference':
      return integer(value, path, 1, MAX_INTEGER);
  }
}

/**
 * The row of a table that the members of a document describe; `path` precedes their names. `otherwise`: values of the
 * columns that the document does not name, where the description of the table does not know them.
 */
export function readRow(naming: Naming, table: TableName, members: Fields, path: string, otherwise: Fields): Row {
  const row = Object.entries(columnsOf(table)).map(([name, column]): [string, Value] => {
    const member = naming(name, column);
    const given = member === undefined ? undefined : members[member];
    if (given === '' && column.kind === 'text' && column.isNullable === true) return [name, null];
    const value = given ?? otherwise[name] ?? column.absent;
    const where = `${path}${member ?? name}`;
    return [name, value === null ? null : readColumn(column, required(value, where), where)];
  });
  return Object.fromEntries(row);
}

/** The short name of a provider that has none of its own. */
export const firstWord = (name: string): string =>
  [...(name.trim().split(/\s+/)[0] ?? '')].slice(0, TABLES.provider.columns.short_name.width).join('');

/** The row of a directory, which has to be usable, too. */
export function readDirectory(naming: Naming, members: Fields, path: string, otherwise: Fields): Row {
  const directTls = (members['port'] ?? TABLES.ldapserver.columns.port.absent) === 636;
  const row = readRow(naming, 'ldapserver', members, path, { ...otherwise, use_ssl: directTls });
  SERVER_READERS.ldapserver(row, path);
  return row;
}

/** A server's row and its table. */
export interface ServerRow {
  readonly table: 'server' | 'davserver';
  readonly row: Row;
}

/**
 * The row of a server, mail or DAV, which has to be usable; in words that automx2 knows, too: there may be a way back. `id`:
 * of the row, by its table. `onKind` is called once the table is known.
 */
export function readServer(
  naming: Naming,
  value: unknown,
  path: string,
  id: (table: ServerRow['table']) => number,
  onKind: (table: ServerRow['table'], members: Fields) => void,
): ServerRow {
  const given = object(value, path);
  const word = typeof given['type'] === 'string' ? given['type'].trim().toLowerCase() : given['type'];
  const type = oneOf(word, `${path}.type`, [...MAIL_TYPES, ...DAV_TYPES]);
  const members = { ...given, type };
  if (type === 'caldav' || type === 'carddav') {
    onKind('davserver', given);
    const isSecure = typeof given['url'] === 'string' && /^https:/i.test(given['url'].trim());
    const otherwise = { id: id('davserver'), use_ssl: isSecure, domain_required: true };
    const row = readRow(naming, 'davserver', members, `${path}.`, otherwise);
    SERVER_READERS.davserver(row, `${path}.`);
    return { table: 'davserver', row };
  }
  onKind('server', given);
  const number = given['port'] ?? DIRECT_TLS_PORTS[type];
  const otherwise = { id: id('server'), port: DIRECT_TLS_PORTS[type], socket_type: socketTypeByPort(number) };
  const row = readRow(naming, 'server', members, `${path}.`, otherwise);
  const { socketType, authentication } = SERVER_READERS.server(row, `${path}.`);
  const words = authentication === 'password-cleartext' ? { authentication: STORED_PASSWORD_CLEARTEXT } : {};
  return { table: 'server', row: { ...row, socket_type: STORED_SOCKET_TYPES[socketType], ...words } };
}

/** Throws FieldError for the first value that is there a second time. */
export function assertUnique(values: readonly unknown[], pathOf: (index: number) => string): void {
  const seen = new Set<unknown>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) throw repeated(pathOf(index), value);
    seen.add(value);
  }
}
