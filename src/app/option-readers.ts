import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type DatabaseUrl, DatabaseUrlError, parseDatabaseUrl } from '../adapters/database/database-url.ts';
import { readPem } from '../adapters/database/pem.ts';
import { type DomainName, parseDomainName } from '../domain/domain-name.ts';
import { isFullName } from '../domain/host-name.ts';
import { isLoopbackHost } from '../domain/loopback.ts';
import { systemReason } from '../domain/system-error.ts';
import { parseWholeNumber } from '../domain/whole-number.ts';
import { LOG_LEVELS, type LogLevel } from '../ports/log.ts';
import { secretIn } from './secret-file.ts';

/**
 * Why the text of an option is refused. It never holds the text, which may be a secret: `describe` makes the message, in
 * one line with what is wrong and what is accepted, of the words by which the value may be called ("INF", quoted, or
 * `the value`).
 */
export class OptionError extends Error {
  override readonly name = 'OptionError';
  readonly describe: (value: string) => string;

  constructor(describe: (value: string) => string, options?: ErrorOptions) {
    super(describe('the value'), options);
    this.describe = describe;
  }
}

/** What looks like a comment behind a value. It is a part of the value, as for configparser. */
export const COMMENT = /\s[#;]/;

/** "off, seed or purge". */
const alternatives = (words: readonly string[]): string =>
  [words.slice(0, -1).join(', '), words.at(-1)].filter((part) => part !== '').join(' or ');

export const oneOf =
  <T extends string>(...words: readonly T[]) =>
  (text: string): T => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new OptionError((value) => `${value} is not valid; use ${alternatives(words)}`);
    return word;
  };

/** Python's other names of levels (its standard library, "logging"); NOTSET means everything. */
const LEVEL_ALIASES: ReadonlyMap<string, LogLevel> = new Map([
  ['NOTSET', 'DEBUG'],
  ['WARN', 'WARNING'],
  ['FATAL', 'CRITICAL'],
]);

/** A log level in any letter case. */
export function level(text: string): LogLevel {
  const word = text.toUpperCase();
  const found = LOG_LEVELS.find((candidate) => candidate === word) ?? LEVEL_ALIASES.get(word);
  if (found === undefined) throw new OptionError((value) => `${value} is not a level; use ${alternatives(LOG_LEVELS)}`);
  return found;
}

// The words of configparser's getboolean.
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['no', false],
  ['true', true],
  ['false', false],
  ['on', true],
  ['off', false],
  ['1', true],
  ['0', false],
]);

export function boolean(text: string): boolean {
  const truth = BOOLEANS.get(text.toLowerCase());
  if (truth === undefined) {
    throw new OptionError((value) => `${value} is not valid; use ${alternatives([...BOOLEANS.keys()])}`);
  }
  return truth;
}

export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const number = parseWholeNumber(text, least, most);
    if (number === undefined) {
      throw new OptionError((value) => `${value} is not valid; must be a whole number from ${least} to ${most}`);
    }
    return number;
  };

/** A port; 0 lets the system choose. */
export const readPort = wholeNumber(0, 65_535);

/** Where to listen, as the operator writes it, or a listening socket that another process opened. */
export type ListenPlace =
  | { readonly host: string; readonly port: number }
  | { readonly path: string }
  | { readonly descriptor: number };

/** One or more places with blanks or commas between them; the folder of a socket must exist. */
export function listenPlaces(text: string): readonly ListenPlace[] {
  const refuse = (): never => {
    throw new OptionError(
      (value) => `${value} is not an address to listen on; use one or more of host:port, [IPv6]:port, unix:/path`,
    );
  };
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0) return refuse();
  return words.map((word) => {
    const path = /^unix:(\/.*)$/.exec(word)?.[1];
    if (path !== undefined) {
      if (existsSync(dirname(path))) return { path };
      throw new OptionError(() => `there is no folder ${dirname(path)} for the socket`);
    }
    const parts = /^(?:\[(?<ipv6>[0-9a-f:.]+)\]|(?<host>[^:[\]]+)):(?<port>\d+)$/i.exec(word)?.groups;
    const port = parseWholeNumber(parts?.['port'] ?? '', 0, 65_535);
    const host = parts?.['ipv6'] ?? parts?.['host'];
    if (host === '*') throw new OptionError(() => 'for all addresses use [::]:port, or 0.0.0.0:port for IPv4 alone');
    return host === undefined || port === undefined ? refuse() : { host, port };
  });
}

/** Places that only this machine reaches; an empty text means none. */
export function localPlaces(text: string): readonly ListenPlace[] {
  if (text.trim() === '') return [];
  const places = listenPlaces(text);
  if (places.some((place) => 'host' in place && !isLoopbackHost(place.host))) {
    throw new OptionError(
      (value) => `${value} is not on this machine alone; use one or more of 127.0.0.1:port, [::1]:port, unix:/path`,
    );
  }
  return places;
}

export function fileMode(text: string): number {
  if (!/^0?[0-7]{3}$/.test(text)) {
    throw new OptionError((value) => `${value} is not a file mode; use three octal digits, such as 660`);
  }
  return Number.parseInt(text, 8);
}

/** A database URL; the folder of an SQLite file must exist, unless our units make it. */
export function database(text: string): DatabaseUrl {
  // It would be a part of the name of a file or database, which could even be made.
  if (COMMENT.test(text)) throw new OptionError((value) => `${value} must not hold a blank before "#" or ";"`);
  let url: DatabaseUrl;
  try {
    url = parseDatabaseUrl(text);
  } catch (cause) {
    if (!(cause instanceof DatabaseUrlError)) throw cause;
    const { message } = cause;
    throw new OptionError(() => message, { cause });
  }
  if (url.engine === 'sqlite' && url.path !== undefined) checkFolder(url.path);
  return url;
}

/** Where our units keep data. */
const STATE_FOLDER = '/var/lib/automx2';

/** automx2's manual shows three slashes before an absolute path, which makes it a relative one. */
function checkFolder(path: string): void {
  const folder = dirname(resolve(path));
  let isFolder: boolean;
  try {
    isFolder = statSync(resolve(path), { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (cause) {
    throw new OptionError(() => `the folder ${folder} cannot be entered by this user: ${systemReason(cause)}`, {
      cause,
    });
  }
  if (isFolder) throw new OptionError(() => `${resolve(path)} is a folder; name the file in it`);
  // systemd makes it before the unit's first start (contrib/systemd, StateDirectory=).
  if (existsSync(folder) || folder === STATE_FOLDER) return;
  const remedy = path.startsWith('/') ? '' : `; if the file is /${path}, use four slashes: sqlite:////${path}`;
  throw new OptionError(() => `there is no folder ${folder}${remedy}`);
}

/** A secret in a file of its own; an empty path means no file. */
export function secretOf(path: string): string | undefined {
  if (path === '') return undefined;
  let text: string;
  try {
    text = secretIn(path);
  } catch (cause) {
    throw new OptionError(() => `the file cannot be read: ${systemReason(cause)}`, { cause });
  }
  if (text === '') throw new OptionError(() => 'the file is empty');
  return text;
}

/** A full host name; an empty text means none. */
export function hostName(text: string): DomainName | undefined {
  if (text === '') return undefined;
  const name = parseDomainName(text);
  if (name === undefined || !isFullName(name)) {
    throw new OptionError((value) => `${value} is not a full host name, such as autoconfig.example.com`);
  }
  return name;
}

/** The path of a file that is read later, and again and again; an empty one means no file. */
export const filePath = (text: string): string | undefined => (text === '' ? undefined : text);

/** The path of a file with a private key, read later; an empty one means no file. */
export const keyPath = (text: string): string | undefined => filePath(text);

/** The certificates (PEM) of a file; an empty path means no file. */
export const certificates = (path: string): string | undefined =>
  path === ''
    ? undefined
    : readPem(path, (problem, cause) => new OptionError((value) => `${value}: the file ${problem}`, { cause }));
