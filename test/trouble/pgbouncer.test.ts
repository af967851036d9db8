import assert from 'node:assert/strict';
import { after, describe, type TestContext, test } from 'node:test';
import { openStore } from '../../src/adapters/database/connect.ts';
import { parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import type { SettingsDatabase } from '../../src/adapters/database/settings-database.ts';
import { CLOCK } from '../../src/app/open-log.ts';
import { SAMPLE_SEED } from '../../src/app/sample-seed.ts';
import { type DomainName, parseDomainName } from '../../src/domain/domain-name.ts';
import { type DatabaseServer, pgbouncerServer } from '../support/database-server.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { postgresql, reportMissing, type TestServer } from '../support/server-database.ts';

const MISSING = 'PgBouncer (Debian: pgbouncer) is not installed';

const pgServer = await postgresql();
const transactions = await pgbouncerServer(pgServer.server, 'transaction');
const sessions = await pgbouncerServer(pgServer.server, 'session');
reportMissing(MISSING, pgServer.server !== undefined && transactions === undefined);
for (const pooler of [transactions, sessions]) {
  after(() => pooler?.remove());
  await pooler?.start();
}
const skip = pgServer.server === undefined ? pgServer.missing : transactions === undefined ? MISSING : false;

const name = (text: string): DomainName => parseDomainName(text) ?? assert.fail(text);

/** A store of the sample data behind a pooler, with what it logs; each call is as a process of its own. */
async function openPooled(t: TestContext, server: TestServer, pooler: DatabaseServer | undefined) {
  const url = await server.database(t, 'tcp');
  const pooled = parseDatabaseUrl(url.replace(`:${server.server?.port}/`, `:${pooler?.port}/`));
  const open = async (listDomains: 'asked' | 'all' = 'asked') => {
    const log = new MemoryLog();
    const store = await openStore(pooled, { log, clock: CLOCK, listDomains, echo: undefined });
    t.after(() => store.close());
    return { store, log };
  };
  const first = await open();
  await first.store.seed(SAMPLE_SEED);
  return { open, url, ...first };
}

/** Look-ups on all connections at once, of several texts; each gives its own answer. */
async function lookUps({ find }: Pick<SettingsDatabase, 'find'>): Promise<void> {
  const asked = ['example.com', 'example.net', 'nowhere.example', 'bücher.example', 'example.org'];
  for (let round = 0; round < 10; round++) {
    const names = Array.from({ length: 40 }, (_value, index) => asked[index % asked.length] ?? '');
    const answers = await Promise.all(names.map((text) => find(name(text))));
    const want = names.map((text) => (/^example/.test(text) ? text : undefined));
    assert.deepEqual(
      answers.map((answer) => answer?.name),
      want,
    );
  }
}

describe('PgBouncer before PostgreSQL', { skip }, () => {
  test('pool_mode = transaction: every look-up is answered, and one line says what it costs', async (t) => {
    const { store, log, open } = await openPooled(t, pgServer, transactions);
    // Another process with other statements meets what the first one has prepared.
    const other = await open('all');
    const bound = (each: SettingsDatabase) => ({ find: (domain: DomainName) => each.find(domain) });
    await Promise.all([lookUps(bound(store)), lookUps(bound(other.store))]);
    assert.deepEqual((await other.store.find(name('example.com')))?.siblings, ['example.net', 'example.org']);
    for (const { entries } of [log, other.log]) {
      assert.deepEqual(
        entries.map(({ level }) => level),
        ['WARNING'],
      );
      assert.match(entries[0]?.message ?? '', /prepared statements/);
    }
    await store.purge();
    assert.equal(await store.find(name('example.com')), undefined);
  });

  test('pool_mode = session: statements stay prepared, and nothing is said', async (t) => {
    const { store, log, url } = await openPooled(t, pgServer, sessions);
    const before = pgServer.server?.log().length ?? 0;
    const { database } = parseDatabaseUrl(url) as { database: string };
    await pgServer.administer(`ALTER DATABASE ${database} SET log_statement = 'all'`);
    await lookUps({ find: (domain) => store.find(domain) });
    assert.deepEqual(log.entries, []);
    assert.doesNotMatch(pgServer.server?.log().slice(before) ?? '', /execute <unnamed>: WITH asked/);
  });
});

describe('PostgreSQL keeps look-ups prepared', {
  skip: pgServer.server === undefined ? pgServer.missing : false,
}, () => {
  test('under names; a column of another type costs no look-up', async (t) => {
    const url = await pgServer.database(t, 'tcp');
    const { database } = parseDatabaseUrl(url) as { database: string };
    await pgServer.administer(`ALTER DATABASE ${database} SET log_statement = 'all'`);
    const log = new MemoryLog();
    const store = await openStore(parseDatabaseUrl(url), { log, clock: CLOCK, echo: undefined });
    t.after(() => store.close());
    await store.seed(SAMPLE_SEED);
    await lookUps({ find: (domain) => store.find(domain) }); // the first one finds that our table is there
    const before = pgServer.server?.log().length ?? 0;
    await lookUps({ find: (domain) => store.find(domain) });
    const executed =
      pgServer.server
        ?.log()
        .slice(before)
        .match(/ execute [^:]+: WITH asked/g) ?? [];
    assert.equal(executed.length, 400);
    // One text for names in ASCII, one for others.
    assert.equal(new Set(executed).size, 2);
    assert.ok(
      executed.every((line) => /^ execute automx2_[0-9a-f]{16}: /.test(line)),
      executed[0],
    );
    // What a look-up gives has another type now, and eight connections have it prepared.
    await pgServer.administer('ALTER TABLE domain ALTER COLUMN id TYPE bigint', url);
    await lookUps({ find: (domain) => store.find(domain) });
    assert.deepEqual(log.entries, []);
  });
});
