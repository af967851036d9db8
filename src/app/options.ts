import { isDeepStrictEqual } from 'node:util';
import { ConfigError, type ConfigOption, type ConfigOptions } from '../adapters/config/config-file.ts';
import type { ListDomains } from '../adapters/database/statements.ts';
import type { InitdbMode } from '../adapters/http/operator/initdb.ts';
import type { ServedMode } from '../adapters/http/operator/served.ts';
import { HTTP_LIMITS } from '../adapters/http/server/limits.ts';
import {
  boolean,
  COMMENT,
  certificates,
  database,
  fileMode,
  filePath,
  hostName,
  keyPath,
  level,
  listenPlaces,
  localPlaces,
  OptionError,
  oneOf,
  secretOf,
  wholeNumber,
} from './option-readers.ts';

/** One option of the configuration file. */
export interface Option {
  /** Where the value goes in the settings: `name`, or `group.name`. */
  readonly setting: string;
  /** The text that counts where the option is not given. */
  readonly byDefault: string;
  /** Reads the text; throws OptionError. */
  readonly read: (text: string) => unknown;
  /** Whether a running daemon takes a new value over (SIGHUP); if not, it takes a restart. */
  readonly reload: boolean;
  /** Whether a message may quote the value: it can hold no secret. */
  readonly quotable: boolean;
}
type OptionTable = Readonly<Record<string, Option>>;

/** More proxies in a row are a typing error. */
const MAX_PROXIES = 16;

/** A week. */
const MAX_SECONDS = 7 * 24 * 60 * 60;

const limit = <L extends keyof typeof HTTP_LIMITS>(name: L, reload: boolean) => {
  const { byDefault, least, most } = HTTP_LIMITS[name];
  return {
    setting: `limits.${name}`,
    byDefault: String(byDefault),
    read: wholeNumber(least, most),
    reload,
    quotable: true,
  } as const;
};

/** Every option, in the order of the sample configuration. */
export const OPTIONS = {
  loglevel: { setting: 'logLevel', byDefault: 'WARNING', read: level, reload: true, quotable: true },
  log_format: { setting: 'logFormat', byDefault: 'text', read: oneOf('text', 'json'), reload: true, quotable: true },
  db_echo: { setting: 'echoStatements', byDefault: 'no', read: boolean, reload: false, quotable: true },
  db_uri: { setting: 'database', byDefault: 'sqlite:///:memory:', read: database, reload: false, quotable: false },
  settings_file: { setting: 'settingsFile', byDefault: '', read: filePath, reload: false, quotable: true },
  // The password itself, written here by mistake, must not get into a message.
  db_password_file: { setting: 'databasePassword', byDefault: '', read: secretOf, reload: false, quotable: false },
  proxy_count: {
    setting: 'proxyCount',
    byDefault: '0',
    read: wholeNumber(0, MAX_PROXIES),
    reload: true,
    quotable: true,
  },
  listen: { setting: 'listen', byDefault: '127.0.0.1:4243', read: listenPlaces, reload: false, quotable: true },
  public_host: { setting: 'publicHost', byDefault: '', read: hostName, reload: true, quotable: true },
  reuse_port: { setting: 'reusePort', byDefault: 'no', read: boolean, reload: false, quotable: true },
  socket_mode: { setting: 'socketMode', byDefault: '660', read: fileMode, reload: false, quotable: true },
  metrics_listen: { setting: 'metricsListen', byDefault: '', read: localPlaces, reload: false, quotable: true },
  initdb: {
    setting: 'initdb',
    byDefault: 'seed',
    read: oneOf<InitdbMode>('off', 'seed', 'purge'),
    reload: true,
    quotable: true,
  },
  served: {
    setting: 'served',
    byDefault: 'loopback',
    read: oneOf<ServedMode>('loopback', 'all'),
    reload: true,
    quotable: true,
  },
  help_page: { setting: 'helpPage', byDefault: 'yes', read: boolean, reload: true, quotable: true },
  list_domains: {
    setting: 'listDomains',
    byDefault: 'asked',
    read: oneOf<ListDomains>('asked', 'all'),
    reload: false,
    quotable: true,
  },
  cache_seconds: {
    setting: 'cache.cacheSeconds',
    byDefault: '5',
    read: wholeNumber(0, MAX_SECONDS),
    reload: true,
    quotable: true,
  },
  stale_seconds: {
    setting: 'cache.staleSeconds',
    byDefault: '3600',
    read: wholeNumber(0, MAX_SECONDS),
    reload: true,
    quotable: true,
  },
  ldap_ca_file: { setting: 'directories.ca', byDefault: '', read: certificates, reload: true, quotable: true },
  ldap_verify: { setting: 'directories.verify', byDefault: 'yes', read: boolean, reload: true, quotable: true },
  ldap_bind_password_file: {
    setting: 'directories.bindPassword',
    byDefault: '',
    read: secretOf,
    reload: true,
    quotable: false,
  },
  sign_certificate: { setting: 'signing.certificate', byDefault: '', read: filePath, reload: true, quotable: true },
  // The key itself, written here by mistake, must not get into a message.
  sign_key: { setting: 'signing.key', byDefault: '', read: keyPath, reload: true, quotable: false },
  sign_key_password_file: {
    setting: 'signing.password',
    byDefault: '',
    read: secretOf,
    reload: true,
    quotable: false,
  },
  max_connections: limit('maxConnections', true),
  max_header_octets: limit('maxHeaderOctets', false),
  headers_timeout_ms: limit('headersTimeoutMs', true),
  request_timeout_ms: limit('requestTimeoutMs', true),
  keep_alive_timeout_ms: limit('keepAliveTimeoutMs', true),
  stall_timeout_ms: limit('stallTimeoutMs', true),
  max_pipelined_requests: limit('maxPipelinedRequests', true),
  max_autodiscover_octets: limit('maxAutodiscoverOctets', true),
  max_seed_octets: limit('maxSeedOctets', true),
} as const satisfies OptionTable;

/** The values of a table's options by their place, such as `cache.cacheSeconds`. */
type Values<T extends OptionTable> = { readonly [N in keyof T as T[N]['setting']]: ReturnType<T[N]['read']> };
type Group<V, G extends string> = { readonly [P in keyof V as P extends `${G}.${infer M}` ? M : never]: V[P] };
type Nested<V> = {
  readonly [P in keyof V as P extends `${infer G}.${string}` ? G : P]: P extends `${infer G}.${string}`
    ? Group<V, G>
    : V[P];
};
type SettingsOf<T extends OptionTable> = Nested<Values<T>>;

/** Everything that the operator decides, checked; the table of options says what there is. */
export type Settings = SettingsOf<typeof OPTIONS>;

const readBy = (reader: Option['read']): readonly string[] =>
  Object.entries<Option>(OPTIONS)
    .filter(([, { read }]) => read === reader)
    .map(([name]) => name);

/** Those that name a file with a password, and those that name one with a private key. */
export const PASSWORD_FILES = readBy(secretOf);
export const KEY_FILES = readBy(keyPath);

/** Those whose text may hold a password itself. */
export const SECRETS = Object.entries<Option>(OPTIONS)
  .filter(([name, { quotable }]) => !quotable && ![...PASSWORD_FILES, ...KEY_FILES].includes(name))
  .map(([name]) => name);

export const isOption = (name: string): boolean => Object.hasOwn(OPTIONS, name);

/** A value as a message shows it. Only one short line: a line indented by mistake makes the next option a part of it. */
const quoted = ({ quotable }: Option, text: string): string =>
  quotable && /^[^\r\n@]{0,60}$/.test(text) ? `"${text}"` : 'the value';

/** A mistake in an option, in one line: its place, and what is wrong. */
export const errorAbout = (options: ConfigOptions, name: string, wrong: string, cause?: Error): ConfigError =>
  new ConfigError(`${options.get(name)?.place ?? name}: ${wrong}`, { cause });

function readOption(name: string, option: Option, options: ConfigOptions): unknown {
  const given = options.get(name);
  try {
    return option.read(given?.value ?? option.byDefault);
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause;
    if (given === undefined) throw new Error(`the default of ${name} is refused`, { cause });
    const hint = given.file !== undefined && COMMENT.test(given.value) ? '; a comment must be a line of its own' : '';
    throw errorAbout(options, name, cause.describe(quoted(option, given.value)) + hint, cause);
  }
}

/**
 * Reads the options of this table, with defaults for those that are not given. Throws ConfigError, in one line that names
 * the place, what is wrong and what is accepted, for an unknown option or a bad value.
 */
export function readOptions<T extends OptionTable>(table: T, options: ConfigOptions): SettingsOf<T> {
  for (const [name, { place }] of options) {
    if (!Object.hasOwn(table, name)) {
      throw new ConfigError(`${place}: unknown option; use ${Object.keys(table).join(', ')}`);
    }
  }
  const settings: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table)) {
    const [group = '', member] = option.setting.split('.');
    const value = readOption(name, option, options);
    settings[group] = member === undefined ? value : { ...(settings[group] as object | undefined), [member]: value };
  }
  // Built by the same `setting`s from which the type is derived.
  return settings as SettingsOf<T>;
}

/** The settings that these options say; without any, the defaults. Throws ConfigError. */
export function readSettings(options: ConfigOptions = new Map<string, ConfigOption>()): Settings {
  const settings = readOptions(OPTIONS, options);
  if (settings.settingsFile !== undefined && options.has('db_uri')) {
    const wrong = `must not stand beside ${options.get('db_uri')?.place}: settings come from a file or from a database`;
    throw errorAbout(options, 'settings_file', wrong);
  }
  const { certificate, key, password } = settings.signing;
  if (certificate !== undefined && key === undefined)
    throw errorAbout(options, 'sign_certificate', 'needs sign_key, too');
  if (key !== undefined && certificate === undefined)
    throw errorAbout(options, 'sign_key', 'needs sign_certificate, too');
  if (password !== undefined && key === undefined)
    throw errorAbout(options, 'sign_key_password_file', 'needs sign_key, too');
  return settings;
}

/** Names of the options that differ and that only a restart can change. */
export function restartOptions(before: Settings, after: Settings): readonly string[] {
  const valueIn = (settings: Settings, setting: string): unknown =>
    setting.split('.').reduce<unknown>((group, name) => (group as Readonly<Record<string, unknown>>)[name], settings);
  return Object.entries(OPTIONS)
    .filter(
      ([, { reload, setting }]) => !reload && !isDeepStrictEqual(valueIn(before, setting), valueIn(after, setting)),
    )
    .map(([name]) => name);
}
