import { readAuthentication, readSocketType, socketTypeByPort } from './connection-words.ts';
import { isDavUrl } from './dav-url.ts';
import { type DomainName, parseDomainName } from './domain-name.ts';
import { Failure } from './failure.ts';
import { DEFAULT_USER_NAME } from './mail-domain.ts';
import { withSampleParts } from './placeholders.ts';

/** Settings of one provider, as they are to be stored in an empty database; words in automx2's vocabulary. */
export interface Seed {
  readonly provider: { readonly name: string; readonly shortName: string };
  readonly domains: readonly SeedDomain[];
  readonly mailServers: readonly SeedMailServer[];
  readonly davServers: readonly SeedDavServer[];
  readonly directories: readonly SeedDirectory[];
}
export interface SeedDomain {
  readonly name: DomainName;
  readonly directoryId: number | undefined;
}
export interface SeedMailServer {
  readonly type: 'imap' | 'pop' | 'smtp';
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly socketType: string;
  readonly userName: string;
  readonly authentication: string;
}
export interface SeedDavServer {
  readonly type: 'caldav' | 'carddav';
  readonly url: string;
  /** 0: the URL says it. */
  readonly port: number;
  readonly userName: string;
  /** Names of the domains that have it; undefined: all. */
  readonly domains?: readonly string[];
}
export interface SeedDirectory {
  readonly id: number;
  readonly name: string;
  readonly port: number;
  readonly useSsl: boolean;
  readonly searchBase: string;
  readonly searchFilter: string;
  readonly attributeUid: string;
  readonly attributeCn: string;
  readonly bindUser: string | undefined;
  readonly bindPassword: string | undefined;
}

/** Widths of automx2's columns, in characters. */
const WIDTH = { long: 128, userName: 64, short: 32 } as const;
const MAX_INTEGER = 2 ** 31 - 1;
const DEFAULT_PORT = { imap: 993, pop: 995, smtp: 465 } as const;
const DEFAULT_PRIORITY = 10;

const wrong = (path: string, accepted: string): Failure => new Failure('seed_invalid', `${path}: ${accepted}`);

type Members = ReadonlyMap<string, unknown>;

function object(value: unknown, path: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'an object is wanted');
  return new Map(Object.entries(value));
}

function list(members: Members, key: string): readonly unknown[] {
  const value = members.get(key) ?? [];
  if (!Array.isArray(value)) throw wrong(key, 'an array is wanted');
  return value;
}

// null counts as absent, as it does for automx2.
function text(members: Members, key: string, path: string, width: number, fallback?: string): string {
  const value = members.get(key) ?? fallback;
  // Control characters and halves of a character: a database may refuse them, and no client wants them.
  if (
    typeof value === 'string' &&
    [...value].length <= width &&
    value.trim() !== '' &&
    !/[\p{Cc}\p{Cs}]/u.test(value)
  ) {
    return value;
  }
  throw wrong(`${path}${key}`, `a text of 1 to ${width} characters is wanted`);
}

/** A text that may be empty, which has a meaning of its own. */
const word = (members: Members, key: string, path: string, width: number, fallback: string): string =>
  members.get(key) === '' ? '' : text(members, key, path, width, fallback);

function optionalText(members: Members, key: string, path: string, width: number): string | undefined {
  return (members.get(key) ?? '') === '' ? undefined : text(members, key, path, width);
}

function integer(members: Members, key: string, path: string, min: number, max: number, fallback?: number): number {
  const value = members.get(key) ?? fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw wrong(`${path}${key}`, `a whole number from ${min} to ${max} is wanted`);
}

function domainName(value: unknown, path: string): DomainName {
  const name = typeof value === 'string' ? parseDomainName(value) : undefined;
  if (name === undefined || name.length > WIDTH.long) {
    throw wrong(path, `a domain name of at most ${WIDTH.long} characters is wanted`);
  }
  return name;
}

function mailServer(type: SeedMailServer['type'], members: Members, path: string): SeedMailServer {
  const name = text(members, 'name', path, WIDTH.long);
  if (parseDomainName(withSampleParts(name)) === undefined) throw wrong(`${path}name`, 'a host name is wanted');
  const port = integer(members, 'port', path, 1, 65_535, DEFAULT_PORT[type]);
  const socketType = word(members, 'socket_type', path, WIDTH.short, socketTypeByPort(port));
  if (readSocketType(socketType, port) === undefined) {
    throw wrong(`${path}socket_type`, 'SSL, STARTTLS, plain or Auto is wanted');
  }
  const authentication = word(members, 'authentication', path, WIDTH.short, 'plain');
  if (readAuthentication(authentication) === undefined) {
    throw wrong(
      `${path}authentication`,
      'plain, password-cleartext, password-encrypted, CRAM-MD5, NTLM, none, OAuth2, GSSAPI, TLS-client-cert or ' +
        'client-IP-address is wanted',
    );
  }
  return {
    type,
    name,
    port,
    priority: integer(members, 'prio', path, -MAX_INTEGER, MAX_INTEGER, DEFAULT_PRIORITY),
    socketType,
    userName: word(members, 'user_name', path, WIDTH.userName, DEFAULT_USER_NAME),
    authentication,
  };
}

function davServer(type: SeedDavServer['type'], members: Members, path: string): SeedDavServer {
  const url = text(members, 'url', path, WIDTH.long);
  if (!isDavUrl(withSampleParts(url))) throw wrong(`${path}url`, 'a URL with https: or http: is wanted');
  return {
    type,
    url,
    port: integer(members, 'port', path, 0, 65_535, 0),
    userName: word(members, 'user_name', path, WIDTH.userName, DEFAULT_USER_NAME),
  };
}

function directory(value: unknown, path: string): SeedDirectory {
  const members = object(value, path.slice(0, -1));
  const port = integer(members, 'port', path, 1, 65_535, 636);
  const useSsl = members.get('use_ssl') ?? port === 636;
  if (typeof useSsl !== 'boolean') throw wrong(`${path}use_ssl`, 'true or false is wanted');
  return {
    id: integer(members, 'id', path, 1, MAX_INTEGER),
    name: text(members, 'name', path, WIDTH.long),
    port,
    useSsl,
    searchBase: text(members, 'search_base', path, WIDTH.long),
    searchFilter: text(members, 'search_filter', path, WIDTH.long, '(mail={0})'),
    attributeUid: text(members, 'attr_uid', path, WIDTH.short, 'uid'),
    attributeCn: text(members, 'attr_cn', path, WIDTH.short, 'cn'),
    bindUser: optionalText(members, 'bind_user', path, WIDTH.long),
    bindPassword: optionalText(members, 'bind_password', path, WIDTH.long),
  };
}

function unique<T>(values: readonly T[], pathOf: (index: number) => string): void {
  const seen = new Set<T>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) throw wrong(pathOf(index), 'stands here for the second time');
    seen.add(value);
  }
}

/** Parses the octets of a seed document as JSON in UTF-8. Throws seed_invalid. */
export function parseSeedDocument(octets: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets));
  } catch (cause) {
    throw new Failure('seed_invalid', 'the seed is no JSON in UTF-8', { cause });
  }
}

/**
 * Reads a seed document of version 1 (no `version`, domains are texts) or 2 (domains are objects, may name a directory),
 * already parsed from JSON. Members that we do not know are passed over, as automx2 does.
 * Throws seed_invalid, its message naming the member at fault (`servers[2].port`) and what is wanted there.
 */
export function readSeed(document: unknown): Seed {
  const members = object(document, 'the seed');
  if (members.size === 0) throw new Failure('seed_invalid', 'the seed holds nothing');
  const version = members.get('version') ?? 1;
  if (version !== 1 && version !== 2)
    throw wrong('version', '2 (a number) is wanted, or no version for the first form');

  const name = text(members, 'provider', '', WIDTH.long);
  const shortName = [...(name.trim().split(/\s+/)[0] ?? '')].slice(0, WIDTH.short).join('');

  const directories =
    version === 1 ? [] : list(members, 'ldapservers').map((v, i) => directory(v, `ldapservers[${i}].`));
  unique(
    directories.map(({ id }) => id),
    (index) => `ldapservers[${index}].id`,
  );

  const domains = list(members, 'domains').map((value, index): SeedDomain => {
    const path = `domains[${index}]`;
    if (version === 1) return { name: domainName(value, path), directoryId: undefined };
    const domain = object(value, path);
    const directoryId =
      (domain.get('ldapserver_id') ?? undefined) === undefined
        ? undefined
        : integer(domain, 'ldapserver_id', `${path}.`, 1, MAX_INTEGER);
    if (directoryId !== undefined && !directories.some(({ id }) => id === directoryId)) {
      throw wrong(`${path}.ldapserver_id`, 'the id of one of the ldapservers is wanted');
    }
    return { name: domainName(domain.get('name'), `${path}.name`), directoryId };
  });
  if (domains.length === 0) throw wrong('domains', 'at least one is wanted');
  unique(
    domains.map((domain) => domain.name),
    (index) => `domains[${index}]`,
  );

  const mailServers: SeedMailServer[] = [];
  const davServers: SeedDavServer[] = [];
  for (const [index, value] of list(members, 'servers').entries()) {
    const path = `servers[${index}].`;
    const server = object(value, path.slice(0, -1));
    const type = server.get('type');
    if (type === 'imap' || type === 'pop' || type === 'smtp') mailServers.push(mailServer(type, server, path));
    else if (type === 'caldav' || type === 'carddav') davServers.push(davServer(type, server, path));
    else throw wrong(`${path}type`, 'imap, pop, smtp, caldav or carddav is wanted');
  }
  if (mailServers.length === 0) throw wrong('servers', 'at least one imap, pop or smtp server is wanted');
  return { provider: { name, shortName }, domains, mailServers, davServers, directories };
}
