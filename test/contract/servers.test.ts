import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../src/adapters/database/connect.ts';
import { parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../src/adapters/database/deadlines.ts';
import { SettingsDatabase } from '../../src/adapters/database/settings-database.ts';
import { readStatements } from '../../src/adapters/database/statements.ts';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { makePlan } from '../../src/domain/plan/plan.ts';
import { apply } from '../support/apply.ts';
import { configured } from '../support/in-process.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { mariadb, mysqlIfGiven, postgresql } from '../support/server-database.ts';
import { settingsChangesContract } from './settings-changes.ts';
import { settingsStoreContract } from './settings-store.ts';

const servers = [await postgresql(), await mariadb(), ...(await mysqlIfGiven())];

const databaseOf = (url: string): string => /test_\w+/.exec(url)?.[0] ?? '';

for (const { engine, server, missing, database } of servers) {
  settingsStoreContract(
    engine,
    async (t) => {
      const connection = await connect(parseDatabaseUrl(await database(t)), DEADLINES);
      t.after(() => connection.close());
      return connection;
    },
    server === undefined ? missing : false,
  );
}

/** How an administrator's session leaves foreign keys unchecked, and how to see who waits for a lock. */
const WORDS = {
  PostgreSQL: {
    unchecked: 'SET session_replication_role = replica',
    waiting: "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
  },
  MariaDB: {
    unchecked: 'SET SESSION foreign_key_checks = 0',
    waiting: "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
  },
} as const;

for (const { engine, server, missing, database, administer, session } of servers) {
  const { unchecked, waiting } = WORDS[engine === 'PostgreSQL' ? engine : 'MariaDB'];
  settingsChangesContract(
    engine,
    true,
    async (t) => {
      const url = await database(t);
      return {
        url,
        async connect() {
          const connection = await connect(parseDatabaseUrl(url), DEADLINES);
          t.after(() => connection.close());
          return connection;
        },
        async operator() {
          const { run } = await session(t, url);
          await run(unchecked);
          return {
            run: async (...statements) => {
              for (const sql of statements) await run(sql);
            },
          };
        },
        async blocked() {
          while ((await administer(waiting, url)).length === 0);
        },
      };
    },
    server === undefined ? missing : false,
  );

  test(`${engine}: who may only read can export`, { skip: server === undefined ? missing : false }, async (t) => {
    const url = await database(t);
    const owner = configured(t, `db_uri = ${url}`);
    assert.equal((await owner.run('init', '--sample')).status, 0);
    const reader = `reader_${process.pid}`;
    for (const sql of engine === 'PostgreSQL'
      ? [`CREATE USER ${reader}`, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${reader}`]
      : [`CREATE USER ${reader}@localhost`, `GRANT SELECT ON ${databaseOf(url)}.* TO ${reader}@localhost`]) {
      await administer(sql, url);
    }
    t.after(() => administer(`DROP OWNED BY ${reader}`, url).catch(() => undefined));
    const { run } = configured(t, `db_uri = ${url.replace(/automx2[^@]*@/, `${reader}@`)}`);
    const { status, out, err } = await run('export');
    assert.deepEqual([status, err], [0, '']);
    assert.equal(out, (await owner.run('export')).out);
    const { status: refused } = await run('domain', 'add', 'new.example', '--like', 'example.com', '--yes');
    assert.equal(refused, 1);
    assert.equal((await owner.run('export')).out, out);
  });
}

for (const { engine, server, missing, database } of servers.filter((each) => each.engine === 'MariaDB')) {
  test(`${engine} finds links by their domain, whatever it knows of the tables`, {
    skip: server === undefined ? missing : false,
  }, async (t) => {
    const connection = await connect(parseDatabaseUrl(await database(t)), DEADLINES);
    t.after(() => connection.close());
    const store = new SettingsDatabase(connection, new MemoryLog());
    await store.create();
    // Straight after an import: many domains, one server.
    const ids = Array.from({ length: 5_000 }, (_value, index) => index + 1);
    const rows = (row: (id: number) => string): string => ids.map(row).join(', ');
    await apply(
      connection,
      [
        "INSERT INTO provider (id, name, short_name) VALUES (1, 'P', 'P')",
        "INSERT INTO server (id, name, port, type, socket_type, user_name, authentication) VALUES (1, 'mail.example', 993, 'imap', 'SSL', '', '')",
        `INSERT INTO domain (id, name, provider_id) VALUES ${rows((id) => `(${id}, 'd${id}.example', 1)`)}`,
        `INSERT INTO server_domain (server_id, domain_id) VALUES ${rows((id) => `(1, ${id})`)}`,
      ].map((sql) => ({ sql, parameters: [] })),
    );
    const { byIds, lookUp } = readStatements(connection.dialect, 'asked');
    for (const { sql, parameters } of [byIds(ids.slice(0, 100)), lookUp(['d7.example', 'd7.example.'])]) {
      const plan = await connection.query({ sql: `EXPLAIN ${sql}`, parameters });
      const link = plan.find((step) => step['table'] === 'link');
      assert.deepEqual([link?.['type'], link?.['key']], ['ref', 'domain_id'], JSON.stringify(plan));
    }
  });
}

for (const { engine, server, missing, database, administer } of servers.filter(
  (each) => each.engine === 'PostgreSQL',
)) {
  test(`${engine}: a materialized view is a view`, { skip: server === undefined ? missing : false }, async (t) => {
    const connection = await connect(parseDatabaseUrl(await database(t)), DEADLINES);
    t.after(() => connection.close());
    const store = new SettingsDatabase(connection, new MemoryLog());
    await store.create();
    const statements = [
      'ALTER TABLE provider RENAME TO stored',
      'CREATE MATERIALIZED VIEW provider AS SELECT * FROM stored',
    ];
    await apply(
      connection,
      statements.map((sql) => ({ sql, parameters: [] })),
    );
    const { state, missing: lacking, views } = await store.report();
    assert.deepEqual({ state, lacking, views }, { state: 'empty', lacking: [], views: ['provider'] });
    await assert.rejects(store.purge(), { code: 'store_unprepared' });
  });

  test(`${engine} knows of many rows as soon as they are stored`, {
    skip: server === undefined ? missing : false,
  }, async (t) => {
    const url = await database(t);
    const store = new SettingsDatabase(await connect(parseDatabaseUrl(url), DEADLINES), new MemoryLog());
    t.after(() => store.close());
    await store.create();
    const counted = async () =>
      (await administer("SELECT reltuples::int AS count FROM pg_class WHERE relname = 'domain'", url))[0]?.['count'];
    const domains = Array.from({ length: 1_200 }, (_value, index) => `d${index}.example`);
    const wanted = (some: readonly string[]) =>
      readDocument({ version: 3, providers: [{ name: 'P', domains: some, servers: [] }] });
    await store.seed(wanted(domains.slice(0, 1_000)));
    assert.equal(await counted(), 1_000);
    await store.change((rows) => makePlan(rows, wanted(domains)).rows);
    assert.equal(await counted(), 1_000, 'a small change is not worth it');
    await store.change((rows) => makePlan(rows, wanted(domains.slice(0, 100)), { prune: true }).rows);
    assert.equal(await counted(), 100);
  });

  test(`${engine}: a lent connection goes back without our listener`, {
    skip: server === undefined ? missing : false,
  }, async (t) => {
    const connection = await connect(parseDatabaseUrl(await database(t)), DEADLINES);
    t.after(() => connection.close());
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    t.after(() => process.off('warning', onWarning));
    // Node.js warns at the eleventh listener.
    for (let change = 0; change < 12; change++) await apply(connection, [{ sql: 'SELECT 1', parameters: [] }]);
    assert.deepEqual(warnings, []);
  });
}
