import assert from 'node:assert/strict';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { ConfigError, type ConfigOption, type ConfigOptions } from '../../src/adapters/config/config-file.ts';
import { HTTP_LIMITS } from '../../src/adapters/http/server/limits.ts';
import { boolean } from '../../src/app/option-readers.ts';
import { OPTIONS, readOptions, readSettings, restartOptions, type Settings } from '../../src/app/options.ts';
import { OPTION_DEFAULTS } from '../support/option-defaults.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A file with some text in it. */
const SECRET = fileURLToPath(import.meta.url);

const PATH = '/etc/automx2/automx2.conf';
const LINE = 7;

/** A file with these options, the first of which stands on line 7. */
const fileOf = (options: Readonly<Record<string, string>>): ConfigOptions =>
  new Map(Object.entries(options).map(([name, value], index) => [name, given(name, value, LINE + index)]));
const given = (name: string, value: string, line: number): ConfigOption => ({
  value,
  place: `${PATH}:${line}: ${name}`,
  file: PATH,
});
const read = (option: string, value: string): Settings => readSettings(fileOf({ [option]: value }));

/** The refusal's message, which must be one line. */
function refusal(file: ConfigOptions): string {
  let message = '';
  assert.throws(
    () => readSettings(file),
    (error) => {
      assert.ok(error instanceof ConfigError, String(error));
      message = error.message;
      return true;
    },
  );
  assert.doesNotMatch(message, /[\r\n]/);
  return message;
}

describe('defaults', () => {
  const want = {
    logLevel: 'WARNING',
    echoStatements: false,
    database: { engine: 'sqlite', path: undefined },
    proxyCount: 0,
    listen: [{ host: '127.0.0.1', port: 4243 }],
    initdb: 'seed',
  };
  /** The settings that this test knows: others may be added. */
  const known = (settings: Settings): unknown =>
    Object.fromEntries(Object.keys(want).map((name) => [name, settings[name as keyof Settings]]));

  test('no file', () => assert.deepEqual(known(readSettings()), want));
  test('a file without options', () => assert.deepEqual(known(readSettings(fileOf({}))), want));
  test('as the manual may name them', () => {
    for (const [name, value] of [
      ['loglevel', 'WARNING'],
      ['db_echo', 'no'],
      ['db_uri', 'sqlite:///:memory:'],
      ['proxy_count', '0'],
      ['listen', '127.0.0.1:4243'],
      ['initdb', 'seed'],
    ] as const) {
      assert.equal(OPTION_DEFAULTS.get(name), value, name);
    }
  });
  test('the defaults, written out, change nothing', () => {
    assert.deepEqual(readSettings(fileOf(Object.fromEntries(OPTION_DEFAULTS))), readSettings());
  });
});

describe('accepted', () => {
  const words = (pairs: readonly (readonly [string, unknown])[], option: string, setting: keyof Settings) =>
    pairs.map(([value, want]) => ({ option, value, setting, want }));
  for (const { option, value, setting, want } of [
    ...words(
      [
        ...['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'].flatMap((level) => [
          [level, level] as const,
          [level.toLowerCase(), level] as const,
        ]),
        ['FATAL', 'CRITICAL'],
        ['warn', 'WARNING'],
        ['NOTSET', 'DEBUG'],
        ['fatal', 'CRITICAL'],
        ['Warning', 'WARNING'],
      ],
      'loglevel',
      'logLevel',
    ),
    ...words(
      [
        ...['1', 'yes', 'true', 'on', 'YES', 'True', 'oN'].map((word) => [word, true] as const),
        ...['0', 'no', 'false', 'off', 'NO', 'False', 'oFF'].map((word) => [word, false] as const),
      ],
      'db_echo',
      'echoStatements',
    ),
    ...words(
      [
        ['0', 0],
        ['1', 1],
        ['2', 2],
      ],
      'proxy_count',
      'proxyCount',
    ),
    ...words(
      [
        ['0.0.0.0:80', [{ host: '0.0.0.0', port: 80 }]],
        ['localhost:0', [{ host: 'localhost', port: 0 }]],
        ['mail.example.org:65535', [{ host: 'mail.example.org', port: 65535 }]],
        ['[::1]:4243', [{ host: '::1', port: 4243 }]],
        ['[::ffff:127.0.0.1]:4243', [{ host: '::ffff:127.0.0.1', port: 4243 }]],
        [
          '127.0.0.1:1 [::1]:2,localhost:3 ,\n a:4',
          [
            { host: '127.0.0.1', port: 1 },
            { host: '::1', port: 2 },
            { host: 'localhost', port: 3 },
            { host: 'a', port: 4 },
          ],
        ],
      ],
      'listen',
      'listen',
    ),
    ...words(
      [
        ['', []],
        [
          '127.0.0.1:1, [::1]:2 localhost:3 unix:/m.sock',
          [
            { host: '127.0.0.1', port: 1 },
            { host: '::1', port: 2 },
            { host: 'localhost', port: 3 },
            { path: '/m.sock' },
          ],
        ],
      ],
      'metrics_listen',
      'metricsListen',
    ),
    ...words(
      [
        ['off', 'off'],
        ['seed', 'seed'],
        ['purge', 'purge'],
      ],
      'initdb',
      'initdb',
    ),
    ...words(
      [
        ['', undefined],
        ['mx.example.net', 'mx.example.net'],
        ['Bücher.Example.', 'xn--bcher-kva.example'],
      ],
      'public_host',
      'publicHost',
    ),
    ...words(
      [
        ['sqlite:///memory:', { engine: 'sqlite', path: undefined }],
        ['sqlite:////automx2.db', { engine: 'sqlite', path: '/automx2.db' }],
        [
          'postgresql+psycopg2://u:p%40w@h:5433/d?sslmode=verify-full',
          {
            engine: 'postgresql',
            user: 'u',
            password: 'p@w',
            host: 'h',
            port: 5433,
            socket: undefined,
            database: 'd',
            query: new Map([['sslmode', 'verify-full']]),
          },
        ],
      ],
      'db_uri',
      'database',
    ),
  ]) {
    test(`${option} = ${JSON.stringify(value)}`, () => assert.deepEqual(read(option, value)[setting], want));
  }
});

describe('limits', () => {
  for (const [limit, { byDefault, least, most }] of Object.entries(HTTP_LIMITS)) {
    const option = limit.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    test(`${option} is ${byDefault}, or a number from ${least} to ${most}`, () => {
      const setting = limit as keyof typeof HTTP_LIMITS;
      assert.equal(readSettings().limits[setting], byDefault);
      for (const value of [least, most]) assert.equal(read(option, String(value)).limits[setting], value);
      for (const value of [least - 1, most + 1, -least, 0, '', 'x', `${least}.5`, `${least}s`, '1e3', `9${most}`]) {
        const message = refusal(fileOf({ [option]: String(value) }));
        assert.ok(message.startsWith(`${PATH}:${LINE}: ${option}: "${value}" `), message);
        assert.match(message, new RegExp(`\\b${least} to ${most}$`));
      }
    });
  }
});

describe('refused, with file, line, option and what is accepted', () => {
  for (const { option, values, accepted } of [
    {
      option: 'loglevel',
      values: ['', 'TRACE', 'true', '10', 'INFO DEBUG', 'WARNING ; note'],
      accepted: /DEBUG.*INFO.*WARNING.*ERROR.*CRITICAL/,
    },
    {
      option: 'db_echo',
      values: ['', '2', '-1', 'y', 'enabled', '"yes"', 'null', 'yes no'],
      accepted: /yes.*no.*true.*false.*on.*off.*1.*0/,
    },
    {
      option: 'proxy_count',
      values: ['', '-1', '+1', '1.5', '1e1', '0x1', 'one', '1 2', '999', '99999999999999999999', 'NaN'],
      accepted: /whole number from 0/,
    },
    {
      option: 'listen',
      values: [
        ...['', ' , ', 'localhost', ':4243', '4243', 'localhost:', 'localhost:65536', 'localhost:http', 'localhost:-1'],
        ...['::1:4243', '[::1]', '[::1:4243', '[x]:1', '127.0.0.1:1 x', 'http://localhost:1', '127.0.0.1:1;[::1]:1'],
      ],
      accepted: /host:port/,
    },
    {
      option: 'metrics_listen',
      values: ['0.0.0.0:1', '[::]:1', '192.0.2.1:1', 'm.example:1', '127.0.0.1.m.example:1', '127.0.0.1:1 192.0.2.1:1'],
      accepted: /127\.0\.0\.1:port, \[::1\]:port, unix:\/path/,
    },
    { option: 'metrics_listen', values: ['127.0.0.1', 'on', '9142'], accepted: /host:port/ },
    {
      option: 'public_host',
      values: [
        'localhost',
        '192.0.2.1',
        '[::1]',
        'a b.example',
        '*.example.net',
        'mx.example.net:443',
        'a..example',
        'https://mx.example.net/',
      ],
      accepted: /full host name/,
    },
    { option: 'initdb', values: ['', 'yes', 'true', 'all', 'seed purge'], accepted: /off.*seed.*purge/ },
    { option: 'db_uri', values: ['', 'automx2.db', 'mysql'], accepted: /ENGINE:\/\/.*sqlite:\/\/\/\// },
    { option: 'db_uri', values: ['oracle://h/d'], accepted: /sqlite.*postgresql.*mysql.*mariadb/ },
    { option: 'db_uri', values: ['mysql://h:0/d'], accepted: /1 to 65535/ },
    { option: 'db_uri', values: ['mysql://h/d?x=1'], accepted: /charset/ },
    { option: 'db_uri', values: ['sqlite://rel.db'], accepted: /three slashes.*four/ },
  ]) {
    for (const value of values) {
      test(`${option} = ${JSON.stringify(value)}`, () => {
        const message = refusal(fileOf({ [option]: value }));
        assert.ok(message.startsWith(`${PATH}:${LINE}: `), message);
        assert.ok(message.includes(option), message);
        assert.match(message, accepted);
      });
    }
  }

  for (const option of ['colour', 'dburi', 'log_level', '__proto__', 'constructor', 'loglevel[]', '']) {
    test(`unknown option ${JSON.stringify(option)}`, () => {
      const options = new Map([
        ['loglevel', given('loglevel', 'INFO', 3)],
        [option, given(option, '1', 9)],
      ]);
      const message = refusal(options);
      assert.ok(message.startsWith(`${PATH}:9: `), message);
      assert.ok(message.includes(option), message);
      for (const known of OPTION_DEFAULTS.keys()) assert.ok(message.includes(known), message);
    });
  }

  for (const { name, value, shown } of [
    { name: 'a short value of one line is shown', value: 'LOUD', shown: '"LOUD" is not' },
    { name: 'an empty one, too', value: '', shown: '"" is not' },
    {
      name: 'not what was indented by mistake',
      value: 'INFO\ndb_uri = mysql://u:hunter2@h/d',
      shown: 'the value is not',
    },
    { name: 'not a long one', value: 'x'.repeat(61), shown: 'the value is not' },
    { name: 'not one with an "@"', value: 'u:hunter2@h', shown: 'the value is not' },
  ]) {
    test(`loglevel: ${name}`, () => {
      const message = refusal(fileOf({ loglevel: value }));
      assert.ok(message.startsWith(`${PATH}:${LINE}: loglevel: ${shown} `), message);
      assert.doesNotMatch(message, /hunter2/);
    });
  }

  test('an option that may hold a secret is never quoted', () => {
    const secret = Object.entries(OPTIONS).filter(([, { quotable }]) => !quotable);
    assert.deepEqual(
      secret.map(([name]) => name),
      ['db_uri', 'db_password_file', 'ldap_bind_password_file', 'sign_key', 'sign_key_password_file'],
    );
    for (const [name] of secret) assert.doesNotMatch(refusal(fileOf({ [name]: 'hunter2' })), /hunter2/);
  });

  for (const { name, options, at } of [
    { name: 'sign_certificate', options: { sign_certificate: '/x.pem' }, at: LINE },
    { name: 'sign_key', options: { loglevel: 'INFO', sign_key: '/x.key' }, at: LINE + 1 },
    { name: 'sign_key_password_file', options: { sign_key_password_file: SECRET }, at: LINE },
  ]) {
    test(`${name} alone`, () => {
      const message = refusal(fileOf(options as unknown as Readonly<Record<string, string>>));
      assert.ok(message.startsWith(`${PATH}:${at}: ${name}: needs `), message);
    });
  }

  test('the line is that of the option', () => {
    const message = refusal(fileOf({ loglevel: 'INFO', db_echo: 'no', proxy_count: 'x' }));
    assert.ok(message.startsWith(`${PATH}:${LINE + 2}: `), message);
  });

  for (const url of [
    'mysql://u:hunter2@h:x/d',
    'oracle://u:hunter2@h/d',
    'mysql://u:hunter2@h/d?x=hunter2',
    'hunter2',
    'sqlite://u:hunter2@/d',
  ]) {
    test(`no secret: ${url}`, () => {
      assert.throws(
        () => read('db_uri', url),
        (error) => !/hunter2/.test(inspect(error)),
      );
    });
  }
});

describe('the folder of an SQLite file', () => {
  /** A new folder, into which the test goes. */
  function workingFolder(t: TestContext): string {
    const before = process.cwd();
    t.after(() => process.chdir(before));
    const folder = realpathSync(temporaryFolder(t));
    process.chdir(folder);
    return folder;
  }

  test('a relative name is looked for here', (t) => {
    const folder = workingFolder(t);
    mkdirSync(join(folder, 'data'));
    assert.deepEqual(read('db_uri', 'sqlite:///rel.db').database, { engine: 'sqlite', path: 'rel.db' });
    assert.deepEqual(read('db_uri', 'sqlite:///data/rel.db').database, { engine: 'sqlite', path: 'data/rel.db' });
  });
  test('an absolute name', (t) => {
    const path = join(workingFolder(t), 'x.db');
    assert.deepEqual(read('db_uri', `sqlite:///${path}`).database, { engine: 'sqlite', path });
  });
  test('three slashes where four were meant', (t) => {
    const path = join(workingFolder(t), 'x.db');
    const message = refusal(fileOf({ db_uri: `sqlite://${path}` }));
    assert.ok(message.startsWith(`${PATH}:${LINE}: db_uri: `), message);
    assert.ok(message.includes(`sqlite:///${path}`), message);
    assert.match(message, /four slashes/);
  });
  test('three slashes where nothing is, either way', (t) => {
    const folder = workingFolder(t);
    const message = refusal(fileOf({ db_uri: 'sqlite:///no-such-folder-anywhere/x.db' }));
    assert.ok(message.includes(join(folder, 'no-such-folder-anywhere')), message);
    assert.match(message, /four slashes: sqlite:\/\/\/\/no-such-folder-anywhere\/x\.db$/);
  });
  test('four slashes and no folder', (t) => {
    const folder = join(workingFolder(t), 'missing');
    assert.ok(refusal(fileOf({ db_uri: `sqlite:///${folder}/x.db` })).includes(folder));
  });
});

test('a default that cannot be read is a fault of ours, not of the file', () => {
  const broken = {
    colour: { setting: 'colour', byDefault: 'perhaps', read: boolean, reload: true, quotable: true },
  } as const;
  assert.throws(
    () => readOptions(broken, fileOf({})),
    (error) => error instanceof Error && !(error instanceof ConfigError) && /colour/.test(error.message),
  );
  assert.deepEqual(readOptions(broken, fileOf({ colour: 'yes' })), { colour: true });
});

describe('what a reload cannot change', () => {
  const OTHER = {
    loglevel: 'DEBUG',
    log_format: 'json',
    db_echo: 'yes',
    db_uri: 'sqlite:////other.db',
    proxy_count: '1',
    listen: '127.0.0.1:1',
    public_host: 'mx.example.net',
    reuse_port: 'yes',
    socket_mode: '600',
    metrics_listen: '127.0.0.1:2',
    initdb: 'off',
    served: 'all',
    list_domains: 'all',
    cache_seconds: '1',
    stale_seconds: '1',
    ldap_verify: 'no',
    db_password_file: SECRET,
    ldap_bind_password_file: SECRET,
    ...Object.fromEntries(
      Object.entries(OPTIONS)
        .filter(([, { setting }]) => setting.startsWith('limits.'))
        .map(([name, { byDefault }]) => [name, String(Number(byDefault) - 1)]),
    ),
  };
  const FIXED = [
    'db_echo',
    'db_uri',
    'db_password_file',
    'listen',
    'reuse_port',
    'socket_mode',
    'metrics_listen',
    'list_domains',
    'max_header_octets',
  ];

  test('is named, in the order of the table', () => {
    assert.deepEqual(restartOptions(readSettings(), readSettings(fileOf(OTHER))), FIXED);
    assert.deepEqual(restartOptions(readSettings(fileOf(OTHER)), readSettings(fileOf(OTHER))), []);
  });
  for (const [name, value] of Object.entries(OTHER)) {
    test(`${name} alone`, () => {
      const changed = restartOptions(readSettings(), read(name, value));
      assert.deepEqual(changed, FIXED.includes(name) ? [name] : []);
    });
  }
});
