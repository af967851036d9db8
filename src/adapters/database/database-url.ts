import { parseWholeNumber } from '../../domain/whole-number.ts';

/** A database URL in SQLAlchemy's form, taken apart. Fields that the URL leaves open are undefined, never guessed. */
export type DatabaseUrl = (SqliteUrl | ServerUrl) & {
  /** Names of options after "?" that mean something to automx2's drivers only; undefined: none. */
  readonly passedOver?: readonly string[];
};

export interface SqliteUrl {
  readonly engine: 'sqlite';
  /** A file name as written, absolute or relative; undefined: in memory. */
  readonly path: string | undefined;
}

export interface ServerUrl {
  readonly engine: 'postgresql' | 'mysql';
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Host name or address, IPv6 without brackets; undefined with a socket. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** PostgreSQL: the socket's folder; MySQL: the socket itself. */
  readonly socket: string | undefined;
  readonly database: string | undefined;
  /** What follows "?", by name; only names that the engine knows. */
  readonly query: ReadonlyMap<string, string>;
}

/** An invalid database URL. The message names what is accepted and never holds a part of the URL. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError';
  /** Of a command that meets it: 2, the configuration is wrong. */
  readonly exitStatus = 2;
}

const ENGINES: ReadonlyMap<string, DatabaseUrl['engine']> = new Map([
  ['sqlite', 'sqlite'],
  ['postgresql', 'postgresql'],
  ['postgres', 'postgresql'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
]);

const QUERY_KEYS: Readonly<Record<DatabaseUrl['engine'], readonly string[]>> = {
  sqlite: [],
  postgresql: ['host', 'sslmode', 'sslrootcert'],
  mysql: ['charset', 'ssl_ca', 'ssl_verify_identity', 'unix_socket'],
};

/** Options of SQLAlchemy's drivers without which look-ups go as well: deadlines are ours, texts are UTF-8. */
const PASSED_OVER: Readonly<Record<DatabaseUrl['engine'], readonly string[]>> = {
  sqlite: ['cached_statements', 'check_same_thread', 'isolation_level', 'timeout'],
  postgresql: [
    'application_name',
    'client_encoding',
    'connect_timeout',
    'fallback_application_name',
    'keepalives',
    'keepalives_count',
    'keepalives_idle',
    'keepalives_interval',
    'tcp_user_timeout',
  ],
  mysql: [
    'autocommit',
    'connect_timeout',
    'local_infile',
    'program_name',
    'read_timeout',
    'use_unicode',
    'write_timeout',
  ],
};

// SQLAlchemy 2, "Engine Configuration": name://user:password@host:port/database?query. The password ends at the
// first "@", so it may hold "/", "?", "#" and ":" as they are; a WHATWG parser would read such a URL differently.
const FORM = new RegExp(
  '^(?<scheme>[a-z0-9_]+)(?:\\+[a-z0-9_]*)?://' +
    '(?:(?<user>[^:/]*)(?::(?<password>[^@]*))?@)?' +
    '(?:\\[(?<ipv6>[^/?\\]]+)\\]|(?<host>[^/:?]*))(?::(?<port>[^/?]*))?' +
    '(?:/(?<database>[^?]*))?(?:\\?(?<query>.*))?$',
  'is',
);

/** Characters of a host name in any script, an IPv4 address, or an IPv6 address with its zone. */
const HOST = /^[\p{L}\p{M}\p{N}._:%-]+$/u;

/** Percent-decoding as Python does it: an invalid escape stays as it is. */
const decode = (part: string): string =>
  part.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'));

/** An empty part counts as absent. */
const decoded = (part: string | undefined): string | undefined =>
  part === undefined || part === '' ? undefined : decode(part);

/** The options that count, and the names of the others. */
interface Query extends Pick<DatabaseUrl, 'passedOver'> {
  readonly query: ReadonlyMap<string, string>;
}

function readQuery(text: string | undefined, engine: DatabaseUrl['engine']): Query {
  const query = new Map<string, string>();
  const passedOver: string[] = [];
  for (const pair of (text ?? '').split('&').filter((part) => part !== '')) {
    const equals = pair.indexOf('=');
    const key = decode(equals < 0 ? pair : pair.slice(0, equals));
    if (PASSED_OVER[engine].includes(key)) {
      passedOver.push(key);
      continue;
    }
    if (!QUERY_KEYS[engine].includes(key)) {
      const known = QUERY_KEYS[engine].join(', ') || 'nothing';
      // Only a name may be shown: with an "@" still to come, this could be the end of a password.
      const name =
        /^[a-z][a-z0-9_]{0,31}$/i.test(key) && equals >= 0 && text?.includes('@') === false ? ` "${key}"` : '';
      throw new DatabaseUrlError(`unknown option${name} after "?"; ${engine} URLs take ${known} there`);
    }
    if (query.has(key)) throw new DatabaseUrlError(`option "${key}" is given twice after "?"`);
    query.set(key, equals < 0 ? '' : decode(pair.slice(equals + 1)));
  }
  return { query, ...(passedOver.length > 0 ? { passedOver } : {}) };
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = parseWholeNumber(text, 1, 65_535);
  if (port === undefined) throw new DatabaseUrlError('the port must be a number from 1 to 65535');
  return port;
}

/** Throws DatabaseUrlError unless it is a URL of sqlite, postgresql or mysql; any driver may follow "+". */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  if (/\p{Cc}/u.test(text)) throw new DatabaseUrlError('holds a line end or another control character');
  const parts = FORM.exec(text)?.groups;
  if (parts === undefined) {
    throw new DatabaseUrlError('not of the form ENGINE://USER:PASSWORD@HOST:PORT/DATABASE or sqlite:////PATH');
  }
  const engine = ENGINES.get(parts['scheme']?.toLowerCase() ?? '');
  if (engine === undefined) {
    throw new DatabaseUrlError('the engine must be one of sqlite, postgresql, postgres, mysql, mariadb');
  }
  const port = readPort(parts['port']);
  const { query, ...others } = readQuery(parts['query'], engine);
  const host = parts['ipv6'] ?? decoded(parts['host']);
  // What follows an "@" in a password would be taken for the host, asked of the resolver, and shown wherever a host is.
  if (host !== undefined && !HOST.test(host)) {
    throw new DatabaseUrlError('not a valid host after the "@"; write an "@" in the user or password as %40');
  }
  const database = decoded(parts['database']);
  if (engine === 'sqlite') {
    if (host !== undefined || parts['user'] !== undefined || parts['port'] !== undefined) {
      throw new DatabaseUrlError(
        'a file needs three slashes if its name is relative (sqlite:///automx2.db) and four if it is absolute ' +
          '(sqlite:////var/lib/automx2/db.sqlite)',
      );
    }
    if (database?.startsWith('file:')) throw new DatabaseUrlError('must name a file, not a file: URI');
    // "memory:" is in a sample configuration of automx2.
    const inMemory = database === undefined || database === ':memory:' || database === 'memory:';
    return { engine, path: inMemory ? undefined : database, ...others };
  }
  const socket = query.get(engine === 'mysql' ? 'unix_socket' : 'host');
  if (engine === 'mysql' && database === undefined) throw new DatabaseUrlError('must name a database after the host');
  const socketIsPath = socket?.startsWith('/') === true;
  if (engine === 'mysql' && socket !== undefined && !socketIsPath) {
    throw new DatabaseUrlError('unix_socket must be an absolute path');
  }
  return {
    engine,
    user: decoded(parts['user']),
    password: decoded(parts['password']),
    // As in SQLAlchemy's drivers, what follows "?" wins.
    host: socketIsPath ? undefined : (socket ?? host),
    port,
    socket: socketIsPath ? socket : undefined,
    database,
    query,
    ...others,
  };
}
