import { AUTHENTICATION_WORDS, type Authentication, readAuthentication, readSocketType } from './connection-words.ts';
import { type DomainName, parseDomainName } from './domain-name.ts';
import {
  assertMembers,
  COMMENT,
  domainName,
  FieldError,
  integer,
  list,
  object,
  oneOf,
  port,
  required,
  text,
} from './fields.ts';
import { MAIL_TYPES, type MailServer } from './mail-domain.ts';
import { TABLES } from './tables.ts';

/** Characters of a URL, and of a text that people read, at most. */
const MAX_URL = 255;
const MAX_TEXT = 200;

/** The port of ManageSieve (RFC 5804 section 1.8). */
const MANAGESIEVE_PORT = 4190;

/** Something at a URL: https, in ASCII. */
export interface Link {
  readonly url: string;
}

/** The same text by language, a code of two letters (ISO 639). */
export type Translations = Readonly<Record<string, string>>;

/** A page for people, and what it is about. */
export interface Page extends Link {
  readonly descr: Translations;
}

/** Where users of the domain log in (draft-ietf-mailmaint-autoconfig, "OAuth2"; RFC 8414). */
export interface OAuth2 {
  /** Kept octet by octet: clients compare it with the issuer's own metadata (RFC 8414 section 3.3). */
  readonly issuer: string;
  /** Of all services together, separated by blanks. */
  readonly scope: string;
  /** Without these a client asks the issuer's metadata, and without a client's id it registers itself (RFC 7591). */
  readonly authURL?: string;
  readonly tokenURL?: string;
  readonly clientID?: string;
}

/** The server of a user's filters (RFC 5804). */
export interface ManageSieve {
  readonly name: DomainName;
  readonly port: number;
  readonly socketType: 'SSL' | 'STARTTLS';
}

/** Where clients of Exchange ActiveSync go on: at a URL, or with the same local part at another domain. */
export type ActiveSync = Link | { readonly redirect: DomainName };

/** An image, its size in pixels. */
export interface Logo extends Link {
  readonly contentType: string;
  readonly width?: number;
  readonly height?: number;
}

/** All ways to log in to a server, best first; it is known by what it is, as ids may be another server's later. */
export interface ServerAuthentication extends Pick<MailServer, 'type' | 'port'> {
  readonly name: string;
  readonly authentication: readonly Authentication[];
}

/** The members of an object that holds only these. */
function members<K extends string>(value: unknown, path: string, known: readonly K[]): Readonly<Record<K, unknown>> {
  const given = object(value, path);
  assertMembers(given, `${path}.`, known);
  return given as Readonly<Record<K, unknown>>;
}

/** null counts as absent. */
const optional = <T>(value: unknown, read: (value: unknown) => T): T | undefined =>
  value === undefined || value === null ? undefined : read(value);

/** An object without the members that are undefined. */
const present = <T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;

/** Printable ASCII, with whole percent-encodings only (RFC 3986 section 2.1). */
const URL_TEXT = /^(?:[!#$&-;=?-Z[\]_a-z~]|%[\dA-F]{2})+$/i;

function url(value: unknown, path: string, schemes: readonly string[] = ['https:']): string {
  const wanted = `must be a URL with ${schemes.join(' or ')} of at most ${MAX_URL} ASCII characters, without blank, placeholder or user name`;
  const given = typeof value === 'string' ? value.trim() : '';
  if (given.length > MAX_URL || !URL_TEXT.test(given) || !URL.canParse(given))
    throw new FieldError(path, wanted, value);
  const { protocol, hostname, username, password } = new URL(given);
  const hasHost = protocol !== 'https:' || (/^https:\/\/[^/]/i.test(given) && isHost(hostname));
  if (!schemes.includes(protocol) || !hasHost || username + password !== '') throw new FieldError(path, wanted, value);
  return given;
}

const isHost = (hostname: string): boolean => hostname.startsWith('[') || parseDomainName(hostname) !== undefined;

const link = (value: unknown, path: string): Link => {
  return { url: url(required(members(value, path, ['url']).url, `${path}.url`), `${path}.url`) };
};

const support = (value: unknown, path: string): Link => ({
  url: url(required(members(value, path, ['url']).url, `${path}.url`), `${path}.url`, ['https:', 'mailto:', 'tel:']),
});

function translations(value: unknown, path: string): Translations {
  const given = Object.entries(object(value, path)).filter(([language]) => language !== COMMENT);
  const entries = given.map(([language, words]) => {
    const where = `${path}.${language}`;
    if (!/^[a-z]{2}$/.test(language)) throw new FieldError(where, 'must be a language of two small letters');
    return [language, text(words, where, MAX_TEXT).trim()] as const;
  });
  return Object.fromEntries(entries);
}

function page(value: unknown, path: string): Page {
  const given = members(value, path, ['url', 'descr']);
  return {
    url: url(required(given.url, `${path}.url`), `${path}.url`),
    descr: translations(given.descr ?? {}, `${path}.descr`),
  };
}

/** A page that says what to do first; without a text there is nothing to say. */
function instruction(value: unknown, path: string): Page {
  const given = page(value, path);
  if (Object.keys(given.descr).length === 0) throw new FieldError(`${path}.descr`, 'must hold at least one text');
  return given;
}

/** Letters, digits, "-", ".", "_" and "~" in percent-encoding (RFC 3986 section 2.3). */
const ENCODED_UNRESERVED = /%(?:2[DE]|3\d|4[1-9A-F]|5[\dAF]|6[1-9A-F]|7[\dAE])/i;

/** draft-ietf-mailmaint-oauth-public, "Issuer": no user name, query, fragment, dot segment or needless percent-encoding. */
function issuer(value: unknown, path: string): string {
  const given = url(value, path);
  const { href } = new URL(given);
  const isWritten = href === given || href === `${given}/`;
  const isPlain = isWritten && !/[?#]/.test(given) && !ENCODED_UNRESERVED.test(given);
  if (isPlain) return given;
  throw new FieldError(
    path,
    'must be the https URL of the issuer as its metadata has it, without query and fragment',
    given,
  );
}

function oauth2(value: unknown, path: string): OAuth2 {
  const given = members(value, path, ['issuer', 'scope', 'authURL', 'tokenURL', 'clientID']);
  const endpoint = (member: 'authURL' | 'tokenURL') =>
    optional(given[member], (address) => url(address, `${path}.${member}`));
  const scope = text(required(given.scope, `${path}.scope`), `${path}.scope`, MAX_URL)
    .trim()
    .split(/\s+/)
    .join(' ');
  return present({
    issuer: issuer(required(given.issuer, `${path}.issuer`), `${path}.issuer`),
    scope,
    authURL: endpoint('authURL'),
    tokenURL: endpoint('tokenURL'),
    clientID: optional(given.clientID, (id) => text(id, `${path}.clientID`, MAX_URL).trim()),
  }) as OAuth2;
}

function manageSieve(value: unknown, path: string): ManageSieve {
  const given = members(value, path, ['name', 'port', 'socket_type']);
  const number = port(given.port ?? MANAGESIEVE_PORT, `${path}.port`);
  const word = given.socket_type ?? 'STARTTLS';
  const socketType = typeof word === 'string' ? readSocketType(word.trim(), number) : undefined;
  if (socketType !== 'SSL' && socketType !== 'STARTTLS') {
    throw new FieldError(`${path}.socket_type`, 'must be one of SSL, STARTTLS', word);
  }
  const name = required(given.name, `${path}.name`);
  return { name: domainName(name, `${path}.name`, TABLES.server.columns.name.width), port: number, socketType };
}

function activeSync(value: unknown, path: string): ActiveSync {
  const given = members(value, path, ['url', 'redirect']);
  const [address, redirect] = [given.url ?? undefined, given.redirect ?? undefined];
  if (address !== undefined && redirect !== undefined) {
    throw new FieldError(`${path}.redirect`, 'must not stand beside url');
  }
  if (address === undefined && redirect === undefined) throw new FieldError(path, 'must have one of url, redirect');
  if (redirect === undefined) return { url: url(address, `${path}.url`) };
  return { redirect: domainName(redirect, `${path}.redirect`, TABLES.domain.columns.name.width) };
}

const MAX_PIXELS = 10_000;

function logo(value: unknown, path: string): Logo {
  const given = members(value, path, ['url', 'content_type', 'width', 'height']);
  const contentType = required(given.content_type, `${path}.content_type`);
  if (typeof contentType !== 'string' || !/^image\/[a-z\d.+-]{1,60}$/.test(contentType)) {
    throw new FieldError(`${path}.content_type`, 'must be the type of an image, such as image/png', contentType);
  }
  const pixels = (member: 'width' | 'height') =>
    optional(given[member], (size) => integer(size, `${path}.${member}`, 1, MAX_PIXELS));
  return present({
    url: url(given.url, `${path}.url`),
    contentType,
    width: pixels('width'),
    height: pixels('height'),
  }) as Logo;
}

/** Ways to log in, best first, each once. */
export function readAuthentications(value: unknown, path: string): readonly Authentication[] {
  const ways = list(value, path).map((word, index) => {
    const way = typeof word === 'string' ? readAuthentication(word.trim()) : undefined;
    if (way !== undefined) return way;
    throw new FieldError(`${path}[${index}]`, `must be one of ${AUTHENTICATION_WORDS.join(', ')}`, word);
  });
  if (ways.length === 0) throw new FieldError(path, 'must hold at least one');
  const again = ways.findIndex((way, index) => ways.indexOf(way) !== index);
  if (again >= 0) throw new FieldError(`${path}[${again}]`, 'repeats an earlier one');
  return ways;
}

function serverAuthentication(value: unknown, path: string): ServerAuthentication {
  const given = members(value, path, ['type', 'name', 'port', 'authentication']);
  return {
    type: oneOf(given.type, `${path}.type`, MAIL_TYPES),
    name: text(given.name, `${path}.name`, TABLES.server.columns.name.width).trim(),
    port: port(given.port, `${path}.port`),
    authentication: readAuthentications(given.authentication, `${path}.authentication`),
  };
}

const sameAs = (value: unknown, path: string): DomainName => domainName(value, path, TABLES.domain.columns.name.width);

/**
 * What a domain offers beside servers that automx2's tables hold, by kind: the `kind` of a row of automx2_extra, whose `data`
 * is the value as JSON. Readers take that value and its path, and throw FieldError.
 */
const ONE = {
  oauth2,
  jmap: link,
  activesync: activeSync,
  managesieve: manageSieve,
  webmail: link,
  support,
  logo,
  same_as: sameAs,
} as const;

/** Kinds of which a domain may have several, up to MAX_OF_KIND, in their order (column `n`). */
const SEVERAL = { documentation: page, instructions: instruction, authentication: serverAuthentication } as const;

type One = { readonly [K in keyof typeof ONE]?: ReturnType<(typeof ONE)[K]> };
type Several = { readonly [K in keyof typeof SEVERAL]: readonly ReturnType<(typeof SEVERAL)[K]>[] };
/** What a domain offers beside its servers, by kind. */
export type Extras = One & Several;
export type ExtraKind = keyof Extras;
/** What one row of a kind says. */
export type ExtraValue<K extends ExtraKind> = ReturnType<(typeof ONE & typeof SEVERAL)[K]>;

/** What a domain without such rows has. */
export const NO_EXTRAS: Extras = { documentation: [], instructions: [], authentication: [] };

/** The kinds that are known, in their order in messages. */
export const EXTRA_KINDS = [...Object.keys(ONE), ...Object.keys(SEVERAL)] as readonly ExtraKind[];

/** Whether a domain may have several of the kind. */
export const isListKind = (kind: ExtraKind): kind is keyof Several => Object.hasOwn(SEVERAL, kind);

/** Whether a word is a kind. */
export const isExtraKind = (kind: string): kind is ExtraKind => EXTRA_KINDS.some((known) => known === kind);

/** What one value of a kind means; throws FieldError with the path of what is wrong. */
export const readExtra = <K extends ExtraKind>(kind: K, value: unknown, path: string): ExtraValue<K> =>
  (isListKind(kind) ? SEVERAL[kind] : ONE[kind as keyof One])(value, path) as ExtraValue<K>;

/**
 * The name in automx2_extra whose rows count for every domain that has none of their kind. A wildcard has it, too (`Wildcard`),
 * and then only the kinds below are its own.
 */
export const ALL_DOMAINS = '*';

/** Kinds that are about a domain itself, or about its servers, and never count for all domains. */
export const NEVER_OF_ALL: readonly string[] = ['same_as', 'authentication'] satisfies readonly ExtraKind[];

/** Rows of one name and kind at most; those with another `n` are not read. */
export const MAX_OF_KIND = 100;
