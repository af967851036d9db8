import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { plain } from '../../src/adapters/database/connection.ts';
import { SettingsDatabase } from '../../src/adapters/database/settings-database.ts';
import { SqliteConnection } from '../../src/adapters/database/sqlite/connection.ts';
import { readStatements } from '../../src/adapters/database/statements.ts';
import { SAMPLE_SEED } from '../../src/app/sample-seed.ts';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { type DomainName, parseDomainName, storedSpellings } from '../../src/domain/domain-name.ts';
import { makePlan } from '../../src/domain/plan/plan.ts';
import { apply } from '../support/apply.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { applyOwnExport } from '../support/own-export.ts';
import { SCHEMA } from '../support/schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { extrasContract } from './extras.ts';
import { settingsChangesContract } from './settings-changes.ts';
import { settingsStoreContract } from './settings-store.ts';

settingsStoreContract('SQLite in memory', async (t) => {
  const connection = new SqliteConnection(Database, undefined);
  t.after(() => connection.close());
  return connection;
});

settingsStoreContract('an SQLite file', async (t) => {
  const connection = new SqliteConnection(Database, join(temporaryFolder(t), 'db.sqlite'));
  t.after(() => connection.close());
  return connection;
});

extrasContract('an SQLite file', async (t) => {
  const file = join(temporaryFolder(t), 'db.sqlite');
  return {
    async connect() {
      const connection = new SqliteConnection(Database, file);
      t.after(() => connection.close());
      return connection;
    },
  };
});

settingsChangesContract('an SQLite file', false, async (t) => {
  const file = join(temporaryFolder(t), 'db.sqlite');
  return {
    url: `sqlite:///${file}`,
    async connect() {
      const connection = new SqliteConnection(Database, file);
      t.after(() => connection.close());
      return connection;
    },
    async operator() {
      const database = new Database(file);
      t.after(() => database.close());
      database.pragma('foreign_keys = OFF');
      return { run: async (...statements) => statements.forEach((sql) => void database.exec(sql)) };
    },
    blocked: async () => undefined,
  };
});

const EXAMPLE = 'example.com' as DomainName;

const STATISTICS = [
  'ANALYZE',
  `INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('provider', NULL, '100000'), ('server', NULL, '300000'),
    ('davserver', NULL, '100000'), ('ldapserver', NULL, '100000'), ('domain', 'automx2_domain_name', '100000 1'),
    ('server_domain', 'automx2_server_domain', '300000 3'), ('davserver_domain', 'automx2_davserver_domain', '100000 1')`,
  'ANALYZE sqlite_master',
];

describe('SQLite only', () => {
  test('a constraint of the operator’s own that refuses a seed is named, and is not taken for data that are there', async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const store = new SettingsDatabase(new SqliteConnection(Database, file), new MemoryLog());
    t.after(() => store.close());
    await store.create();
    const database = new Database(file);
    database.exec("CREATE TRIGGER own BEFORE INSERT ON domain BEGIN SELECT RAISE(ABORT, 'not in this house'); END");
    database.close();
    await assert.rejects(store.seed(SAMPLE_SEED), { code: 'store_unavailable', message: /not in this house/ });
  });

  test('values that no other engine would hold: rows come back, are exported or named, and survive a change', async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const store = new SettingsDatabase(new SqliteConnection(Database, file), new MemoryLog());
    t.after(() => store.close());
    await store.create();
    const database = new Database(file);
    t.after(() => database.close());
    database.pragma('foreign_keys = OFF');
    const columns = 'id, name, port, type, socket_type, user_name, authentication';
    database.exec(`INSERT INTO provider VALUES (1, CAST('A' AS BLOB), 'a'), (2, 7, x'ff');
      INSERT INTO domain VALUES (1, 'a.example', 1, NULL), (2, 'b.example', 'one', 'two'), (3, x'00ff', 1, 1.5);
      INSERT INTO server (${columns}) VALUES (1, 'mail.example', '993x', 'imap', 'SSL', '', ''),
        (2, '${'x'.repeat(2_000)}', 9.5, 'imap', 'SSL', '', ''), (3, 'ok.example', 993, 'imap', 'SSL', '', '');
      INSERT INTO davserver VALUES (1, 'https://dav.example/', 0, 'caldav', 'yes', 2, NULL);
      INSERT INTO server_domain VALUES (1, 1), (2, 1), (3, 1), ('x', 'y'), (3, 'z'), (4.5, 1);
      INSERT INTO davserver_domain VALUES (1, 1);`);
    const { provider, domain, server, davserver, server_domain } = await store.rows();
    assert.deepEqual([provider[0]?.['name'], provider[1]?.['name']], ['A', '7']);
    assert.deepEqual(
      domain.map((row) => row['provider_id']),
      [1, 'one', 1],
    );
    assert.deepEqual(
      server.map(({ name, port }) => [name, port]),
      [
        ['mail.example', '993x'],
        ['(too long)', 9.5],
        ['ok.example', 993],
      ],
    );
    assert.deepEqual([davserver[0]?.['use_ssl'], davserver[0]?.['domain_required']], ['yes', 2]);
    assert.equal(server_domain.length, 6);
    const wanted = readDocument({ version: 3, providers: [{ name: 'New', domains: ['new.example'] }] });
    await store.change((rows) => makePlan(rows, wanted).rows);
    const kept = await store.rows();
    assert.deepEqual(kept.server, server);
    assert.deepEqual(kept.provider.slice(0, 2), provider);
    assert.deepEqual(
      kept.server_domain.map((row) => row['server_id']),
      [1, 2, 3],
    );
    assert.equal((await applyOwnExport(store)).length > 0, true);
    assert.equal(database.prepare('SELECT length(name) AS n FROM server WHERE id = 2').pluck().get(), 2_000);
  });

  test('extras whose names are no texts, or far too long, are read once each', { timeout: 60_000 }, async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const store = new SettingsDatabase(new SqliteConnection(Database, file), new MemoryLog());
    t.after(() => store.close());
    await store.create();
    const database = new Database(file);
    t.after(() => database.close());
    database.exec(`WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 6000)
      INSERT INTO automx2_extra SELECT CAST('d' || n AS BLOB), 'jmap', 0, '{}' FROM n
      UNION ALL SELECT '${'x'.repeat(2_000)}' || n, 'jmap', 0, '{}' FROM n`);
    assert.equal((await store.rows()).automx2_extra.length, 12_000);
    assert.equal((await store.strays()).find(({ table }) => table === 'automx2_extra')?.rows.length, 11);
    database.exec("DELETE FROM automx2_extra WHERE typeof(domain_name) = 'text'");
    assert.equal((await store.strays()).find(({ table }) => table === 'automx2_extra')?.rows.length, 11);
  });

  test('foreign keys hold after changes', async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const store = new SettingsDatabase(new SqliteConnection(Database, file), new MemoryLog());
    t.after(() => store.close());
    await store.create();
    await store.seed(SAMPLE_SEED);
    const directories = [{ name: 'ldap.example', search_base: 'x' }];
    const provider = { name: 'New', domains: [{ name: 'new.example', directory: 'ldap.example' }, 'example.com'] };
    const first = readDocument({ version: 3, providers: [provider], directories });
    await store.change((rows) => makePlan(rows, first).rows);
    await store.change((rows) => makePlan(rows, first, { prune: true }).rows);
    await store.change((rows) => makePlan(rows, readDocument({ version: 3 }), { remove: ['new.example'] }).rows);
    const database = new Database(file, { readonly: true });
    assert.deepEqual(database.pragma('foreign_key_check'), []);
    database.close();
  });

  test('our tables have the columns of automx2, with its types and keys, and there is one more', async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const store = new SettingsDatabase(new SqliteConnection(Database, file), new MemoryLog());
    await store.create();
    await store.close();
    const reference = new Database(':memory:');
    reference.exec(SCHEMA);
    reference.exec(`CREATE TABLE automx2_extra (domain_name VARCHAR(128) NOT NULL, kind VARCHAR(32) NOT NULL,
      n INTEGER DEFAULT 0 NOT NULL, data VARCHAR(2000) NOT NULL, PRIMARY KEY (domain_name, kind, n))`);
    const ours = new Database(file);
    const layout = (database: Database.Database) =>
      database
        .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        .all()
        .map(({ name }) => ({
          name,
          columns: database.pragma(`table_info(${name})`),
          references: database.pragma(`foreign_key_list(${name})`),
        }));
    assert.deepEqual(layout(ours), layout(reference));
    ours.close();
    reference.close();
  });

  for (const { asked, listDomains } of [
    { asked: 'example.com', listDomains: 'asked' },
    { asked: 'xn--bcher-kva.example', listDomains: 'asked' },
    { asked: 'example.com', listDomains: 'all' },
  ] as const) {
    test(`a look-up of ${asked}, list_domains ${listDomains}, uses an index for each table`, async (t) => {
      const connection = new SqliteConnection(Database, undefined);
      t.after(() => connection.close());
      const store = new SettingsDatabase(connection, new MemoryLog());
      await store.create();
      // What ANALYZE finds where many domains are stored: the planner must not take it for a reason to read them all.
      await apply(connection, STATISTICS.map(plain));
      const { sql, parameters } = readStatements(connection.dialect, listDomains, 'read').lookUp(
        storedSpellings(asked as DomainName),
        asked as DomainName,
      );
      const plan = await connection.query({ sql: `EXPLAIN QUERY PLAN ${sql}`, parameters });
      const steps = plan.map((step) => String(step['detail']));
      const indexes = [
        'automx2_domain_name',
        'automx2_server_domain',
        'automx2_davserver_domain',
        'sqlite_autoindex_automx2_extra_1',
      ];
      for (const index of [...indexes, ...(listDomains === 'all' ? ['automx2_domain_provider'] : [])]) {
        assert.ok(
          steps.some((step) => step.startsWith('SEARCH') && step.includes(index)),
          `${index}:\n${steps.join('\n')}`,
        );
      }
      // Only the few rows that were asked for are ever gone through from end to end.
      assert.deepEqual(
        steps.filter((step) => step.startsWith('SCAN') && !/^SCAN (?:asked|siblings|extras)/.test(step)),
        [],
      );
    });
  }

  test('a page of stored domains uses an index for each table', async (t) => {
    const connection = new SqliteConnection(Database, undefined);
    t.after(() => connection.close());
    await new SettingsDatabase(connection, new MemoryLog()).create();
    const ids = Array.from({ length: 100 }, (_value, index) => index + 1);
    const { sql, parameters } = readStatements(connection.dialect, 'asked', 'read').byIds(ids, []);
    const plan = await connection.query({ sql: `EXPLAIN QUERY PLAN ${sql}`, parameters });
    const steps = plan.map((step) => String(step['detail']));
    assert.deepEqual(
      steps.filter((step) => step.startsWith('SCAN') && !/^SCAN (?:asked|extras)/.test(step)),
      [],
    );
    assert.ok(
      steps.some((step) => /^SEARCH domain USING INTEGER PRIMARY KEY/.test(step)),
      steps.join('\n'),
    );
  });

  for (const { what, rows, reason } of [
    {
      what: 'whose provider is missing',
      rows: "INSERT INTO domain (id, name, provider_id) VALUES (1, 'example.com', 1)",
      reason: 'its provider does not exist',
    },
    {
      what: 'that no look-up finds',
      rows: "INSERT INTO provider VALUES (1, 'P', 'P'); INSERT INTO domain (id, name, provider_id) VALUES (1, 'BüCHER-Ü.example', 1)",
      reason: 'its name has a spelling that look-ups do not try',
    },
  ]) {
    test(`a stored domain ${what}`, async (t) => {
      const file = join(temporaryFolder(t), 'db.sqlite');
      const raw = new Database(file);
      raw.pragma('foreign_keys = OFF');
      raw.exec(SCHEMA + rows);
      raw.close();
      const store = new SettingsDatabase(new SqliteConnection(Database, file), new MemoryLog());
      t.after(() => store.close());
      const [stored] = await store.walk({ afterId: 0 });
      assert.deepEqual([stored?.mailDomain, stored?.unusable], [undefined, [{ table: 'domain', id: 1, reason }]]);
      assert.equal(await store.find(parseDomainName(stored?.name ?? '') ?? EXAMPLE), undefined);
    });
  }

  // Other engines mind the widths of columns.
  test('rows with texts of more than twice the width of a column are skipped, with one warning each', async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const raw = new Database(file);
    const texts = [128, 129, 600, 5_000_000].map((length) => `'${'ü'.repeat(length)}'`);
    raw.exec(`${SCHEMA} INSERT INTO provider VALUES (3, printf('%.300c', 'x'), 'P');
      INSERT INTO domain (id, name, provider_id) VALUES (1, 'example.com', 3)`);
    for (const [index, text] of texts.entries()) {
      raw.exec(`INSERT INTO server VALUES (${index}, 10, 'a.example', 993, 'imap', 'SSL', ${text}, 'plain');
        INSERT INTO server_domain (server_id, domain_id) VALUES (${index}, 1)`);
    }
    raw.close();
    const log = new MemoryLog();
    const store = new SettingsDatabase(new SqliteConnection(Database, file), log);
    t.after(() => store.close());
    for (let round = 0; round < 2; round++) {
      const found = await store.find(EXAMPLE);
      assert.deepEqual(
        found?.mailServers.map(({ id }) => id),
        [0],
      );
      assert.deepEqual(found?.provider, { id: 3, name: '', shortName: '' });
    }
    assert.deepEqual(
      log.entries.map(({ level, message, fields }) => [level, /its (\w+) /.exec(message)?.[1], fields['id']]).sort(),
      [['WARNING', 'name', 3], ...[1, 2, 3].map((id) => ['WARNING', 'user_name', id])],
    );
  });

  test('our table and indexes that are missing are named, and created by create', async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const raw = new Database(file);
    raw.exec(SCHEMA);
    raw.close();
    const store = new SettingsDatabase(new SqliteConnection(Database, file), new MemoryLog());
    t.after(() => store.close());
    assert.deepEqual((await store.report()).missing, [
      'table automx2_extra created',
      'index automx2_domain_name created',
      'index automx2_server_domain created',
      'index automx2_davserver_domain created',
      'index automx2_domain_provider created',
    ]);
    await store.create();
    assert.deepEqual((await store.report()).missing, []);
  });

  test('a file appears only when something is stored, for its owner alone', async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const store = new SettingsDatabase(new SqliteConnection(Database, file), new MemoryLog());
    t.after(() => store.close());
    assert.equal((await store.report()).state, 'unprepared');
    await assert.rejects(store.find(EXAMPLE), { code: 'store_unprepared' });
    assert.equal(existsSync(file), false);
    await store.create();
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test('a folder that is missing is a failure, not a hang', async (t) => {
    const file = join(temporaryFolder(t), 'nowhere', 'db.sqlite');
    const store = new SettingsDatabase(new SqliteConnection(Database, file), new MemoryLog());
    for (const attempt of [store.find(EXAMPLE), store.report(), store.create()]) {
      await assert.rejects(attempt, { code: 'store_unavailable' });
    }
  });

  test('a lock of another process is a failure, not a hang, and passes', async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const store = new SettingsDatabase(new SqliteConnection(Database, file), new MemoryLog());
    t.after(() => store.close());
    await store.seed(SAMPLE_SEED);
    const other = new Database(file);
    t.after(() => other.close());
    other.exec('BEGIN EXCLUSIVE');
    await assert.rejects(store.find(EXAMPLE), { code: 'store_unavailable', message: /locked/ });
    await assert.rejects(store.purge(), { code: 'store_unavailable' });
    other.exec('ROLLBACK');
    assert.equal((await store.find(EXAMPLE))?.name, EXAMPLE);
  });

  test('what another process stores is seen at once', async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const store = new SettingsDatabase(new SqliteConnection(Database, file), new MemoryLog());
    t.after(() => store.close());
    await store.create();
    assert.equal(await store.find(EXAMPLE), undefined);
    const other = new Database(file);
    other.exec(
      "INSERT INTO provider VALUES (1, 'P', 'P'); INSERT INTO domain (id, name, provider_id) VALUES (1, 'example.com', 1);",
    );
    other.close();
    assert.equal((await store.find(EXAMPLE))?.provider.name, 'P');
  });
});
