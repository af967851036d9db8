import { type DomainName, storedSpellings, type Wildcard, wildcardsFor } from '../../domain/domain-name.ts';
import { ALL_DOMAINS, MAX_OF_KIND } from '../../domain/extras.ts';
import { MAX_DOMAINS, MAX_SERVERS } from '../../domain/read-rows.ts';
import { MAX_WIDTHS, OVERLONG } from '../../domain/stored-columns.ts';
import { type Column, columnsOf, TABLES, type TableName } from '../../domain/tables.ts';
import type { Dialect, ResultRow, SqlValue, Statement } from './connection.ts';

/** Which domains a look-up names: the asked one, or all of its provider, up to MAX_DOMAINS. */
export type ListDomains = 'asked' | 'all';

/** Whether statements read automx2_extra, or only tell whether it is there, or know nothing of it. */
export type ReadExtras = 'read' | 'found' | 'unread';

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
function settingsSql(dialect: Dialect, condition: string, listDomains: ListDomains, extras: readonly string[]): string {
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
    ...extras,
  ];
  const links = ['server', 'davserver'].map(
    (table) => `(SELECT count(*) FROM ${table}_domain WHERE domain_id = domain.id) AS ${table}s`,
  );
  const columns = ['id', 'name', 'provider_id', 'ldapserver_id', ...links].join(', ');
  const asked = `WITH asked ${dialect.computedOnce} (SELECT ${columns} FROM domain WHERE ${condition})`;
  return `${asked} ${parts.join(' UNION ALL ')}`;
}

/** The most extras of a look-up, and of each domain of a page: many rows of one domain must not stop the daemon. */
const MAX_EXTRAS = 5_000;

/** The kind of the row that says that there is a table automx2_extra, which the statement has not read. */
const EXTRAS_FOUND = 'extras_found';

export const foundExtras = (rows: readonly ResultRow[]): boolean => rows.some(({ kind }) => kind === EXTRAS_FOUND);

/** The extras of some domains, whose names are the parameters, and of all; they belong to names, not to ids. */
function extrasSql(dialect: Dialect, marks: string, most: number): string {
  const members = Object.entries(columnsOf('automx2_extra')).map(
    ([name, column]) => `'${name}', ${member(dialect, name, column)}`,
  );
  const rows =
    `SELECT 'automx2_extra' AS kind, 0 AS domain_id, ${dialect.jsonObject(members.join(', '))} AS settings ` +
    `FROM automx2_extra WHERE domain_name IN (${marks}, '${ALL_DOMAINS}') AND n BETWEEN 0 AND ${MAX_OF_KIND - 1} ` +
    `ORDER BY domain_name, kind, n LIMIT ${most}`;
  return `SELECT kind, domain_id, settings FROM (${rows}) AS extras`;
}

/** The order in which rows serve a domain: its own by their ids, then wildcards, the longest first. */
const BY_RANK = "CASE WHEN name LIKE '*%' THEN length(name) ELSE 1000 END DESC, id";

// By a subquery, for MariaDB sorts all domains of the provider where it is a join. The column of the domain's id holds
// that of the provider: of two stored names that are the same domain, the other one's may have been asked for.
const siblingsSql = (dialect: Dialect): string =>
  `SELECT 'sibling' AS kind, provider_id AS domain_id, ${dialect.jsonObject(`'name', ${member(dialect, 'name', TABLES.domain.columns.name)}`)} AS settings ` +
  'FROM (SELECT provider_id, name FROM domain ' +
  // That of the row that serves: a wildcard's only where there is no other one.
  `WHERE provider_id = (SELECT provider_id FROM asked ORDER BY ${BY_RANK} LIMIT 1) ` +
  `ORDER BY id LIMIT ${MAX_DOMAINS}) AS siblings`;

/** Statements that read. Each text is built once for each number of parameters. */
export interface Statements {
  /** All that is configured for the domains that are stored under one of these spellings of `name`, or that may serve it. */
  lookUp(spellings: readonly string[], name: DomainName): Statement;
  /** The same for the domains with these ids, and names as far as they are valid, without siblings. */
  byIds(ids: readonly number[], names: readonly (DomainName | Wildcard)[]): Statement;
  /** Names of stored domains: those under one of these spellings. */
  names(spellings: readonly string[]): Statement;
  /** Names of stored domains: the next page of them. */
  page(afterId: number): Statement;
}

export function readStatements(dialect: Dialect, listDomains: ListDomains, readExtras: ReadExtras): Statements {
  const isRead = readExtras === 'read';
  const nameIn = (marks: string): string => `${dialect.foldedName('name')} IN (${marks})`;
  const extrasBy: Readonly<Record<ReadExtras, (marks: string, most: number) => readonly string[]>> = {
    read: (marks, most) => [extrasSql(dialect, marks, most)],
    found: () => [
      `SELECT '${EXTRAS_FOUND}' AS kind, 0 AS domain_id, '{}' AS settings ${dialect.ifReadable('automx2_extra')}`,
    ],
    unread: () => [],
  };
  const extras = extrasBy[readExtras];
  const lookUp = textByCount((marks) => settingsSql(dialect, nameIn(marks), listDomains, extras(marks, MAX_EXTRAS)));
  const byIds = textByCount((marks) =>
    settingsSql(dialect, `id IN (${marks})`, 'asked', extras(marks, PAGE_DOMAINS * MAX_EXTRAS)),
  );
  /** As many names as there are other parameters. */
  const withNames = ({ sql, parameters }: Statement, names: readonly string[]): Statement => {
    const rest = parameters.slice(names.length).map(() => names.at(-1) ?? ALL_DOMAINS);
    return { sql, parameters: isRead ? [...parameters, ...names, ...rest] : parameters };
  };
  const names = textByCount((marks) => `SELECT id, name FROM domain WHERE ${nameIn(marks)}`);
  const pageSql = `SELECT id, name FROM domain WHERE id > ? ORDER BY id LIMIT ${PAGE_DOMAINS}`;
  const withPadded = (text: (count: number) => string, values: readonly SqlValue[]): Statement => {
    const parameters = padded(values);
    return { sql: text(parameters.length), parameters };
  };
  return {
    lookUp: (spellings, name) => {
      const wildcards = wildcardsFor(name);
      const statement = withPadded(lookUp, [...spellings, ...wildcards.flatMap(storedSpellings)]);
      return { ...withNames(statement, [name, ...wildcards]), isKept: true };
    },
    byIds: (ids, names) => withNames(withPadded(byIds, ids), names),
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
