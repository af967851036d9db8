import type { DomainName } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import { type Fields, object } from '../../domain/fields.ts';
import type { MailDomain } from '../../domain/mail-domain.ts';
import {
  countingName,
  type DomainRows,
  MAX_DOMAINS,
  MAX_SERVERS,
  MAX_WIDTHS,
  OVERLONG,
  readMailDomain,
  type StoredName,
  storedName,
  type UnusableRow,
} from '../../domain/read-rows.ts';
import { type Column, columnsOf, TABLES, type TableName } from '../../domain/tables.ts';
import type { StoredDomain } from '../../ports/settings-reader.ts';
import type { Dialect, ResultRow, SqlValue, Statement } from './connection.ts';

/** Which domains a look-up names: the asked one, or all of its provider, up to MAX_DOMAINS. */
export type ListDomains = 'asked' | 'all';

/** How many stored domains make a page. */
const PAGE_DOMAINS = 100;

/** UTF-8 takes so many octets for a character at most. */
const OCTETS_PER_CHARACTER = 4;

/** A column as a value of a JSON object; the database does not even read a text that is far too long. */
export function member(dialect: Dialect, name: string, column: Column): string {
  const value = dialect.jsonMember(name);
  if (column.kind !== 'text' && column.kind !== 'word') return value;
  const most = MAX_WIDTHS * column.width * OCTETS_PER_CHARACTER;
  return `CASE WHEN octet_length(${name}) > ${most} THEN '${OVERLONG}' ELSE ${value} END`;
}

/**
 * One statement for all that is configured for the domains that `condition` chooses. Its rows are of several kinds, so each
 * row is (kind, domain_id, settings): the settings are a JSON object, which needs no columns padded with typed NULLs.
 */
function settingsSql(dialect: Dialect, condition: string, listDomains: ListDomains): string {
  const rows = (table: TableName, from: string): string => {
    const alias = table === 'domain' ? 'asked' : table;
    const members = Object.entries(columnsOf(table))
      .filter(([, { kind }]) => kind !== 'reference')
      .map(([name, column]) => `'${name}', ${member(dialect, `${alias}.${name}`, column)}`);
    if (table === 'domain') members.push("'servers', asked.servers, 'davservers', asked.davservers");
    return `SELECT '${table}' AS kind, asked.id AS domain_id, ${dialect.jsonObject(members.join(', '))} AS settings FROM ${from}`;
  };
  const linked = (table: 'server' | 'davserver'): string =>
    rows(
      table,
      `asked ${dialect.join} ${table}_domain AS link ON link.domain_id = asked.id AND asked.${table}s <= ${MAX_SERVERS} ` +
        `${dialect.join} ${table} ON ${table}.id = link.${table}_id`,
    );
  const parts = [
    rows('domain', 'asked'),
    rows('provider', `asked ${dialect.join} provider ON provider.id = asked.provider_id`),
    linked('server'),
    linked('davserver'),
    rows('ldapserver', `asked ${dialect.join} ldapserver ON ldapserver.id = asked.ldapserver_id`),
    ...(listDomains === 'all' ? [siblingsSql(dialect)] : []),
  ];
  const links = ['server', 'davserver'].map(
    (table) => `(SELECT count(*) FROM ${table}_domain WHERE domain_id = domain.id) AS ${table}s`,
  );
  const columns = ['id', 'name', 'provider_id', 'ldapserver_id', ...links].join(', ');
  const asked = `WITH asked ${dialect.computedOnce} (SELECT ${columns} FROM domain WHERE ${condition})`;
  return `${asked} ${parts.join(' UNION ALL ')}`;
}

// By a subquery, for MariaDB sorts all domains of the provider where it is a join. The column of the domain's id holds
// that of the provider: of two stored names that are the same domain, the other one's may have been asked for.
const siblingsSql = (dialect: Dialect): string =>
  `SELECT 'sibling' AS kind, provider_id AS domain_id, ${dialect.jsonObject(`'name', ${member(dialect, 'name', TABLES.domain.columns.name)}`)} AS settings ` +
  'FROM (SELECT provider_id, name FROM domain ' +
  'WHERE provider_id = (SELECT provider_id FROM asked ORDER BY id LIMIT 1) ' +
  `ORDER BY id LIMIT ${MAX_DOMAINS}) AS siblings`;

/** Statements that read. Each text is built once for each number of parameters. */
export interface Statements {
  /** All that is configured for the domains that are stored under one of these spellings. */
  lookUp(spellings: readonly string[]): Statement;
  /** The same for the domains with these ids, without siblings. */
  byIds(ids: readonly number[]): Statement;
  /** Names of stored domains: those under one of these spellings. */
  names(spellings: readonly string[]): Statement;
  /** Names of stored domains: the next page of them. */
  page(afterId: number): Statement;
}

export function readStatements(dialect: Dialect, listDomains: ListDomains): Statements {
  const nameIn = (marks: string): string => `${dialect.foldedName('name')} IN (${marks})`;
  const lookUp = textByCount((marks) => settingsSql(dialect, nameIn(marks), listDomains));
  const byIds = textByCount((marks) => settingsSql(dialect, `id IN (${marks})`, 'asked'));
  const names = textByCount((marks) => `SELECT id, name FROM domain WHERE ${nameIn(marks)}`);
  const pageSql = `SELECT id, name FROM domain WHERE id > ? ORDER BY id LIMIT ${PAGE_DOMAINS}`;
  const withPadded = (text: (count: number) => string, values: readonly SqlValue[]): Statement => {
    const parameters = padded(values);
    return { sql: text(parameters.length), parameters };
  };
  return {
    lookUp: (spellings) => ({ sql: lookUp(spellings.length), parameters: spellings, isKept: true }),
    byIds: (ids) => withPadded(byIds, ids),
    names: (spellings) => withPadded(names, spellings),
    page: (afterId) => ({ sql: pageSql, parameters: [afterId] }),
  };
}

/** The text for so many parameters, from their question marks. */
function textByCount(build: (marks: string) => string): (count: number) => string {
  const texts = new Map<number, string>();
  return (count) => {
    const text = texts.get(count) ?? build(Array.from({ length: count }, () => '?').join(', '));
    texts.set(count, text);
    return text;
  };
}

/** Drivers keep each text prepared, so there must be few texts: the last value is repeated up to a power of two. */
const padded = <T extends SqlValue>(values: readonly T[]): readonly T[] => {
  const length = 2 ** Math.ceil(Math.log2(values.length));
  return [...values, ...Array.from({ length: length - values.length }, () => values.at(-1) as T)];
};

/** A row of a look-up. */
interface Entry {
  readonly kind: unknown;
  readonly domainId: number;
  readonly settings: Fields;
}

const readEntry = (row: ResultRow): Entry => ({
  kind: row['kind'],
  domainId: Number(row['domain_id']),
  settings: readSettings(String(row['settings'])),
});

/** Reads the text that the database made of a row. The parser's error is dropped: it quotes the text, which may hold passwords. */
export function readSettings(text: string): Fields {
  try {
    return object(JSON.parse(text), 'settings');
  } catch {
    throw new Failure('store_unavailable', 'the database answers with something other than a JSON object');
  }
}

export const readName = (row: ResultRow): StoredName => storedName(row['id'], row['name']);

function rowsOfDomain(entries: readonly Entry[], id: number): DomainRows {
  const of = (kind: TableName | 'sibling', under: unknown = id): Fields[] =>
    entries.filter((entry) => entry.kind === kind && entry.domainId === under).map(({ settings }) => settings);
  const [provider] = of('provider');
  const [domain] = of('domain');
  return {
    provider,
    links: { server: Number(domain?.['servers']), davserver: Number(domain?.['davservers']) },
    server: of('server'),
    davserver: of('davserver'),
    ldapserver: of('ldapserver'),
    siblings: of('sibling', provider?.['id']).flatMap(({ name }) => (typeof name === 'string' ? [name] : [])),
  };
}

/** Turns the rows of a look-up into what they mean. Undefined: no stored name is `name`, or the provider is missing. */
export function readLookUp(
  rows: readonly ResultRow[],
  name: DomainName,
  onUnusable: (row: UnusableRow) => void,
): MailDomain | undefined {
  const entries = rows.map(readEntry);
  const names = entries.filter(({ kind }) => kind === 'domain');
  const stored = countingName(
    names.map(({ domainId, settings }) => storedName(domainId, settings['name'])),
    name,
  );
  if (stored === undefined) return undefined;
  return readMailDomain({ id: stored.id, name }, rowsOfDomain(entries, stored.id), onUnusable);
}

/**
 * What each of the stored `names` comes to, by the rows of `byIds`; `rivals`: all rows that may be the same domain as one
 * of them that is not spelt canonically.
 */
export function readStoredDomains(
  names: readonly StoredName[],
  rivals: readonly StoredName[],
  rows: readonly ResultRow[],
): readonly StoredDomain[] {
  const entries = Map.groupBy(rows.map(readEntry), ({ domainId }) => domainId);
  return names.map(({ id, text: stored, name }): StoredDomain => {
    const unusable: UnusableRow[] = [];
    const nothing = (reason: string): StoredDomain => {
      return { id, name, mailDomain: undefined, unusable: [{ table: 'domain', id, reason }] };
    };
    if (name === undefined) return nothing('its name is not a valid domain name');
    const countingId = name === stored ? id : countingName(rivals, name)?.id;
    if (countingId === undefined) return nothing('its name has a spelling that look-ups do not try');
    if (countingId !== id) return nothing('duplicate of another row, which is used');
    const domainRows = rowsOfDomain(entries.get(id) ?? [], id);
    const mailDomain = readMailDomain({ id, name }, domainRows, (row) => unusable.push(row));
    return { id, name, mailDomain, unusable };
  });
}
