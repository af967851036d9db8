import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { type Configured, configured } from '../support/in-process.ts';
import { launchProgram } from '../support/program.ts';
import { mariadb, mysqlIfGiven, postgresql } from '../support/server-database.ts';
import { contents, TABLES } from '../support/sqlite-file.ts';
import { SEED_TEXT } from '../support/stored-seeds.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const inFile = (t: TestContext): Configured => configured(t, (sqlite) => `db_uri = ${sqlite}`);
const ofUrl = (t: TestContext, url: string): Configured => configured(t, `db_uri = ${url}`);

const SERVERS = [await postgresql(), await mariadb(), ...(await mysqlIfGiven())];

for (const server of SERVERS) {
  describe(`automx2 init on ${server.engine}`, { skip: server.server === undefined ? server.missing : false }, () => {
    /** The rows as `contents` has them of the SQLite file that is to be equal. */
    async function rowsOf(url: string, file: string) {
      const reference = new Database(file, { readonly: true });
      const rows: Record<string, unknown[][]> = {};
      for (const table of TABLES) {
        const columns = reference.pragma(`table_info(${table})`) as { name: string }[];
        const names = columns.map(({ name }) => name).join(', ');
        const found = await server.administer(`SELECT ${names} FROM ${table} ORDER BY 1, 2`, url);
        rows[table] = found.map((row) =>
          Object.values(row).map((value) => (typeof value === 'boolean' ? Number(value) : value)),
        );
      }
      reference.close();
      return rows;
    }

    for (const { what, words } of [
      { what: 'the sample data', words: ['init', '--sample'] },
      { what: 'a seed', words: ['init', 'SEED'] },
    ]) {
      test(`${what}: the same rows as on SQLite, and they are served`, async (t) => {
        const url = await server.database(t, 'tcp');
        const [here, there] = [ofUrl(t, url), inFile(t)];
        for (const { run, write } of [here, there]) {
          const { status, err } = await run(
            ...words.map((word) => (word === 'SEED' ? write('seed.json', SEED_TEXT) : word)),
          );
          assert.deepEqual([status, err], [0, '']);
        }
        const wanted = contents(there.file).rows;
        assert.deepEqual(await rowsOf(url, there.file), wanted);
        const { base } = await startTestDaemon(t, { settings: { database: parseDatabaseUrl(url) } });
        const address = what === 'a seed' ? 'a@one.example' : 'a@example.com';
        assert.equal((await fetch(`${base}/mail/config-v1.1.xml?emailaddress=${address}`)).status, 200);
        assert.equal((await fetch(`${base}/healthz`)).status, 200);
        assert.match((await here.run('migrate')).out, /up to date/);
        assert.equal((await here.run('init', '--sample')).status, 1);
        assert.deepEqual(await rowsOf(url, there.file), wanted);
      });
    }

    test('tables only, then nothing; --purge asks for the name of the database', async (t) => {
      const url = await server.database(t);
      const name = /test_\w+/.exec(url)?.[0] ?? '';
      const { run, start } = ofUrl(t, url);
      const { status, out } = await run('init');
      assert.equal(status, 0);
      for (const table of TABLES) assert.match(out, new RegExp(`^table ${table} created$`, 'm'));
      assert.deepEqual(await run('init'), { status: 0, out: 'All tables and indexes exist.\n', err: '' });
      assert.equal((await run('init', '--sample')).status, 0);
      const count = async () =>
        Number((await server.administer('SELECT count(*) AS n FROM server_domain', url))[0]?.['n']);
      for (const { answer, left } of [
        { answer: 'automx2\n', left: 9 },
        { answer: `${name}\n`, left: 0 },
      ]) {
        const { stdin, said, ended } = start('init', '--purge');
        await said(new RegExp(`\\b${name}\\b`));
        stdin.end(answer);
        assert.equal((await ended).status, left === 0 ? 0 : 1);
        assert.equal(await count(), left);
      }
    });
  });
}

const [onPostgresql] = SERVERS;
const skip = onPostgresql?.server === undefined ? (onPostgresql?.missing ?? true) : false;

for (const { engine, server, missing, database, administer } of SERVERS.slice(1)) {
  const skipped = server === undefined ? missing : false;
  test(`${engine}: the password comes from db_password_file, whatever db_uri says`, { skip: skipped }, async (t) => {
    const url = await database(t, 'tcp');
    await administer("CREATE USER IF NOT EXISTS keeper IDENTIFIED BY 'geheim'");
    await administer('GRANT ALL ON *.* TO keeper');
    const secret = join(temporaryFolder(t), 'secret');
    writeFileSync(secret, 'geheim\n');
    const wrong = url.replace(/\/\/[^@]*@/, '//keeper:wrong@');
    assert.equal((await ofUrl(t, wrong).run('init')).status, 1);
    assert.equal((await ofUrl(t, `${wrong}\ndb_password_file = ${secret}`).run('init')).status, 0);
  });
}

describe('PostgreSQL, a database that db_uri leaves to the name of the user', { skip }, () => {
  for (const { what, redirection } of [
    { what: 'empty standard input', redirection: '</dev/null' },
    { what: 'closed standard input', redirection: '<&-' },
    { what: 'an empty answer', redirection: '<<!\n\n!' },
    { what: 'the name', redirection: `<<!\n${userInfo().username}\n!` },
  ]) {
    test(`init --purge asks for that name, and gets ${what}`, async (t) => {
      assert.ok(onPostgresql?.server);
      const { username } = userInfo();
      await onPostgresql.administer(`CREATE ROLE "${username}" SUPERUSER LOGIN`);
      await onPostgresql.administer(`CREATE DATABASE "${username}"`);
      t.after(async () => {
        await onPostgresql.administer(`DROP DATABASE "${username}" WITH (FORCE)`);
        await onPostgresql.administer(`DROP ROLE "${username}"`);
      });
      const { folder, port } = onPostgresql.server;
      const { run, config, folder: home } = ofUrl(t, `postgresql://:${port}/?host=${folder}`);
      assert.equal((await run('init', '--sample')).status, 0);
      const wrap = ['sh', '-c', `exec "$@" ${redirection}`, 'sh'];
      const words = ['--config', config, 'init', '--purge'];
      const { status, out } = await launchProgram(t, home, words, { wrap }).ended;
      assert.deepEqual([status, /deleted/.test(out)], what === 'the name' ? [0, true] : [1, false]);
      assert.match(out, new RegExp(`\\b${username}\\b`));
    });
  }
});
