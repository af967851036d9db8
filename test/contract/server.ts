import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../src/adapters/database/connect.ts';
import type { Connection } from '../../src/adapters/database/connection.ts';
import { parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../src/adapters/database/deadlines.ts';
import { configured } from '../support/in-process.ts';
import type { TestServer } from '../support/server-database.ts';
import { extrasContract, extrasRoles } from './extras.ts';
import { settingsChangesContract } from './settings-changes.ts';
import { settingsStoreContract } from './settings-store.ts';

/** Why tests of this server are skipped, if they are. */
export const skipOf = ({ server, missing }: TestServer): string | false => (server === undefined ? missing : false);

/** Closed when the test ends. */
async function connectToUrl(t: TestContext, url: string): Promise<Connection> {
  const connection = await connect(parseDatabaseUrl(url), DEADLINES);
  t.after(() => connection.close());
  return connection;
}

/** A connection to a new database; closed when the test ends. */
export const connectTo = async (t: TestContext, { database }: TestServer): Promise<Connection> =>
  connectToUrl(t, await database(t));

const databaseOf = (url: string): string => /test_\w+/.exec(url)?.[0] ?? '';

/** InnoDB shows who waits from a copy that it does not renew while somebody reads it more often than every 100 ms. */
const POLL_MS = 150;
const WAIT_MS = 30_000;

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

export function serverContract(each: TestServer): void {
  const { engine, server, missing, database, administer, session } = each;
  // To make a database and its tables takes the servers longer than most tests. This one goes with the server.
  let lasting: Promise<string> | undefined;
  const reconnect = async (t: TestContext): Promise<Connection> => {
    lasting ??= database({ after: () => undefined });
    return connectToUrl(t, await lasting);
  };
  settingsStoreContract(engine, (t) => connectTo(t, each), skipOf(each), reconnect);
  extrasContract(
    engine,
    async (t) => {
      const url = await database(t);
      return { connect: () => connectToUrl(t, url) };
    },
    skipOf(each),
  );
  extrasRoles(each, skipOf(each));
  const { unchecked, waiting } = WORDS[engine === 'PostgreSQL' ? engine : 'MariaDB'];
  settingsChangesContract(
    engine,
    true,
    async (t) => {
      const url = await database(t);
      return {
        url,
        connect: () => connectToUrl(t, url),
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
          const deadlineMs = Date.now() + WAIT_MS;
          while ((await administer(waiting, url)).length === 0) {
            assert.ok(Date.now() < deadlineMs, 'nobody waits for a lock');
            await delay(POLL_MS);
          }
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
