import { AUTHENTICATION_WORDS, readAuthentication, readSocketType, SOCKET_TYPE_WORDS } from './connection-words.ts';
import { readDavUrl } from './dav-url.ts';
import { readDirectoryAddress } from './directory-address.ts';
import { type DomainName, parseDomainName } from './domain-name.ts';
import type { Extras } from './extras.ts';
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
import { readExtras, type Usable, withAuthentications } from './read-extras.ts';
import { parseSearchFilter } from './search-filter.ts';
import { assertWidths, boolean, integer, text, verbatim } from './stored-columns.ts';
import type { Served } from './stored-names.ts';
import { TABLES, type TableName } from './tables.ts';

/** A stored row that cannot be used, and why. */
export interface UnusableRow extends RowReference {
  readonly reason: string;
}

/** An answer names 100 domains at most. */
export const MAX_DOMAINS = 100;

/** Servers of either kind of a domain; one that has more has none. */
export const MAX_SERVERS = 1_000;

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

/** What people find a row by. */
const keyOf = (table: TableName, row: Fields): RowReference['id'] =>
  table === 'automx2_extra'
    ? [text(row, 'domain_name'), text(row, 'kind'), integer(row, 'n') ?? 0].join(' ')
    : Number(row['id']);

/** Reports what is wrong with a domain, row by row usable as it may be. */
function reportDomain(
  { id, own }: { readonly id: number; readonly own: string },
  rows: DomainRows,
  extras: Extras,
  onUnusable: (row: UnusableRow) => void,
): void {
  for (const [table, count] of Object.entries(rows.links)) {
    if (count > MAX_SERVERS) {
      onUnusable({ table: 'domain', id, reason: `it has more than ${MAX_SERVERS} rows in ${table}_domain` });
    }
  }
  if (extras.same_as !== undefined && rows.sameAs === undefined) {
    const reason = 'its data must name another domain, which is stored and has settings of its own';
    onUnusable({ table: 'automx2_extra', id: `${own} same_as 0`, reason });
  }
}

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
  const [names = { name: '', shortName: '' }] = usable('provider', providerNames, [rows.provider]);
  const siblings = new Set(rows.siblings.flatMap((sibling) => parseDomainName(sibling.trim()) ?? []));
  siblings.delete(name);
  const own = wildcard ?? name;
  const extras = readExtras(own, rows.sameAs ?? own, rows.automx2_extra, usable);
  reportDomain({ id, own }, rows, extras, onUnusable);
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
