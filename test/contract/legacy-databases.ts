import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { connect } from '../../src/adapters/database/connect.ts';
import { type Connection, plain } from '../../src/adapters/database/connection.ts';
import { parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../src/adapters/database/deadlines.ts';
import { inspect } from '../../src/adapters/database/inspection.ts';
import { SettingsDatabase } from '../../src/adapters/database/settings-database.ts';
import { SAMPLE_SEED } from '../../src/app/sample-seed.ts';
import { type DomainName, parseDomainName } from '../../src/domain/domain-name.ts';
import { Failure } from '../../src/domain/failure.ts';
import { apply } from '../support/apply.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { applyOwnExport } from '../support/own-export.ts';
import type { TestServer } from '../support/server-database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MAIN = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));
/** Databases that the real automx2 made; they are not part of this project and may not be there. */
const DUMPS = new URL('../../../shared/conformance/legacy-db/', import.meta.url);

const layoutSql = (layout: string): string =>
  readFileSync(new URL(`../testdata/legacy/${layout}.sql`, import.meta.url), 'utf8');

interface Engine {
  readonly name: string;
  readonly skip: string | false;
  /** Makes an empty database and resolves with its URL. */
  readonly database: (t: TestContext) => Promise<string>;
  /** SQL of testdata/legacy with the types that automx2's columns have here. */
  readonly adapt: (sql: string) => string;
  /** Whether CREATE and ALTER are part of a transaction. */
  readonly isTransactional: boolean;
  /** Indexes of ours that automx2's own tables lack. */
  readonly indexes: readonly string[];
  /** A query for `table_name`, `column_name` and a `definition`, columns in their order. */
  readonly columns: string;
  /** A query for a `definition` of each key, constraint, index and so on. */
  readonly keys: string;
}

const INDEXES = [
  'automx2_domain_name',
  'automx2_server_domain',
  'automx2_davserver_domain',
  'automx2_domain_provider',
].map((name) => `index ${name} created`);

const SQLITE: Engine = {
  name: 'an SQLite file',
  skip: false,
  database: async (t) => `sqlite:///${join(temporaryFolder(t), 'db.sqlite')}`,
  adapt: (sql) => sql,
  isTransactional: true,
  indexes: INDEXES,
  columns: `
    SELECT tables.name AS table_name, columns.name AS column_name,
      type_of.type || ' ' || type_of."notnull" || ' ' || type_of.pk || ' ' || coalesce(type_of.dflt_value, '') AS definition
    FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns
      JOIN pragma_table_info(tables.name) AS type_of ON type_of.cid = columns.cid
    WHERE tables.type = 'table' ORDER BY tables.name, columns.cid`,
  keys: `
    SELECT tables.name || '.' || keys."from" || ' refers to ' || keys."table" || '.' || keys."to" AS definition
    FROM sqlite_master AS tables JOIN pragma_foreign_key_list(tables.name) AS keys WHERE tables.type = 'table'
    UNION ALL SELECT type || ' ' || name || ' on ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_master
    WHERE type <> 'table'`,
};

const POSTGRESQL: Omit<Engine, 'name' | 'skip' | 'database'> = {
  adapt: (sql) => sql.replace(/^ {2}id INTEGER/gm, '  id SERIAL'),
  isTransactional: true,
  indexes: INDEXES,
  columns: `
    SELECT table_name, column_name,
      concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default) AS definition
    FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
  keys: `
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) AS definition FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'`,
};

const MARIADB: Omit<Engine, 'name' | 'skip' | 'database'> = {
  adapt: (sql) =>
    sql.replace(/^ {2}id INTEGER NOT NULL/gm, '$& AUTO_INCREMENT').replace(/VARCHAR(?!\()/g, 'VARCHAR(128)'),
  isTransactional: false,
  indexes: [], // InnoDB makes one for each foreign key
  columns: `
    SELECT table_name AS table_name, column_name AS column_name,
      concat_ws(' ', column_type, is_nullable, column_default, extra, collation_name) AS definition
    FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position`,
  keys: `
    SELECT concat_ws(' ', table_name, constraint_name, column_name, referenced_table_name, referenced_column_name)
      AS definition
    FROM information_schema.key_column_usage WHERE table_schema = DATABASE()
    UNION ALL SELECT concat_ws(' ', table_name, index_name, seq_in_index, column_name)
    FROM information_schema.statistics WHERE table_schema = DATABASE()`,
};

const onServer = (server: TestServer, differences: Omit<Engine, 'name' | 'skip' | 'database'>): Engine => ({
  name: server.engine,
  skip: server.server === undefined ? server.missing : false,
  database: (t) => server.database(t),
  ...differences,
});

/** What is to be done to a layout, in words; indexes and alembic_version come last. */
const PRIORITY = 'column prio added to table server';
const EXTRA = 'table automx2_extra created';
const TABLES = ['table davserver created', EXTRA, 'table davserver_domain created'];
const REVISION = 'alembic_version set to 43ebb40d0578';

interface Layout {
  readonly name: string;
  readonly sql: string;
  readonly revision: string | undefined;
  /** What is missing beside indexes, tables and columns only. */
  readonly missing: readonly string[];
}

const withoutAlembic = (sql: string): string => `${sql}\nDROP TABLE alembic_version;\n`;

const DIRECTORY = 'column ldapserver_id added to table domain';

const OUTDATED: readonly Layout[] = [
  {
    revision: '13f41ca95089',
    missing: [
      PRIORITY,
      'table davserver created',
      'table ldapserver created',
      EXTRA,
      'table davserver_domain created',
      DIRECTORY,
    ],
  },
  { revision: 'f62e64b43d2f', missing: [PRIORITY, ...TABLES] },
  { revision: '5334f8a8282c', missing: TABLES },
].flatMap(({ revision, missing }) => [
  { name: revision, sql: layoutSql(revision), revision, missing },
  // automx2 of that time, its tables made by itself.
  { name: `${revision}, no alembic_version`, sql: withoutAlembic(layoutSql(revision)), revision: undefined, missing },
]);

const CURRENT: readonly Layout[] = [
  { name: '43ebb40d0578', sql: layoutSql('43ebb40d0578'), revision: '43ebb40d0578', missing: [EXTRA] },
  { name: 'made by automx2 itself', sql: layoutSql('create-all'), revision: undefined, missing: [EXTRA] },
];

/** Priorities as they are stored in `testdata/legacy` where there is a column for them. */
const STORED_PRIORITIES = [
  [8, -3],
  [15, 5],
  [7, 10],
];
const EQUAL_PRIORITIES = [7, 8, 15].map((id) => [id, 10]);

const statements = (sql: string) =>
  sql
    .split(/;\n/)
    .filter((statement) => statement.trim() !== '')
    .map(plain);

/** A database with the SQL run on it, and as many connections as wanted. */
async function prepare(t: TestContext, engine: Engine, sql: string) {
  const url = await engine.database(t);
  const open = async (): Promise<Connection> => {
    const connection = await connect(parseDatabaseUrl(url), DEADLINES);
    t.after(() => connection.close());
    return connection;
  };
  const connection = await open();
  await apply(connection, statements(engine.adapt(sql)));
  let observer: Promise<Connection> | undefined;
  const log = new MemoryLog();
  return {
    url,
    open,
    connection,
    store: new SettingsDatabase(connection, log),
    /** All that is in the database now, seen by a connection of its own. */
    look: async () => {
      observer ??= open();
      return snapshot(engine, await observer);
    },
  };
}

interface Snapshot {
  /** By table and column. */
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly keys: readonly string[];
  /** By table, all of them; values as the driver gives them. */
  readonly rows: ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>;
}

async function snapshot(
  { columns, keys }: Pick<Engine, 'columns' | 'keys'>,
  connection: Connection,
): Promise<Snapshot> {
  const tables = new Map<string, Map<string, string>>();
  for (const row of await connection.query(plain(columns))) {
    const table = String(row['table_name']);
    tables.set(table, (tables.get(table) ?? new Map()).set(String(row['column_name']), String(row['definition'])));
  }
  const rows = new Map<string, Record<string, unknown>[]>();
  for (const [table, definitions] of tables) {
    const names = [...definitions.keys()].join(', ');
    const found = await connection.query(plain(`SELECT ${names} FROM ${table} ORDER BY ${names}`));
    rows.set(
      table,
      found.map((row) => ({ ...row })),
    );
  }
  const found = await connection.query(plain(keys));
  return { columns: tables, keys: found.map((row) => String(row['definition'])).sort(), rows };
}

const counts = ({ rows }: Snapshot): Record<string, number> =>
  Object.fromEntries([...rows].map(([table, { length }]) => [table, length]));

/** Nothing was taken away, no row changed, and what came has no rows. */
function assertOnlyAdded(before: Snapshot, after: Snapshot): void {
  for (const [table, columns] of before.columns) {
    const now = after.columns.get(table);
    for (const [column, definition] of columns) {
      assert.equal(now?.get(column), definition, `${table}.${column}`);
      if (table === 'alembic_version') continue;
      const values = (rows: Snapshot['rows']) => rows.get(table)?.map((row) => row[column]);
      assert.deepEqual(values(after.rows), values(before.rows), `${table}.${column}`);
    }
  }
  for (const key of before.keys) assert.ok(after.keys.includes(key), key);
  for (const [table, rows] of after.rows) if (!before.rows.has(table)) assert.deepEqual(rows, [], table);
}

/** The layout of revision 43ebb40d0578, whoever made it, and our table: tables, their columns, the revision if there is one. */
function assertCurrentShape(after: Snapshot, wanted: Snapshot, hasRevision: boolean): void {
  const shape = ({ columns }: Snapshot) =>
    [...columns]
      .filter(([table]) => table !== 'alembic_version')
      .map(([table, definitions]): [string, string[]] => [table, [...definitions.keys()].sort()]);
  const ours: [string, string[]] = ['automx2_extra', ['data', 'domain_name', 'kind', 'n']];
  assert.deepEqual(shape(after).sort(), [...shape(wanted), ours].sort());
  assert.deepEqual(after.rows.get('alembic_version'), hasRevision ? [{ version_num: '43ebb40d0578' }] : undefined);
}

const asked = (text: string): DomainName => {
  const name = parseDomainName(text);
  assert.ok(name, text);
  return name;
};

/** Provider, mail servers with their priorities, DAV servers of a domain, by id. */
async function found(store: SettingsDatabase, domain: string) {
  const settings = await store.find(asked(domain));
  return {
    provider: settings?.provider.id,
    mail: settings?.mailServers.map(({ id, priority }) => [id, priority]),
    dav: settings?.davServers.map(({ id }) => id),
  };
}

/** Whatever would change a database, by name; `migrate` where it is to refuse, too. */
const changes = (store: SettingsDatabase) =>
  ({
    create: () => store.create(),
    seed: () => store.seed(SAMPLE_SEED),
    purge: () => store.purge(),
    migrate: () => store.migrate(),
  }) as const;

const EXTRAS = `INSERT INTO automx2_extra (domain_name, kind, n, data) VALUES
  ('altbau.example', 'jmap', 0, '{"url": "https://altbau/"}'), ('xn--tchter-wxa.example', 'jmap', 0, '{"url": "https://toechter/"}'),
  ('*', 'jmap', 0, '{"url": "https://all/"}'), ('new.example.', 'jmap', 0, '{"url": "https://misspelt/"}')`;

/** What Python's automx2 does at DELETE /initdb/: each of its tables, none before what refers to it. */
const PYTHON_PURGE = [
  ...['davserver_domain', 'server_domain', 'domain', 'server', 'davserver', 'ldapserver', 'provider'],
].map((table) => `DELETE FROM ${table}`);

/** A connection that runs a statement of its own, which fails, after `count` of those that it is given. */
const failingAfter = (connection: Connection, count: number): Connection => ({
  dialect: connection.dialect,
  query: (statement) => connection.query(statement),
  transact: (access, work) =>
    connection.transact(access, function* () {
      const statements = work();
      let step = statements.next();
      for (let done = 0; step.done !== true && done < count; done++) step = statements.next(yield step.value);
      yield plain('INSERT INTO nowhere (id) VALUES (1)');
      throw new Error('the statement succeeds');
    }),
  version: () => connection.version(),
  close: () => connection.close(),
});

/** Asks until the answer is yes. */
async function until(question: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await question()); await delay(20)) {
    assert.ok(Date.now() < deadline, 'waited in vain');
  }
}

/** What every engine does with the databases of older versions. */
function contract(engine: Engine): void {
  describe(`databases of older automx2 on ${engine.name}`, { skip: engine.skip }, () => {
    for (const { name, sql, missing: lacking } of CURRENT) {
      const steps = [...lacking, ...engine.indexes];
      test(`${name}: serves at once`, async (t) => {
        const { store, look } = await prepare(t, engine, sql);
        const before = await look();
        const { state, detail, missing } = await store.report();
        assert.equal(state, 'filled', detail);
        assert.deepEqual(missing, steps);
        assert.deepEqual(await found(store, 'altbau.example'), { provider: 3, mail: STORED_PRIORITIES, dav: [5, 6] });
        assert.deepEqual(await found(store, 'keller.altbau.example'), { provider: 3, mail: [[7, 10]], dav: [6] });
        assert.deepEqual(await found(store, 'töchter.example'), { provider: 12, mail: [[8, -3]], dav: [] });
        assert.equal(await store.find(asked('example.com')), undefined);
        assert.deepEqual(await look(), before);
      });

      test(`${name}: its export asks for no changes, and names what it leaves out`, async (t) => {
        const { store } = await prepare(t, engine, sql);
        const [omitted = '', ...others] = await applyOwnExport(store);
        assert.match(omitted, /^server 16: left out/);
        assert.deepEqual(others, []);
      });

      for (const method of ['migrate', 'create'] as const) {
        test(`${name}: ${method} creates the indexes and automx2_extra, and nothing else`, async (t) => {
          const { store, look } = await prepare(t, engine, sql);
          const before = await look();
          const done = await store[method]();
          if (method === 'migrate') assert.deepEqual(done, steps);
          const after = await look();
          assertOnlyAdded(before, after);
          const isOld = (found: unknown): boolean => !String(found).includes('automx2_extra');
          assert.deepEqual([...after.columns].filter(isOld), [...before.columns]);
          assert.deepEqual(
            [...after.rows].filter(([table]) => isOld(table)),
            [...before.rows],
          );
          assert.equal(after.keys.filter(isOld).length, before.keys.length + engine.indexes.length);
          assert.deepEqual((await store.report()).missing, []);
          assert.deepEqual(await store.migrate(), []);
          assert.deepEqual(await found(store, 'altbau.example'), { provider: 3, mail: STORED_PRIORITIES, dav: [5, 6] });
        });
      }

      test(`${name}: can be purged, and seeded then`, async (t) => {
        const { store, look } = await prepare(t, engine, sql);
        const before = await look();
        await assert.rejects(store.seed(SAMPLE_SEED), { code: 'data_exist' });
        assert.deepEqual((await look()).rows, before.rows);
        await store.purge();
        assert.equal((await store.report()).state, 'empty');
        const revisions = before.rows.get('alembic_version');
        assert.deepEqual((await look()).rows.get('alembic_version'), revisions);
        await store.seed(SAMPLE_SEED);
        assert.equal((await store.find(asked('example.com')))?.mailServers.length, 3);
      });
    }

    for (const { name, sql } of [...CURRENT, ...OUTDATED]) {
      test(`${name}: Python’s purge and its next seed work beside extras, which follow the names of domains`, async (t) => {
        const { store, connection } = await prepare(t, engine, sql);
        await store.migrate();
        await apply(connection, [plain(EXTRAS)]);
        const urls = async (): Promise<unknown> =>
          Object.fromEntries(
            (await store.walk({ afterId: 0 })).map(({ name: each, mailDomain }) => [
              each,
              mailDomain?.extras.jmap?.url,
            ]),
          );
        const stored = { 'altbau.example': 'https://altbau/', 'xn--tchter-wxa.example': 'https://toechter/' };
        assert.deepEqual(await urls(), { ...stored, 'keller.altbau.example': 'https://all/' });
        const ids = (await store.rows()).domain.map(({ id }) => Number(id));
        await apply(connection, PYTHON_PURGE.map(plain));
        assert.deepEqual(await urls(), {});
        assert.equal((await store.report()).state, 'empty');
        // As SQLAlchemy writes them; the ids are the very ones that others had.
        const [first = 0, second = 0, third = 0] = ids;
        const domains = [
          [first, 'töchter.example'],
          [second, 'new.example'],
          [third, 'altbau.example'],
        ];
        await apply(connection, [
          plain("INSERT INTO provider (id, name, short_name) VALUES (1, 'P', 'P')"),
          ...domains.map((values) => ({
            sql: 'INSERT INTO domain (id, name, provider_id, ldapserver_id) VALUES (?, ?, 1, NULL)',
            parameters: values,
          })),
        ]);
        assert.deepEqual(await urls(), { ...stored, 'new.example': 'https://all/' });
      });
    }

    for (const layout of OUTDATED) {
      const { name, sql, revision } = layout;
      const missing = [...layout.missing, ...engine.indexes, ...(revision === undefined ? [] : [REVISION])];
      const priorities = layout.missing.includes(PRIORITY) ? EQUAL_PRIORITIES : STORED_PRIORITIES;

      test(`${name}: is outdated, and nothing but migrate changes it`, async (t) => {
        const { store, look } = await prepare(t, engine, sql);
        const before = await look();
        const report = await store.report();
        assert.equal(report.state, 'outdated');
        assert.match(report.detail, new RegExp(name.slice(0, 12)));
        assert.deepEqual(report.missing, missing);
        const { migrate: _migrate, ...refused } = changes(store);
        for (const [method, change] of Object.entries(refused)) {
          await assert.rejects(change, { code: 'store_unprepared', message: new RegExp(name.slice(0, 12)) }, method);
        }
        await assert.rejects(store.find(asked('altbau.example')), { code: 'store_unprepared' });
        assert.deepEqual(await look(), before);
      });

      test(`${name}: migrate adds what is missing and keeps every row`, async (t) => {
        const { store, look, connection } = await prepare(t, engine, sql);
        const before = await look();
        assert.deepEqual(counts(before), {
          ...(revision === undefined ? {} : { alembic_version: 1 }),
          ...(missing.includes(DIRECTORY) ? {} : { ldapserver: 2 }),
          ...{ domain: 3, provider: 2, server: 4, server_domain: 6 },
        });
        assert.deepEqual(await store.migrate(), missing);
        const after = await look();
        assertOnlyAdded(before, after);
        const current = await prepare(t, engine, layoutSql('43ebb40d0578'));
        assertCurrentShape(after, await current.look(), revision !== undefined);
        if (layout.missing.includes(PRIORITY)) {
          assert.deepEqual(
            after.rows.get('server')?.map((row) => [row['id'], row['prio']]),
            [7, 8, 15, 16].map((id) => [id, 10]),
          );
        }

        assert.deepEqual(await store.migrate(), []);
        assert.deepEqual(await look(), after);
        const { state, missing: still } = await store.report();
        assert.deepEqual([state, still], ['filled', []]);
        assert.deepEqual((await applyOwnExport(store)).length, 1);

        assert.deepEqual(await found(store, 'altbau.example'), { provider: 3, mail: priorities, dav: [] });
        assert.deepEqual((await found(store, 'keller.altbau.example')).mail, [[7, 10]]);
        // As automx2 stores servers: without ids, and without the priority where it did not know one.
        await apply(
          connection,
          statements(
            `INSERT INTO davserver (url, port, type, use_ssl, domain_required) VALUES ('https://new.example/', 0, 'caldav', TRUE, TRUE);
            INSERT INTO davserver_domain (davserver_id, domain_id) SELECT id, 4 FROM davserver;
            INSERT INTO server (id, name, port, type, socket_type, user_name, authentication) VALUES (99, 'new.example', 143, 'imap', 'STARTTLS', 'x', 'plain');
            INSERT INTO server_domain (server_id, domain_id) VALUES (99, 4)`,
          ),
        );
        assert.deepEqual(await found(store, 'altbau.example'), {
          provider: 3,
          mail: [...priorities, [99, 10]],
          dav: [1],
        });
      });

      // PostgreSQL would show nothing else than SQLite: all steps are one transaction, which ends as a whole.
      if (!engine.isTransactional || engine === SQLITE) {
        test(`${name}: a migration that ended after any of its steps is completed`, async (t) => {
          for (let count = 0; count <= missing.length; count++) {
            const { store, look, connection } = await prepare(t, engine, sql);
            const before = await look();
            const { steps } = await inspect(connection);
            assert.equal(steps.length, missing.length);
            await apply(
              connection,
              steps.slice(0, count).map(({ statement }) => statement),
            );
            const rest = missing.slice(count);
            const { state, missing: still } = await store.report();
            // Without a revision there is nothing but indexes that tells the end from what comes shortly before.
            const isCurrent = rest.every((step) => engine.indexes.includes(step));
            assert.deepEqual([state, still], [isCurrent ? 'filled' : 'outdated', rest], `after ${count} steps`);
            assert.deepEqual(await store.migrate(), rest, `after ${count} steps`);
            const after = await look();
            assertOnlyAdded(before, after);
            assert.deepEqual(await store.migrate(), []);
            assert.deepEqual([(await store.report()).state, (await store.report()).missing], ['filled', []]);
            assert.deepEqual((await found(store, 'altbau.example')).mail, priorities);
          }
        });
      }

      test(`${name}: a step that fails ${engine.isTransactional ? 'leaves nothing behind' : 'loses nothing'}`, async (t) => {
        let database = await prepare(t, engine, sql);
        const before = await database.look();
        for (let count = 0; count <= missing.length; count++) {
          const failing = new SettingsDatabase(failingAfter(database.connection, count), new MemoryLog());
          await assert.rejects(failing.migrate(), Failure);
          if (engine.isTransactional) {
            assert.deepEqual(await database.look(), before, `after ${count} steps`);
          } else {
            const done = await database.store.migrate();
            assert.deepEqual(done, missing.slice(missing.length - done.length));
            assert.deepEqual([(await database.store.report()).missing, await database.store.migrate()], [[], []]);
            assertOnlyAdded(before, await database.look());
            database = await prepare(t, engine, sql);
          }
        }
        assert.deepEqual(await database.store.migrate(), missing);
      });

      test(`${name}: of migrations at the same time one is enough`, async (t) => {
        const { open, store, look } = await prepare(t, engine, sql);
        const before = await look();
        const others = await Promise.all([1, 2, 3].map(open));
        const results = await Promise.allSettled(
          others.map((connection) => new SettingsDatabase(connection, new MemoryLog()).migrate()),
        );
        const problems = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
        assert.ok(problems.length < others.length, String(problems[0]));
        for (const problem of problems) assert.ok(problem instanceof Failure, String(problem));
        assert.deepEqual([(await store.report()).state, (await store.report()).missing], ['filled', []]);
        assertOnlyAdded(before, await look());
      });
    }

    const current = layoutSql('43ebb40d0578');
    for (const { what, sql, reason } of [
      {
        what: 'a revision that we do not know',
        sql: `${current}UPDATE alembic_version SET version_num = 'ffffffffffff';\n`,
        reason: /alembic_version/,
      },
      {
        what: 'a revision that we do not know, and a column more',
        sql: `${current}ALTER TABLE server ADD COLUMN extra INTEGER;\nUPDATE alembic_version SET version_num = 'ffffffffffff';\n`,
        reason: /alembic_version/,
      },
      {
        what: 'a revision that we do not know on the oldest tables',
        sql: `${layoutSql('f62e64b43d2f')}UPDATE alembic_version SET version_num = '000000000000';\n`,
        reason: /alembic_version/,
      },
      {
        what: 'a revision that we do not know beside one that we know',
        sql: `${current}INSERT INTO alembic_version (version_num) VALUES ('ffffffffffff');\n`,
        reason: /alembic_version/,
      },
      {
        what: 'a revision that we know beside one that we do not know',
        sql: `${current}INSERT INTO alembic_version (version_num) VALUES ('000000000000');\n`,
        reason: /alembic_version/,
      },
      {
        what: 'a table "domain" of another program',
        sql: `CREATE TABLE domain (domain VARCHAR(128) NOT NULL, transport VARCHAR(32), PRIMARY KEY (domain));
INSERT INTO domain (domain, transport) VALUES ('example.com', 'lmtp');\n`,
        reason: /table domain has no column (?:id|name|provider_id)/,
      },
      {
        what: 'a table "domain" of another program, and its alembic_version',
        sql: `CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO alembic_version (version_num) VALUES ('ffffffffffff');
CREATE TABLE domain (name VARCHAR(128) NOT NULL, PRIMARY KEY (name));\n`,
        reason: /domain|alembic_version/,
      },
      {
        what: 'a column that is missing',
        sql: `${layoutSql('create-all')}ALTER TABLE provider RENAME COLUMN short_name TO label;\n`,
        reason: /table provider has no column short_name/,
      },
      {
        what: 'a column that is missing beside the priority',
        sql: `${layoutSql('f62e64b43d2f')}ALTER TABLE ldapserver RENAME COLUMN attr_uid TO uid;\n`,
        reason: /table ldapserver has no column attr_uid/,
      },
    ]) {
      test(`foreign: ${what}; nothing changes it`, async (t) => {
        const { store, look } = await prepare(t, engine, sql);
        const before = await look();
        const { state, detail, missing } = await store.report();
        assert.equal(state, 'foreign', detail);
        assert.match(detail, reason);
        assert.deepEqual(missing, []);
        for (const [method, change] of Object.entries(changes(store))) {
          await assert.rejects(change, { code: 'store_unprepared', message: reason }, method);
        }
        assert.deepEqual(await look(), before);
      });
    }

    const otherProgram = `CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO alembic_version (version_num) VALUES ('ffffffffffff');
CREATE TABLE recipes (id INTEGER NOT NULL, title VARCHAR(128), PRIMARY KEY (id));
INSERT INTO recipes (id, title) VALUES (1, 'Ham & Eggs');\n`;

    test('alembic_version of another program, even without tables of ours: refused, and nothing is changed', async (t) => {
      const { store, look } = await prepare(t, engine, otherProgram);
      const before = await look();
      const { state, missing } = await store.report();
      assert.deepEqual([state, missing], ['foreign', []]);
      await assert.rejects(store.find(asked('example.com')), { code: 'store_unprepared' });
      const changes = [() => store.create(), () => store.seed(SAMPLE_SEED), () => store.purge(), () => store.migrate()];
      for (const change of changes) {
        await assert.rejects(change(), { code: 'store_unprepared' });
      }
      assert.deepEqual(await look(), before);
    });
  });
}

function characterSets({ postgresql, mysqlLike }: LegacyServers): void {
  // automx2 names no character set, so its tables have the server's: latin1 was the default of MySQL before 8.0 and of
  // MariaDB before 11.6, "utf8" was utf8mb3.
  const mysqlLikeIn = (charset: string, server: TestServer): Engine => ({
    ...onServer(server, MARIADB),
    name: `${server.engine}, tables in ${charset}`,
    adapt: (sql) => MARIADB.adapt(sql).replace(/^\);$/gm, `) DEFAULT CHARACTER SET ${charset};`),
  });
  const postgresqlIn = (encoding: string, server: TestServer): Engine => ({
    ...onServer(server, POSTGRESQL),
    name: `PostgreSQL, database in ${encoding}`,
    async database(t) {
      const url = await server.database(t);
      const name = /test_\w+/.exec(url)?.[0];
      await server.administer(`DROP DATABASE ${name}`);
      await server.administer(`CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`);
      return url;
    },
  });
  const engines = mysqlLike.flatMap((server) => [mysqlLikeIn('latin1', server), mysqlLikeIn('utf8mb3', server)]);
  for (const engine of [...engines, ...postgresql.map((server) => postgresqlIn('LATIN1', server))]) {
    const { skip } = engine;
    test(`${engine.name}: current ones serve, older ones are upgraded`, { skip }, async (t) => {
      for (const { sql } of CURRENT) {
        const { store } = await prepare(t, engine, sql);
        assert.deepEqual(await found(store, 'altbau.example'), { provider: 3, mail: STORED_PRIORITIES, dav: [5, 6] });
      }
      for (const { sql } of OUTDATED) {
        const { store, look, connection } = await prepare(t, engine, sql);
        const before = await look();
        await store.migrate();
        assertOnlyAdded(before, await look());
        const settings = await store.find(asked('altbau.example'));
        assert.equal(settings?.provider.name, 'Altbau & Söhne "Post"');
        await apply(
          connection,
          statements(
            `INSERT INTO davserver (id, url, port, type, use_ssl, domain_required) VALUES (1, 'https://new.example/', 0, 'caldav', TRUE, TRUE);
            INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (1, 4)`,
          ),
        );
        const more = await store.find(asked('altbau.example'));
        assert.equal(more?.davServers.length, 1);
        assert.deepEqual({ ...more, davServers: [] }, settings);
      }
    });

    for (const { domain, provider } of [
      { domain: 'töchter.example', provider: 12 },
      { domain: 'нет.example', provider: undefined },
      { domain: '𠮷.example', provider: undefined },
    ]) {
      test(`${engine.name}: ${domain} is ${provider === undefined ? 'not ' : ''}served`, { skip }, async (t) => {
        const { store } = await prepare(t, engine, layoutSql('create-all'));
        assert.equal((await found(store, domain)).provider, provider);
      });
    }
  }

  for (const server of mysqlLike) {
    for (const [tables, ours] of [
      ['latin1', undefined],
      ['utf8mb3', undefined],
      ['utf8mb4 COLLATE utf8mb4_unicode_ci', undefined],
      ['latin1', 'utf8mb4 COLLATE utf8mb4_unicode_ci'],
      ['utf8mb4 COLLATE utf8mb4_unicode_ci', 'latin1'],
      ['utf8mb4 COLLATE utf8mb4_general_ci', 'utf8mb3'],
    ] as const) {
      const engine: Engine = {
        ...mysqlLikeIn(tables, server),
        async database(t) {
          const url = await server.database(t);
          await server.administer(`ALTER DATABASE ${/test_\w+/.exec(url)?.[0]} COLLATE utf8mb4_unicode_ci`);
          return url;
        },
      };
      const { skip, name } = engine;
      test(`${name}: extras in ${ours ?? 'ours'} go with them`, { skip }, async (t) => {
        const { store, connection } = await prepare(t, engine, layoutSql('create-all'));
        await store.migrate();
        if (ours !== undefined) {
          await apply(connection, [plain(`ALTER TABLE automx2_extra CONVERT TO CHARACTER SET ${ours}`)]);
        }
        await apply(connection, [plain(EXTRAS)]);
        for (const [asking, url] of [
          ['altbau.example', 'https://altbau/'],
          ['töchter.example', 'https://toechter/'],
          ['keller.altbau.example', 'https://all/'],
        ] as const) {
          assert.equal((await store.find(asked(asking)))?.extras.jmap?.url, url);
          assert.equal((await store.walk(asked(asking)))[0]?.mailDomain?.extras.jmap?.url, url);
        }
        const strays = (await store.strays()).filter(({ kind }) => kind === 'no domain');
        assert.deepEqual(strays, [{ kind: 'no domain', table: 'automx2_extra', rows: ['new.example.'] }]);
        const before = await store.rows();
        assert.equal(before.automx2_extra.length, 4);
        await store.purge();
        await store.seed({ ...SAMPLE_SEED, automx2_extra: before.automx2_extra });
        assert.deepEqual((await store.rows()).automx2_extra, before.automx2_extra);
      });
    }
  }

  for (const engine of mysqlLike.map((server) => onServer(server, MARIADB))) {
    test(`${engine.name}: an init that ended after any of its steps is completed`, { skip: engine.skip }, async (t) => {
      for (let count = 0, total = 1; count <= total; count++) {
        const { store, connection } = await prepare(t, engine, '');
        const { steps } = await inspect(connection);
        total = steps.length;
        await apply(
          connection,
          steps.slice(0, count).map(({ statement }) => statement),
        );
        await assert.doesNotReject(store.create(), `after ${count} steps`);
        const { state, missing: still } = await store.report();
        assert.deepEqual([state, still], ['empty', []]);
      }
    });
  }
}

const LAST_STEP = 'UPDATE alembic_version';

/** Starts the program, kills it as soon as it is stuck, and resolves when it is gone. */
async function killWhen(t: TestContext, url: string, isStuck: () => boolean | Promise<boolean>): Promise<void> {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'automx2.conf'), `[automx2]\ndb_uri = ${url}\n`);
  const { PATH } = process.env;
  const child = spawn(process.execPath, [MAIN, '--config', 'automx2.conf', 'migrate'], {
    cwd: folder,
    env: { PATH, HOME: folder },
    stdio: 'ignore',
  });
  const closed = once(child, 'close');
  t.after(() => child.kill('SIGKILL'));
  await until(() => {
    assert.equal(child.exitCode, null, 'ended too early');
    return isStuck();
  });
  child.kill('SIGKILL');
  await closed;
}

function killedBeforeItsLastStep({ postgresql, mysqlLike }: LegacyServers): void {
  for (const { server, engine, lock, stuck, end, left } of [
    ...postgresql.map((server) => ({
      server,
      engine: POSTGRESQL,
      lock: ['BEGIN', 'LOCK TABLE alembic_version IN SHARE MODE'],
      stuck: `SELECT pid AS id FROM pg_stat_activity WHERE query LIKE '${LAST_STEP}%' AND wait_event_type = 'Lock' AND datname =`,
      end: (id: unknown) => `SELECT pg_terminate_backend(${id})`,
      left: [PRIORITY, ...TABLES, ...INDEXES, REVISION],
    })),
    ...mysqlLike.map((server) => ({
      server,
      engine: MARIADB,
      lock: ['START TRANSACTION', 'SELECT version_num FROM alembic_version FOR UPDATE'],
      stuck: `SELECT id FROM information_schema.processlist WHERE info LIKE '${LAST_STEP}%' AND db =`,
      end: (id: unknown) => `KILL ${id}`,
      left: [REVISION],
    })),
  ]) {
    const outcome = engine.isTransactional ? 'nothing is left behind' : 'the next one completes it';
    const skip = server.server === undefined ? server.missing : false;
    test(`${server.engine}: ${outcome}`, { skip }, async (t) => {
      const { url, look, store } = await prepare(t, onServer(server, engine), layoutSql('f62e64b43d2f'));
      const before = await look();
      const database = parseDatabaseUrl(url);
      assert.ok(database.engine !== 'sqlite');
      const waiting = () => server.administer(`${stuck} '${database.database}'`);
      const holder = await server.session(t, url);
      try {
        for (const sql of lock) await holder.run(sql);
        await killWhen(t, url, async () => (await waiting()).length > 0);
        // The server would notice only when it has an answer to give.
        for (const { id } of await waiting()) await server.administer(end(id));
        await until(async () => (await waiting()).length === 0);
      } finally {
        await holder.close(); // and the lock goes with it
      }
      assert.deepEqual(await store.report().then(({ state, missing }) => [state, missing]), ['outdated', left]);
      assertOnlyAdded(before, await look());
      if (engine.isTransactional) assert.deepEqual(await look(), before);
      assert.deepEqual(await store.migrate(), left);
      assertOnlyAdded(before, await look());
      assert.equal((await store.report()).state, 'filled');
    });
  }
}

function onlyOnSqlite(): void {
  test('SQLite: rows that refer to nothing, as automx2 leaves them, are kept', async (t) => {
    const { url, store, look } = await prepare(t, SQLITE, layoutSql('f62e64b43d2f'));
    const raw = new Database(url.slice('sqlite:///'.length));
    raw.pragma('foreign_keys = OFF');
    raw.exec(`INSERT INTO server_domain VALUES (7, 1000), (1000, 4);
      INSERT INTO domain (id, name, provider_id, ldapserver_id) VALUES (50, 'orphan.example', 1000, 1000);`);
    raw.close();
    const before = await look();
    await store.migrate();
    assertOnlyAdded(before, await look());
    assert.equal(await store.find(asked('orphan.example')), undefined);
    assert.deepEqual((await found(store, 'altbau.example')).mail, EQUAL_PRIORITIES);
  });

  test('SQLite, automx2 migrate killed before its last step: nothing is left behind', async (t) => {
    const endless = `CREATE TRIGGER endless BEFORE UPDATE ON alembic_version BEGIN
      SELECT count(*) FROM (WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted) SELECT n FROM counted);
      END`;
    const { url, look, store, connection } = await prepare(t, SQLITE, layoutSql('f62e64b43d2f'));
    await apply(connection, [plain(endless)]);
    const before = await look();
    // The journal grows with each page that changes, and holds still while the trigger counts.
    const journal = `${url.slice('sqlite:///'.length)}-journal`;
    const size = () => (existsSync(journal) ? statSync(journal).size : 0);
    await killWhen(t, url, async () => {
      const first = size();
      await delay(300);
      return first > 0 && size() === first;
    });
    assert.ok(size() > 0, 'the journal of the killed migration is there');
    assert.deepEqual(await look(), before);
    assert.equal((await store.report()).state, 'outdated');
    await apply(connection, [plain('DROP TRIGGER endless')]);
    assert.equal((await store.migrate()).length, 1 + TABLES.length + INDEXES.length + 1);
    assert.equal((await store.report()).state, 'filled');
  });

  if (existsSync(DUMPS)) {
    describe('databases that the real automx2 made, on SQLite', () => {
      const files = readdirSync(DUMPS);
      const read = (file: string) => (files.includes(file) ? readFileSync(new URL(file, DUMPS), 'utf8') : '');
      for (const file of files.filter((name) => /^(?:alembic|initdb)-.*\.sql$/.test(name))) {
        test(file, async (t) => {
          const [, kind = '', version = ''] = /^(\w+)-(.*)\.sql$/.exec(file) ?? [];
          const { url, store, look } = await prepare(t, SQLITE, '');
          const raw = new Database(url.slice('sqlite:///'.length));
          raw.pragma('foreign_keys = OFF'); // the tables come in the order of their names
          raw.exec(read(file));
          if (kind === 'alembic') raw.exec(read(`rows-${version}.sql`));
          raw.close();
          const before = await look();
          const isOutdated = ['f62e64b43d2f', '5334f8a8282c'].includes(version);
          const { state, detail } = await store.report();
          assert.equal(state, isOutdated ? 'outdated' : 'filled', detail);
          if (isOutdated) assert.match(detail, new RegExp(version));

          const done = await store.migrate();
          const after = await look();
          assertOnlyAdded(before, after);
          t.diagnostic(`before ${JSON.stringify(counts(before))}, after ${JSON.stringify(counts(after))}`);
          const steps = {
            f62e64b43d2f: [PRIORITY, ...TABLES, ...INDEXES, REVISION],
            '5334f8a8282c': [...TABLES, ...INDEXES, REVISION],
          }[version];
          assert.deepEqual(done, steps ?? [EXTRA, ...INDEXES]);
          const current = await prepare(t, SQLITE, layoutSql('43ebb40d0578'));
          assertCurrentShape(after, await current.look(), kind === 'alembic');
          assert.deepEqual(await store.migrate(), []);
          assert.deepEqual(await look(), after);
          assert.equal((await store.report()).state, 'filled');
          t.diagnostic(`export leaves out ${JSON.stringify(await applyOwnExport(store))}`);

          if (kind === 'alembic') {
            const smtp = version === 'f62e64b43d2f' ? 10 : 3;
            const mail = [
              [9, 10],
              [10, smtp],
            ].sort(([, a = 0], [, b = 0]) => a - b);
            const dav = version === '43ebb40d0578' ? [11] : [];
            assert.deepEqual(await found(store, 'legacy.test'), { provider: 5, mail, dav });
            assert.deepEqual((await found(store, 'ldap.legacy.test')).mail, [[9, 10]]);
          } else {
            const { mail, dav } = await found(store, 'example.com');
            assert.deepEqual([mail?.length, dav?.length], [2, 2]);
            assert.deepEqual((await found(store, 'serverless.tld')).mail, []);
          }
        });
      }
    });
  }
}

export interface LegacyServers {
  readonly postgresql: readonly TestServer[];
  /** MariaDB, MySQL. */
  readonly mysqlLike: readonly TestServer[];
}

/** The tests on SQLite files. */
export function legacyOnSqlite(): void {
  contract(SQLITE);
  onlyOnSqlite();
}

/** The tests on database servers; a file for each lets them run at the same time. */
export function legacyOnServers(servers: LegacyServers): void {
  for (const server of servers.postgresql) contract(onServer(server, POSTGRESQL));
  for (const server of servers.mysqlLike) contract(onServer(server, MARIADB));
  characterSets(servers);
  describe('automx2 migrate, killed before its last step', () => killedBeforeItsLastStep(servers));
}
