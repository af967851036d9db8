import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { SettingsDatabase } from '../../../src/adapters/database/settings-database.ts';
import { SqliteConnection } from '../../../src/adapters/database/sqlite/connection.ts';
import { CACHE_LIMITS, CachedSettings, type CacheOptions } from '../../../src/app/cache/cached-settings.ts';
import { SAMPLE_SEED } from '../../../src/app/sample-seed.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { MAX_SERVERS } from '../../../src/domain/read-rows.ts';
import type { SettingsReader } from '../../../src/ports/settings-reader.ts';
import { domainName } from '../../domain/samples.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { SCHEMA } from '../../support/schema.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const EXAMPLE = domainName('example.com');
const LATER = domainName('later.example');
const UNKNOWN = domainName('unknown.example');

const INSERT_LATER = "INSERT INTO domain (id, name, provider_id) VALUES (99, 'later.example', 1)";

const OPTIONS: CacheOptions = { cacheSeconds: 5, staleSeconds: 60, maxConnections: 1_000 };

/**
 * A cache over a real SQLite file that counts and can be held up: `tells` false makes it a store that cannot tell whether
 * something changed, as those of database servers are. Time goes on only as the test says.
 */
async function prepare(t: TestContext, { tells = true, ...options }: Partial<CacheOptions> & { tells?: boolean } = {}) {
  const file = join(temporaryFolder(t), 'db.sqlite');
  const log = new MemoryLog();
  const store = new SettingsDatabase(new SqliteConnection(Database, file), log);
  t.after(() => store.close());
  await store.seed(SAMPLE_SEED);
  const world = {
    ms: 1_000_000,
    asked: 0,
    pinged: 0,
    away: undefined as Failure | undefined,
    hold: Promise.resolve(),
    holdPing: Promise.resolve(),
  };
  const counting: SettingsReader = {
    async find(name) {
      world.asked += 1;
      const { away, hold } = world;
      await hold;
      if (away !== undefined) throw away;
      return store.find(name);
    },
    walk: (choice) => store.walk(choice),
    version: () => (tells ? store.version() : undefined),
    ping: async () => {
      world.pinged += 1;
      await world.holdPing;
      if (world.away !== undefined) throw world.away;
      return store.ping();
    },
    close: () => store.close(),
  };
  const clock = { now: () => new Date(0), elapsedMs: () => world.ms };
  const cache = new CachedSettings(counting, { ...OPTIONS, ...options }, { clock, log });
  /** Runs SQL as another program would: what comes after it comes in a later turn of the event loop. */
  const elsewhere = async (sql: string): Promise<void> => {
    const other = new Database(file);
    other.exec(sql);
    other.close();
    await nextTurn();
  };
  return { file, log, cache, store, world, elsewhere };
}

const AWAY = new Failure('store_unavailable', 'gone');

describe('a store that tells when something changed', () => {
  test('is asked once, for served and unknown domains, however much time passes', async (t) => {
    const { cache, world } = await prepare(t);
    for (let round = 0; round < 3; round++) {
      assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
      assert.equal(await cache.find(UNKNOWN), undefined);
      world.ms += 1e9;
    }
    assert.equal(world.asked, 2);
  });

  test('is asked again at once when another program changed it', async (t) => {
    const { cache, elsewhere } = await prepare(t, { cacheSeconds: 1e6 });
    assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
    assert.equal(await cache.find(LATER), undefined);
    await elsewhere(INSERT_LATER);
    assert.equal((await cache.find(LATER))?.name, LATER);
    await elsewhere("UPDATE provider SET name = 'Another'");
    assert.equal((await cache.find(EXAMPLE))?.settings.provider.name, 'Another');
    await elsewhere('DELETE FROM domain WHERE id = 99');
    assert.equal(await cache.find(LATER), undefined);
  });

  test('locked: answers what it knew, fails for the rest, and is back when the lock is gone', async (t) => {
    const { file, cache, world, log } = await prepare(t);
    await cache.find(EXAMPLE);
    const other = new Database(file);
    t.after(() => other.close());
    other.exec('BEGIN EXCLUSIVE');
    await nextTurn();
    assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
    await assert.rejects(cache.find(UNKNOWN), { code: 'store_unavailable' });
    assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
    other.exec(`${INSERT_LATER}; COMMIT`);
    world.ms += 1_000;
    assert.equal((await cache.find(LATER))?.name, LATER);
    assert.deepEqual(
      log.entries.map(({ level, message }) => `${level} ${message}`),
      [
        'ERROR look-ups in the database fail: sqlite: database is locked',
        'WARNING look-ups in the database are answered again',
      ],
    );
  });

  test('deleted: answers what it knew', async (t) => {
    const { file, cache } = await prepare(t);
    await cache.find(EXAMPLE);
    rmSync(file);
    await nextTurn();
    assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
    await assert.rejects(cache.find(UNKNOWN), { code: 'store_unprepared' });
  });

  test('replaced by another file: answers from that one', async (t) => {
    const { file, cache, elsewhere } = await prepare(t);
    assert.equal(await cache.find(LATER), undefined);
    rmSync(file);
    await elsewhere(`${SCHEMA} INSERT INTO provider VALUES (1, 'P', 'P'); ${INSERT_LATER}`);
    assert.equal((await cache.find(LATER))?.name, LATER);
    assert.equal(await cache.find(EXAMPLE), undefined);
  });
});

describe('a store that cannot tell', () => {
  test('is asked again when an answer is older than cacheSeconds, counted from the question', async (t) => {
    const { cache, world, elsewhere } = await prepare(t, { tells: false });
    await cache.find(EXAMPLE);
    assert.equal(await cache.find(LATER), undefined);
    await elsewhere(INSERT_LATER);
    world.ms += 4_999;
    assert.equal(await cache.find(LATER), undefined);
    assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
    assert.equal(world.asked, 2);
    world.ms += 1;
    assert.equal((await cache.find(LATER))?.name, LATER);
    await cache.find(EXAMPLE);
    assert.equal(world.asked, 4);
  });

  test('is asked each time if cacheSeconds is 0', async (t) => {
    const { cache, world } = await prepare(t, { tells: false, cacheSeconds: 0 });
    await Promise.all([cache.find(EXAMPLE), cache.find(EXAMPLE)]);
    await cache.find(EXAMPLE);
    assert.equal(world.asked, 3);
  });

  test('is asked once by many at the same time, and they share a failure, too', async (t) => {
    const { cache, world } = await prepare(t, { tells: false });
    let release = (): void => undefined;
    world.hold = new Promise((resolve) => {
      release = resolve;
    });
    const many = Array.from({ length: 50 }, () => cache.find(EXAMPLE));
    world.away = AWAY;
    const failing = Array.from({ length: 50 }, () => cache.find(UNKNOWN));
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
    assert.equal(await cache.find(LATER), undefined);
    await elsewhere(INSERT_LATER);
    assert.equal((await cache.find(LATER))?.name, LATER);
  });
});

test('what we change ourselves is seen at once', async (t) => {
  const { cache, store } = await prepare(t, { tells: false, cacheSeconds: 1e6 });
  assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
  await store.purge();
  cache.changed(true);
  assert.equal(await cache.find(EXAMPLE), undefined);
  await store.seed(SAMPLE_SEED);
  cache.changed(true);
  assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
});

test('an answer to a question from before a change is not kept', async (t) => {
  const { cache, store, world } = await prepare(t, { tells: false, cacheSeconds: 1e6 });
  let release = (): void => undefined;
  world.hold = new Promise((resolve) => {
    release = resolve;
  });
  const before = cache.find(EXAMPLE);
  await store.purge();
  cache.changed(true);
  world.hold = Promise.resolve();
  release();
  await before;
  assert.equal(await cache.find(EXAMPLE), undefined);
  assert.equal(world.asked, 2);
});

describe('a store that is away', () => {
  test('known domains are answered for staleSeconds, unknown ones fail', async (t) => {
    const { cache, world, log } = await prepare(t, { tells: false });
    await cache.find(EXAMPLE);
    await cache.find(UNKNOWN);
    world.away = AWAY;
    world.ms += 59_999;
    assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
    await assert.rejects(cache.find(UNKNOWN), AWAY);
    await assert.rejects(cache.find(LATER), AWAY);
    world.ms += 1;
    await assert.rejects(cache.find(EXAMPLE), AWAY);
    assert.equal(log.entries.length, 1);
  });

  test('nobody waits for it who can be answered, and it is asked once a second whether it is back', async (t) => {
    const { cache, world } = await prepare(t, { tells: false });
    await cache.find(EXAMPLE);
    world.ms += 6_000;
    world.away = AWAY;
    await cache.find(EXAMPLE);
    assert.equal(world.asked, 2);
    let release = (): void => undefined;
    world.hold = new Promise((resolve) => {
      release = resolve;
    });
    const askMany = async (): Promise<void> => {
      for (let round = 0; round < 20; round++) assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
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
      await cache.find(EXAMPLE);
      world.ms += 6_000;
      world.away = failure as Failure;
      if (isStale) assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
      else await assert.rejects(cache.find(EXAMPLE), failure);
    });
  }
});

describe('one domain that cannot be read', () => {
  test('is no outage of a store that tells its version', async (t) => {
    const { cache, elsewhere } = await prepare(t);
    await elsewhere(
      `${INSERT_LATER}; ALTER TABLE server RENAME COLUMN user_name TO old_name; ALTER TABLE server ADD COLUMN user_name`,
    );
    assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
    await elsewhere("UPDATE server SET user_name = x'ff00'; UPDATE provider SET name = 'Another'");
    assert.equal((await cache.find(EXAMPLE))?.settings.provider.name, 'Another');
  });

  test('does not keep others from being asked for again and again', async (t) => {
    const { cache, world } = await prepare(t, { tells: false });
    await cache.find(EXAMPLE);
    world.ms += 6_000;
    for (let round = 0; round < 4; round++) {
      world.away = AWAY;
      await assert.rejects(cache.find(UNKNOWN), AWAY);
      world.away = undefined;
      world.asked = 0;
      world.ms += 400;
      await cache.find(EXAMPLE);
      if (world.asked === 1) return;
    }
    assert.fail('never asked');
  });

  test('says nothing of the store if it was asked for before a later one was answered', async (t) => {
    const { cache, world } = await prepare(t, { tells: false, cacheSeconds: 1 });
    await cache.find(EXAMPLE);
    let release = (): void => undefined;
    world.hold = new Promise((resolve) => {
      release = resolve;
    });
    world.away = AWAY;
    const early = cache.find(UNKNOWN);
    [world.hold, world.away] = [Promise.resolve(), undefined];
    world.ms += 2_000;
    await cache.find(EXAMPLE);
    release();
    await assert.rejects(early, AWAY);
    world.ms += 2_000;
    world.asked = 0;
    await cache.find(EXAMPLE);
    assert.equal(world.asked, 1);
  });
});

test('an older answer that comes late does not count', async (t) => {
  const { cache, world, elsewhere } = await prepare(t, { tells: false, cacheSeconds: 1 });
  let release = (): void => undefined;
  world.hold = new Promise((resolve) => {
    release = resolve;
  });
  const early = cache.find(LATER);
  world.hold = Promise.resolve();
  world.ms += 2_000;
  await elsewhere(INSERT_LATER);
  assert.equal((await cache.find(LATER))?.name, LATER);
  await elsewhere('DELETE FROM domain WHERE id = 99');
  release();
  assert.equal(await early, undefined);
  assert.equal((await cache.find(LATER))?.name, LATER, 'the later answer is kept');
});

for (const { name, change } of [
  {
    name: 'a reload',
    change: (cache: CachedSettings) => cache.configure(OPTIONS),
  },
  {
    name: 'a seed that fails',
    change: (cache: CachedSettings) => cache.changed(false),
  },
]) {
  test(`${name} takes away no answer while the store is away`, async (t) => {
    const { cache, world } = await prepare(t, { tells: false });
    await cache.find(EXAMPLE);
    world.away = AWAY;
    change(cache);
    assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
    assert.equal(world.asked, 2);
  });
}

describe('a store that is slow', () => {
  /** Holds up all that is asked from now on, until told otherwise. */
  const holdUp = (world: { hold: Promise<void>; holdPing: Promise<void> }): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    world.hold = promise;
    world.holdPing = promise;
    return resolve;
  };

  test('a known domain is answered as before, and its new settings are kept once they come', async (t) => {
    const { cache, world, elsewhere, log } = await prepare(t, { tells: false });
    await cache.find(EXAMPLE);
    const release = holdUp(world);
    world.ms += 5_000;
    const [first, second] = await Promise.all([cache.find(EXAMPLE), cache.find(EXAMPLE)]);
    assert.deepEqual([first?.name, second?.name], [EXAMPLE, EXAMPLE]);
    assert.equal(world.asked, 2);
    await elsewhere("UPDATE provider SET name = 'Another'");
    release();
    await nextTurn();
    assert.equal((await cache.find(EXAMPLE))?.settings.provider.name, 'Another');
    assert.deepEqual([world.asked, log.entries], [2, []]);
  });

  test('half of the connections may wait for it: more are refused, and known domains answered', async (t) => {
    const { cache, world } = await prepare(t, { tells: false, maxConnections: 20 });
    await cache.find(EXAMPLE);
    const release = holdUp(world);
    world.ms += 5_000;
    let answered = 0;
    const waiting = Array.from({ length: 10 }, async (_, index) => {
      assert.equal(await cache.find(domainName(`d${index}.example`)), undefined);
      answered += 1;
    });
    for (let round = 0; round < 20; round++) {
      await assert.rejects(cache.find(UNKNOWN), { code: 'store_unavailable' });
      assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
      assert.equal(await cache.check(), 'remembered');
    }
    assert.deepEqual([world.asked, answered], [11, 0]);
    release();
    await Promise.all(waiting);
    assert.equal(await cache.find(UNKNOWN), undefined);
  });

  test('health is asked for by as many, answers from memory count, and so does the last failure', async (t) => {
    const { cache, world, log } = await prepare(t, { tells: false, maxConnections: 20 });
    world.away = AWAY;
    await assert.rejects(cache.check(), AWAY);
    world.ms += 1_000;
    world.away = undefined;
    const release = holdUp(world);
    await assert.rejects(cache.check(), AWAY);
    release();
    assert.equal(await cache.check(), 'ready');
    const releaseAgain = holdUp(world);
    world.ms += 1_000;
    const waiting = Array.from({ length: 10 }, () => cache.check());
    const told = log.entries.length;
    await assert.rejects(cache.check(), { code: 'store_unavailable' });
    // Strangers decide how many wait: the log does not follow them.
    assert.equal(log.entries.length, told);
    cache.configure({ ...OPTIONS, maxConnections: 40 });
    world.hold = Promise.resolve();
    await cache.find(EXAMPLE);
    assert.equal(await cache.check(), 'remembered');
    releaseAgain();
    assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['ready']));
  });
});

describe('health', () => {
  test('is asked for once a second at most, whoever asks how often', async (t) => {
    const { cache, world } = await prepare(t);
    for (let round = 0; round < 5; round++) assert.equal(await cache.check(), 'ready');
    assert.equal(world.pinged, 1);
    world.ms += 1_000;
    assert.deepEqual(await Promise.all([cache.check(), cache.check()]), ['ready', 'ready']);
    assert.equal(world.pinged, 2);
  });

  test('the last answer counts for a second, although nobody waits so long for it', async (t) => {
    const { cache, world } = await prepare(t);
    await cache.find(EXAMPLE);
    assert.equal(await cache.check(), 'ready');
    world.ms += 999;
    assert.equal(await cache.check(), 'ready');
    assert.equal(world.pinged, 1);
  });

  test('the log says once why it fails, and once that it does no longer', async (t) => {
    const { cache, world, log } = await prepare(t);
    world.away = AWAY;
    for (let round = 0; round < 3; round++) {
      world.ms += 1_000;
      await assert.rejects(cache.check(), AWAY);
    }
    world.away = undefined;
    world.ms += 1_000;
    assert.equal(await cache.check(), 'ready');
    const lines = log.entries.map(({ level, message }) => `${level} ${message}`);
    assert.deepEqual(lines, ['ERROR health checks fail: gone', 'WARNING health checks are answered again']);
  });

  test('the log says why it turns from memory to failure, although look-ups have failed for long', async (t) => {
    const { cache, world, log } = await prepare(t, { tells: false });
    await cache.find(EXAMPLE);
    world.away = AWAY;
    await assert.rejects(cache.find(UNKNOWN), AWAY);
    assert.equal(await cache.check(), 'remembered');
    world.ms += 60_000;
    for (let round = 0; round < 3; round++) {
      world.ms += 1_000;
      await assert.rejects(cache.check(), AWAY);
    }
    world.away = undefined;
    world.ms += 1_000;
    await cache.find(UNKNOWN);
    assert.equal(await cache.check(), 'ready');
    assert.deepEqual(
      log.entries.map(({ message }) => message),
      [
        'look-ups in the database fail: gone',
        'health checks fail: gone',
        'look-ups in the database are answered again',
        'health checks are answered again',
      ],
    );
  });

  test('the log does not say twice what look-ups met before it', async (t) => {
    const { cache, world, log } = await prepare(t);
    world.away = AWAY;
    await assert.rejects(cache.find(UNKNOWN), AWAY);
    for (let round = 0; round < 3; round++) {
      world.ms += 1_000;
      await assert.rejects(cache.check(), AWAY);
    }
    assert.equal(log.entries.length, 1);
  });

  test('a failure is an answer, too, and is asked for as seldom', async (t) => {
    const { cache, world } = await prepare(t);
    world.away = AWAY;
    for (let round = 0; round < 5; round++) await assert.rejects(cache.check(), AWAY);
    assert.equal(world.pinged, 1);
  });

  test('without any domain it is "empty", and a change of ours is seen at once', async (t) => {
    const { cache, store } = await prepare(t);
    assert.equal(await cache.check(), 'ready');
    await store.purge();
    cache.changed(true);
    assert.equal(await cache.check(), 'empty');
  });

  test('stale answers count for as long as they serve', async (t) => {
    const { cache, world } = await prepare(t, { tells: false });
    await cache.find(EXAMPLE);
    world.away = AWAY;
    world.ms += 59_999;
    assert.equal(await cache.check(), 'remembered');
    world.ms += 1_000;
    await assert.rejects(cache.check(), AWAY);
  });
});

describe('health of a store that does not answer', () => {
  test('nobody waits once it is known, and one question is open at a time', async (t) => {
    const { cache, world } = await prepare(t, { tells: false });
    await cache.find(EXAMPLE);
    world.away = AWAY;
    assert.equal(await cache.check(), 'remembered');
    let release = (): void => undefined;
    world.holdPing = new Promise((resolve) => {
      release = resolve;
    });
    for (let round = 0; round < 5; round++) {
      world.ms += 1_000;
      assert.equal(await cache.check(), 'remembered');
    }
    assert.equal(world.pinged, 2);
    release();
  });

  test('answers that are still fresh count, too', async (t) => {
    const { cache, world } = await prepare(t, { tells: false, cacheSeconds: 5, staleSeconds: 0 });
    await cache.find(EXAMPLE);
    world.away = AWAY;
    assert.equal(await cache.check(), 'remembered');
    world.ms += 5_000;
    await assert.rejects(cache.check(), AWAY);
  });
});

describe('bounds', () => {
  const { maxDomains, maxOtherNames } = CACHE_LIMITS;
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
      for (let index = 1; index <= domains; index++) await cache.find(number(index));
      assert.equal(world.asked, domains);
      await cache.find(number(domains));
      assert.equal(world.asked, domains, 'the last one is kept');
      await cache.find(number(1));
      assert.equal(world.asked, domains + (kept ? 0 : 1));
    });
  }

  test('a domain that is asked for time and again is kept', async (t) => {
    const { cache, world, elsewhere } = await prepare(t);
    await elsewhere(insert(maxDomains + 10));
    for (let index = 1; index <= maxDomains + 10; index++) {
      await cache.find(number(1));
      await cache.find(number(index));
    }
    assert.equal(world.asked, maxDomains + 10);
  });

  test('one more is kept where all others are asked for time and again', async (t) => {
    const { cache, world, elsewhere } = await prepare(t);
    await elsewhere(insert(maxDomains + 1));
    for (let round = 0; round < 2; round++) {
      for (let index = 1; index <= maxDomains; index++) await cache.find(number(index));
    }
    await cache.find(number(maxDomains + 1));
    world.asked = 0;
    await cache.find(number(maxDomains + 1));
    assert.equal(world.asked, 0);
  });

  test('domains with very much to say are fewer', async (t) => {
    const { cache, world, elsewhere } = await prepare(t);
    // Of the largest that are usable, not even 14 fit.
    assert.ok(14 * MAX_SERVERS * 1_200 > CACHE_LIMITS.maxCharacters);
    await elsewhere(
      `${insert(14)} WITH RECURSIVE n (id) AS (SELECT 100 UNION ALL SELECT id + 1 FROM n LIMIT ${MAX_SERVERS})
         INSERT INTO davserver (id, url, port, type, use_ssl, domain_required)
         SELECT id, 'https://dav.example/', 443, 'caldav', 1, 0 FROM n;
       INSERT INTO davserver_domain (davserver_id, domain_id)
         SELECT davserver.id, domain.id FROM davserver, domain WHERE davserver.id >= 100 AND domain.id > 100;`,
    );
    for (let index = 1; index <= 14; index++) await cache.find(number(index));
    await cache.find(number(14));
    assert.equal(world.asked, 14);
    await cache.find(number(1));
    assert.equal(world.asked, 15);
  });

  test('unknown domains, however many, push out no served one', async (t) => {
    const { cache, world } = await prepare(t);
    await cache.find(EXAMPLE);
    for (let index = 0; index <= maxOtherNames; index++) await cache.find(number(index));
    world.asked = 0;
    await cache.find(EXAMPLE);
    await cache.find(number(maxOtherNames));
    assert.equal(world.asked, 0);
    await cache.find(number(0));
    assert.equal(world.asked, 1);
  });
});

test('other options count at once, and nothing is remembered', async (t) => {
  const { cache, world } = await prepare(t, { tells: false });
  await cache.find(EXAMPLE);
  cache.configure({ ...OPTIONS, cacheSeconds: 1e6, staleSeconds: 0 });
  await cache.find(EXAMPLE);
  world.ms += 1e6;
  await cache.find(EXAMPLE);
  assert.equal(world.asked, 2);
});

describe('a wildcard', () => {
  const INSERT_WILDCARD =
    "INSERT INTO domain (id, name, provider_id) VALUES (98, '*.wild.example', 1); INSERT INTO server_domain VALUES (1, 98)";
  const names = (count: number) => Array.from({ length: count }, (_value, at) => domainName(`n${at}.wild.example`));

  test('is kept once, however many domains it serves, and pushes none out', async (t) => {
    const { cache, elsewhere, world } = await prepare(t, { tells: false, cacheSeconds: 1e6 });
    await elsewhere(INSERT_WILDCARD);
    await cache.find(EXAMPLE);
    for (const name of names(CACHE_LIMITS.maxOtherNames + 100)) {
      const found = await cache.find(name);
      assert.deepEqual([found?.name, found?.settings.wildcard], [name, '*.wild.example']);
    }
    assert.equal(cache.counts.domains, 2);
    assert.ok(cache.counts.others <= CACHE_LIMITS.maxOtherNames);
    const { asked } = world;
    assert.equal((await cache.find(EXAMPLE))?.name, EXAMPLE);
    assert.equal(world.asked, asked);
  });

  test('serves a name from memory, under that name', async (t) => {
    const { cache, elsewhere, world } = await prepare(t, { tells: false });
    await elsewhere(INSERT_WILDCARD);
    const [a, b] = names(2);
    assert.ok(a !== undefined && b !== undefined);
    for (const name of [a, b, a, b]) assert.equal((await cache.find(name))?.name, name);
    assert.equal(world.asked, 2);
  });

  test('a row of its own counts for a name in time, even while others are asked for', async (t) => {
    const { cache, elsewhere, world } = await prepare(t, { tells: false, cacheSeconds: 5 });
    await elsewhere(INSERT_WILDCARD);
    const [a, ...others] = names(10);
    assert.ok(a !== undefined);
    assert.equal((await cache.find(a))?.settings.wildcard, '*.wild.example');
    await elsewhere(`INSERT INTO domain (id, name, provider_id) VALUES (97, '${a}', 1)`);
    for (const other of others) {
      world.ms += 1_000;
      assert.equal((await cache.find(other))?.name, other);
    }
    assert.equal((await cache.find(a))?.settings.wildcard, undefined);
    await elsewhere('DELETE FROM domain WHERE id = 97');
    world.ms += 5_000;
    assert.equal((await cache.find(a))?.settings.wildcard, '*.wild.example');
    await elsewhere('DELETE FROM server_domain WHERE domain_id = 98; DELETE FROM domain WHERE id = 98');
    world.ms += 5_000;
    assert.equal(await cache.find(a), undefined);
  });

  test('serves the names that it served while the database is unreachable, and no other', async (t) => {
    const { cache, elsewhere, world } = await prepare(t, { tells: false });
    await elsewhere(INSERT_WILDCARD);
    const [a, b] = names(2);
    assert.ok(a !== undefined && b !== undefined);
    await cache.find(a);
    world.away = AWAY;
    world.ms += 10_000;
    assert.equal((await cache.find(a))?.name, a);
    await assert.rejects(cache.find(b), { code: 'store_unavailable' });
  });
});
