import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError, type ConfigFile } from '../adapters/config/config-file.ts';
import { type DatabaseUrl, DatabaseUrlError, parseDatabaseUrl } from '../adapters/database/database-url.ts';
import type { ListDomains } from '../adapters/database/statements.ts';
import { HTTP_LIMITS, type HttpLimits } from '../adapters/http/http-limits.ts';
import type { InitdbMode } from '../adapters/http/initdb-handler.ts';
import type { ListenAddress } from '../adapters/http/listen.ts';
import type { ServedMode } from '../adapters/http/served-handler.ts';
import { LOG_LEVELS, type LogLevel } from '../ports/log.ts';
import type { CacheOptions } from './cache/cached-settings.ts';

/** Everything that the operator decides, checked. */
export interface Settings {
  readonly logLevel: LogLevel;
  readonly logFormat: 'text' | 'json';
  readonly echoStatements: boolean;
  readonly database: DatabaseUrl;
  readonly proxyCount: number;
  /** Unix sockets with the mode that the option socket_mode gives them. */
  readonly listen: readonly ListenAddress[];
  readonly initdb: InitdbMode;
  readonly served: ServedMode;
  readonly listDomains: ListDomains;
  readonly cache: CacheOptions;
  readonly limits: HttpLimits;
  readonly directories: {
    /** Certificates (PEM) of authorities; undefined: those of Node.js. */
    readonly ca: string | undefined;
    readonly verify: boolean;
    /** Instead of the passwords in the database. */
    readonly bindPassword: string | undefined;
  };
}

/** One option of the configuration file: its default and how its text is read; the reader throws OptionError. */
interface Option<T> {
  readonly byDefault: string;
  readonly read: (text: string) => T;
}

/** What is accepted instead of a value; never holds the value, which may be a secret. */
class OptionError extends Error {}

const oneOf =
  <T extends string>(...words: readonly T[]) =>
  (text: string): T => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new OptionError(`one of ${words.join(', ')} is wanted`);
    return word;
  };

function logLevel(text: string): LogLevel {
  const word = text.toUpperCase();
  const level = LOG_LEVELS.find((candidate) => candidate === (word === 'FATAL' ? 'CRITICAL' : word));
  if (level === undefined) throw new OptionError(`one of ${LOG_LEVELS.join(', ')} is wanted`);
  return level;
}

// The words of configparser's getboolean.
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 'yes', 'true', 'on'].map((word) => [word, true] as const),
  ...['0', 'no', 'false', 'off'].map((word) => [word, false] as const),
]);

function boolean(text: string): boolean {
  const value = BOOLEANS.get(text.toLowerCase());
  if (value === undefined) throw new OptionError('one of yes, no, true, false, on, off, 1, 0 is wanted');
  return value;
}

const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= least && number <= most)) {
      throw new OptionError(`a whole number from ${least} to ${most} is wanted`);
    }
    return number;
  };

/** More proxies in a row than that is a slip of the finger. */
const MAX_PROXIES = 16;

/** A week: who is away for longer has been missed. */
const MAX_SECONDS = 7 * 24 * 60 * 60;

/** Reads a port, 0 (let the system choose) to 65535; undefined: it is none. */
export function readPort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

type ListenText = { readonly host: string; readonly port: number } | { readonly path: string };

function listen(text: string): readonly ListenText[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0) throw new OptionError('at least one host:port is wanted');
  return words.map((word) => {
    const path = /^unix:(\/.*)$/.exec(word)?.[1];
    if (path !== undefined) return { path };
    const parts = /^(?:\[(?<ipv6>[0-9a-f:.]+)\]|(?<host>[^:[\]]+)):(?<port>\d+)$/i.exec(word)?.groups;
    const port = readPort(parts?.['port'] ?? '');
    const host = parts?.['ipv6'] ?? parts?.['host'];
    if (host === undefined || port === undefined) {
      throw new OptionError(
        'one or more of host:port, [IPv6]:port, unix:/path are wanted, with blanks or commas between',
      );
    }
    return { host, port };
  });
}

function socketMode(text: string): number {
  if (!/^0?[0-7]{3}$/.test(text)) throw new OptionError('three octal digits are wanted, such as 660');
  return Number.parseInt(text, 8);
}

function database(text: string): DatabaseUrl {
  try {
    const url = parseDatabaseUrl(text);
    if (url.engine === 'sqlite' && url.path !== undefined) checkFolder(url.path);
    return url;
  } catch (cause) {
    if (cause instanceof DatabaseUrlError) throw new OptionError(cause.message, { cause });
    throw cause;
  }
}

/** automx2's manual shows three slashes before an absolute path, which makes it a relative one. */
function checkFolder(path: string): void {
  const folder = dirname(resolve(path));
  try {
    if (statSync(resolve(path), { throwIfNoEntry: false })?.isDirectory() === true) {
      throw new OptionError(`${resolve(path)} is a folder; the file in it is wanted`);
    }
  } catch (cause) {
    if (cause instanceof OptionError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new OptionError(`the folder ${folder} cannot be entered by this user (${code})`, { cause });
  }
  if (existsSync(folder)) return;
  if (!path.startsWith('/') && existsSync(dirname(`/${path}`))) {
    throw new OptionError(
      `there is no folder ${folder}; for the file /${path} four slashes are needed: sqlite:////${path}`,
    );
  }
  throw new OptionError(`there is no folder ${folder}`);
}

/** A file whose text is the value, such as a secret that shall not stand in the configuration; "" is none. */
function fileText(path: string): string | undefined {
  if (path === '') return undefined;
  try {
    // One line end is the editor's, not the secret's.
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new OptionError(`a file that can be read is wanted (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

function certificates(path: string): string | undefined {
  const text = fileText(path);
  try {
    if (text !== undefined) new X509Certificate(text);
    return text;
  } catch (cause) {
    throw new OptionError('a file of certificates in PEM is wanted', { cause });
  }
}

const OPTIONS = {
  loglevel: { byDefault: 'WARNING', read: logLevel },
  log_format: { byDefault: 'text', read: oneOf('text', 'json') },
  db_echo: { byDefault: 'no', read: boolean },
  db_uri: { byDefault: 'sqlite:///:memory:', read: database },
  proxy_count: { byDefault: '0', read: wholeNumber(0, MAX_PROXIES) },
  listen: { byDefault: '127.0.0.1:4243', read: listen },
  reuse_port: { byDefault: 'no', read: boolean },
  socket_mode: { byDefault: '660', read: socketMode },
  initdb: { byDefault: 'seed', read: oneOf<InitdbMode>('off', 'seed', 'purge') },
  served: { byDefault: 'loopback', read: oneOf<ServedMode>('loopback', 'all') },
  list_domains: { byDefault: 'asked', read: oneOf<ListDomains>('asked', 'all') },
  cache_seconds: { byDefault: '5', read: wholeNumber(0, MAX_SECONDS) },
  stale_seconds: { byDefault: '3600', read: wholeNumber(0, MAX_SECONDS) },
  ldap_ca_file: { byDefault: '', read: certificates },
  ldap_verify: { byDefault: 'yes', read: boolean },
  ldap_bind_password_file: { byDefault: '', read: fileText },
} as const satisfies Readonly<Record<string, Option<unknown>>>;

/** The options of limits: that of `maxHeaderOctets` is `max_header_octets`. */
const LIMIT_OPTIONS = Object.entries(HTTP_LIMITS).map(([limit, { byDefault, least, most }]) => ({
  limit,
  name: limit.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  option: { byDefault: String(byDefault), read: wholeNumber(least, most) },
}));

/** Every option's name with its default, for whoever checks the manual. */
export const OPTION_DEFAULTS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(OPTIONS).map(([name, { byDefault }]) => [name, byDefault] as const),
  ...LIMIT_OPTIONS.map(({ name, option }) => [name, option.byDefault] as const),
]);

export const isOption = (name: string): boolean => OPTION_DEFAULTS.has(name);

/**
 * Reads the options of a file, defaults for those it lacks. Throws ConfigError, in one line that names file, line,
 * option and what is accepted, for an unknown option or a bad value.
 */
export function readSettings(file: ConfigFile | undefined): Settings {
  for (const [name, { line }] of file?.options ?? []) {
    if (!isOption(name)) {
      throw new ConfigError(
        `${file?.path}:${line}: unknown option ${name}; known are ${[...OPTION_DEFAULTS.keys()].join(', ')}`,
      );
    }
  }
  const read = <T>(name: string, option: Option<T>): T => {
    const given = file?.options.get(name);
    try {
      return option.read(given?.value ?? option.byDefault);
    } catch (cause) {
      if (!(cause instanceof OptionError)) throw cause;
      throw new ConfigError(`${file?.path}:${given?.line}: ${name}: ${cause.message}`, { cause });
    }
  };
  const value = <N extends keyof typeof OPTIONS>(name: N) =>
    read(name, OPTIONS[name] as Option<ReturnType<(typeof OPTIONS)[N]['read']>>);
  const mode = value('socket_mode');
  return {
    logLevel: value('loglevel'),
    logFormat: value('log_format'),
    echoStatements: value('db_echo'),
    database: value('db_uri'),
    proxyCount: value('proxy_count'),
    listen: value('listen').map((address) => {
      if ('path' in address) return { ...address, mode };
      return value('reuse_port') ? { ...address, reusePort: true } : address;
    }),
    initdb: value('initdb'),
    served: value('served'),
    listDomains: value('list_domains'),
    cache: { cacheSeconds: value('cache_seconds'), staleSeconds: value('stale_seconds') },
    limits: Object.fromEntries(
      LIMIT_OPTIONS.map(({ limit, name, option }) => [limit, read(name, option)]),
    ) as HttpLimits,
    directories: {
      ca: value('ldap_ca_file'),
      verify: value('ldap_verify'),
      bindPassword: value('ldap_bind_password_file'),
    },
  };
}
