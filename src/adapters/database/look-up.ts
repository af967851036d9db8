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
import type { Dialect, Row, Statement } from './connection.ts';

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
const MAX_SIBLINGS = 99;

/**
 * One statement for all that is configured for a domain, given by the spellings under which it may be stored. Its rows are
 * of several kinds, so each row is (kind, domain_id, settings): the settings are a JSON object, which needs no columns
 * padded with typed NULLs.
 */
export function lookUpStatement(
  dialect: Dialect,
  parameters: readonly string[],
  listDomains: ListDomains = 'asked',
): Statement {
  const rows = (table: Table, from: string): string => {
    const members = COLUMNS[table].map((column) => `'${column}', ${table === 'domain' ? 'asked' : table}.${column}`);
    return `SELECT '${table}' AS kind, asked.id AS domain_id, ${dialect.jsonObject(members.join(', '))} AS settings FROM ${from}`;
  };
  const sql = [
    'WITH asked AS (SELECT id, name, provider_id, ldapserver_id FROM domain',
    `WHERE ${dialect.foldedName('name')} IN (${parameters.map(() => '?').join(', ')}))`,
    rows('domain', 'asked'),
    'UNION ALL',
    rows('provider', 'asked JOIN provider ON provider.id = asked.provider_id'),
    'UNION ALL',
    rows(
      'server',
      'asked JOIN server_domain AS link ON link.domain_id = asked.id JOIN server ON server.id = link.server_id',
    ),
    'UNION ALL',
    rows(
      'davserver',
      'asked JOIN davserver_domain AS link ON link.domain_id = asked.id JOIN davserver ON davserver.id = link.davserver_id',
    ),
    'UNION ALL',
    rows('ldapserver', 'asked JOIN ldapserver ON ldapserver.id = asked.ldapserver_id'),
    ...(listDomains === 'all' ? ['UNION ALL', siblingRows(dialect)] : []),
  ].join(' ');
  return { sql, parameters };
}

const siblingRows = (dialect: Dialect): string =>
  `SELECT 'sibling' AS kind, domain_id, ${dialect.jsonObject("'name', name")} AS settings ` +
  'FROM (SELECT asked.id AS domain_id, other.name AS name FROM asked ' +
  'JOIN domain AS other ON other.provider_id = asked.provider_id AND other.id <> asked.id ' +
  `ORDER BY other.id LIMIT ${MAX_SIBLINGS}) AS siblings`;

/** A row that makes no sense and is left out. */
export interface SenselessRow {
  readonly table: string;
  readonly id: number;
  readonly reason: string;
}

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

/**
 * Turns the rows of a look-up into what they mean. Undefined: no stored name is `name`, or the provider is missing.
 * Of two stored names that are the same domain the canonically spelt one counts, else the one with the lowest id.
 */
export function readLookUp(
  rows: readonly Row[],
  name: DomainName,
  onSenseless: (row: SenselessRow) => void,
): MailDomain | undefined {
  const read = rows.map((row) => ({
    kind: row['kind'],
    domainId: Number(row['domain_id']),
    settings: new Map(Object.entries(JSON.parse(String(row['settings'])))) as Settings,
  }));
  const [domain] = read
    .filter(({ kind, settings }) => kind === 'domain' && parseDomainName(text(settings, 'name')) === name)
    .sort(
      (a, b) =>
        Number(text(b.settings, 'name') === name) - Number(text(a.settings, 'name') === name) ||
        a.domainId - b.domainId,
    );
  if (domain === undefined) return undefined;

  const of = (table: Table | 'sibling'): Settings[] =>
    read.filter(({ kind, domainId }) => kind === table && domainId === domain.domainId).map(({ settings }) => settings);
  const sensible = <T>(table: Table, readRow: (row: Settings) => T | string): T[] =>
    of(table).flatMap((row) => {
      const result = readRow(row);
      if (typeof result !== 'string') return [result];
      onSenseless({ table, id: integer(row, 'id'), reason: result });
      return [];
    });

  const [provider] = of('provider');
  if (provider === undefined) {
    onSenseless({ table: 'domain', id: domain.domainId, reason: 'its provider does not exist' });
    return undefined;
  }
  const [directory] = sensible('ldapserver', directoryServer);
  return {
    name,
    siblings: of('sibling').flatMap((row) => parseDomainName(text(row, 'name')) ?? []),
    provider: { id: integer(provider, 'id'), name: text(provider, 'name'), shortName: text(provider, 'short_name') },
    mailServers: sensible('server', mailServer).sort((a, b) => a.priority - b.priority || a.id - b.id),
    davServers: sensible('davserver', davServer).sort((a, b) => a.id - b.id),
    directory,
  };
}
