import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { configured } from '../support/in-process.ts';
import { mariadb, mysqlIfGiven, postgresql, type TestServer } from '../support/server-database.ts';

const PAGE = readFileSync(new URL('../../doc/databases.md', import.meta.url), 'utf8');

/** The statements under a heading; the name automx2 belongs to the tests' administrator already. */
const statements = (heading: string): readonly string[] =>
  (new RegExp(`^## ${heading}\\n.*?^\`\`\`sql\\n(.*?)^\`\`\``, 'ms').exec(PAGE)?.[1] ?? '')
    .replaceAll('automx2', 'operated')
    .split('\n')
    .filter((line) => line !== '');

interface Case {
  readonly server: TestServer;
  readonly heading: string;
  readonly url: (user: string, password: string) => string;
}

const pg = await postgresql();
const mysqlUrl =
  ({ server }: TestServer): Case['url'] =>
  (user, password) =>
    `mysql://${user}:${encodeURIComponent(password)}@/operated?unix_socket=${server?.folder}/socket`;
const cases: readonly Case[] = [
  {
    server: pg,
    heading: 'PostgreSQL',
    url: (user, password) =>
      `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${pg.server?.port}/operated`,
  },
  ...[await mariadb(), ...(await mysqlIfGiven())].map((server) => ({
    server,
    heading: 'MariaDB and MySQL',
    url: mysqlUrl(server),
  })),
];

for (const { server, heading, url } of cases) {
  describe(`doc/databases.md on ${server.engine}`, {
    skip: server.server === undefined ? server.missing : false,
  }, () => {
    test('one role prepares and changes, the other reads', async (t) => {
      const all = statements(heading);
      assert.ok(all.length >= 5, String(all));
      let database: string | undefined;
      for (const statement of all) {
        if (statement.startsWith('\\connect ')) database = url('', '');
        else await server.administer(statement, database);
      }
      const administrator = configured(
        t,
        `db_uri = ${url('operated_admin', 'the first password').replaceAll('%', '%%')}`,
      );
      const daemon = configured(
        t,
        `listen = 127.0.0.1:0\nloglevel = INFO\ninitdb = purge\ndb_uri = ${url('operated', 'the second password').replaceAll('%', '%%')}`,
      );
      const refused = await daemon.run('init', '--sample');
      assert.equal(refused.status, 1, refused.err);
      assert.equal((await administrator.run('init', '--sample')).status, 0);
      const found = await daemon.run('lookup', 'jane@example.com', '--format', 'autoconfig');
      assert.deepEqual([found.status, /mail\.example\.com/.test(found.out)], [0, true], found.err);
      for (const words of [['export'], ['lint'], ['dns', 'example.com', '--service', 'x.example.com']]) {
        assert.equal((await daemon.run(...words)).err, '', words[0]);
      }
      // Rows of our table are read, too.
      const statement = "INSERT INTO automx2_extra (domain_name, kind, data) VALUES ('example.com', 'jmap', 'no JSON')";
      await server.administer(statement, url('', ''));
      assert.match((await daemon.run('lint')).out, /automx2_extra example\.com jmap 0/);
      const running = daemon.start();
      const [, port] = await running.said(/listening .*port=(\d+)/);
      const purged = await fetch(`http://127.0.0.1:${port}/initdb/`, { method: 'DELETE' });
      assert.equal(purged.status, 503);
      assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
      running.signal('SIGTERM');
      assert.equal((await running.ended).status, 0);
      for (const words of [
        ['domain', 'add', 'new.example', '--like', 'example.com', '--yes'],
        ['domain', 'remove', 'example.com', '--yes'],
      ]) {
        assert.equal((await daemon.run(...words)).status, 1, words[1]);
        assert.equal((await administrator.run(...words)).status, 0, words[1]);
      }
    });
  });
}
