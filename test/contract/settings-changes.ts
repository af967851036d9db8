import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import type { Connection } from '../../src/adapters/database/connection.ts';
import { SettingsDatabase } from '../../src/adapters/database/settings-database.ts';
import { SAMPLE_SEED } from '../../src/app/sample-seed.ts';
import { parseDocument, readDocument } from '../../src/domain/documents/read-document.ts';
import { type DomainName, parseDomainName } from '../../src/domain/domain-name.ts';
import { Failure } from '../../src/domain/failure.ts';
import { makePlan } from '../../src/domain/plan/plan.ts';
import { changedRows, type RowChanges, RowChangesBuilder } from '../../src/domain/plan/row-changes.ts';
import { type Row, type Rows, TABLE_NAMES, TABLES, type Table, type Value } from '../../src/domain/tables.ts';
import { configured, type RunningCommand } from '../support/in-process.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { applyOwnExport } from '../support/own-export.ts';

/** A database and who works on it. */
export interface ChangedDatabase {
  readonly url: string;
  /** Another connection of ours, closed after the test. */
  connect(): Promise<Connection>;
  /** A session of the operator's, who has switched foreign keys off: he writes what he likes. */
  operator(): Promise<Operator>;
  /** Resolves as soon as a session waits for a lock, where the engine lets it wait. */
  blocked(): Promise<void>;
}

export interface Operator {
  run(...statements: readonly string[]): Promise<void>;
}

const name = (text: string): DomainName => {
  const domain = parseDomainName(text);
  assert.ok(domain, text);
  return domain;
};

/** By their ids, those of links pairwise. */
const inOrder =
  (table: Table) =>
  (a: Row, b: Row): number => {
    const [first = 'id', second = first] = table.primaryKey ?? [];
    return Number(a[first]) - Number(b[first]) || Number(a[second]) - Number(b[second]);
  };

/** Rows as they can be compared: SQLite and MySQL keep booleans as numbers. */
const comparable = (rows: Rows): Rows =>
  Object.fromEntries(
    TABLE_NAMES.map((table) => [
      table,
      rows[table]
        .map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([key, value]): [string, Value] => [
              key,
              typeof value === 'boolean' ? Number(value) : value,
            ]),
          ),
        )
        .sort(inOrder(TABLES[table])),
    ]),
  ) as unknown as Rows;

const imap = { type: 'imap', name: 'mail.a.example', port: 993 };
const smtp = { type: 'smtp', name: 'mail.a.example', port: 587 };
const dav = { type: 'caldav', url: 'https://dav.a.example/' };
const A = { name: 'A Inc.', domains: ['a.example', 'b.example'], servers: [imap, smtp, dav] };
const B = {
  name: 'B Inc.',
  domains: [{ name: 'c.example', directory: 'ldap.example' }],
  servers: [{ ...imap, name: 'mail.b.example' }],
};
const DIRECTORY = { name: 'ldap.example', search_base: 'dc=example', bind_password: ' geheim ' };
const STORED = readDocument({ version: 3, providers: [A, B], directories: [DIRECTORY] });
const C = { name: 'C Inc.', domains: ['new.example'], servers: [{ ...imap, name: 'mail.c.example' }] };
const WITH_C = readDocument({ version: 3, providers: [C] });

const NO_CHANGES: RowChanges = new RowChangesBuilder().changes();

/** What a database does that is changed, whatever the engine. `waits`: who meets a lock waits for its end. */
export function settingsChangesContract(
  engine: string,
  waits: boolean,
  prepare: (t: TestContext) => Promise<ChangedDatabase>,
  skip: string | false = false,
): void {
  const open = async (t: TestContext, rows: Rows | 'empty' = STORED) => {
    const database = await prepare(t);
    const store = new SettingsDatabase(await database.connect(), new MemoryLog());
    await store.create();
    if (rows !== 'empty') await store.seed(rows);
    const hosts = async (domain: string) =>
      (await store.find(name(domain)))?.mailServers.map(({ hostname }) => hostname);
    return { ...database, store, hosts };
  };

  describe(`changes of settings on ${engine}`, { skip }, () => {
    test('rows come back as they are stored, in the operator’s words', async (t) => {
      const { store, operator } = await open(t, 'empty');
      const by = await operator();
      await by.run(
        `INSERT INTO provider (id, name, short_name) VALUES (-3, '', ''), (7, ' A "Inc" ', 'O''N')`,
        "INSERT INTO server (id, prio, name, port, type, socket_type, user_name, authentication) VALUES (5, -1, ' Mail.Example. ', 0, 'IMAP', '', '', ' Plain ')",
        "INSERT INTO davserver (id, url, port, type, use_ssl, domain_required, user_name) VALUES (2, 'no url', -1, 'x', TRUE, FALSE, NULL), (3, '', 0, '', FALSE, TRUE, '')",
        "INSERT INTO ldapserver (id, name, port, use_ssl, search_base, search_filter, attr_uid, attr_cn, bind_password, bind_user) VALUES (4, 'ü', 1, FALSE, '', '(', '', NULL, ' geheim ', '')",
        "INSERT INTO domain (id, name, provider_id, ldapserver_id) VALUES (9, ' No Name', 7, NULL), (10, 'töchter.example', 77, 4)",
        'INSERT INTO server_domain (server_id, domain_id) VALUES (5, 9), (5, 10), (6, 9)',
        'INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (2, 10)',
        "INSERT INTO automx2_extra (domain_name, kind, n, data) VALUES ('Töchter.example', '', -1, ' {')",
      );
      assert.deepEqual(comparable(await store.rows()), {
        provider: [
          { id: -3, name: '', short_name: '' },
          { id: 7, name: ' A "Inc" ', short_name: "O'N" },
        ],
        server: [
          {
            id: 5,
            prio: -1,
            name: ' Mail.Example. ',
            port: 0,
            type: 'IMAP',
            socket_type: '',
            user_name: '',
            authentication: ' Plain ',
          },
        ],
        davserver: [
          { id: 2, url: 'no url', port: -1, type: 'x', use_ssl: 1, domain_required: 0, user_name: null },
          { id: 3, url: '', port: 0, type: '', use_ssl: 0, domain_required: 1, user_name: '' },
        ],
        ldapserver: [
          {
            id: 4,
            name: 'ü',
            port: 1,
            use_ssl: 0,
            search_base: '',
            search_filter: '(',
            attr_uid: '',
            attr_cn: null,
            bind_password: ' geheim ',
            bind_user: '',
          },
        ],
        domain: [
          { id: 9, name: ' No Name', provider_id: 7, ldapserver_id: null },
          { id: 10, name: 'töchter.example', provider_id: 77, ldapserver_id: 4 },
        ],
        automx2_extra: [{ domain_name: 'Töchter.example', kind: '', n: -1, data: ' {' }],
        davserver_domain: [{ davserver_id: 2, domain_id: 10 }],
        server_domain: [
          { server_id: 5, domain_id: 9 },
          { server_id: 5, domain_id: 10 },
          { server_id: 6, domain_id: 9 },
        ],
      });
    });

    test('rows of a seed come back as they were given', async (t) => {
      const { store } = await open(t);
      assert.deepEqual(comparable(await store.rows()), comparable(STORED));
    });

    test('rows of every table are inserted, updated and deleted', async (t) => {
      const { store } = await open(t);
      const changes = new RowChangesBuilder();
      const before = await store.rows();
      for (const table of ['provider', 'ldapserver', 'server', 'domain'] as const) {
        changes.update(table, 1, { name: 'other.example' });
      }
      changes.update('davserver', 1, { url: 'https://other.example/', use_ssl: false, user_name: null });
      // b.example goes, and c.example with its provider and its directory.
      for (const row of before.domain.slice(1)) changes.delete('domain', row);
      for (const row of before.provider.slice(1)) changes.delete('provider', row);
      for (const row of before.server.slice(1)) changes.delete('server', row);
      for (const row of before.server_domain) if (row['domain_id'] !== 1) changes.delete('server_domain', row);
      for (const row of before.server_domain) {
        if (row['domain_id'] === 1 && row['server_id'] !== 1) changes.delete('server_domain', row);
      }
      for (const row of before.davserver_domain) changes.delete('davserver_domain', row);
      for (const table of ['provider', 'ldapserver', 'server', 'davserver'] as const) {
        changes.insert(table, { ...before[table][0], id: 50 });
      }
      changes.insert('domain', { id: 50, name: 'fifty.example', provider_id: 50, ldapserver_id: 50 });
      for (const table of ['server', 'davserver'] as const) {
        changes.insert(`${table}_domain`, { [`${table}_id`]: 50, domain_id: 50 });
      }
      await store.change(() => changes.changes());
      assert.deepEqual(comparable(await store.rows()), comparable(changedRows(before, changes.changes())));
      assert.equal((await store.find(name('fifty.example')))?.directory?.bindPassword, ' geheim ');
    });

    test('what the operator’s own words are is written back unchanged', async (t) => {
      const { store, operator } = await open(t);
      const by = await operator();
      await by.run("UPDATE server SET authentication = ' Plain ', user_name = '' WHERE id = 1");
      const before = await store.rows();
      await store.change((rows) => makePlan(rows, WITH_C).rows);
      const after = await store.rows();
      assert.deepEqual(
        after.server.filter(({ id }) => Number(id) <= STORED.server.length),
        before.server,
      );
    });

    test('all or nothing: where the decision is against it, and where a statement fails', async (t) => {
      const { store, operator } = await open(t);
      await (await operator()).run('INSERT INTO server_domain (server_id, domain_id) VALUES (900, 1)');
      const before = await store.rows();
      const refuse = (): never => {
        throw new Failure('rows_changed', 'no');
      };
      await assert.rejects(store.change(refuse), { code: 'rows_changed' });
      assert.deepEqual(await store.rows(), before);
      const changes = new RowChangesBuilder();
      changes.insert('provider', { id: 60, name: 'X', short_name: 'X' });
      changes.update('provider', 1, { name: 'Y' });
      // The second row of a name that must be there once.
      for (const id of [60, 61]) changes.insert('domain', { id, name: 'x.example', provider_id: 60 });
      await assert.rejects(
        store.change(() => changes.changes()),
        { code: 'change_failed' },
      );
      assert.deepEqual(await store.rows(), before);
    });

    test('a link without its server or its domain goes with every change', async (t) => {
      const { store, operator } = await open(t);
      const before = comparable(await store.rows());
      await (await operator()).run(
        'INSERT INTO server_domain (server_id, domain_id) VALUES (900, 1), (1, 901), (902, 903)',
        'INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (900, 1), (1, 901), (902, 903)',
      );
      assert.notDeepEqual(comparable(await store.rows()), before);
      await store.change(() => NO_CHANGES);
      assert.deepEqual(comparable(await store.rows()), before);
    });

    test('provider C’s new domain never gets the servers of a domain that A deleted by hand', async (t) => {
      const { store, operator, hosts } = await open(t);
      const by = await operator();
      // The last ids of all, which an engine or a count of rows would give away next.
      await by.run('DELETE FROM domain WHERE id = 3', 'DELETE FROM server WHERE id = 3');
      await by.run('DELETE FROM ldapserver WHERE id = 1');
      await store.change((rows) => makePlan(rows, WITH_C).rows);
      assert.deepEqual(await hosts('new.example'), ['mail.c.example']);
      const { domain, server, server_domain: links } = await store.rows();
      assert.ok(domain.every(({ id, name: stored }) => id !== 3 || stored !== 'new.example'));
      assert.ok(server.every(({ id, name: stored }) => id !== 3 || stored !== 'mail.c.example'));
      const known = (rows: readonly Row[]) => new Set(rows.map(({ id }) => id));
      const [servers, domains] = [known(server), known(domain)];
      assert.ok(links.every((link) => servers.has(link['server_id'] ?? 0) && domains.has(link['domain_id'] ?? 0)));
    });

    test('nor does a directory’s new row get domains that name one that was deleted', async (t) => {
      const { store, operator } = await open(t);
      await (await operator()).run('UPDATE domain SET ldapserver_id = 40 WHERE id = 1', 'DELETE FROM ldapserver');
      const wanted = readDocument({
        version: 3,
        providers: [{ ...C, domains: [{ name: 'new.example', directory: 'new.example' }] }],
        directories: [{ ...DIRECTORY, name: 'new.example' }],
      });
      await store.change((rows) => makePlan(rows, wanted).rows);
      assert.equal((await store.find(name('a.example')))?.directory, undefined);
      assert.equal((await store.find(name('new.example')))?.directory?.hostname, 'new.example');
    });

    test('nor does a seed, where rows were deleted by hand and links left', async (t) => {
      const { store, operator, hosts } = await open(t);
      const tables = ['domain', 'provider', 'ldapserver', 'server', 'davserver'];
      await (await operator()).run(
        ...tables.map((table) => `DELETE FROM ${table}`),
        'INSERT INTO server_domain (server_id, domain_id) VALUES (2, 3)',
      );
      assert.notDeepEqual((await store.rows()).server_domain, []);
      await store.seed(WITH_C);
      assert.deepEqual(await hosts('new.example'), ['mail.c.example']);
      assert.deepEqual(comparable(await store.rows()), comparable(WITH_C));
    });

    test('an INSERT without id works afterwards, as Python’s automx2 writes it', async (t) => {
      const { store, operator } = await open(t);
      await store.change((rows) => makePlan(rows, WITH_C).rows);
      const before = await store.rows();
      await (await operator()).run(
        "INSERT INTO provider (name, short_name) VALUES ('By Hand', 'By')",
        "INSERT INTO server (name, port, type, socket_type, user_name, authentication) VALUES ('by.hand', 993, 'imap', 'SSL', '', '')",
        "INSERT INTO davserver (url, port, type, use_ssl, domain_required) VALUES ('https://by.hand/', 0, 'caldav', TRUE, TRUE)",
        "INSERT INTO ldapserver (name, port, use_ssl, search_base, search_filter, attr_uid) VALUES ('by.hand', 636, TRUE, 'x', '(a={0})', 'uid')",
        "INSERT INTO domain (name, provider_id) VALUES ('by.hand', 1)",
      );
      const after = await store.rows();
      for (const table of ['provider', 'server', 'davserver', 'ldapserver', 'domain'] as const) {
        const [last, ...more] = after[table].slice(before[table].length);
        assert.deepEqual(more, []);
        assert.ok(Number(last?.['id']) > Math.max(...before[table].map(({ id }) => Number(id))), table);
      }
    });

    for (const seed of ['the sample data', 'seed-v1.json', 'seed-v2.json']) {
      test(`the export of ${seed} asks for no changes, and leaves nothing out`, async (t) => {
        const file = new URL(`../../contrib/${seed}`, import.meta.url);
        const { store } = await open(t, seed === 'the sample data' ? SAMPLE_SEED : parseDocument(readFileSync(file)));
        assert.deepEqual(await applyOwnExport(store), []);
      });
    }

    test('nothing is changed through a view', async (t) => {
      const { store, operator } = await open(t);
      const by = await operator();
      await by.run(
        'ALTER TABLE provider RENAME TO stored_provider',
        'CREATE VIEW provider AS SELECT * FROM stored_provider',
      );
      const before = await store.rows();
      await assert.rejects(
        store.change(() => NO_CHANGES),
        { code: 'store_unprepared' },
      );
      assert.deepEqual(await store.rows(), before);
    });

    test('a database without tables is unprepared', async (t) => {
      const { connect } = await prepare(t);
      const store = new SettingsDatabase(await connect(), new MemoryLog());
      await assert.rejects(store.rows(), { code: 'store_unprepared' });
      await assert.rejects(
        store.change(() => NO_CHANGES),
        { code: 'store_unprepared' },
      );
    });

    test('more rows than a statement reads or stores', async (t) => {
      const { store } = await open(t, 'empty');
      const domains = Array.from({ length: 5_001 }, (_value, index) => `d${index}.example`);
      const wanted = readDocument({ version: 3, providers: [{ ...A, domains, servers: [imap] }] });
      await store.change((rows) => makePlan(rows, wanted).rows);
      assert.deepEqual(comparable(await store.rows()), comparable(wanted));
      assert.deepEqual(makePlan(await store.rows(), wanted).changes, []);
      const half = readDocument({
        version: 3,
        providers: [{ ...A, domains: domains.slice(0, 2_500), servers: [imap] }],
      });
      await store.change((rows) => makePlan(rows, half, { prune: true }).rows);
      assert.deepEqual(comparable(await store.rows()), comparable(half));
    });

    describe('two at once', () => {
      /** `automx2 apply` as it stands before its question. */
      const asking = async (t: TestContext, url: string, wanted: object): Promise<RunningCommand> => {
        const { start, write } = configured(t, `db_uri = ${url.replaceAll('%', '%%')}`);
        const command = start('apply', write('wanted.json', JSON.stringify({ version: 3, ...wanted })));
        Object.assign(command.stdin, { isTTY: true });
        await command.said(/Apply\?/);
        return command;
      };
      const renamed = (short_name: string) => ({
        providers: [
          { ...C, short_name },
          { ...A, short_name },
        ],
      });

      test('one changes the settings, the other says why it does not', async (t) => {
        const { url, store } = await open(t);
        const words = ['first', 'second'];
        const commands = await Promise.all(words.map((word) => asking(t, url, renamed(word))));
        for (const { stdin } of commands) stdin.write('y\n');
        const results = await Promise.all(commands.map(({ ended }) => ended));
        assert.deepEqual(results.map(({ status }) => status).sort(), [0, 1], JSON.stringify(results));
        const winner = words[results.findIndex(({ status }) => status === 0)] ?? '';
        assert.match(results.find(({ status }) => status === 1)?.err ?? '', /changed meanwhile/);
        const wanted = readDocument({ version: 3, ...renamed(winner) });
        assert.deepEqual(
          comparable(await store.rows()),
          comparable(changedRows(STORED, makePlan(STORED, wanted).rows)),
        );
      });

      test('an INSERT by hand between plan and answer is noticed', async (t) => {
        const { url, store, operator } = await open(t);
        const command = await asking(t, url, renamed('mine'));
        await (await operator()).run("INSERT INTO domain (id, name, provider_id) VALUES (40, 'new.example', 2)");
        const before = await store.rows();
        command.stdin.write('y\n');
        const { status, err } = await command.ended;
        assert.equal(status, 1);
        assert.match(err, /changed meanwhile/);
        assert.deepEqual(await store.rows(), before);
      });

      test('an INSERT by hand that is not committed yet is noticed, or keeps others out', async (t) => {
        const { url, store, operator, blocked } = await open(t);
        const command = await asking(t, url, renamed('mine'));
        const by = await operator();
        await by.run(
          waits ? 'START TRANSACTION' : 'BEGIN IMMEDIATE',
          "INSERT INTO domain (id, name, provider_id) VALUES (40, 'new.example', 2)",
        );
        command.stdin.write('y\n');
        if (waits) {
          await blocked();
          await by.run('COMMIT');
        }
        const { status, err } = await command.ended;
        assert.equal(status, 1);
        assert.match(err, waits ? /changed meanwhile/ : /locked/);
        if (!waits) await by.run('COMMIT');
        const changes = new RowChangesBuilder();
        changes.insert('domain', { id: 40, name: 'new.example', provider_id: 2, ldapserver_id: null });
        assert.deepEqual(comparable(await store.rows()), comparable(changedRows(STORED, changes.changes())));
      });

      // On SQLite nobody waits.
      if (!waits) return;
      test('look-ups are answered while a change waits', async (t) => {
        const { url, operator, blocked, hosts } = await open(t);
        const by = await operator();
        const command = await asking(t, url, renamed('mine'));
        await by.run('START TRANSACTION', "UPDATE provider SET short_name = 'x' WHERE id = 1");
        command.stdin.write('y\n');
        await blocked();
        assert.deepEqual(await hosts('a.example'), ['mail.a.example', 'mail.a.example']);
        await by.run('ROLLBACK');
        assert.equal((await command.ended).status, 0);
        assert.deepEqual(await hosts('new.example'), ['mail.c.example']);
      });
    });
  });
}
