import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, openStore } from '../../src/adapters/database/connect.ts';
import { plain } from '../../src/adapters/database/connection.ts';
import { type DatabaseUrl, parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import type { Deadlines } from '../../src/adapters/database/deadlines.ts';
import { CLOCK } from '../../src/app/open-log.ts';
import { SAMPLE_SEED } from '../../src/app/sample-seed.ts';
import type { DatabaseServer } from '../support/database-server.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { launchProgram } from '../support/program.ts';
import type { TestServer } from '../support/server-database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { autodiscoverRequest, NO_CACHE, startTestDaemon, type TestDaemon } from '../support/test-daemon.ts';

/** What the suite cannot say in the same words to every server. */
export interface Engine {
  readonly server: TestServer;
  /** How an administrator ends the server, and how an accident does. */
  readonly endings: { readonly ordered: NodeJS.Signals; readonly sudden: NodeJS.Signals };
  /** The beginning of a database URL. */
  readonly scheme: string;
  readonly sql: {
    createUser(user: string, password: string): string;
    setPassword(user: string, password: string): string;
    refuseLogin(user: string): string;
    permitLogin(user: string): string;
    grantSelect(user: string, database: string, table: string): string;
    revokeSelect(user: string, database: string, table: string): string;
    grantAll(user: string, database: string): string;
    lock(table: string): string;
    /** As `lock`, but others may read. */
    lockForWriters(table: string): string;
    readonly unlock: string;
    /** Makes what is stored from now on outlive a sudden end of the server, until then. */
    readonly makeDurable: string;
    /** How many of a user's statements wait for a lock: `n`. */
    waiting(user: string): string;
    /** Ids of a user's connections: `id`. */
    connections(user: string): string;
    cut(id: unknown): string;
  };
  /** What the log says, by trouble. */
  readonly words: Readonly<Record<Trouble, RegExp>>;
}

type Trouble =
  | 'stopped'
  | 'killed'
  | 'frozen'
  | 'wrong password'
  | 'login refused'
  | 'database missing'
  | 'table missing'
  | 'permission denied'
  | 'permission denied for a table'
  | 'table locked'
  | 'connection cut';

const TABLES = ['provider', 'server', 'davserver', 'ldapserver', 'domain', 'server_domain', 'davserver_domain'];

/** Short, so that the tests are; long enough for a busy machine to do what it should in time. */
const DEADLINES: Deadlines = {
  maxConnections: 3,
  connectMs: 1_000,
  statementMs: 800,
  changeMs: 10_000,
  marginMs: 400,
  idleMs: 60_000,
};

/** Nothing of a request may take longer than all deadlines together; what does is a hang. */
const HANG_MS = 15_000;

// No word of it is found anywhere else.
const PASSWORD = 'Zq7Xk9Wv4';

/** Asks again until the answer is yes. */
async function eventually(what: string, check: () => Promise<boolean>, limitMs = HANG_MS): Promise<void> {
  for (const limit = Date.now() + limitMs; !(await check()); await sleep(20)) {
    if (Date.now() > limit) assert.fail(`in vain: ${what}`);
  }
}

const get = (base: string, path: string): Promise<Response> =>
  fetch(base + path, { signal: AbortSignal.timeout(HANG_MS) });

const lookUp = (base: string): Promise<Response> => get(base, '/mail/config-v1.1.xml?emailaddress=a@example.com');

/** One request of each kind, at the same time. */
const askAll = (base: string): Promise<readonly Response[]> =>
  Promise.all([
    lookUp(base),
    fetch(`${base}/autodiscover/autodiscover.xml`, {
      method: 'POST',
      body: autodiscoverRequest('a@example.com'),
      signal: AbortSignal.timeout(HANG_MS),
    }),
    get(base, '/autodiscover/autodiscover.json?Email=a@example.com&Protocol=AutodiscoverV1'),
    get(base, '/mobileconfig/?emailaddress=a@example.com'),
  ]);

/** Health is asked of the database once a second at most. */
const healthIs = (base: string, status: number): Promise<void> =>
  eventually(`health is ${status}`, async () => (await get(base, '/healthz')).status === status);

const AWAY = 'The database is unreachable, try again later\n';
const UNPREPARED = 'The database is not prepared yet\n';

async function assertAway(response: Response, text: string): Promise<void> {
  assert.equal(response.status, 503, response.url);
  assert.match(response.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  const type = response.headers.get('content-type');
  const body = await response.text();
  if (type === 'application/json') assert.equal(`${JSON.parse(body)['ErrorMessage']}\n`, text);
  else assert.deepEqual([type, body], ['text/plain; charset=utf-8', text], response.url);
}

/** What an operator who does not want to be told about each request reads, without the times. */
const noticed = (log: readonly string[]): readonly string[] =>
  log.filter((line) => / (?:WARNING|ERROR|CRITICAL) /.test(line)).map((line) => line.replace(/^\S+ /, ''));

/** Every entry matches its pattern, and there is none beside. */
function assertNoticed(log: readonly string[], patterns: readonly RegExp[]): void {
  const lines = noticed(log);
  assert.equal(lines.length, patterns.length, lines.join('') || 'nothing was said');
  for (const [index, pattern] of patterns.entries()) assert.match(lines[index] ?? '', pattern);
}

const BACK = /^WARNING look-ups in the database are answered again\n$/;
const failing = (words: RegExp): RegExp => new RegExp(`^ERROR look-ups in the database fail: ${words.source}`);
const failingAtStart = (words: RegExp): RegExp =>
  new RegExp(`^ERROR the database is unreachable, look-ups fail until it is back: ${words.source}`);

/** The same troubles for every server that is asked over a network. */
export function serverTroubles(engine: Engine): void {
  const { server: host, sql, words } = engine;
  const running = (): DatabaseServer => host.server ?? assert.fail(host.missing);
  let users = 0;
  let isEnded = false;

  const endServer = async (signal: NodeJS.Signals): Promise<void> => {
    await running().stop(signal);
    isEnded = true;
  };
  /** Starts it again if it was ended, lets it go on if it was frozen. */
  const mendServer = async (): Promise<void> => {
    running().thaw();
    if (isEnded) await startAgain(running());
    isEnded = false;
  };

  /** A database with the sample data, and a user who may read them and no more, as an operator would have it. */
  const prepare = async (t: TestContext) => {
    users += 1;
    // First, as everything that is registered later needs a server to clean up.
    t.after(mendServer);
    const user = `reader_${process.pid}_${users}`;
    const administratorUrl = await host.database(t, 'tcp');
    const { database = '' } = parseDatabaseUrl(administratorUrl) as { database?: string };
    const seed = async (): Promise<void> => {
      const context = { log: new MemoryLog(), clock: CLOCK, echo: undefined };
      const store = await openStore(parseDatabaseUrl(administratorUrl), context);
      await store.seed(SAMPLE_SEED);
      await store.close();
    };
    /** For each table; on one connection, as PostgreSQL spends more on another than on the statements. */
    const forTables = async (statement: Engine['sql']['grantSelect' | 'revokeSelect']): Promise<void> => {
      const { run, close } = await host.session(t, administratorUrl);
      for (const table of TABLES) await run(statement(user, database, table));
      await close();
    };
    const grant = (): Promise<void> => forTables(sql.grantSelect);
    await host.administer(sql.makeDurable);
    await seed();
    await host.administer(sql.createUser(user, PASSWORD));
    await grant();
    const uri = `${engine.scheme}://${user}:${PASSWORD}@127.0.0.1:${running().port}/${database}`;
    return {
      user,
      database,
      administratorUrl,
      uri,
      url: parseDatabaseUrl(uri),
      seed,
      grant,
      revoke: () => forTables(sql.revokeSelect),
      /** Cuts all connections of the daemon's, and waits until they are gone. */
      async cut(): Promise<void> {
        await eventually('connections are cut', async () => {
          const connections = await host.administer(sql.connections(user));
          // One that ended meanwhile cannot be cut.
          for (const { id } of connections) await host.administer(sql.cut(id)).catch(() => undefined);
          return connections.length === 0;
        });
      },
      waiting: async (): Promise<number> => Number((await host.administer(sql.waiting(user)))[0]?.['n']),
      async lock(): Promise<() => Promise<void>> {
        const session = await host.session(t, administratorUrl);
        await session.run(sql.lock('domain'));
        return async () => {
          await session.run(sql.unlock);
          await session.close();
        };
      },
    };
  };
  type Place = Awaited<ReturnType<typeof prepare>>;

  const start = (t: TestContext, database: DatabaseUrl): Promise<TestDaemon> =>
    startTestDaemon(t, { settings: { ...NO_CACHE, database }, deadlines: DEADLINES });

  /** No connection of the pool is lost: all of them can be busy at the same time, by the server's own word. */
  const assertWholePool = async ({ base }: TestDaemon, place: Place): Promise<void> => {
    const fill = (): Promise<readonly Response[]> =>
      Promise.all(Array.from({ length: DEADLINES.maxConnections }, () => lookUp(base)));
    for (let round = 0; round < 5; round++) {
      for (const response of await fill()) assert.equal(response.status, 200);
    }
    // On a busy machine the lock may last longer than the statements may; then once more.
    await eventually('all connections at work', async () => {
      const unlock = await place.lock();
      const answers = fill();
      let waiting = 0;
      for (const limit = Date.now() + DEADLINES.statementMs; Date.now() < limit; ) {
        waiting = await place.waiting();
        if (waiting === DEADLINES.maxConnections) break;
      }
      await unlock();
      return (await answers).every(({ status }) => status === 200) && waiting === DEADLINES.maxConnections;
    });
  };

  /** Breaks something, and resolves with what mends it. */
  type Break = (place: Place) => Promise<() => Promise<void>>;

  const end =
    (signal: NodeJS.Signals): Break =>
    async () => {
      await endServer(signal);
      return mendServer;
    };

  const troubles: readonly {
    readonly name: Trouble;
    readonly happen: Break;
    /** What clients read, and the page at "/". */
    readonly text?: string;
    readonly page?: RegExp;
    /** What is said at start, if not that the database cannot be asked. */
    readonly atStart?: RegExp;
  }[] = [
    { name: 'stopped', happen: end(engine.endings.ordered) },
    { name: 'killed', happen: end(engine.endings.sudden) },
    {
      name: 'frozen',
      happen: async () => {
        running().freeze();
        return mendServer;
      },
    },
    {
      name: 'wrong password',
      happen: async ({ user, cut }) => {
        await host.administer(sql.setPassword(user, 'another'));
        await cut();
        return async () => void (await host.administer(sql.setPassword(user, PASSWORD)));
      },
    },
    {
      name: 'login refused',
      happen: async ({ user, cut }) => {
        await host.administer(sql.refuseLogin(user));
        await cut();
        return async () => void (await host.administer(sql.permitLogin(user)));
      },
    },
    {
      name: 'database missing',
      happen: async ({ database, cut, seed, grant }) => {
        await cut();
        await host.administer(`DROP DATABASE ${database}`);
        return async () => {
          await host.administer(`CREATE DATABASE ${database}`);
          await seed();
          await grant();
        };
      },
    },
    {
      name: 'table missing',
      text: UNPREPARED,
      atStart: /^WARNING the database has no tables yet; to prepare it, run: automx2 init\n$/,
      happen: async ({ administratorUrl }) => {
        await host.administer('ALTER TABLE domain RENAME TO domain_away', administratorUrl);
        return async () => void (await host.administer('ALTER TABLE domain_away RENAME TO domain', administratorUrl));
      },
    },
    {
      name: 'permission denied',
      happen: async ({ grant, revoke }) => {
        await revoke();
        return grant;
      },
    },
    {
      name: 'permission denied for a table',
      happen: async ({ user, database, administratorUrl, grant }) => {
        await host.administer(sql.revokeSelect(user, database, 'domain'), administratorUrl);
        return grant;
      },
    },
    { name: 'table locked', happen: async ({ lock }) => lock() },
  ];

  const trouble = (name: string, run: (t: TestContext) => Promise<void>): void => {
    test(name, { timeout: 60_000 }, run);
  };

  describe(`troubles with ${host.engine}: 503, one line in the log, and back without a restart`, {
    skip: host.server === undefined ? host.missing : false,
  }, () => {
    for (const { name, happen, text = AWAY, atStart } of troubles) {
      for (const when of ['while it runs', 'at start'] as const) {
        trouble(`${name} ${when}`, async (t) => {
          const place = await prepare(t);
          let daemon: TestDaemon | undefined;
          if (when === 'while it runs') {
            daemon = await start(t, place.url);
            for (const response of await askAll(daemon.base)) assert.equal(response.status, 200, response.url);
            await healthIs(daemon.base, 200);
          }
          const mend = await happen(place);
          daemon ??= await start(t, place.url);
          for (let round = 0; round < 2; round++) {
            for (const response of await askAll(daemon.base)) await assertAway(response, text);
          }
          await healthIs(daemon.base, 503);
          const page = await get(daemon.base, '/');
          assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8']);
          await mend();
          const { base } = daemon;
          await eventually('look-ups', async () => (await lookUp(base)).status === 200);
          for (const response of await askAll(base)) assert.equal(response.status, 200, response.url);
          await healthIs(base, 200);
          // While the first questions take long, it says that answers come from memory.
          await eventually('health', async () => (await (await get(base, '/healthz')).text()) === 'ok\n');
          assertNoticed(daemon.log, [
            ...(when === 'at start' ? [atStart ?? failingAtStart(words[name])] : []),
            failing(words[name]),
            BACK,
          ]);
          await assertWholePool(daemon, place);
          assert.doesNotMatch(daemon.log.join(''), new RegExp(PASSWORD));
        });
      }
    }

    for (const [how, signal] of Object.entries(engine.endings)) {
      trouble(`restarted under load (${how})`, async (t) => {
        const place = await prepare(t);
        const daemon = await start(t, place.url);
        const statuses = new Map<number, number>();
        let isOver = false;
        const ask = async (): Promise<void> => {
          while (!isOver) {
            for (const response of await askAll(daemon.base)) {
              await (response.status === 503 ? assertAway(response, AWAY) : response.text());
              statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
            }
          }
        };
        const answered = (status: number): Promise<void> => {
          const before = statuses.get(status) ?? 0;
          return eventually(`${status}`, async () => (statuses.get(status) ?? 0) > before + 20);
        };
        const accident = async (): Promise<void> => {
          try {
            await answered(200);
            await endServer(signal);
            await answered(503);
            await mendServer();
            await answered(200);
          } finally {
            isOver = true;
          }
        };
        await Promise.all([accident(), ...Array.from({ length: 2 * DEADLINES.maxConnections }, ask)]);
        assert.deepEqual([...statuses.keys()].sort(), [200, 503]);
        await assertWholePool(daemon, place);
        assert.doesNotMatch(daemon.log.join(''), new RegExp(PASSWORD));
        assertNoticed(daemon.log, [failing(/.*/), BACK]);
      });
    }

    trouble('permission denied for tables that an older automx2 lacked: no reason not to start', async (t) => {
      const place = await prepare(t);
      for (const table of ['davserver', 'davserver_domain']) {
        await host.administer(sql.revokeSelect(place.user, place.database, table), place.administratorUrl);
      }
      const daemon = await start(t, place.url);
      await assertAway(await lookUp(daemon.base), AWAY);
      await place.grant();
      assert.equal((await lookUp(daemon.base)).status, 200);
    });

    trouble('frozen before the first look-up: 503, and back', async (t) => {
      const place = await prepare(t);
      const daemon = await start(t, place.url);
      running().freeze();
      for (let round = 0; round < 2; round++) {
        for (const response of await askAll(daemon.base)) await assertAway(response, AWAY);
      }
      await mendServer();
      await eventually('look-ups', async () => (await lookUp(daemon.base)).status === 200);
      assertNoticed(daemon.log, [failing(words['frozen']), BACK]);
      await assertWholePool(daemon, place);
    });

    trouble('down at start and later up: a crowd at once is answered', async (t) => {
      const place = await prepare(t);
      await endServer(engine.endings.ordered);
      const daemon = await start(t, place.url);
      await mendServer();
      const answers = Array.from({ length: 10 * DEADLINES.maxConnections }, () => lookUp(daemon.base));
      const statuses = (await Promise.all(answers)).map(({ status }) => status);
      assert.deepEqual(new Set(statuses), new Set([200]), statuses.join(' '));
      await assertWholePool(daemon, place);
    });

    trouble('a login that fails leaves no connection behind', async (t) => {
      const { user, database } = await prepare(t);
      const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
      for (const password of ['wrong', '']) {
        const url = `${engine.scheme}://${user}:${password}@127.0.0.1:${running().port}/${database}`;
        const connection = await connect(parseDatabaseUrl(url), DEADLINES);
        t.after(() => connection.close());
        const before = sockets();
        for (let attempt = 0; attempt < 20; attempt++) {
          await assert.rejects(connection.query(plain('SELECT 1')), { code: 'store_unavailable' });
        }
        const what = `no connection is left after ${password || 'no'} password`;
        await eventually(what, async () => sockets() <= before, 2_000); // the server closes them, too, but later
      }
    });

    trouble('connections that are not used are closed', async (t) => {
      const { user, url } = await prepare(t);
      const connection = await connect(url, { ...DEADLINES, idleMs: 1_000 });
      t.after(() => connection.close());
      const open = async (): Promise<number> => (await host.administer(sql.connections(user))).length;
      for (let round = 0; round < 2; round++) {
        await connection.query(plain('SELECT 1 AS one'));
        assert.equal(await open(), 1);
        await eventually('closed', async () => (await open()) === 0);
      }
    });

    trouble('connections cut while idle: nobody notices', async (t) => {
      const place = await prepare(t);
      const daemon = await start(t, place.url);
      for (let round = 0; round < 3; round++) {
        await assertWholePool(daemon, place);
        const before = daemon.log.length;
        await place.cut();
        await sleep(50); // for the word of it to come through
        const answers = Array.from({ length: DEADLINES.maxConnections }, () => lookUp(daemon.base));
        for (const response of await Promise.all(answers)) assert.equal(response.status, 200);
        assertNoticed(daemon.log.slice(before), []);
      }
    });

    trouble('a connection cut in the middle of a change: 503, nothing is stored, and back', async (t) => {
      const { user, database, administratorUrl, url, cut, waiting } = await prepare(t);
      await host.administer(sql.grantAll(user, database), administratorUrl);
      const daemon = await startTestDaemon(t, {
        settings: { ...NO_CACHE, database: url, initdb: 'purge' },
        deadlines: DEADLINES,
      });
      const initdb = (method: string): Promise<Response> =>
        fetch(`${daemon.base}/initdb/`, { method, signal: AbortSignal.timeout(HANG_MS) });
      assert.equal((await initdb('DELETE')).status, 200);
      const session = await host.session(t, administratorUrl);
      await session.run(sql.lockForWriters('server'));
      const answer = initdb('GET');
      await eventually('waiting', async () => (await waiting()) === 1);
      await cut();
      await assertAway(await answer, 'The change failed; the log says why\n');
      await session.run(sql.unlock);
      assert.equal((await lookUp(daemon.base)).status, 404);
      assert.equal((await initdb('GET')).status, 200);
      for (const response of await askAll(daemon.base)) assert.equal(response.status, 200, response.url);
    });

    trouble('connections cut in the middle of a statement: 503 for these, and back', async (t) => {
      const place = await prepare(t);
      const daemon = await start(t, place.url);
      const unlock = await place.lock();
      const answers = Array.from({ length: DEADLINES.maxConnections }, () => lookUp(daemon.base));
      await eventually('waiting', async () => (await place.waiting()) === DEADLINES.maxConnections);
      await place.cut();
      for (const response of await Promise.all(answers)) await assertAway(response, AWAY);
      await unlock();
      assert.equal((await lookUp(daemon.base)).status, 200);
      assertNoticed(daemon.log, [failing(words['connection cut']), BACK]);
      await assertWholePool(daemon, place);
    });

    trouble('more requests than connections while a table is locked: 503 for all, and back', async (t) => {
      const place = await prepare(t);
      const daemon = await start(t, place.url);
      const unlock = await place.lock();
      let isOver = false;
      let most = 0;
      const watch = async (): Promise<void> => {
        while (!isOver) most = Math.max(most, (await host.administer(sql.connections(place.user))).length);
      };
      const ask = async (): Promise<void> => {
        for (let round = 0; round < 3; round++) await assertAway(await lookUp(daemon.base), AWAY);
      };
      const crowd = Promise.all(Array.from({ length: 20 * DEADLINES.maxConnections }, ask));
      await Promise.all([watch(), crowd.finally(() => (isOver = true))]);
      await unlock();
      assert.equal((await lookUp(daemon.base)).status, 200);
      assertNoticed(daemon.log, [failing(/.*/), BACK]);
      // One more than allowed may be seen for a moment, while it takes the place of one that was given up.
      assert.ok(most <= 2 * DEADLINES.maxConnections, `${most} connections`);
      await assertWholePool(daemon, place);
    });

    /** Requests for a known domain, one after the other, until told to stop; how many, and what was no settings. */
    const traffic = (base: string) => {
      let isOver = false;
      const failed: number[] = [];
      let answered = 0;
      const client = async (): Promise<void> => {
        while (!isOver) {
          const response = await lookUp(base);
          await response.arrayBuffer();
          answered += 1;
          if (response.status !== 200) failed.push(response.status);
        }
      };
      const clients = Promise.all([client(), client(), client(), client()]);
      return async () => {
        isOver = true;
        await clients;
        return { answered, failed };
      };
    };
    const unknown = (base: string): Promise<Response> => get(base, '/mail/config-v1.1.xml?emailaddress=a@new.example');

    for (const { name, awayMs, end } of [
      { name: 'stopped for 10 seconds', awayMs: 10_000, end: () => endServer(engine.endings.ordered) },
      { name: 'killed, and away for 3 seconds', awayMs: 3_000, end: () => endServer(engine.endings.sudden) },
      { name: 'frozen for 5 seconds', awayMs: 5_000, end: async () => running().freeze() },
    ]) {
      trouble(`${name}: domains that were asked for are answered as before, others 503, and back`, async (t) => {
        const place = await prepare(t);
        const cache = { cacheSeconds: 1, staleSeconds: 3_600 };
        const daemon = await startTestDaemon(t, { settings: { cache, database: place.url }, deadlines: DEADLINES });
        const stop = traffic(daemon.base);
        assert.equal((await lookUp(daemon.base)).status, 200);
        await end();
        const back = Date.now() + awayMs;
        await eventually('unknown domains fail', async () => (await unknown(daemon.base)).status === 503);
        while (Date.now() < back) {
          await assertAway(await unknown(daemon.base), AWAY);
          await sleep(200);
        }
        await mendServer();
        await eventually('unknown domains are unknown', async () => (await unknown(daemon.base)).status === 404);
        // Questions from before the server was frozen do not end the outage; one that is asked now does.
        await eventually('the log says so', async () => {
          await unknown(daemon.base);
          return BACK.test(noticed(daemon.log).at(-1) ?? '');
        });
        const { answered, failed } = await stop();
        t.diagnostic(`${answered} requests for a known domain, ${failed.length} failed`);
        assert.deepEqual(failed, []);
        assertNoticed(daemon.log, [failing(/.*/), BACK]);
      });
    }

    trouble(
      'frozen, and strangers ask for invented domains: known ones are answered, and no request waits in vain',
      async (t) => {
        const place = await prepare(t);
        const cache = { cacheSeconds: 0, staleSeconds: 3_600 };
        const daemon = await startTestDaemon(t, {
          settings: { cache, database: place.url },
          limits: { maxConnections: 40 },
          deadlines: DEADLINES,
        });
        assert.equal((await lookUp(daemon.base)).status, 200);
        running().freeze();
        // The first one learns that the database is slow, and does not wait for the failure.
        const before = performance.now();
        assert.equal((await lookUp(daemon.base)).status, 200);
        assert.ok(performance.now() - before < DEADLINES.statementMs, `${performance.now() - before} ms`);
        let [waiting, refused] = [0, 0];
        const flood = Array.from({ length: 30 }, async (_, index) => {
          waiting += 1;
          await assertAway(await get(daemon.base, `/mail/config-v1.1.xml?emailaddress=a@x${index}.example`), AWAY);
          waiting -= 1;
          refused += 1;
        });
        // Those that are one too many are refused while the others still wait.
        await eventually('some are refused', async () => refused > 0);
        assert.ok(waiting > 0);
        for (let round = 0; round < 20; round++) {
          assert.equal((await lookUp(daemon.base)).status, 200);
          assert.equal((await get(daemon.base, '/healthz')).status, 200);
        }
        await Promise.all(flood);
        await mendServer();
        await eventually('unknown domains are unknown', async () => (await unknown(daemon.base)).status === 404);
      },
    );

    trouble('restarted with other data: seen after cache_seconds, and no request fails', async (t) => {
      const { administratorUrl, url } = await prepare(t);
      const cache = { cacheSeconds: 1, staleSeconds: 3_600 };
      const daemon = await startTestDaemon(t, { settings: { cache, database: url }, deadlines: DEADLINES });
      const stop = traffic(daemon.base);
      const says = async (word: string): Promise<boolean> => (await (await lookUp(daemon.base)).text()).includes(word);
      assert.ok(await says('>Example Inc.<'));
      await host.administer("UPDATE provider SET name = 'Another'", administratorUrl);
      await endServer(engine.endings.ordered);
      await mendServer();
      await eventually('the other data', () => says('>Another<'));
      assert.deepEqual((await stop()).failed, []);
    });

    trouble('stale_seconds over: 503 for known domains, too', async (t) => {
      const place = await prepare(t);
      const cache = { cacheSeconds: 0, staleSeconds: 2 };
      const daemon = await startTestDaemon(t, { settings: { cache, database: place.url }, deadlines: DEADLINES });
      assert.equal((await lookUp(daemon.base)).status, 200);
      await endServer(engine.endings.sudden); // MySQL takes its time to end in order
      assert.equal((await lookUp(daemon.base)).status, 200);
      await eventually('no answer', async () => (await lookUp(daemon.base)).status === 503);
    });

    trouble('the program itself: lives through it, says it once, and ends when told', async (t) => {
      const place = await prepare(t);
      const folder = temporaryFolder(t);
      const config = join(folder, 'automx2.conf');
      writeFileSync(
        config,
        `[automx2]\nloglevel = INFO\ncache_seconds = 0\nstale_seconds = 0\ndb_uri = ${place.uri}\n`,
        { mode: 0o600 },
      );
      await endServer(engine.endings.ordered);
      const { child, said, ended } = launchProgram(t, folder, ['--config', config, '--port', '0']);
      const [, port] = await said(/INFO listening address=127\.0\.0\.1 port=(\d+)/);
      const base = `http://127.0.0.1:${port}`;
      await assertAway(await lookUp(base), AWAY);
      await mendServer();
      await eventually('look-ups', async () => (await lookUp(base)).status === 200);
      await endServer(engine.endings.sudden);
      await eventually('no look-ups', async () => (await lookUp(base)).status === 503);
      await mendServer();
      await eventually('look-ups', async () => (await lookUp(base)).status === 200);
      child.kill('SIGTERM');
      const { status, out, err } = await ended;
      assert.deepEqual([status, out], [0, ''], err);
      const lines = err.split(/(?<=\n)/).filter((line) => !/ INFO | running as root: /.test(line));
      assertNoticed(lines, [failingAtStart(/.*/), failing(/.*/), BACK, failing(/.*/), BACK]);
      assert.equal(lines.length, 5, err);
      assert.doesNotMatch(err, new RegExp(PASSWORD));
    });

    trouble('the program ends when told while the server is frozen', async (t) => {
      const place = await prepare(t);
      const folder = temporaryFolder(t);
      const config = join(folder, 'automx2.conf');
      writeFileSync(config, `[automx2]\nloglevel = INFO\ndb_uri = ${place.uri}\n`);
      const { child, said, ended } = launchProgram(t, folder, ['--config', config, '--port', '0']);
      const [, port] = await said(/INFO listening address=127\.0\.0\.1 port=(\d+)/);
      assert.equal((await lookUp(`http://127.0.0.1:${port}`)).status, 200);
      running().freeze();
      child.kill('SIGTERM');
      const { status, err } = await ended;
      assert.equal(status, 0, err);
    });
  });
}

/** A server that ended suddenly may need a moment before it starts again. */
async function startAgain(server: DatabaseServer): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await server.start();
    } catch (error) {
      if (attempt === 20) throw error;
      await sleep(200);
    }
  }
}
