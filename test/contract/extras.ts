import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { connect } from '../../src/adapters/database/connect.ts';
import type { Connection, Statement } from '../../src/adapters/database/connection.ts';
import { parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../src/adapters/database/deadlines.ts';
import { SettingsDatabase } from '../../src/adapters/database/settings-database.ts';
import { strayLines } from '../../src/app/lint.ts';
import { SAMPLE_SEED } from '../../src/app/sample-seed.ts';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { NO_EXTRAS } from '../../src/domain/extras.ts';
import { makePlan } from '../../src/domain/plan/plan.ts';
import { RowChangesBuilder } from '../../src/domain/plan/row-changes.ts';
import type { Row, Rows } from '../../src/domain/tables.ts';
import { MemoryLog } from '../support/memory-log.ts';
import type { TestServer } from '../support/server-database.ts';
import { domain, link, name, provider, run, type Sql, server } from './settings-reader.ts';

/** A new database without tables, and how to get connections to it, which are closed after the test. */
export interface ExtrasDatabase {
  connect(): Promise<Connection>;
}

type Prepare = (t: TestContext) => Promise<ExtrasDatabase>;

/** After so long look-ups ask for the table, whatever the engine. */
const ASK_AGAIN_MS = 1_000;

const extraOf = (domain_name: string, kind: string, data: unknown, n = 0): Row => ({
  domain_name,
  kind,
  n,
  data: typeof data === 'string' ? data : JSON.stringify(data),
});

const stored = ({ domain_name = '', kind = '', n = 0, data = '' }: Row): Statement => ({
  sql: 'INSERT INTO automx2_extra (domain_name, kind, n, data) VALUES (?, ?, ?, ?)',
  parameters: [domain_name, kind, n, data] as (string | number)[],
});

const extra = (...values: Parameters<typeof extraOf>): Statement => stored(extraOf(...values));
const jmap = (host: string) => ({ url: `https://${host}/` });

const DROP = 'DROP TABLE automx2_extra';
/** In the order in which Python's automx2 empties its tables. */
const PURGE = ['davserver_domain', 'server_domain', 'davserver', 'server', 'domain', 'ldapserver', 'provider'].map(
  (table) => `DELETE FROM ${table}`,
);
const ONE = [provider(1), domain(1, 'one.example'), server(1), link(1, 1)];

/** A connection that keeps what it is asked. */
function observed(connection: Connection): { readonly asked: string[]; readonly connection: Connection } {
  const asked: string[] = [];
  return {
    asked,
    connection: {
      dialect: connection.dialect,
      query: (statement) => {
        asked.push(statement.sql);
        return connection.query(statement);
      },
      transact: (access, work) => connection.transact(access, work),
      version: () => connection.version(),
      close: () => connection.close(),
    },
  };
}

/** A store with a clock of its own. */
function storeOn(connection: Connection) {
  const log = new MemoryLog();
  const clock = { nowMs: 0 };
  const { asked, connection: seen } = observed(connection);
  const store = new SettingsDatabase(seen, log, 'asked', () => clock.nowMs);
  return {
    store,
    log,
    asked,
    later: () => (clock.nowMs += ASK_AGAIN_MS),
    jmapOf: async (asked: string) => (await store.find(name(asked)))?.extras.jmap?.url,
  };
}

const inserting = (...rows: readonly Row[]) => {
  const changes = new RowChangesBuilder();
  for (const row of rows) changes.insert('automx2_extra', row);
  return () => changes.changes();
};
const NEW = readDocument({ version: 3, providers: [{ name: 'New', domains: ['new.example'] }] });
const addNew = (rows: Rows) => makePlan(rows, NEW).rows;

const keyOf = ({ domain_name, kind, n }: Row): string => `${domain_name} ${kind} ${n}`;

/** What every engine does with automx2_extra. */
export function extrasContract(engine: string, prepare: Prepare, skip: string | false = false): void {
  const open = async (t: TestContext, ...rows: readonly Sql[]) => {
    const { connect } = await prepare(t);
    const connection = await connect();
    const opened = storeOn(connection);
    await opened.store.create();
    await run(connection, rows);
    return { ...opened, connection, connect, add: (...more: readonly Sql[]) => run(connection, more) };
  };

  describe(`extras on ${engine}`, { skip }, () => {
    for (const { spelling, canonical } of [
      { spelling: 'one.example', canonical: 'one.example' },
      { spelling: 'One.EXAMPLE.', canonical: 'one.example' },
      { spelling: 'Bücher.example', canonical: 'xn--bcher-kva.example' },
      { spelling: 'XN--BCHER-KVA.example', canonical: 'xn--bcher-kva.example' },
    ]) {
      test(`the domain that is stored as ${spelling} has those of ${canonical}, and no others`, async (t) => {
        const { store, jmapOf } = await open(
          t,
          provider(1),
          domain(1, spelling),
          // Blind to accents, MySQL takes only one of them.
          ...(spelling.startsWith('B') ? [] : [domain(2, 'bucher.example')]),
          ...[canonical, 'other.example', 'bücher.example'].map((each) =>
            extra(each, 'jmap', jmap(`of-${each.at(0)}`)),
          ),
          extra('ONE.example', 'webmail', jmap('upper')),
          extra('Bücher.example', 'webmail', jmap('u-label')),
        );
        assert.equal(await jmapOf(canonical), `https://of-${canonical.at(0)}/`);
        assert.equal(await jmapOf('bucher.example'), undefined);
        const walked = await store.walk({ afterId: 0 });
        for (const { name: each, mailDomain } of walked) {
          assert.ok(each);
          assert.deepEqual(mailDomain, await store.find(name(each)));
          assert.equal(mailDomain?.extras.webmail, undefined);
          assert.deepEqual(await store.walk(each), [walked.find(({ name: other }) => other === each)]);
        }
      });
    }

    test('each domain of a page has its own', async (t) => {
      const names = Array.from({ length: 120 }, (_value, index) => `d${index}.example`);
      const { store } = await open(
        t,
        provider(1),
        ...names.map((each, index) => domain(index + 1, index % 2 === 0 ? each : each.toUpperCase())),
        ...names.map((each) => extra(each, 'jmap', jmap(each))),
      );
      const pages = [...(await store.walk({ afterId: 0 })), ...(await store.walk({ afterId: 100 }))];
      assert.deepEqual(
        pages.map(({ mailDomain }) => mailDomain?.extras.jmap?.url),
        names.map((each) => `https://${each}/`),
      );
    });

    test('rows of all domains count for a kind of which the domain has no row, usable or not', async (t) => {
      const { store } = await open(
        t,
        ...[...ONE, domain(2, 'two.example')],
        extra('one.example', 'jmap', jmap('own')),
        extra('one.example', 'webmail', '{}'),
        extra('one.example', 'documentation', jmap('own'), 7),
        ...['jmap', 'webmail', 'documentation', 'activesync'].map((kind) => extra('*', kind, jmap('all'))),
        extra('*', 'documentation', jmap('all-2'), 1),
      );
      const { extras: own } = (await store.find(name('one.example'))) ?? {};
      assert.deepEqual(own, {
        ...NO_EXTRAS,
        jmap: jmap('own'),
        activesync: jmap('all'),
        documentation: [{ ...jmap('own'), descr: {} }],
      });
      const { extras: ofAll } = (await store.find(name('two.example'))) ?? {};
      assert.deepEqual([ofAll?.webmail, ofAll?.jmap, ofAll?.documentation.length], [jmap('all'), jmap('all'), 2]);
    });

    test('the column n gives the order; what is not from 0 to 99 is not read', async (t) => {
      const pages = [3, 0, 10, 2, 99, -1, 100].map((n) => extra('one.example', 'documentation', jmap(`n${n}`), n));
      const { store } = await open(t, ...ONE, ...pages, extra('one.example', 'jmap', jmap('b'), 2));
      const { extras } = (await store.find(name('one.example'))) ?? {};
      assert.deepEqual(
        extras?.documentation.map(({ url }) => url),
        ['https://n0/', 'https://n2/', 'https://n3/', 'https://n10/', 'https://n99/'],
      );
    });

    test('a server has all ways to log in that a row gives it, known by type, name and port', async (t) => {
      const ways = (type: string, host: string, port: number, n: number) =>
        extra('one.example', 'authentication', { type, name: host, port, authentication: ['OAuth2', 'plain'] }, n);
      const { store } = await open(
        t,
        ...[
          provider(1),
          domain(1, 'one.example'),
          ...[1, 2, 3, 4].map((id) => server(id, { name: 'Mail.Example.com' })),
        ],
        "UPDATE server SET port = 143, socket_type = 'STARTTLS' WHERE id = 2",
        "UPDATE server SET type = 'smtp', port = 587, socket_type = 'STARTTLS' WHERE id = 3",
        "UPDATE server SET name = 'Other.example.com' WHERE id = 4",
        ...[1, 2, 3, 4].map((id) => link(id, 1)),
        ways('imap', 'mail.example.COM', 993, 0),
        ways('smtp', 'mail.example.com', 587, 1),
        ways('pop', 'other.example.com', 993, 2),
      );
      const servers = (await store.find(name('one.example')))?.mailServers ?? [];
      assert.deepEqual(
        servers.map(({ id, authentications }) => [id, authentications]),
        [
          [1, ['OAuth2', 'password-cleartext']],
          [2, undefined],
          [3, ['OAuth2', 'password-cleartext']],
          [4, undefined],
        ],
      );
    });

    test('an unusable row is left out with one warning that names its key; everything else is served', async (t) => {
      const blob = engine.includes('SQLite')
        ? [
            "INSERT INTO automx2_extra (domain_name, kind, n, data) VALUES ('one.example', 'support', 0, x'ff00')",
            extra('one.example', 'logo', `"${'x'.repeat(9_000)}"`),
            extra('one.example', 'oauth2', `{"a": "${'x'.repeat(4_100)}"}`),
            extra('one.example', 'x'.repeat(100), '{}'),
          ]
        : [];
      const { store, log } = await open(
        t,
        ...ONE,
        extra('one.example', 'jmap', jmap('usable')),
        extra('one.example', 'webmail', '{"url": '),
        extra('one.example', 'teleport', '{}', 3),
        extra('one.example', 'activesync', { url: 'https://a/', uri: 1 }),
        extra('one.example', 'documentation', jmap('usable'), 1),
        extra('one.example', 'documentation', { url: 'gopher://a/' }, 2),
        extra('two.example', 'jmap', 'of another domain'),
        ...blob,
      );
      const keys = ['activesync 0', 'documentation 2', 'teleport 3', 'webmail 0'];
      if (blob.length > 0) keys.push('support 0', 'logo 0', 'oauth2 0', `${'x'.repeat(100)} 0`);
      const wanted = keys.map((key) => `one.example ${key}`).sort();
      for (let count = 0; count < 2; count++) {
        const found = await store.find(name('one.example'));
        assert.deepEqual(found?.extras, {
          ...NO_EXTRAS,
          jmap: jmap('usable'),
          documentation: [{ ...jmap('usable'), descr: {} }],
        });
        assert.equal(found.mailServers.length, 1);
      }
      assert.deepEqual(log.entries.map(({ level, fields }) => [level, fields['table'], fields['id']]).sort(), [
        ...wanted.map((id) => ['WARNING', 'automx2_extra', id]),
      ]);
      const [walked] = await store.walk(name('one.example'));
      assert.deepEqual(walked?.unusable.map(({ table, id }) => `${table} ${id}`).sort(), [
        ...wanted.map((id) => `automx2_extra ${id}`),
      ]);
      assert.deepEqual(walked.mailDomain, await store.find(name('one.example')));
    });

    test('a look-up is one query, with the table and without it, which changes nothing else of a domain', async (t) => {
      const { store, asked, connection } = await open(t, ...ONE);
      const queries = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
        const before = asked.length;
        await work();
        return asked.slice(before);
      };
      const find = () => store.find(name('one.example'));
      const first = await find(); // which finds the table
      assert.deepEqual(first?.extras, NO_EXTRAS);
      for (let count = 0; count < 3; count++) assert.equal((await queries(find)).length, 1);
      await run(connection, [DROP]);
      const without = storeOn(connection);
      const before = without.asked.length;
      assert.deepEqual(await without.store.find(name('one.example')), first);
      assert.deepEqual(await without.store.find(name('one.example')), first);
      assert.deepEqual((await without.store.walk({ afterId: 0 }))[0]?.mailDomain, first);
      const [probing, plainly, ...walk] = without.asked.slice(before);
      assert.equal(walk.length, 2);
      // The page of names is none of those that ask.
      const again = connection.dialect.askAgainMs === 0;
      assert.deepEqual(
        [probing, plainly, ...walk].map((sql) => sql?.includes('automx2_extra')),
        [true, again, false, again],
      );
      without.later();
      await without.store.find(name('one.example'));
      assert.equal(without.asked.at(-1), probing);
      assert.deepEqual(without.log.entries, []);
    });

    test('the table comes and goes while look-ups are answered', async (t) => {
      const { store, connection, connect, jmapOf, log, ...opened } = await open(t, ...ONE, DROP);
      const later = () => (connection.dialect.askAgainMs === 0 ? undefined : opened.later());
      const other = new SettingsDatabase(await connect(), new MemoryLog());
      for (let round = 0; round < 2; round++) {
        assert.equal(await jmapOf('one.example'), undefined);
        assert.equal((await store.find(name('one.example')))?.mailServers.length, 1);
        await other.create();
        await run(connection, [extra('one.example', 'jmap', jmap('one')), extra('two.example', 'jmap', jmap('two'))]);
        later();
        assert.equal(await jmapOf('one.example'), 'https://one/');
        assert.equal(await store.find(name('two.example')), undefined);
        await run(await connect(), [DROP]);
        // As many as there are connections, and one of them sees that it has gone.
        const found = await Promise.all([1, 2, 3, 4].map(() => store.find(name('one.example'))));
        for (const each of found) assert.deepEqual([each?.mailServers.length, each?.extras], [1, NO_EXTRAS]);
        assert.equal((await store.walk({ afterId: 0 }))[0]?.mailDomain?.mailServers.length, 1);
        later();
        assert.equal(await jmapOf('one.example'), undefined);
      }
      for (const { level, message } of log.entries) assert.match(`${level} ${message}`, /^WARNING .*automx2_extra/);
    });

    test('what creates the table itself need not wait for it', async (t) => {
      const { store, jmapOf } = await open(t, ...ONE, DROP);
      assert.equal(await jmapOf('one.example'), undefined);
      await store.change(inserting(extraOf('one.example', 'jmap', jmap('new'))));
      assert.equal(await jmapOf('one.example'), 'https://new/');
    });

    test('a table of another layout is left alone: everything else is served, changed and current', async (t) => {
      const { store, connection, later, log } = await open(t, ...ONE, DROP);
      await run(connection, [
        'CREATE TABLE automx2_extra (domain_name VARCHAR(128) NOT NULL, kind VARCHAR(32) NOT NULL, data VARCHAR(99))',
        "INSERT INTO automx2_extra (domain_name, kind, data) VALUES ('one.example', 'jmap', '{}')",
      ]);
      for (let count = 0; count < 3; count++) {
        assert.deepEqual((await store.find(name('one.example')))?.extras, NO_EXTRAS);
        assert.equal((await store.walk({ afterId: 0 })).length, 1);
        later();
      }
      assert.deepEqual(
        log.entries.map(({ level, message }) => [level, /automx2_extra/.test(message)]),
        [['WARNING', true]],
      );
      const { state, missing, views } = await store.report();
      assert.deepEqual([state, missing, views], ['filled', [], []]);
      assert.deepEqual([await store.migrate(), await store.strays()], [[], []]);
      await store.change(addNew);
      const before = await store.rows();
      assert.equal(before.domain.length, 2);
      const refused = inserting(extraOf('one.example', 'jmap', jmap('new')));
      await assert.rejects(store.change(refused), { code: 'change_failed', message: /automx2_extra/ });
      assert.deepEqual(await store.rows(), before);
      await store.purge();
      await store.seed(SAMPLE_SEED);
    });

    test('rows come back as they are stored, and changes reach them', async (t) => {
      const odd = [
        extraOf(' One.Example', '', 'no JSON', -5),
        extraOf('*', 'jmap', '{"url": "https://ä.example/\\\\ \'"}'),
        extraOf('one.example', 'JMAP', 'null', 2),
        extraOf('one.example', 'jmap', ''),
        extraOf('one.example', 'jmap', '𠮷'.repeat(500), 1),
      ];
      const { store } = await open(t, ...ONE, ...odd.map(stored));
      const sorted = (rows: readonly Row[]) => rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      const { automx2_extra: before } = await store.rows();
      assert.deepEqual(sorted(before), sorted(odd));
      const changes = new RowChangesBuilder();
      for (const row of before) changes.delete('automx2_extra', row);
      const other = extraOf('one.example', 'jmap', jmap('other'));
      changes.insert('automx2_extra', other);
      await store.change(() => changes.changes());
      assert.deepEqual((await store.rows()).automx2_extra, [other]);
      await assert.rejects(store.change(inserting(other)), { code: 'change_failed' });
      assert.deepEqual((await store.rows()).automx2_extra, [other]);
    });

    test('however many there are, none is lost', async (t) => {
      const { store, jmapOf } = await open(t, ...ONE, DROP);
      const rows = Array.from({ length: 12_345 }, (_value, index) =>
        extraOf(`d${index % 4_000}.Example`, ['jmap', 'webmail'][index % 2] ?? '', jmap(`n${index}`), index % 7),
      ).concat(extraOf('one.example', 'jmap', jmap('one')));
      const byKey = new Map(rows.map((row) => [keyOf(row), row]));
      await store.change(inserting(...byKey.values()));
      assert.equal(await jmapOf('one.example'), 'https://one/');
      const { automx2_extra: found } = await store.rows();
      assert.equal(found.length, byKey.size);
      assert.deepEqual(new Map(found.map((row) => [keyOf(row), row])), new Map([...byKey].sort()));
      const changes = new RowChangesBuilder();
      for (const row of found) changes.delete('automx2_extra', row);
      await store.change(() => changes.changes());
      assert.deepEqual((await store.rows()).automx2_extra, []);
    });

    test('only what stores extras creates the table', async (t) => {
      const { store, connection } = await open(t, ...ONE, DROP);
      const isThere = async () => !(await store.report()).missing.includes('table automx2_extra created');
      await store.change(addNew);
      await store.purge();
      await store.seed(SAMPLE_SEED);
      assert.deepEqual((await store.rows()).automx2_extra, []);
      assert.deepEqual(await store.strays(), []);
      assert.equal(await isThere(), false);
      const row = extraOf('example.com', 'jmap', jmap('one'));
      const failing = inserting(row, extraOf('example.com', 'webmail', jmap('one')), row);
      await assert.rejects(store.change(failing), { code: 'change_failed' });
      assert.deepEqual((await store.rows()).automx2_extra, []);
      await run(connection, [DROP]);
      await store.change(inserting(row));
      assert.deepEqual((await store.rows()).automx2_extra, [row]);
      await run(connection, [DROP, ...PURGE]);
      await store.seed({ ...SAMPLE_SEED, automx2_extra: [row] });
      assert.deepEqual((await store.rows()).automx2_extra, [row]);
    });

    test('extras outlive what purges seven tables: a seed takes the place of its own ones, and others stay', async (t) => {
      const orphan = extraOf('gone.example', 'jmap', jmap('gone'));
      const { store, connection, jmapOf } = await open(t, ...ONE, stored(orphan));
      await run(connection, [extra('example.com', 'jmap', jmap('old')), extra('example.com', 'webmail', jmap('old'))]);
      await run(connection, PURGE);
      assert.equal((await store.report()).state, 'empty');
      const row = extraOf('example.com', 'jmap', jmap('new'));
      await store.seed({ ...SAMPLE_SEED, automx2_extra: [row] });
      assert.equal(await jmapOf('example.com'), 'https://new/');
      assert.deepEqual((await store.rows()).automx2_extra, [
        row,
        extraOf('example.com', 'webmail', jmap('old')),
        orphan,
      ]);
      await store.purge();
      assert.deepEqual((await store.rows()).automx2_extra, []);
    });

    test('a domain that comes back has its extras again; another one that gets its id has none', async (t) => {
      const { connection, jmapOf } = await open(t, ...ONE, extra('one.example', 'jmap', jmap('one')));
      assert.equal(await jmapOf('one.example'), 'https://one/');
      await run(connection, [...PURGE, provider(1), domain(1, 'other.example'), domain(2, 'One.example')]);
      assert.equal(await jmapOf('other.example'), undefined);
      assert.equal(await jmapOf('one.example'), 'https://one/');
    });

    test('rows that no stored domain reads are named', async (t) => {
      const { store, connection } = await open(
        t,
        provider(1),
        ...['One.Example.', 'bücher.example', 'upper.example'].map((each, index) => domain(index + 1, each)),
        ...['*', 'one.example', 'xn--bcher-kva.example'].map((each) => extra(each, 'jmap', jmap('used'))),
      );
      const found = async () => (await store.strays()).filter(({ table }) => table === 'automx2_extra');
      assert.deepEqual(await found(), []);
      const names = Array.from({ length: 150 }, (_value, index) => `n${1_000 + index}.example`);
      await run(connection, [
        ...names.flatMap((each, index) => [domain(100 + index, each), extra(each, 'jmap', jmap('used'))]),
        extra('zz.example', 'jmap', jmap('none')),
        extra('zz.example', 'webmail', jmap('none')),
        extra('UPPER.example', 'jmap', jmap('none')),
        extra('bücher.example', 'jmap', jmap('none')),
        extra('no name', 'jmap', jmap('none')),
        extra('bucher.example', 'jmap', jmap('none')),
      ]);
      const [strays, ...others] = await found();
      assert.deepEqual([strays?.kind, others], ['no domain', []]);
      assert.deepEqual([...(strays?.rows ?? [])].sort(), [
        'UPPER.example',
        'bucher.example',
        'bücher.example',
        'no name',
        'zz.example',
      ]);
      assert.match(strayLines(strays === undefined ? [] : [strays])[0] ?? '', /^table automx2_extra: .*zz\.example/);
      await run(connection, [...names.map((_each, index) => `DELETE FROM domain WHERE id = ${100 + index}`)]);
      assert.equal((await found())[0]?.rows.length, 11, 'one more than lint shows');
    });
  });
}

const SEVEN = ['provider', 'server', 'davserver', 'ldapserver', 'domain', 'server_domain', 'davserver_domain'];

/** What servers do with automx2_extra for users who may not do everything. */
export function extrasRoles({ engine, administer, database }: TestServer, skip: string | false): void {
  const isPostgresql = engine === 'PostgreSQL';

  /** A database with a domain, and a user who may do this to the seven tables. */
  async function open(t: TestContext, privileges: string) {
    const url = await database(t);
    const open = async (of: string): Promise<Connection> => {
      const connection = await connect(parseDatabaseUrl(of), DEADLINES);
      t.after(() => connection.close());
      return connection;
    };
    const owner = await open(url);
    const prepared = new SettingsDatabase(owner, new MemoryLog());
    await prepared.create();
    await run(owner, [...ONE, extra('one.example', 'jmap', jmap('one'))]);
    const databaseName = /test_\w+/.exec(url)?.[0] ?? '';
    const user = `u${process.pid}_${databaseName.slice(-6).replace(/\W/g, '')}`;
    const who = isPostgresql ? user : `${user}@localhost`;
    const on = (table: string): string => (isPostgresql ? table : `${databaseName}.${table}`);
    const grant = (tables: readonly string[]) =>
      Promise.all(tables.map((table) => administer(`GRANT ${privileges} ON ${on(table)} TO ${who}`, url)));
    await administer(`CREATE USER ${who}`, url);
    t.after(async () => {
      if (isPostgresql) await administer(`DROP OWNED BY ${user}`, url).catch(() => undefined);
      await administer(`DROP USER ${who}`, url).catch(() => undefined);
    });
    await grant(SEVEN);
    if (isPostgresql) await administer(`GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${user}`, url);
    const restricted = await open(url.replace(/automx2[^@]*@/, `${user}@`));
    return {
      ...storeOn(restricted),
      owner,
      prepared,
      grant: () => grant(['automx2_extra']),
      revoke: () => administer(`REVOKE ${privileges} ON ${on('automx2_extra')} FROM ${who}`, url),
    };
  }

  describe(`extras on ${engine}, for users of few rights`, { skip }, () => {
    test('who may not read them is served without them, and with them as long as he may', async (t) => {
      const { store, log, later, jmapOf, grant, revoke } = await open(t, 'SELECT');
      const served = async () => [
        (await store.find(name('one.example')))?.mailServers.length,
        await jmapOf('one.example'),
      ];
      assert.deepEqual(await served(), [1, undefined]);
      const { state, missing } = await store.report();
      assert.deepEqual([state, missing], ['filled', []]);
      assert.deepEqual(await store.strays(), []);
      assert.deepEqual((await store.rows()).automx2_extra, []);
      assert.equal((await store.walk({ afterId: 0 }))[0]?.mailDomain?.mailServers.length, 1);
      assert.deepEqual(log.entries, []);
      for (let round = 0; round < 2; round++) {
        await grant();
        later();
        assert.deepEqual(await served(), [1, 'https://one/']);
        assert.equal((await store.rows()).automx2_extra.length, 1);
        await revoke();
        assert.deepEqual(await served(), [1, undefined]);
        later();
        assert.deepEqual(await served(), [1, undefined]);
      }
      assert.ok(log.entries.every(({ level }) => level === 'WARNING'));
      assert.equal(log.entries.length, 2);
    });

    test('who may not create the table changes everything else', async (t) => {
      const { store, owner, prepared } = await open(t, 'SELECT, INSERT, UPDATE, DELETE');
      const extras = inserting(extraOf('one.example', 'webmail', jmap('one')));
      for (const without of [[], [DROP]]) {
        await run(owner, without);
        await store.change(addNew);
        const before = await prepared.rows();
        assert.equal(before.domain.length, 2);
        await assert.rejects(store.change(extras), { code: 'change_failed', message: /automx2_extra/ });
        await assert.rejects(store.seed({ ...SAMPLE_SEED, automx2_extra: extras().inserted.automx2_extra }), {
          code: 'change_failed',
          message: /automx2_extra/,
        });
        assert.deepEqual(await prepared.rows(), before);
        await store.purge();
        await store.seed(SAMPLE_SEED);
        assert.equal((await store.find(name('example.com')))?.mailServers.length, 3);
        await store.purge();
        await run(owner, ONE);
      }
    });
  });
}
