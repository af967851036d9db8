import { readAuthentication, readSocketType } from '../../domain/connection-words.ts';
import { isDavUrl } from '../../domain/dav-url.ts';
import { type DomainName, parseDomainName } from '../../domain/domain-name.ts';
import {
  type DavServer,
  DEFAULT_USER_NAME,
  type DirectoryServer,
  type MailDomain,
  type MailServer,
} from '../../domain/mail-domain.ts';
import { withSampleParts } from '../../domain/placeholders.ts';
import type { StoredDomain, UnusableRow } from '../../ports/settings-reader.ts';
import type { Dialect, Row, SqlValue, Statement } from './connection.ts';

/** The columns that a look-up reads, by table. */
const COLUMNS = {
  domain: ['name'],
  provider: ['id', 'name', 'short_name'],
  server: ['id', 'prio', 'name', 'port', 'type', 'socket_type', 'user_name', 'authentication'],
  davserver: ['id', 'url', 'port', 'type', 'use_ssl', 'domain_required', 'user_name'],
  ldapserver: [
    'id',
    'name',
    'port',
    'use_ssl',
    'search_base',
    'search_filter',
    'attr_uid',
    'attr_cn',
    'bind_user',
    'bind_password',
  ],
} as const;
type Table = keyof typeof COLUMNS;

/** Which domains a look-up names: the asked one, or all of its provider, up to MAX_SIBLINGS more. */
export type ListDomains = 'asked' | 'all';

/** An answer names 100 domains at most. */
const MAX_DOMAINS = 100;

/** How many stored domains make a page. */
const PAGE_DOMAINS = 100;

/**
 * One statement for all that is configured for the domains that `condition` chooses. Its rows are of several kinds, so each
 * row is (kind, domain_id, settings): the settings are a JSON object, which needs no columns padded with typed NULLs.
 */
function settingsStatement(
  dialect: Dialect,
  condition: string,
  parameters: readonly SqlValue[],
  listDomains: ListDomains,
): Statement {
  const rows = (table: Table, from: string): string => {
    const alias = table === 'domain' ? 'asked' : table;
    const members = COLUMNS[table].map((column) => `'${column}', ${dialect.jsonMember(`${alias}.${column}`)}`);
    return `SELECT '${table}' AS kind, asked.id AS domain_id, ${dialect.jsonObject(members.join(', '))} AS settings FROM ${from}`;
  };
  const linked = (table: 'server' | 'davserver'): string =>
    rows(
      table,
      `asked ${dialect.join} ${table}_domain AS link ON link.domain_id = asked.id ` +
        `${dialect.join} ${table} ON ${table}.id = link.${table}_id`,
    );
  const sql = [
    `WITH asked AS (SELECT id, name, provider_id, ldapserver_id FROM domain WHERE ${condition})`,
    rows('domain', 'asked'),
    'UNION ALL',
    rows('provider', 'asked JOIN provider ON provider.id = asked.provider_id'),
    'UNION ALL',
    linked('server'),
    'UNION ALL',
    linked('davserver'),
    'UNION ALL',
    rows('ldapserver', 'asked JOIN ldapserver ON ldapserver.id = asked.ldapserver_id'),
    ...(listDomains === 'all' ? ['UNION ALL', siblingRows(dialect)] : []),
  ].join(' ');
  return { sql, parameters };
}

// By a subquery, for MariaDB sorts all domains of the provider where it is a join. In place of a domain's id stands that
// of the provider: of two stored names that are the same domain, the other one's may have been asked for.
const siblingRows = (dialect: Dialect): string =>
  `SELECT 'sibling' AS kind, provider_id AS domain_id, ${dialect.jsonObject(`'name', ${dialect.jsonMember('name')}`)} AS settings ` +
  'FROM (SELECT provider_id, name FROM domain ' +
  'WHERE provider_id = (SELECT provider_id FROM asked ORDER BY id LIMIT 1) ' +
  `ORDER BY id LIMIT ${MAX_DOMAINS}) AS siblings`;

const marks = (parameters: readonly SqlValue[]): string => parameters.map(() => '?').join(', ');

const nameIn = (dialect: Dialect, spellings: readonly string[]): string =>
  `${dialect.foldedName('name')} IN (${marks(spellings)})`;

/** All that is configured for the domains that are stored under one of these spellings. */
export const lookUpStatement = (
  dialect: Dialect,
  spellings: readonly string[],
  listDomains: ListDomains = 'asked',
): Statement => settingsStatement(dialect, nameIn(dialect, spellings), spellings, listDomains);

/** The same for the domains with these ids. */
export function idsStatement(dialect: Dialect, ids: readonly number[]): Statement {
  const parameters = padded(ids);
  return settingsStatement(dialect, `id IN (${marks(parameters)})`, parameters, 'asked');
}

/** Names of stored domains: those under one of these spellings. */
export function namesStatement(dialect: Dialect, spellings: readonly string[]): Statement {
  const parameters = padded(spellings);
  return { sql: `SELECT id, name FROM domain WHERE ${nameIn(dialect, parameters)}`, parameters };
}

/** Names of stored domains: the next page of them. */
export const pageStatement = (afterId: number): Statement => ({
  sql: `SELECT id, name FROM domain WHERE id > ? ORDER BY id LIMIT ${PAGE_DOMAINS}`,
  parameters: [afterId],
});

/** Drivers keep each text prepared, so there must be few texts: the last value is repeated up to a power of two. */
const padded = <T extends SqlValue>(values: readonly T[]): readonly T[] => {
  const length = 2 ** Math.ceil(Math.log2(values.length));
  return [...values, ...Array.from({ length: length - values.length }, () => values.at(-1) as T)];
};

type Settings = ReadonlyMap<string, unknown>;

const text = (settings: Settings, column: string): string => {
  const value = settings.get(column);
  return typeof value === 'string' ? value : '';
};
const integer = (settings: Settings, column: string): number => {
  const value = settings.get(column);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : Number.NaN;
};
/** SQLite and MySQL keep booleans as numbers. */
const truth = (settings: Settings, column: string): boolean => {
  const value = settings.get(column);
  return value === true || value === 1;
};
const isPort = (value: number): boolean => value >= 1 && value <= 65_535;

/** The server, or what is wrong with its row. */
function mailServer(row: Settings): MailServer | string {
  const type = text(row, 'type').toLowerCase();
  const port = integer(row, 'port');
  const socketType = readSocketType(text(row, 'socket_type'), port);
  const authentication = readAuthentication(text(row, 'authentication'));
  const hostname = parseHostname(text(row, 'name'));
  if (type !== 'imap' && type !== 'pop' && type !== 'smtp') return 'its type is none of imap, pop, smtp';
  if (!isPort(port)) return 'its port is no number from 1 to 65535';
  if (socketType === undefined) return 'its socket_type is unknown';
  if (authentication === undefined) return 'its authentication is unknown';
  if (hostname === undefined) return 'its name is no host name';
  return {
    id: integer(row, 'id'),
    priority: integer(row, 'prio'),
    type,
    hostname,
    port,
    socketType,
    userName: text(row, 'user_name') || DEFAULT_USER_NAME,
    authentication,
  };
}

/** Host names in A-labels (clients differ about U-labels), those with placeholders as they are. */
function parseHostname(name: string): string | undefined {
  const sample = withSampleParts(name);
  const parsed = parseDomainName(sample);
  return parsed === undefined || sample === name ? parsed : name;
}

function davServer(row: Settings): DavServer | string {
  const type = text(row, 'type').toLowerCase();
  const port = integer(row, 'port');
  const url = text(row, 'url');
  if (type !== 'caldav' && type !== 'carddav') return 'its type is none of caldav, carddav';
  if (!isDavUrl(withSampleParts(url))) return 'its url is none of http or https';
  // automx2 reads 0 and less as "none".
  if (port > 65_535) return 'its port is above 65535';
  return {
    id: integer(row, 'id'),
    type,
    url,
    port: isPort(port) ? port : undefined,
    useSsl: truth(row, 'use_ssl'),
    domainRequired: truth(row, 'domain_required'),
    userName: text(row, 'user_name') || DEFAULT_USER_NAME,
  };
}

function directoryServer(row: Settings): DirectoryServer | string {
  const port = integer(row, 'port');
  const optional = (column: string): string | undefined => text(row, column) || undefined;
  if (text(row, 'name').trim() === '') return 'its name is empty';
  if (!isPort(port)) return 'its port is no number from 1 to 65535';
  return {
    id: integer(row, 'id'),
    hostname: text(row, 'name'),
    port,
    useSsl: truth(row, 'use_ssl'),
    searchBase: text(row, 'search_base'),
    searchFilter: text(row, 'search_filter'),
    loginAttribute: text(row, 'attr_uid'),
    nameAttribute: optional('attr_cn'),
    bindUser: optional('bind_user'),
    bindPassword: optional('bind_password'),
  };
}

/** A row of a look-up. */
interface Entry {
  readonly kind: unknown;
  readonly domainId: number;
  readonly settings: Settings;
}

const readEntry = (row: Row): Entry => ({
  kind: row['kind'],
  domainId: Number(row['domain_id']),
  settings: new Map(Object.entries(JSON.parse(String(row['settings'])))),
});

/** A domain's row: its name as it is stored, and what that means, if anything. */
export interface StoredName {
  readonly id: number;
  readonly text: string;
  readonly name: DomainName | undefined;
}

const storedName = (id: number, stored: string): StoredName => ({ id, text: stored, name: parseDomainName(stored) });

export const readName = (row: Row): StoredName => storedName(Number(row['id']), String(row['name']));

/** Of stored names that are the same domain the canonically spelt one counts, else the one with the lowest id. */
const countingName = (names: readonly StoredName[], name: DomainName): StoredName | undefined =>
  names
    .filter((stored) => stored.name === name)
    .sort((a, b) => Number(b.text === name) - Number(a.text === name) || a.id - b.id)[0];

/** What the rows of one domain mean: undefined if its provider is missing. */
function readMailDomain(
  entries: readonly Entry[],
  { id, name }: { readonly id: number; readonly name: DomainName },
  onUnusable: (row: UnusableRow) => void,
): MailDomain | undefined {
  const of = (table: Table | 'sibling', under = id): Settings[] =>
    entries.filter(({ kind, domainId }) => kind === table && domainId === under).map(({ settings }) => settings);
  const sensible = <T>(table: Table, readRow: (row: Settings) => T | string): T[] =>
    of(table).flatMap((row) => {
      const result = readRow(row);
      if (typeof result !== 'string') return [result];
      onUnusable({ table, id: integer(row, 'id'), reason: result });
      return [];
    });

  const [provider] = of('provider');
  if (provider === undefined) {
    onUnusable({ table: 'domain', id, reason: 'its provider does not exist' });
    return undefined;
  }
  const [directory] = sensible('ldapserver', directoryServer);
  const providerId = integer(provider, 'id');
  const siblings = new Set(of('sibling', providerId).flatMap((row) => parseDomainName(text(row, 'name')) ?? []));
  siblings.delete(name);
  return {
    name,
    siblings: [...siblings].slice(0, MAX_DOMAINS - 1),
    provider: { id: providerId, name: text(provider, 'name'), shortName: text(provider, 'short_name') },
    mailServers: sensible('server', mailServer).sort((a, b) => a.priority - b.priority || a.id - b.id),
    davServers: sensible('davserver', davServer).sort((a, b) => a.id - b.id),
    directory,
  };
}

/** Turns the rows of a look-up into what they mean. Undefined: no stored name is `name`, or the provider is missing. */
export function readLookUp(
  rows: readonly Row[],
  name: DomainName,
  onUnusable: (row: UnusableRow) => void,
): MailDomain | undefined {
  const entries = rows.map(readEntry);
  const names = entries.filter(({ kind }) => kind === 'domain');
  const stored = countingName(
    names.map(({ domainId, settings }) => storedName(domainId, text(settings, 'name'))),
    name,
  );
  return stored === undefined ? undefined : readMailDomain(entries, { id: stored.id, name }, onUnusable);
}

/**
 * What each of the stored `names` comes to, by the rows of idsStatement; `rivals`: all rows that may be the same domain
 * as one of them that is not spelt canonically.
 */
export function readStoredDomains(
  names: readonly StoredName[],
  rivals: readonly StoredName[],
  rows: readonly Row[],
): readonly StoredDomain[] {
  const entries = Map.groupBy(rows.map(readEntry), ({ domainId }) => domainId);
  return names.map(({ id, text: stored, name }): StoredDomain => {
    const unusable: UnusableRow[] = [];
    const nothing = (reason: string): StoredDomain => {
      return { id, name, mailDomain: undefined, unusable: [{ table: 'domain', id, reason }] };
    };
    if (name === undefined) return nothing('its name is no domain name');
    const countingId = name === stored ? id : countingName(rivals, name)?.id;
    if (countingId === undefined) return nothing('its name is spelt as no look-up tries it');
    if (countingId !== id) return nothing('another row is the same domain, and counts');
    const mailDomain = readMailDomain(entries.get(id) ?? [], { id, name }, (row) => unusable.push(row));
    return { id, name, mailDomain, unusable };
  });
}
