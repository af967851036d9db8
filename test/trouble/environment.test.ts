import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect, openStore } from '../../src/adapters/database/connect.ts';
import { DatabaseUrlError, parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../src/adapters/database/deadlines.ts';
import { CLOCK } from '../../src/app/open-log.ts';
import { SAMPLE_SEED } from '../../src/app/sample-seed.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { launchProgram } from '../support/program.ts';
import { mariadb, postgresql } from '../support/server-database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Starts the program with a database URL, in a home folder of its own, and asks it once. */
async function ask(
  t: TestContext,
  uri: string,
  environment: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
) {
  const home = temporaryFolder(t);
  writeFileSync(join(home, 'automx2.conf'), `[automx2]\nloglevel = INFO\ndb_uri = ${uri}\n`);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text, { mode: 0o600 });
  const words = ['--config', join(home, 'automx2.conf'), '--port', '0'];
  const { child, said, ended } = launchProgram(t, home, words, { environment: { HOME: home, ...environment } });
  const [, port] = await said(/INFO listening address=127\.0\.0\.1 port=(\d+)/);
  const url = `http://127.0.0.1:${port}/mail/config-v1.1.xml?emailaddress=a@example.com`;
  const { status } = await fetch(url);
  return {
    status,
    /** Ends it, and resolves with what it logged. */
    async log(): Promise<string> {
      child.kill('SIGKILL');
      return (await ended).err;
    },
  };
}

const PASSWORD = 'Zq7Xk9Wv4';

const pgServer = await postgresql();
if (pgServer.server !== undefined) {
  // The administrator comes through the socket; over the network everybody but its test databases needs a password.
  const rules = 'local all all trust\nhost all automx2 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n';
  writeFileSync(join(pgServer.server.folder, 'data', 'pg_hba.conf'), rules);
  await pgServer.administer(`CREATE ROLE reader LOGIN PASSWORD '${PASSWORD}'`);
  await pgServer.administer("ALTER SYSTEM SET log_connections = 'on'");
  await pgServer.administer('SELECT pg_reload_conf()');
}

describe('PostgreSQL: nothing comes from the environment', {
  skip: pgServer.server === undefined ? pgServer.missing : false,
}, () => {
  const { port = 0 } = pgServer.server ?? {};

  const sampleDatabase = async (t: TestContext): Promise<string> => {
    const url = await pgServer.database(t, 'tcp');
    const context = { log: new MemoryLog(), clock: CLOCK, echo: undefined };
    const store = await openStore(parseDatabaseUrl(url), context);
    await store.seed(SAMPLE_SEED);
    await store.close();
    await pgServer.administer('GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader', url);
    return (parseDatabaseUrl(url) as { database: string }).database;
  };

  test('a complete URL is not changed', { timeout: 60_000 }, async (t) => {
    const database = await sampleDatabase(t);
    const hostile = {
      PGHOST: '192.0.2.1',
      PGHOSTADDR: '192.0.2.1',
      PGPORT: '1',
      PGUSER: 'postgres',
      PGPASSWORD: 'wrong',
      PGPASSFILE: '/nowhere',
      PGDATABASE: 'nowhere',
      PGOPTIONS: '-c search_path=nowhere -c statement_timeout=1',
      PGAPPNAME: 'hostile',
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: '/nowhere',
      PGSSLNEGOTIATION: 'direct',
      PGCLIENTENCODING: 'SQL_ASCII',
      PGCONNECT_TIMEOUT: '1',
      PGSERVICE: 'nowhere',
      PGBINARY: '1',
      PGREPLICATION: 'database',
      USER: 'postgres',
    };
    const files = { '.pgpass': '*:*:*:*:wrong\n', '.pg_service.conf': '[nowhere]\nhost=192.0.2.1\n' };
    const uri = `postgresql://reader:${PASSWORD}@127.0.0.1:${port}/${database}`;
    const asked = await ask(t, uri, hostile, files);
    assert.equal(asked.status, 200);
    const sql = `SELECT usename, application_name FROM pg_stat_activity WHERE datname = '${database}'`;
    assert.deepEqual(await pgServer.administer(sql), [{ usename: 'reader', application_name: 'automx2' }]);
    assert.doesNotMatch(await asked.log(), / (?:WARNING|ERROR) (?!running as root|any user can read)/);
  });

  for (const { what, uri, environment, reason } of [
    {
      what: 'no password',
      uri: 'postgresql://reader@127.0.0.1:PORT/DATABASE',
      environment: { PGPASSWORD: PASSWORD },
      reason: /password/,
    },
    {
      what: 'no user',
      uri: `postgresql://:${PASSWORD}@127.0.0.1:PORT/DATABASE`,
      environment: { PGUSER: 'reader', USER: 'reader', LOGNAME: 'reader', USERNAME: 'reader' },
      reason: new RegExp(`"${userInfo().username}"`),
    },
    {
      what: 'no database',
      uri: `postgresql://reader:${PASSWORD}@127.0.0.1:PORT`,
      environment: { PGDATABASE: 'DATABASE' },
      reason: /database "<user>" does not exist/,
    },
    {
      what: 'no host',
      uri: `postgresql://reader:${PASSWORD}@/DATABASE`,
      environment: { PGHOST: '127.0.0.1', PGPORT: 'PORT' },
      reason: /./, // whatever is at the usual place, if anything
    },
    {
      what: 'no port',
      uri: `postgresql://reader:${PASSWORD}@127.0.0.1/DATABASE`,
      environment: { PGPORT: 'PORT' },
      reason: /./,
    },
    {
      what: 'TLS asked for',
      uri: `postgresql://reader:${PASSWORD}@127.0.0.1:PORT/DATABASE?sslmode=require`,
      environment: { PGSSLMODE: 'disable' },
      reason: /SSL/,
    },
  ]) {
    test(`${what}: neither variables nor ~/.pgpass help`, { timeout: 60_000 }, async (t) => {
      const database = await sampleDatabase(t);
      const fill = (text: string): string => text.replace('PORT', String(port)).replace('DATABASE', database);
      const filled = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fill(value)]));
      const files = { '.pgpass': `127.0.0.1:${port}:*:*:${PASSWORD}\n*:*:*:*:${PASSWORD}\n` };
      const asked = await ask(t, fill(uri), filled, files);
      assert.equal(asked.status, 503);
      const log = await asked.log();
      const [, message = ''] = / ERROR look-ups in the database fail: postgresql: (.*)\n/.exec(log) ?? [];
      assert.match(message, reason);
      assert.doesNotMatch(log, new RegExp(PASSWORD));
      assert.doesNotMatch(pgServer.server?.log() ?? '', new RegExp(`authorized: user=reader database=${database}`));
    });
  }
});

const myServer = await mariadb();

test('MariaDB: MYSQL_PWD and ~/.my.cnf do not help', {
  skip: myServer.server === undefined ? myServer.missing : false,
  timeout: 60_000,
}, async (t) => {
  const url = (await myServer.database(t, 'tcp')).replace(':geheim@', '@');
  const environment = { MYSQL_PWD: 'geheim', MYSQL_HOST: '192.0.2.1', MYSQL_TCP_PORT: '1' };
  const asked = await ask(t, url, environment, { '.my.cnf': '[client]\nuser=root\npassword=geheim\n' });
  assert.equal(asked.status, 503);
  assert.match(
    await asked.log(),
    /ERROR look-ups in the database fail: mysql: Access denied for user '<user>'@.*using password: NO/,
  );
});

/** A copy of the program whose packages lack some. */
function without(t: TestContext, ...names: readonly string[]): string {
  const folder = temporaryFolder(t);
  cpSync(join(ROOT, 'src'), join(folder, 'src'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!names.includes(name)) symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
}

/** What is compiled of such a copy is of no use later. */
const NOT_CACHED = { NODE_DISABLE_COMPILE_CACHE: '1' };

describe('what makes the program end with status 2 and one sentence', () => {
  for (const { what, missing, uri, sentence } of [
    {
      what: 'pg is not installed',
      missing: 'pg',
      uri: 'postgresql://u:geheim@localhost/d',
      sentence: 'needs the package pg, which is not installed',
    },
    {
      what: 'mysql2 is not installed',
      missing: 'mysql2',
      uri: 'mysql://u:geheim@localhost/d',
      sentence: 'needs the package mysql2, which is not installed',
    },
    {
      what: 'better-sqlite3 is not installed',
      missing: 'better-sqlite3',
      uri: 'sqlite:///db.sqlite',
      sentence: 'needs the package better-sqlite3, which is not installed',
    },
    {
      what: 'an unknown charset',
      missing: '',
      uri: 'mysql://u:geheim@localhost/d?charset=klingon',
      sentence: 'charset must be one that the driver knows, such as utf8mb4',
    },
    {
      what: 'an unknown sslmode',
      missing: '',
      uri: 'postgresql://u:geheim@localhost/d?sslmode=always',
      sentence: 'sslmode must be one of disable, prefer, require, verify-ca, verify-full',
    },
  ]) {
    const run = (t: TestContext, ...words: readonly string[]) => {
      const folder = without(t, missing);
      writeFileSync(join(folder, 'automx2.conf'), `[automx2]\ndb_uri = ${uri}\n`);
      const options = { main: join(folder, 'src', 'app', 'main.ts'), environment: NOT_CACHED };
      return launchProgram(t, folder, ['--config', join(folder, 'automx2.conf'), ...words], options).ended;
    };
    for (const words of [['--port', '0'], ['init'], ['migrate']]) {
      test(`${what}: ${words.join(' ')}`, { timeout: 60_000 }, async (t) => {
        const { status, out, err } = await run(t, ...words);
        assert.deepEqual([status, out], [2, ''], err);
        const lines = err.split(/(?<=\n)/).filter((line) => !line.includes('WARNING db_uri names a relative path'));
        const [, rest] = /^automx2: \S+\/automx2\.conf:2: db_uri: ([\s\S]*)$/.exec(lines.join('')) ?? [];
        assert.equal(rest, `${sentence}\n`, err);
      });
    }

    test(`${what}: --check`, { timeout: 60_000 }, async (t) => {
      const { status, out, err } = await run(t, '--check');
      assert.deepEqual([status, out], [2, ''], err);
      assert.ok(err.includes(sentence), err);
    });
  }

  test('drivers that the URL does not ask for may be missing', { timeout: 60_000 }, async (t) => {
    const folder = without(t, 'pg', 'mysql2');
    writeFileSync(join(folder, 'automx2.conf'), '[automx2]\nloglevel = INFO\n');
    const options = { main: join(folder, 'src', 'app', 'main.ts'), environment: NOT_CACHED };
    const words = ['--config', join(folder, 'automx2.conf'), '--port', '0'];
    const { child, said, ended } = launchProgram(t, folder, words, options);
    await said(/INFO listening/);
    child.kill('SIGTERM');
    assert.equal((await ended).status, 0);
  });
});

describe('charsets', () => {
  const open = async (charset: string): Promise<void> => {
    const url = parseDatabaseUrl(`mysql://u:geheim@localhost/d?charset=${charset}`);
    await (await connect(url, DEADLINES)).close();
  };
  for (const charset of ['utf8mb4', 'UTF8MB4', 'utf8', 'latin1', 'utf8mb4_unicode_ci']) {
    test(`${charset} is known`, () => open(charset));
  }
  for (const charset of ['klingon', 'utf-8', 'constructor', '__proto__', 'utf8mb4;x']) {
    test(`${JSON.stringify(charset)} is not, and the message names the option`, async () => {
      await assert.rejects(open(charset), (error) => {
        assert.ok(error instanceof DatabaseUrlError, String(error));
        assert.match(error.message, /^charset /);
        return true;
      });
    });
  }
});
