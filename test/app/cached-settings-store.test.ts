import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { DatabaseSettingsStore } from '../../src/adapters/database/database-settings-store.ts';
import { SqliteConnection } from '../../src/adapters/database/sqlite/connection.ts';
import { CACHE_LIMITS, CachedSettingsStore, type CacheOptions } from '../../src/app/cached-settings-store.ts';
import { SAMPLE_SEED } from '../../src/app/sample-seed.ts';
import { Failure } from '../../src/domain/failure.ts';
import type { SettingsStore } from '../../src/ports/settings-store.ts';
import { domainName } from '../domain/samples.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { SCHEMA } from '../support/schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const EXAMPLE = domainName('example.com');
const LATER = domainName('later.example');
const UNKNOWN = domainName('unknown.example');

const INSERT_LATER = "INSERT INTO domain (id, name, provider_id) VALUES (99, 'later.example', 1)";

/**
 * A cache over a real SQLite file that counts and can be held up: `tells` false makes it a store that cannot tell whether
 * something changed, as those of database servers are. Time goes on only as the test says.
 */
async function prepare(t: TestContext, { tells = true, ...options }: Partial<CacheOptions> & { tells?: boolean } = {}) {
  const file = join(temporaryFolder(t), 'db.sqlite');
  const log = new MemoryLog();
  const store = new DatabaseSettingsStore(new SqliteConnection(Database, file), log);
  t.after(() => store.close());
  await store.seed(SAMPLE_SEED);
  const world = { ms: 1_000_000, asked: 0, away: undefined as Failure | undefined, hold: Promise.resolve() };
  const counting: SettingsStore = {
    async findDomain(name) {
      world.asked += 1;
      const { away, hold } = world;
      await hold;
      if (away !== undefined) throw away;
      return store.findDomain(name);
    },
    storedDomains: (choice) => store.storedDomains(choice),
    dataVersion: () => (tells ? store.dataVersion() : undefined),
    report: () => store.report(),
    createTables: () => store.createTables(),
    seed: (seed) => store.seed(seed),
    purge: () => store.purge(),
    migrate: () => store.migrate(),
    close: () => store.close(),
  };
  const clock = { now: () => new Date(0), elapsedMs: () => world.ms };
  const cache = new CachedSettingsStore(counting, { cacheSeconds: 5, staleSeconds: 60, ...options }, { clock, log });
  /** Runs SQL as another program would: what comes after it comes in a later turn of the event loop. */
  const elsewhere = async (sql: string): Promise<void> => {
    const other = new Database(file);
    other.exec(sql);
    other.close();
    await nextTurn();
  };
  return { file, log, cache, world, elsewhere };
}

const AWAY = new Failure('store_unavailable', 'gone');

describe('a store that tells when something changed', () => {
  test('is asked once, for served and unknown domains, however much time passes', async (t) => {
    const { cache, world } = await prepare(t);
    for (let round = 0; round < 3; round++) {
      assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
      assert.equal(await cache.findDomain(UNKNOWN), undefined);
      world.ms += 1e9;
    }
    assert.equal(world.asked, 2);
  });

  test('is asked again at once when another program changed it', async (t) => {
    const { cache, elsewhere } = await prepare(t, { cacheSeconds: 1e6 });
    assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
    assert.equal(await cache.findDomain(LATER), undefined);
    await elsewhere(INSERT_LATER);
    assert.equal((await cache.findDomain(LATER))?.name, LATER);
    await elsewhere("UPDATE provider SET name = 'Another'");
    assert.equal((await cache.findDomain(EXAMPLE))?.provider.name, 'Another');
    await elsewhere('DELETE FROM domain WHERE id = 99');
    assert.equal(await cache.findDomain(LATER), undefined);
  });

  test('locked: answers what it knew, fails for the rest, and is back when the lock is gone', async (t) => {
    const { file, cache, world, log } = await prepare(t);
    await cache.findDomain(EXAMPLE);
    const other = new Database(file);
    t.after(() => other.close());
    other.exec('BEGIN EXCLUSIVE');
    await nextTurn();
    assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
    await assert.rejects(cache.findDomain(UNKNOWN), { code: 'store_unavailable' });
    assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
    other.exec(`${INSERT_LATER}; COMMIT`);
    world.ms += 1_000;
    assert.equal((await cache.findDomain(LATER))?.name, LATER);
    assert.deepEqual(
      log.entries.map(({ level, message }) => `${level} ${message}`),
      ['ERROR look-ups fail: sqlite: database is locked', 'WARNING look-ups are answered again'],
    );
  });

  test('deleted: answers what it knew', async (t) => {
    const { file, cache } = await prepare(t);
    await cache.findDomain(EXAMPLE);
    rmSync(file);
    await nextTurn();
    assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
    await assert.rejects(cache.findDomain(UNKNOWN), { code: 'store_unprepared' });
  });

  test('replaced by another file: answers from that one', async (t) => {
    const { file, cache, elsewhere } = await prepare(t);
    assert.equal(await cache.findDomain(LATER), undefined);
    rmSync(file);
    await elsewhere(`${SCHEMA} INSERT INTO provider VALUES (1, 'P', 'P'); ${INSERT_LATER}`);
    assert.equal((await cache.findDomain(LATER))?.name, LATER);
    assert.equal(await cache.findDomain(EXAMPLE), undefined);
  });
});

describe('a store that cannot tell', () => {
  test('is asked again when an answer is older than cacheSeconds, counted from the question', async (t) => {
    const { cache, world, elsewhere } = await prepare(t, { tells: false });
    await cache.findDomain(EXAMPLE);
    assert.equal(await cache.findDomain(LATER), undefined);
    await elsewhere(INSERT_LATER);
    world.ms += 4_999;
    assert.equal(await cache.findDomain(LATER), undefined);
    assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
    assert.equal(world.asked, 2);
    world.ms += 1;
    assert.equal((await cache.findDomain(LATER))?.name, LATER);
    await cache.findDomain(EXAMPLE);
    assert.equal(world.asked, 4);
  });

  test('is asked each time if cacheSeconds is 0', async (t) => {
    const { cache, world } = await prepare(t, { tells: false, cacheSeconds: 0 });
    await Promise.all([cache.findDomain(EXAMPLE), cache.findDomain(EXAMPLE)]);
    await cache.findDomain(EXAMPLE);
    assert.equal(world.asked, 3);
  });

  test('is asked once by many at the same time, and they share a failure, too', async (t) => {
    const { cache, world } = await prepare(t, { tells: false });
    let release = (): void => undefined;
    world.hold = new Promise((resolve) => {
      release = resolve;
    });
    const many = Array.from({ length: 50 }, () => cache.findDomain(EXAMPLE));
    world.away = AWAY;
    const failing = Array.from({ length: 50 }, () => cache.findDomain(UNKNOWN));
    release();
    for (const answer of await Promise.all(many)) assert.equal(answer?.name, EXAMPLE);
    for (const answer of await Promise.allSettled(failing)) assert.equal(answer.status, 'rejected');
    assert.equal(world.asked, 2);
  });

  test('empty: a domain is not unknown before the first one was found', async (t) => {
    const { cache, elsewhere } = await prepare(t, { tells: false });
    await elsewhere(
      'PRAGMA foreign_keys = OFF; DELETE FROM davserver_domain; DELETE FROM server_domain; DELETE FROM domain',
    );
    assert.equal(await cache.findDomain(LATER), undefined);
    await elsewhere(INSERT_LATER);
    assert.equal((await cache.findDomain(LATER))?.name, LATER);
  });
});

test('what is stored through the cache is seen at once', async (t) => {
  const { cache } = await prepare(t, { tells: false, cacheSeconds: 1e6 });
  assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
  await cache.purge();
  assert.equal(await cache.findDomain(EXAMPLE), undefined);
  await cache.seed(SAMPLE_SEED);
  assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
});

test('an answer to a question from before a change is not kept', async (t) => {
  const { cache, world } = await prepare(t, { tells: false, cacheSeconds: 1e6 });
  let release = (): void => undefined;
  world.hold = new Promise((resolve) => {
    release = resolve;
  });
  const before = cache.findDomain(EXAMPLE);
  await cache.purge();
  world.hold = Promise.resolve();
  release();
  await before;
  assert.equal(await cache.findDomain(EXAMPLE), undefined);
  assert.equal(world.asked, 2);
});

describe('a store that is away', () => {
  test('known domains are answered for staleSeconds, unknown ones fail', async (t) => {
    const { cache, world, log } = await prepare(t, { tells: false });
    await cache.findDomain(EXAMPLE);
    await cache.findDomain(UNKNOWN);
    world.away = AWAY;
    world.ms += 59_999;
    assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
    await assert.rejects(cache.findDomain(UNKNOWN), AWAY);
    await assert.rejects(cache.findDomain(LATER), AWAY);
    world.ms += 1;
    await assert.rejects(cache.findDomain(EXAMPLE), AWAY);
    assert.equal(log.entries.length, 1);
  });

  test('nobody waits for it who can be answered, and it is asked once a second whether it is back', async (t) => {
    const { cache, world } = await prepare(t, { tells: false });
    await cache.findDomain(EXAMPLE);
    world.ms += 6_000;
    world.away = AWAY;
    await cache.findDomain(EXAMPLE);
    assert.equal(world.asked, 2);
    let release = (): void => undefined;
    world.hold = new Promise((resolve) => {
      release = resolve;
    });
    const askMany = async (): Promise<void> => {
      for (let round = 0; round < 20; round++) assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
    };
    await askMany();
    assert.equal(world.asked, 2);
    world.ms += 1_000;
    await askMany();
    assert.equal(world.asked, 3);
    world.away = undefined;
    release();
    world.ms += 1_000;
    await askMany();
    assert.equal(world.asked, 4);
  });

  for (const { name, staleSeconds, failure, isStale } of [
    { name: 'staleSeconds 0', staleSeconds: 0, failure: AWAY, isStale: false },
    { name: 'away', staleSeconds: 60, failure: AWAY, isStale: true },
    {
      name: 'its tables are missing, while a dump is read in',
      staleSeconds: 60,
      failure: new Failure('store_unprepared', 'none'),
      isStale: true,
    },
    { name: 'a mistake of ours', staleSeconds: 60, failure: new TypeError('x'), isStale: false },
  ]) {
    test(`${name}: ${isStale ? 'answered from before' : 'fails'}`, async (t) => {
      const { cache, world } = await prepare(t, { tells: false, staleSeconds });
      await cache.findDomain(EXAMPLE);
      world.ms += 6_000;
      world.away = failure as Failure;
      if (isStale) assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
      else await assert.rejects(cache.findDomain(EXAMPLE), failure);
    });
  }
});

describe('one domain that cannot be read', () => {
  test('is no outage of a store that tells its version', async (t) => {
    const { cache, elsewhere } = await prepare(t);
    await elsewhere(
      `${INSERT_LATER}; ALTER TABLE server RENAME COLUMN user_name TO old_name; ALTER TABLE server ADD COLUMN user_name`,
    );
    assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
    await elsewhere("UPDATE server SET user_name = x'ff00'; UPDATE provider SET name = 'Another'");
    assert.equal((await cache.findDomain(EXAMPLE))?.provider.name, 'Another');
  });

  test('does not keep others from being asked for again and again', async (t) => {
    const { cache, world } = await prepare(t, { tells: false });
    await cache.findDomain(EXAMPLE);
    world.ms += 6_000;
    for (let round = 0; round < 4; round++) {
      world.away = AWAY;
      await assert.rejects(cache.findDomain(UNKNOWN), AWAY);
      world.away = undefined;
      world.asked = 0;
      world.ms += 400;
      await cache.findDomain(EXAMPLE);
      if (world.asked === 1) return;
    }
    assert.fail('never asked');
  });

  test('says nothing of the store if it was asked for before a later one was answered', async (t) => {
    const { cache, world } = await prepare(t, { tells: false, cacheSeconds: 1 });
    await cache.findDomain(EXAMPLE);
    let release = (): void => undefined;
    world.hold = new Promise((resolve) => {
      release = resolve;
    });
    world.away = AWAY;
    const early = cache.findDomain(UNKNOWN);
    [world.hold, world.away] = [Promise.resolve(), undefined];
    world.ms += 2_000;
    await cache.findDomain(EXAMPLE);
    release();
    await assert.rejects(early, AWAY);
    world.ms += 2_000;
    world.asked = 0;
    await cache.findDomain(EXAMPLE);
    assert.equal(world.asked, 1);
  });
});

test('an older answer that comes late does not count', async (t) => {
  const { cache, world, elsewhere } = await prepare(t, { tells: false, cacheSeconds: 1 });
  let release = (): void => undefined;
  world.hold = new Promise((resolve) => {
    release = resolve;
  });
  const early = cache.findDomain(LATER);
  world.hold = Promise.resolve();
  world.ms += 2_000;
  await elsewhere(INSERT_LATER);
  assert.equal((await cache.findDomain(LATER))?.name, LATER);
  await elsewhere('DELETE FROM domain WHERE id = 99');
  release();
  assert.equal(await early, undefined);
  assert.equal((await cache.findDomain(LATER))?.name, LATER, 'the later answer is kept');
});

for (const { name, change } of [
  {
    name: 'a reload',
    change: async (cache: CachedSettingsStore) => cache.configure({ cacheSeconds: 5, staleSeconds: 60 }),
  },
  {
    name: 'a seed that fails',
    change: async (cache: CachedSettingsStore) => cache.seed(SAMPLE_SEED).catch(() => undefined),
  },
]) {
  test(`${name} takes away no answer while the store is away`, async (t) => {
    const { cache, world } = await prepare(t, { tells: false });
    await cache.findDomain(EXAMPLE);
    world.away = AWAY;
    await change(cache);
    assert.equal((await cache.findDomain(EXAMPLE))?.name, EXAMPLE);
    assert.equal(world.asked, 2);
  });
}

describe('bounds', () => {
  const { maxDomains, maxUnknownDomains } = CACHE_LIMITS;
  const number = (index: number) => domainName(`n${index}.example`);
  const insert = (count: number): string =>
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
     INSERT INTO domain (id, name, provider_id) SELECT i + 100, 'n' || i || '.example', 1 FROM n;`;

  for (const { name, domains, kept } of [
    { name: 'below', domains: maxDomains - 1, kept: true },
    { name: 'at', domains: maxDomains, kept: true },
    { name: 'above', domains: maxDomains + 1, kept: false },
  ]) {
    test(`${name} the number of domains: the first one is ${kept ? 'kept' : 'asked for again'}`, async (t) => {
      const { cache, world, elsewhere } = await prepare(t);
      await elsewhere(insert(domains));
      for (let index = 1; index <= domains; index++) await cache.findDomain(number(index));
      assert.equal(world.asked, domains);
      await cache.findDomain(number(domains));
      assert.equal(world.asked, domains, 'the last one is kept');
      await cache.findDomain(number(1));
      assert.equal(world.asked, domains + (kept ? 0 : 1));
    });
  }

  test('a domain that is asked for time and again is kept', async (t) => {
    const { cache, world, elsewhere } = await prepare(t);
    await elsewhere(insert(maxDomains + 10));
    for (let index = 1; index <= maxDomains + 10; index++) {
      await cache.findDomain(number(1));
      await cache.findDomain(number(index));
    }
    assert.equal(world.asked, maxDomains + 10);
  });

  test('one more is kept where all others are asked for time and again', async (t) => {
    const { cache, world, elsewhere } = await prepare(t);
    await elsewhere(insert(maxDomains + 1));
    for (let round = 0; round < 2; round++) {
      for (let index = 1; index <= maxDomains; index++) await cache.findDomain(number(index));
    }
    await cache.findDomain(number(maxDomains + 1));
    world.asked = 0;
    await cache.findDomain(number(maxDomains + 1));
    assert.equal(world.asked, 0);
  });

  test('one that does not fit by itself drives out no other', async (t) => {
    const { cache, world, elsewhere } = await prepare(t);
    await elsewhere(
      `${insert(1)} INSERT INTO davserver (id, url, port, type, use_ssl, domain_required)
       VALUES (99, 'https://dav.example/' || printf('%.${CACHE_LIMITS.maxCharacters}c', 'x'), 443, 'caldav', 1, 0);
       INSERT INTO davserver_domain (davserver_id, domain_id) SELECT 99, id FROM domain WHERE id > 100;`,
    );
    await cache.findDomain(EXAMPLE);
    for (const wanted of [2, 3]) {
      assert.equal((await cache.findDomain(number(1)))?.davServers.length, 1);
      await cache.findDomain(EXAMPLE);
      assert.equal(world.asked, wanted);
    }
  });

  test('domains with very much to say are fewer', async (t) => {
    const { cache, world, elsewhere } = await prepare(t);
    const size = CACHE_LIMITS.maxCharacters / 4;
    await elsewhere(
      `${insert(5)} INSERT INTO davserver (id, url, port, type, use_ssl, domain_required)
       VALUES (99, 'https://dav.example/' || printf('%.${size}c', 'x'), 443, 'caldav', 1, 0);
       INSERT INTO davserver_domain (davserver_id, domain_id) SELECT 99, id FROM domain WHERE id > 100;`,
    );
    for (let index = 1; index <= 5; index++) await cache.findDomain(number(index));
    await cache.findDomain(number(5));
    assert.equal(world.asked, 5);
    await cache.findDomain(number(1));
    assert.equal(world.asked, 6);
  });

  test('unknown domains, however many, push out no served one', async (t) => {
    const { cache, world } = await prepare(t);
    await cache.findDomain(EXAMPLE);
    for (let index = 0; index <= maxUnknownDomains; index++) await cache.findDomain(number(index));
    world.asked = 0;
    await cache.findDomain(EXAMPLE);
    await cache.findDomain(number(maxUnknownDomains));
    assert.equal(world.asked, 0);
    await cache.findDomain(number(0));
    assert.equal(world.asked, 1);
  });
});

test('other options count at once, and nothing is remembered', async (t) => {
  const { cache, world } = await prepare(t, { tells: false });
  await cache.findDomain(EXAMPLE);
  cache.configure({ cacheSeconds: 1e6, staleSeconds: 0 });
  await cache.findDomain(EXAMPLE);
  world.ms += 1e6;
  await cache.findDomain(EXAMPLE);
  assert.equal(world.asked, 2);
});
