import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Connection } from '../../src/adapters/database/connection.ts';
import { SettingsDatabase } from '../../src/adapters/database/settings-database.ts';
import { SAMPLE_SEED } from '../../src/app/sample-seed.ts';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { Failure } from '../../src/domain/failure.ts';
import { apply } from '../support/apply.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { domain, link, name, provider, run, type Sql, server, settingsReaderContract } from './settings-reader.ts';

type Connect = (t: TestContext) => Promise<Connection>;

/** What rows refer to comes after them. */
const EMPTIED = [
  'server_domain',
  'davserver_domain',
  'domain',
  'server',
  'davserver',
  'ldapserver',
  'provider',
  'automx2_extra',
];

/**
 * What every store does, whatever the engine. `connect` gives a connection to a database without tables, and cleans
 * up after the test; `reconnect` may give one to the same database again and again, for tests that leave nothing but rows.
 */
export function settingsStoreContract(
  engine: string,
  connect: Connect,
  skip: string | false = false,
  reconnect = connect,
): void {
  const openOn = async (connection: Connection, ...rows: readonly string[]) => {
    const log = new MemoryLog();
    const store = new SettingsDatabase(connection, log);
    const namingAll = new SettingsDatabase(connection, log, 'all');
    await store.create();
    await run(connection, rows);
    return { store, namingAll, log, connection, add: (...more: readonly Sql[]) => run(connection, more) };
  };
  const open = async (t: TestContext, ...rows: readonly string[]) => openOn(await connect(t), ...rows);
  const emptied = EMPTIED.map((table) => `DELETE FROM ${table}`);

  settingsReaderContract(engine, async (t, ...rows) => openOn(await reconnect(t), ...emptied, ...rows), skip);

  describe(`settings store on ${engine}`, { skip }, () => {
    test('a ping fails as a look-up does', async (t) => {
      const { store, connection } = await open(t, provider(1), domain(1, 'example.com'));
      assert.equal(await store.ping(), true);
      await apply(connection, [{ sql: 'ALTER TABLE server DROP COLUMN prio', parameters: [] }]);
      await assert.rejects(store.ping(), { code: 'store_unprepared' });
      await assert.rejects(store.find(name('example.com')), { code: 'store_unprepared' });
    });

    test('a blank in front of a stored name hides it', async (t) => {
      const { store } = await open(t, provider(1), domain(1, ' example.com'));
      assert.equal(await store.find(name('example.com')), undefined);
    });

    test('a view in place of a table is read, and left alone', async (t) => {
      const { store, connection } = await open(t, provider(1), domain(1, 'one.example'), server(1), link(1, 1));
      const execute = (...texts: readonly string[]) => run(connection, texts);
      if (connection.dialect.lacksIndexes)
        await execute('DROP INDEX automx2_domain_name', 'DROP INDEX automx2_server_domain');
      await execute('ALTER TABLE domain RENAME TO stored_domain', 'CREATE VIEW domain AS SELECT * FROM stored_domain');
      const { state, missing, views } = await store.report();
      const index = connection.dialect.lacksIndexes ? ['index automx2_server_domain created'] : [];
      assert.deepEqual({ state, missing, views }, { state: 'filled', missing: index, views: ['domain'] });
      assert.deepEqual(await store.migrate(), index);
      assert.equal((await store.find(name('one.example')))?.mailServers.length, 1);
      await assert.rejects(store.purge(), { code: 'store_unprepared' });
      await assert.rejects(store.seed(SAMPLE_SEED), { code: 'store_unprepared' });
      // A column that it lacks cannot be added to it.
      await execute('DROP VIEW domain', 'CREATE VIEW domain AS SELECT id, name, provider_id FROM stored_domain');
      assert.equal((await store.report()).state, 'foreign');
      await assert.rejects(store.migrate(), { code: 'store_unprepared' });
      // A purge that cannot see all tables must not say that it emptied them.
      await execute('DROP VIEW domain');
      await assert.rejects(store.purge(), { code: 'store_unprepared' });
    });

    test('unprepared, empty, filled; a seed needs an empty store; purging empties it', async (t) => {
      const connection = await connect(t);
      const store = new SettingsDatabase(connection, new MemoryLog());
      assert.equal((await store.report()).state, 'unprepared');
      await assert.rejects(store.find(name('example.com')), { code: 'store_unprepared' });
      await assert.rejects(store.walk({ afterId: 0 }), { code: 'store_unprepared' });
      await store.purge(); // nothing to purge is no mistake
      await store.create();
      assert.equal((await store.report()).state, 'empty');
      assert.deepEqual((await store.report()).missing, []);
      await store.seed(SAMPLE_SEED);
      assert.equal((await store.report()).state, 'filled');
      await assert.rejects(store.seed(SAMPLE_SEED), { code: 'data_exist' });
      assert.equal((await store.find(name('example.com')))?.davServers.length, 2);
      assert.equal((await store.find(name('example.net')))?.davServers.length, 0);
      await store.purge();
      assert.equal((await store.report()).state, 'empty');
      assert.equal(await store.find(name('example.com')), undefined);
      await store.seed(SAMPLE_SEED);
      assert.equal((await store.report()).state, 'filled');
    });

    test('a seed gives the same rows on every engine', async (t) => {
      const { store, connection } = await open(t);
      await store.seed(
        readDocument({
          version: 2,
          provider: 'Ünï Provider GmbH',
          domains: [{ name: 'One.Example.' }, { name: 'bücher.example', ldapserver_id: 7 }],
          ldapservers: [{ id: 7, name: 'ldap.example', port: 389, search_base: 'dc=example' }],
          servers: [
            { type: 'imap', name: 'imap.example' },
            { type: 'smtp', name: 'smtp.example', port: 587, prio: 3, user_name: 'x', authentication: 'NTLM' },
            { type: 'caldav', url: 'HTTPS://dav.example/', port: 1 },
            { type: 'carddav', url: 'http://dav.example/' },
          ],
        }),
      );
      const rows = async (sql: string): Promise<unknown[]> =>
        (await connection.query({ sql, parameters: [] })).map((row) =>
          Object.values(row).map((value) => (typeof value === 'boolean' ? Number(value) : value)),
        );
      assert.deepEqual(await rows('SELECT id, name, short_name FROM provider'), [[1, 'Ünï Provider GmbH', 'Ünï']]);
      assert.deepEqual(await rows('SELECT id, name, provider_id, ldapserver_id FROM domain ORDER BY id'), [
        [1, 'one.example', 1, null],
        [2, 'xn--bcher-kva.example', 1, 7],
      ]);
      assert.deepEqual(
        await rows('SELECT id, prio, name, port, type, socket_type, user_name, authentication FROM server ORDER BY id'),
        [
          [1, 10, 'imap.example', 993, 'imap', 'SSL', '%EMAILADDRESS%', 'plain'],
          [2, 3, 'smtp.example', 587, 'smtp', 'STARTTLS', 'x', 'NTLM'],
        ],
      );
      assert.deepEqual(
        await rows('SELECT id, url, port, type, use_ssl, domain_required, user_name FROM davserver ORDER BY id'),
        [
          [1, 'HTTPS://dav.example/', 1, 'caldav', 1, 1, '%EMAILADDRESS%'],
          [2, 'http://dav.example/', 0, 'carddav', 0, 1, '%EMAILADDRESS%'],
        ],
      );
      assert.deepEqual(
        await rows(
          'SELECT id, name, port, use_ssl, search_base, search_filter, attr_uid, attr_cn, bind_user, bind_password FROM ldapserver',
        ),
        [[7, 'ldap.example', 389, 0, 'dc=example', '(mail={0})', 'uid', 'cn', null, null]],
      );
      for (const table of ['server', 'davserver']) {
        assert.deepEqual(await rows(`SELECT ${table}_id, domain_id FROM ${table}_domain ORDER BY 1, 2`), [
          [1, 1],
          [1, 2],
          [2, 1],
          [2, 2],
        ]);
      }
    });

    test('a transaction that fails in the middle leaves nothing behind', async (t) => {
      const { store, connection } = await open(t);
      const rows = [provider(1), domain(1, 'example.com'), provider(1)].map((sql) => ({ sql, parameters: [] }));
      await assert.rejects(apply(connection, rows), { code: 'data_exist' });
      assert.equal((await store.report()).state, 'empty');
    });

    test('of two seeds at the same time one is stored', async (t) => {
      const { store } = await open(t);
      const results = await Promise.allSettled([store.seed(SAMPLE_SEED), store.seed(SAMPLE_SEED)]);
      assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      const [failed] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      assert.ok(failed instanceof Failure && failed.code === 'data_exist', String(failed));
    });
  });
}
