import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { DatabaseUrlError, parseDatabaseUrl, type ServerUrl } from '../../../src/adapters/database/database-url.ts';

// What SQLAlchemy makes of these URLs was tried out with make_url of SQLAlchemy 2.1.

describe('sqlite', () => {
  for (const { url, path } of [
    { url: 'sqlite://', path: undefined },
    { url: 'sqlite:///', path: undefined },
    { url: 'sqlite:///:memory:', path: undefined },
    { url: 'sqlite:///memory:', path: undefined },
    { url: 'sqlite+pysqlite:///:memory:', path: undefined },
    { url: 'sqlite:///rel.db', path: 'rel.db' },
    { url: 'sqlite:///folder/rel.db', path: 'folder/rel.db' },
    { url: 'sqlite:////var/lib/automx2/db.sqlite', path: '/var/lib/automx2/db.sqlite' },
    { url: 'sqlite+pysqlite:////var/lib/db.sqlite', path: '/var/lib/db.sqlite' },
    { url: 'sqlite:////var/lib/a@b:c.db', path: '/var/lib/a@b:c.db' },
    { url: 'sqlite:////var/lib/a b#c+d.db', path: '/var/lib/a b#c+d.db' },
    { url: 'sqlite:////var/lib/a%20b.db', path: '/var/lib/a b.db' },
    { url: 'sqlite:////var/lib/100%.db', path: '/var/lib/100%.db' },
  ]) {
    test(url, () => assert.deepEqual(parseDatabaseUrl(url), { engine: 'sqlite', path }));
  }

  for (const url of ['sqlite://rel.db', 'sqlite://var/lib/db.sqlite', 'sqlite://u:p@/db', 'sqlite://:1/db']) {
    test(`${url} is explained`, () =>
      assert.throws(() => parseDatabaseUrl(url), { name: 'DatabaseUrlError', message: /three slashes.*four/ }));
  }
  for (const url of ['sqlite:///file:db', 'sqlite:///file:db?mode=ro']) {
    test(`${url} is refused`, () => assert.throws(() => parseDatabaseUrl(url), { name: 'DatabaseUrlError' }));
  }
});

type Given = Partial<Omit<ServerUrl, 'engine' | 'query'>> & { readonly query?: Readonly<Record<string, string>> };

/** Everything that the URL leaves open is undefined. */
const server = (engine: ServerUrl['engine'], { query = {}, ...given }: Given): ServerUrl => ({
  engine,
  user: undefined,
  password: undefined,
  host: undefined,
  port: undefined,
  socket: undefined,
  database: undefined,
  ...given,
  query: new Map(Object.entries(query)),
});

const LOGIN = { user: 'u', password: 'p', host: 'h', database: 'd' };

describe('engines, whatever the driver', () => {
  for (const { scheme, engine } of [
    ...['postgresql', 'postgres', 'postgresql+psycopg2', 'postgresql+psycopg', 'postgresql+pg8000'].map(
      (scheme) => ({ scheme, engine: 'postgresql' }) as const,
    ),
    ...['mysql', 'mariadb', 'mysql+pymysql', 'mysql+mysqldb', 'mysql+mysqlconnector', 'mariadb+mariadbconnector'].map(
      (scheme) => ({ scheme, engine: 'mysql' }) as const,
    ),
  ]) {
    test(scheme, () => assert.deepEqual(parseDatabaseUrl(`${scheme}://u:p@h/d`), server(engine, LOGIN)));
  }
});

describe('servers over TCP', () => {
  for (const { url, want } of [
    { url: 'mysql://u:p@h:3307/d', want: { ...LOGIN, port: 3307 } },
    { url: 'mysql://u:p@h:1/d', want: { ...LOGIN, port: 1 } },
    { url: 'mysql://u:p@h:65535/d', want: { ...LOGIN, port: 65535 } },
    { url: 'mysql://u:p@192.0.2.1:3306/d', want: { ...LOGIN, host: '192.0.2.1', port: 3306 } },
    { url: 'mysql://u:p@[2001:db8::1]/d', want: { ...LOGIN, host: '2001:db8::1' } },
    { url: 'mysql://u:p@[::1]:3307/d', want: { ...LOGIN, host: '::1', port: 3307 } },
    { url: 'mysql://[::1]:3307/d', want: { host: '::1', port: 3307, database: 'd' } },
    { url: 'mysql://u@h/d', want: { user: 'u', host: 'h', database: 'd' } },
    { url: 'mysql://h/d', want: { host: 'h', database: 'd' } },
    { url: 'mysql://u:p@h/d?charset=utf8mb4', want: { ...LOGIN, query: { charset: 'utf8mb4' } } },
    {
      url: 'mysql://u:p@h/d?ssl_ca=/etc/ssl/ca.pem&ssl_verify_identity=true',
      want: { ...LOGIN, query: { ssl_ca: '/etc/ssl/ca.pem', ssl_verify_identity: 'true' } },
    },
    { url: 'mysql://u:p@h/d?ssl_ca=%2Fetc%2Fca%20x.pem', want: { ...LOGIN, query: { ssl_ca: '/etc/ca x.pem' } } },
  ] satisfies readonly { url: string; want: Given }[]) {
    test(url, () => assert.deepEqual(parseDatabaseUrl(url), server('mysql', want)));
  }
  for (const { url, want } of [
    { url: 'postgresql://u:p@[::1]:5433/d', want: { ...LOGIN, host: '::1', port: 5433 } },
    { url: 'postgresql://u:p@db.example.org', want: { user: 'u', password: 'p', host: 'db.example.org' } },
    { url: 'postgresql://h', want: { host: 'h' } },
    { url: 'postgresql://h:5433?sslmode=disable', want: { host: 'h', port: 5433, query: { sslmode: 'disable' } } },
    {
      url: 'postgresql://u:p@h/d?sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem',
      want: { ...LOGIN, query: { sslmode: 'verify-full', sslrootcert: '/etc/ssl/ca.pem' } },
    },
  ] satisfies readonly { url: string; want: Given }[]) {
    test(url, () => assert.deepEqual(parseDatabaseUrl(url), server('postgresql', want)));
  }
});

describe('Unix sockets', () => {
  const SOCKET = '/run/mysqld/mysqld.sock';
  for (const { url, engine, want } of [
    {
      url: 'postgresql://u@/d?host=/run/postgresql',
      engine: 'postgresql',
      want: { user: 'u', database: 'd', socket: '/run/postgresql' },
    },
    {
      url: 'postgresql:///d?host=%2Frun%2Fpostgresql',
      engine: 'postgresql',
      want: { database: 'd', socket: '/run/postgresql' },
    },
    { url: 'postgresql://u@/d', engine: 'postgresql', want: { user: 'u', database: 'd' } },
    { url: 'postgresql:///d', engine: 'postgresql', want: { database: 'd' } },
    { url: 'postgresql://', engine: 'postgresql', want: {} },
    {
      url: 'postgresql://u@/d?host=db.example.org',
      engine: 'postgresql',
      want: { user: 'u', database: 'd', host: 'db.example.org' },
    },
    { url: `mysql:///d?unix_socket=${SOCKET}`, engine: 'mysql', want: { database: 'd', socket: SOCKET } },
    {
      url: `mysql+pymysql://u:p@/d?unix_socket=${SOCKET}&charset=utf8mb4`,
      engine: 'mysql',
      want: { user: 'u', password: 'p', database: 'd', socket: SOCKET, query: { charset: 'utf8mb4' } },
    },
  ] satisfies readonly { url: string; engine: ServerUrl['engine']; want: Given }[]) {
    test(url, () => {
      // Whether the socket stands in `query`, too, is left open.
      const { query, ...found } = parseDatabaseUrl(url) as ServerUrl;
      const { query: wanted, ...fields } = server(engine, want);
      assert.deepEqual(found, fields);
      for (const [name, value] of wanted) assert.equal(query.get(name), value);
    });
  }
});

describe('special characters', () => {
  for (const { name, url, want } of [
    { name: 'an escaped "@" in the password', url: 'mysql://u:p%40w@h/d', want: { password: 'p@w' } },
    { name: 'every escape', url: 'mysql://u:%2F%3A%3f%23%5B%25%20@h/d', want: { password: '/:?#[% ' } },
    { name: 'escaped UTF-8', url: 'mysql://u:p%C3%A9@h/d', want: { password: 'pé' } },
    { name: 'letters beyond ASCII', url: 'mysql://ü:pé日@h/d', want: { user: 'ü', password: 'pé日' } },
    { name: 'an escape is read once', url: 'mysql://u:p%2540w@h/d', want: { password: 'p%40w' } },
    { name: 'a stray "%"', url: 'mysql://u:100%@h/d', want: { password: '100%' } },
    { name: 'a stray "%" before letters', url: 'mysql://u:p%zz%4@h/d', want: { password: 'p%zz%4' } },
    { name: 'escapes that are no UTF-8', url: 'mysql://u:p%FFw@h/d', want: { password: 'p\ufffdw' } },
    { name: 'raw "#" and ";"', url: 'mysql://u:p#w;x@h/d', want: { password: 'p#w;x' } },
    { name: 'a raw "/"', url: 'mysql://u:p/w@h/d', want: { password: 'p/w' } },
    { name: 'a raw "?"', url: 'mysql://u:p?w=1&x@h/d', want: { password: 'p?w=1&x' } },
    { name: 'a raw "+" is no blank', url: 'mysql://u+v:p+w@h/d', want: { user: 'u+v', password: 'p+w' } },
    { name: 'a raw ":"', url: 'mysql://u:p:w:@h/d', want: { password: 'p:w:' } },
    { name: 'raw brackets', url: 'mysql://u:p[w]x@h/d', want: { password: 'p[w]x' } },
    { name: 'raw blanks and quotes', url: `mysql://u:p w'"x@h/d`, want: { password: `p w'"x` } },
    { name: 'replacement patterns', url: 'mysql://u:$&$1@h/d', want: { password: '$&$1' } },
    { name: 'the user is decoded', url: 'mysql://u%40example.org:p@h/d', want: { user: 'u@example.org' } },
    { name: 'the database is decoded', url: 'mysql://u:p@h/my%2Fdb', want: { database: 'my/db' } },
    { name: 'a database with slash and "@"', url: 'mysql://u:p@h/a/b@c', want: { database: 'a/b@c' } },
  ]) {
    test(name, () => assert.deepEqual(parseDatabaseUrl(url), server('mysql', { ...LOGIN, ...want })));
  }
});

describe('options of other drivers are passed over', () => {
  for (const { url, names } of [
    { url: 'sqlite:////db.sqlite?timeout=5&check_same_thread=false', names: ['timeout', 'check_same_thread'] },
    {
      url: 'postgresql://u@h/d?connect_timeout=10&sslmode=disable&application_name=a%40b',
      names: ['connect_timeout', 'application_name'],
    },
    { url: 'mysql://u:p@h/d?charset=utf8&read_timeout=x', names: ['read_timeout'] },
    { url: 'mysql://u:p@h/d?charset=utf8', names: undefined },
  ]) {
    test(url, () => assert.deepEqual(parseDatabaseUrl(url).passedOver, names));
  }
});

describe('refused', () => {
  const refuse = (url: string, message: RegExp): void => {
    assert.throws(() => parseDatabaseUrl(url), { name: 'DatabaseUrlError', message });
  };

  for (const url of ['oracle://u:p@h/d', 'mssql+pyodbc://u:p@h/d', 'http://h/d', 'mysqlx://h/d', 'constructor://h/d']) {
    test(`${url}, with the list of engines`, () => refuse(url, /sqlite.*postgresql.*mysql.*mariadb/));
  }
  for (const url of [
    '',
    'automx2.db',
    '/var/lib/db.sqlite',
    'sqlite',
    'sqlite:/x.db',
    'mysql:h/d',
    '://h/d',
    ' mysql://h/d',
  ]) {
    test(`${JSON.stringify(url)}, with the form`, () => refuse(url, /:\/\//));
  }
  for (const port of ['0', '65536', '99999999999', 'abc', '-1', '1.5', '+1', '0x50']) {
    test(`port ${port}`, () => refuse(`mysql://u:p@h:${port}/d`, /port.*65535/));
  }
  test('brackets that never end', () => assert.throws(() => parseDatabaseUrl('mysql://[::1/d'), DatabaseUrlError));
  for (const { url, name } of [
    { url: 'mysql://u:p@h/d?multipleStatements=true', name: 'multipleStatements' },
    { url: 'mysql://u:p@h/d?ssl={"rejectUnauthorized":false}', name: 'ssl' },
    { url: 'mysql://u:p@h/d?sslmode=require', name: 'sslmode' },
    { url: 'mysql://u:p@h/d?charset=utf8mb4&host=x', name: 'host' },
    { url: 'mysql://u:p@h/d?Charset=utf8mb4', name: 'Charset' },
    { url: 'postgresql://u@h/d?password=x', name: 'password' },
    { url: 'postgresql://u@h/d?ssl=false', name: 'ssl' },
    { url: 'postgresql://u@h/d?charset=utf8', name: 'charset' },
    { url: 'postgresql://u@h/d?constructor=x', name: 'constructor' },
    { url: 'sqlite:////var/lib/db.sqlite?mode=ro', name: 'mode' },
    { url: 'postgresql://u@h/d?options=-csearch_path%3Dx', name: 'options' },
    { url: 'postgresql://u@h/d?channel_binding=require', name: 'channel_binding' },
    { url: 'mysql://u:p@h/d?init_command=x', name: 'init_command' },
    { url: 'sqlite:////var/lib/db.sqlite?connect_timeout=5', name: 'connect_timeout' },
  ]) {
    test(`${url}, by name`, () => refuse(url, new RegExp(`"${name}"`)));
  }
  test('a password with a raw "@" and "?", of which nothing is shown', () =>
    refuse('mysql://u:p@w?secret=x@h/d', /^(?!.*secret).*unknown option/));
  for (const url of [
    'postgresql://u:p@secret@h/d',
    'mysql://u:p@secret@127.0.0.1:3306/d',
    'postgresql://u:p@secret!x/d',
    'postgresql://u:p@secret$x:5432/d',
    'mysql://u:p@secret%40h/d',
    'mysql://u:p@secret,x/d',
  ]) {
    test(`a raw "@" in the password or user: ${url}`, () => refuse(url, /^(?!.*secret).*%40/));
  }
  test('unknown options come with the known ones', () => {
    refuse('mysql://h/d?x=1', /charset.*ssl_ca.*ssl_verify_identity.*unix_socket/);
    refuse('postgresql://h/d?x=1', /host.*sslmode.*sslrootcert/);
  });
  test('an option twice', () => refuse('mysql://h/d?charset=utf8&charset=latin1', /"charset"/));
  test('a relative unix_socket', () => refuse('mysql:///d?unix_socket=mysqld.sock', /unix_socket/));
});

describe('no message holds a part of the password', () => {
  const SECRETS = ['Zq7Xk9Wv4', 'Zq7#Xk9/Wv4', 'Zq7%40Xk9:Wv4', 'Zq7?Xk9+Wv4', 'Zq7 Xk9\nWv4'];
  /** All that could reach a log; "": some of these passwords leave nothing to refuse. */
  const refusalOf = (url: string): string => {
    try {
      parseDatabaseUrl(url);
      return '';
    } catch (error) {
      assert.ok(error instanceof DatabaseUrlError);
      return `${error.message} ${inspect(error)}`;
    }
  };

  for (const url of [
    'oracle://u:SECRET@h/d',
    'mysql:u:SECRET@h/d',
    'mysql:/u:SECRET@h/d',
    'u:SECRET@h/d',
    'mysql://u:SECRET@h:0/d',
    'mysql://u:SECRET@h:port/d',
    'mysql://u:SECRET@h/d?x=1',
    'mysql://u:SECRET@h/d?x=1&password=SECRET',
    'mysql://u:SECRET@h/d?charset=1&charset=SECRET',
    'mysql://u:SECRET@h/d?SECRET',
    'mysql:///d?unix_socket=SECRET',
    'mysql://u:SECRET',
    'mysql://u:SECRET/d',
    'mysql://u:SECRET@[h/d?x=1',
    'mysql://u:SECRET@x@h:x/d',
    'mysql://u:x@SECRET:x/d',
    'mysql://u:x@SECRET?SECRET',
    'mysql://u:x@y#SECRET@h:1/d?SECRET&x',
    'sqlite://u:SECRET@/d',
    'sqlite://SECRET',
    'sqlite:///file:SECRET',
    'SECRET',
  ]) {
    test(url, () => {
      const refusals = SECRETS.map((secret) => refusalOf(url.replaceAll('SECRET', secret))).filter(
        (text) => text !== '',
      );
      assert.notEqual(refusals.length, 0);
      for (const refusal of refusals) assert.doesNotMatch(refusal, /Zq7|Xk9|Wv4/);
    });
  }
});
