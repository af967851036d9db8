import { AUTHENTICATION_WORDS, readAuthentication, readSocketType, SOCKET_TYPE_WORDS } from './connection-words.ts';
import { readDavUrl } from './dav-url.ts';
import { readDirectoryAddress } from './directory-address.ts';
import {
  type DomainName,
  parseDomainName,
  parseWildcard,
  sampleOf,
  type Wildcard,
  wildcardsFor,
} from './domain-name.ts';
import {
  ALL_DOMAINS,
  EXTRA_KINDS,
  type ExtraKind,
  type Extras,
  type ExtraValue,
  isExtraKind,
  isListKind,
  NO_EXTRAS,
  readExtra,
  type ServerAuthentication,
} from './extras.ts';
import { FieldError, type Fields, oneOf, port } from './fields.ts';
import {
  DAV_TYPES,
  type DavServer,
  DEFAULT_USER_NAME,
  type DirectoryServer,
  MAIL_TYPES,
  type MailDomain,
  type MailServer,
  type RowReference,
} from './mail-domain.ts';
import { withSampleParts } from './placeholders.ts';
import { nameOf } from './row-names.ts';
import { parseSearchFilter } from './search-filter.ts';
import { columnsOf, TABLES, type TableName } from './tables.ts';

/** A stored row that cannot be used, and why. */
export interface UnusableRow extends RowReference {
  readonly reason: string;
}

/** An answer names 100 domains at most. */
export const MAX_DOMAINS = 100;

/** Servers of either kind of a domain; one that has more has none. */
export const MAX_SERVERS = 1_000;

/** A stored text is unusable if it is so many times as long as its column's width: not every database minds the width. */
export const MAX_WIDTHS = 2;

/** What a statement returns in place of a text that is far too long to be read. */
export const OVERLONG = '(too long)';

// Databases keep less order than we do: what has another type than its column counts as empty.
const verbatim = (row: Fields, column: string): string => {
  const value = row[column];
  return typeof value === 'string' ? value : '';
};
/** Without the blanks around it, which forms and statements leave there. */
const text = (row: Fields, column: string): string => verbatim(row, column).trim();
const integer = (row: Fields, column: string): number | undefined => {
  const value = row[column];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
};
/** SQLite and MySQL keep booleans as numbers. */
const boolean = (row: Fields, column: string): boolean => row[column] === true || row[column] === 1;

function assertWidths(table: TableName, row: Fields): void {
  for (const [name, column] of Object.entries(columnsOf(table))) {
    if (column.kind !== 'text' && column.kind !== 'word') continue;
    const [value, most] = [verbatim(row, name), MAX_WIDTHS * column.width];
    if (value === OVERLONG || value.length > most) throw new FieldError(name, `must be at most ${most} characters`);
  }
}

/** Host names in A-labels (clients differ about U-labels), those with placeholders as they are. */
function hostname(row: Fields, path: string): string {
  const stored = text(row, 'name');
  const sample = withSampleParts(stored);
  const name = parseDomainName(sample);
  if (name === undefined) throw new FieldError(`${path}name`, 'must be a host name', stored);
  return sample === stored ? name : stored;
}

// Each reader says what a row means, and throws FieldError if it is unusable; `path` precedes the column's name there.

function mailServer(row: Fields, path: string): MailServer {
  const number = port(row['port'], `${path}port`);
  const [socketWord, authenticationWord] = [text(row, 'socket_type'), text(row, 'authentication')];
  const socketType = readSocketType(socketWord, number);
  const authentication = readAuthentication(authenticationWord);
  if (socketType === undefined) {
    throw new FieldError(`${path}socket_type`, `must be one of ${SOCKET_TYPE_WORDS.join(', ')}`, socketWord);
  }
  if (authentication === undefined) {
    const accepted = `must be one of ${AUTHENTICATION_WORDS.join(', ')}`;
    throw new FieldError(`${path}authentication`, accepted, authenticationWord);
  }
  return {
    id: Number(row['id']),
    priority: integer(row, 'prio') ?? TABLES.server.columns.prio.byDefault,
    type: oneOf(text(row, 'type').toLowerCase(), `${path}type`, MAIL_TYPES),
    hostname: hostname(row, path),
    port: number,
    socketType,
    userName: text(row, 'user_name') || DEFAULT_USER_NAME,
    authentication,
  };
}

function davServer(row: Fields, path: string): DavServer {
  const number = integer(row, 'port') ?? 0;
  const url = readDavUrl(text(row, 'url'));
  if (url === undefined) throw new FieldError(`${path}url`, 'must be a URL with https: or http:');
  return {
    id: Number(row['id']),
    type: oneOf(text(row, 'type').toLowerCase(), `${path}type`, DAV_TYPES),
    url,
    // automx2 reads 0 and less as "none".
    port: number > 0 ? port(number, `${path}port`) : undefined,
    useSsl: boolean(row, 'use_ssl'),
    domainRequired: boolean(row, 'domain_required'),
    userName: text(row, 'user_name') || DEFAULT_USER_NAME,
  };
}

function directoryServer(row: Fields, path: string): DirectoryServer {
  const address = readDirectoryAddress(text(row, 'name'), port(row['port'], `${path}port`), boolean(row, 'use_ssl'));
  if (address === undefined) {
    throw new FieldError(`${path}name`, 'must be a host, HOST:PORT, or a URL with ldap: or ldaps:');
  }
  const searchFilter = parseSearchFilter(text(row, 'search_filter'));
  if (searchFilter === undefined) {
    throw new FieldError(
      `${path}search_filter`,
      'must be an LDAP filter (RFC 4515) with {0} for the address or {1} for its local part',
    );
  }
  return {
    id: Number(row['id']),
    ...address,
    searchBase: text(row, 'search_base'),
    searchFilter,
    loginAttribute: text(row, 'attr_uid'),
    nameAttribute: text(row, 'attr_cn') || undefined,
    bindUser: text(row, 'bind_user') || undefined,
    bindPassword: verbatim(row, 'bind_password') || undefined,
  };
}

const providerNames = (row: Fields): { readonly name: string; readonly shortName: string } => ({
  name: text(row, 'name'),
  shortName: text(row, 'short_name'),
});

/** What a row of these tables means; throws FieldError if it is unusable, with `path` before the column's name. */
export const SERVER_READERS = { server: mailServer, davserver: davServer, ldapserver: directoryServer } as const;

/** What a stored row of these tables means; throws FieldError if it is unusable. */
export function readServerRow(
  table: keyof typeof SERVER_READERS,
  row: Fields,
): MailServer | DavServer | DirectoryServer {
  assertWidths(table, row);
  return SERVER_READERS[table](row, '');
}

/** A domain's row: its name as it is stored, and what that means, if anything. */
export interface StoredName {
  readonly id: number;
  readonly text: string;
  readonly name: DomainName | Wildcard | undefined;
}

export function storedName(id: unknown, stored: unknown): StoredName {
  const text = typeof stored === 'string' ? stored : '';
  return { id: Number(id), text, name: parseDomainName(text.trim()) ?? parseWildcard(text.trim()) };
}

/** Of stored names that are the same domain the canonically spelt one counts, else the one with the lowest id. */
export const countingName = (names: readonly StoredName[], name: DomainName | Wildcard): StoredName | undefined =>
  names
    .filter((stored) => stored.name === name)
    .sort((a, b) => Number(b.text === name) - Number(a.text === name) || a.id - b.id)[0];

/** The row that serves a domain: its own, else that of the wildcard with the longest parent. */
export function servingName(names: readonly StoredName[], name: DomainName): StoredName | undefined {
  for (const candidate of [name, ...wildcardsFor(name)]) {
    const counting = countingName(names, candidate);
    if (counting !== undefined) return counting;
  }
  return undefined;
}

/** Who is served by a row: `wildcard` is its name, where that is one. */
export interface Served {
  readonly id: number;
  readonly name: DomainName;
  readonly wildcard?: Wildcard;
}

/** The domain that is asked for, or for a walk a sample, served by the row of this name. */
export function servedBy({ id, name }: StoredName, asked?: DomainName): Served | undefined {
  const wildcard = name === undefined ? undefined : parseWildcard(name);
  if (wildcard !== undefined) return { id, name: asked ?? sampleOf(wildcard), wildcard };
  return name === undefined ? undefined : { id, name: name as DomainName };
}

/** The other domain whose settings a domain takes, by the rows of automx2_extra; undefined: none, or an unusable one. */
export function sameAsOf({ name, wildcard }: Served, extras: readonly Fields[]): DomainName | undefined {
  const own: string = wildcard ?? name;
  const isOwn = (row: Fields): boolean => text(row, 'domain_name') === own && text(row, 'kind') === 'same_as';
  const [first] = extras.filter(isOwn).toSorted(byNumber);
  if (first === undefined) return undefined;
  try {
    const target = readExtraRow(first) as DomainName;
    return target === name ? undefined : target;
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return undefined;
  }
}

/** The rows of one domain, by table. */
export interface DomainRows {
  readonly provider: Fields | undefined;
  /** How many are linked: of a kind with too many, none is among the rows. */
  readonly links: { readonly server: number; readonly davserver: number };
  readonly server: readonly Fields[];
  readonly davserver: readonly Fields[];
  readonly ldapserver: readonly Fields[];
  /** Those of the domain's own name and of all domains, in any order. */
  readonly automx2_extra: readonly Fields[];
  /** Names of domains of this provider, as they are stored, in order of id; the domain itself may be among them. */
  readonly siblings: readonly string[];
  /** The domain of these rows, where it is another one, whose settings are taken. */
  readonly sameAs?: DomainName;
}

const byNumber = (a: Fields, b: Fields): number => Number(a['n']) - Number(b['n']);

/** What people find a row by. */
const keyOf = (table: TableName, row: Fields): RowReference['id'] =>
  table === 'automx2_extra'
    ? [text(row, 'domain_name'), text(row, 'kind'), integer(row, 'n') ?? 0].join(' ')
    : Number(row['id']);

/** The value of a row of automx2_extra; throws FieldError if it is unusable. */
export function readExtraRow(row: Fields): ExtraValue<ExtraKind> {
  assertWidths('automx2_extra', row);
  const kind = oneOf(text(row, 'kind'), 'kind', EXTRA_KINDS);
  let value: unknown;
  try {
    value = JSON.parse(verbatim(row, 'data'));
  } catch {
    throw new FieldError('data', 'must be JSON');
  }
  return readExtra(kind, value, 'data');
}

/** The names whose rows of a kind count for a domain, the first first; `other`: the one whose settings it takes. */
function namesFor(kind: ExtraKind, own: string, other: string): readonly string[] {
  if (kind === 'same_as') return [own];
  // Servers are the other domain's, and never those of all.
  return kind === 'authentication' ? [own, other] : [own, other, ALL_DOMAINS];
}

/**
 * What rows of automx2_extra say for a domain: those of the first of its names that has any of a kind, usable or not, count.
 */
function readExtras(own: string, other: string, rows: readonly Fields[], usable: Usable): Extras {
  if (rows.length === 0) return NO_EXTRAS;
  const byName = Map.groupBy(rows, (row) => text(row, 'domain_name'));
  const counting = EXTRA_KINDS.flatMap((kind): [ExtraKind, unknown][] => {
    const of = namesFor(kind, own, other)
      .map((name) => (byName.get(name) ?? []).filter((row) => text(row, 'kind') === kind))
      .find(({ length }) => length > 0);
    const values = usable('automx2_extra', readExtraRow, of?.toSorted(byNumber) ?? []);
    if (isListKind(kind)) return [[kind, values]];
    return values.length === 0 ? [] : [[kind, values[0]]];
  });
  const names = [...new Set([own, other, ALL_DOMAINS])];
  const unknown = names.flatMap((name) => byName.get(name) ?? []).filter((row) => !isExtraKind(text(row, 'kind')));
  usable('automx2_extra', readExtraRow, unknown);
  return Object.fromEntries(counting) as unknown as Extras;
}

/** What identifies a mail server among those of its domain. */
export const serverName = ({ type, name, port }: Pick<ServerAuthentication, 'type' | 'name' | 'port'>): string =>
  nameOf('server', { type, name, port });

/** The server with all ways to log in that an extra gives it. */
function withAuthentications(server: MailServer, { authentication }: Extras): MailServer {
  const own = serverName({ ...server, name: server.hostname });
  const ways = authentication.find((extra) => serverName(extra) === own)?.authentication;
  return ways === undefined ? server : { ...server, authentications: ways };
}

/** The usable ones of some rows of a table; the others are reported. */
type Usable = <T>(table: TableName, read: (row: Fields, path: string) => T, found: readonly Fields[]) => T[];

/** What the rows of a domain mean; unusable ones are skipped and reported. Undefined: its provider does not exist. */
export function readMailDomain(
  { id, name, wildcard }: Served,
  rows: DomainRows,
  onUnusable: (row: UnusableRow) => void,
): MailDomain | undefined {
  const usable: Usable = (table, read, found) =>
    found.flatMap((row) => {
      try {
        assertWidths(table, row);
        return [read(row, '')];
      } catch (error) {
        if (!(error instanceof FieldError)) throw error;
        onUnusable({ table, id: keyOf(table, row), reason: `its ${error.path} ${error.accepted}` });
        return [];
      }
    });

  if (rows.provider === undefined) {
    onUnusable({ table: 'domain', id, reason: 'its provider does not exist' });
    return undefined;
  }
  for (const [table, count] of Object.entries(rows.links)) {
    if (count > MAX_SERVERS) {
      onUnusable({ table: 'domain', id, reason: `it has more than ${MAX_SERVERS} rows in ${table}_domain` });
    }
  }
  const [names = { name: '', shortName: '' }] = usable('provider', providerNames, [rows.provider]);
  const siblings = new Set(rows.siblings.flatMap((sibling) => parseDomainName(sibling.trim()) ?? []));
  siblings.delete(name);
  const own = wildcard ?? name;
  const extras = readExtras(own, rows.sameAs ?? own, rows.automx2_extra, usable);
  const isChained = rows.automx2_extra.some((row) => row['domain_name'] === rows.sameAs && row['kind'] === 'same_as');
  if (extras.same_as !== undefined && (rows.sameAs === undefined || isChained)) {
    const reason = 'its data must name another domain, which is stored and has settings of its own';
    onUnusable({ table: 'automx2_extra', id: `${own} same_as 0`, reason });
  }
  const mailServers = usable('server', mailServer, rows.server).map((server) => withAuthentications(server, extras));
  return {
    name,
    ...(wildcard === undefined ? {} : { wildcard }),
    siblings: [...siblings].slice(0, MAX_DOMAINS - 1),
    provider: { id: Number(rows.provider['id']), ...names },
    mailServers: mailServers.sort((a, b) => a.priority - b.priority || a.id - b.id),
    davServers: usable('davserver', davServer, rows.davserver).sort((a, b) => a.id - b.id),
    directory: usable('ldapserver', directoryServer, rows.ldapserver)[0],
    extras,
  };
}
