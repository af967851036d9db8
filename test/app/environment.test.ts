import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ConfigError } from '../../src/adapters/config/config-file.ts';
import { environmentOptions } from '../../src/app/environment.ts';
import { OPTIONS } from '../../src/app/options.ts';
import { runInProcess } from '../support/in-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const values = (environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries([...environmentOptions(environment)].map(([name, { value }]) => [name, value]));

describe('options by environment', () => {
  test('every option of the table has its variable', () => {
    const environment = Object.keys(OPTIONS).map((name) => [`AUTOMX2_${name.toUpperCase()}`, `value of ${name}`]);
    const want = Object.keys(OPTIONS).map((name) => [name, `value of ${name}`]);
    assert.deepEqual(values(Object.fromEntries(environment)), Object.fromEntries(want));
  });

  for (const { what, environment } of [
    { what: 'the variable of the configuration file', environment: { AUTOMX2_CONF: '/etc/x.conf' } },
    { what: 'an empty variable', environment: { AUTOMX2_LISTEN: '' } },
    { what: 'an empty variable that does not exist', environment: { AUTOMX2_NOTHING: '' } },
    {
      what: "somebody else's",
      environment: { automx2_listen: 'x', AUTOMX: '1', AUTOMX2: '1', MY_AUTOMX2_LISTEN: 'x' },
    },
    {
      what: 'what Kubernetes says of services of that name',
      environment: {
        AUTOMX2_PORT: 'tcp://10.0.0.7:4243',
        AUTOMX2_PORT_4243_TCP: 'tcp://10.0.0.7:4243',
        AUTOMX2_PORT_4243_TCP_ADDR: '10.0.0.7',
        AUTOMX2_PORT_4243_TCP_PORT: '4243',
        AUTOMX2_PORT_4243_TCP_PROTO: 'tcp',
        AUTOMX2_SERVICE_HOST: '10.0.0.7',
        AUTOMX2_SERVICE_PORT: '4243',
        AUTOMX2_SERVICE_PORT_HTTP_METRICS: '4244',
        AUTOMX2_WEB_SERVICE_HOST: '10.0.0.8',
        AUTOMX2_WEB_PORT: 'udp://10.0.0.8:1',
      },
    },
  ]) {
    test(`${what}: no option`, () => assert.deepEqual(values(environment), {}));
  }

  for (const { name, value = 'x', message } of [
    { name: 'AUTOMX2_LISTN', message: /^AUTOMX2_LISTN: .*AUTOMX2_LISTEN\?$/ },
    { name: 'AUTOMX2_DB_PASSWORD', message: /AUTOMX2_DB_PASSWORD_FILE\?$/ },
    { name: 'AUTOMX2_db_uri', message: /AUTOMX2_/ },
    { name: 'AUTOMX2_PORT', value: '8080', message: /AUTOMX2_/ },
    { name: `AUTOMX2_${'X'.repeat(100_000)}`, message: /AUTOMX2_/ },
    { name: 'AUTOMX2_LISTEN_FILE', message: /AUTOMX2_LISTEN\?$/ },
    { name: 'AUTOMX2_DB_URI_FILE', value: '/nowhere/uri', message: /^AUTOMX2_DB_URI_FILE: .*no such file/ },
  ]) {
    test(`${name.slice(0, 40)} = ${value}: refused`, () =>
      assert.throws(
        () => environmentOptions({ [name]: value }),
        (error) => error instanceof ConfigError && error.exitStatus === 2 && message.test(error.message),
      ));
  }

  test('a value may be in a file, if it may hold a password; not in both', (t) => {
    const file = join(temporaryFolder(t), 'uri');
    writeFileSync(file, 'sqlite:///:memory:\n');
    assert.deepEqual(
      [...environmentOptions({ AUTOMX2_DB_URI_FILE: file })],
      [['db_uri', { value: 'sqlite:///:memory:', place: 'AUTOMX2_DB_URI_FILE', file }]],
    );
    for (const pair of [
      { AUTOMX2_DB_URI: 'x', AUTOMX2_DB_URI_FILE: file },
      { AUTOMX2_DB_URI_FILE: file, AUTOMX2_DB_URI: 'x' },
    ]) {
      assert.throws(() => environmentOptions(pair), /AUTOMX2_DB_URI(?:_FILE)?: must not stand beside AUTOMX2_DB_URI/);
    }
  });
});

describe('the environment on the command line', () => {
  test('counts more than the file, and its mistakes are named by variable', async (t) => {
    const config = join(temporaryFolder(t), 'automx2.conf');
    writeFileSync(config, '[automx2]\nproxy_count = 17\ndb_uri = sqlite:///:memory:\n');
    const check = (environment: Readonly<Record<string, string>>) =>
      runInProcess(['--config', config, '--check'], environment);
    assert.match((await check({})).err, /automx2\.conf:2: proxy_count: /);
    assert.equal((await check({ AUTOMX2_PROXY_COUNT: '1' })).status, 0);
    const wrong = await check({ AUTOMX2_PROXY_COUNT: '18' });
    assert.deepEqual([wrong.status, /^automx2: AUTOMX2_PROXY_COUNT: "18" .*16\n$/.test(wrong.err)], [2, true]);
    const both = await check({ AUTOMX2_PROXY_COUNT: '1', AUTOMX2_SETTINGS_FILE: '/nowhere' });
    assert.match(both.err, /^automx2: AUTOMX2_SETTINGS_FILE: must not stand beside \S+automx2\.conf:3: db_uri: /);
  });

  test('a secret in it is not shown, and a file of one that anybody can read is named', async (t) => {
    const folder = temporaryFolder(t);
    const refused = await runInProcess(['--check'], { HOME: folder, AUTOMX2_DB_URI: 'postgres//u:geheim@h/d' });
    assert.equal(refused.status, 2);
    assert.doesNotMatch(refused.err, /geheim/);
    const file = join(folder, 'uri');
    writeFileSync(file, 'postgresql://u:geheim@127.0.0.1/d?sslmode=verify-full');
    chmodSync(file, 0o644);
    const open = await runInProcess(['--check'], { HOME: folder, AUTOMX2_DB_URI_FILE: file });
    assert.match(open.err, new RegExp(`any user can read ${file}`));
    assert.doesNotMatch(open.err, /geheim/);
  });
});
