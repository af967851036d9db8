import { parseDomainName, parseWildcard } from './domain-name.ts';
import type { Row, TableName, Value } from './tables.ts';

const text = (value: Value | undefined): string => String(value ?? '').trim();

/** A domain or host name as all its spellings are compared. */
const folded = (value: Value | undefined): string =>
  parseDomainName(text(value)) ?? parseWildcard(text(value)) ?? text(value).toLowerCase();

/** What the rows of a table are known by, and what people call them: never an id. */
const NAMES = {
  provider: (row: Row) => text(row['name']),
  ldapserver: (row: Row) => `${text(row['name'])} ${text(row['search_base'])}`,
  domain: (row: Row) => folded(row['name']),
  server: (row: Row) => `${text(row['type']).toLowerCase()} ${folded(row['name'])}:${text(row['port'])}`,
  davserver: (row: Row) => `${text(row['type']).toLowerCase()} ${text(row['url'])}`,
} as const satisfies Partial<Record<TableName, (row: Row) => string>>;

/** Tables whose rows have a name; the others link them. */
export type NamedTable = keyof typeof NAMES;

/**
 * The name of a row: a provider's own, a directory's with its search base, a domain's canonical one, a server's type, name and
 * port or URL, which is one within a provider only. Two rows of one name may be stored.
 */
export const nameOf = (table: NamedTable, row: Row): string => NAMES[table](row);
