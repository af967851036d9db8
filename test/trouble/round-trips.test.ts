import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTo, createServer } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { openStore } from '../../src/adapters/database/connect.ts';
import { parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../src/adapters/database/deadlines.ts';
import { CLOCK } from '../../src/app/open-log.ts';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { mariadb, mysqlIfGiven, postgresql, type TestServer } from '../support/server-database.ts';
import { autodiscoverRequest, NO_CACHE, startTestDaemon } from '../support/test-daemon.ts';

/** Stands between daemon and server, and counts how often the daemon speaks after the server did: round trips. */
async function counter(t: TestContext, port: number) {
  let trips = 0;
  const server = createServer((client) => {
    const upstream = connectTo(port, '127.0.0.1');
    let isServersTurn = false;
    client.on('data', (chunk) => {
      if (!isServersTurn) trips += 1;
      isServersTurn = true;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      isServersTurn = false;
      client.write(chunk);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, trips: () => trips };
}

/** One look-up in each format. */
const FORMATS: readonly ((base: string) => Promise<Response>)[] = [
  (base) => fetch(`${base}/mail/config-v1.1.xml?emailaddress=jane@example.com`),
  (base) =>
    fetch(`${base}/autodiscover/autodiscover.xml`, { method: 'POST', body: autodiscoverRequest('jane@example.com') }),
  (base) => fetch(`${base}/mobileconfig/?emailaddress=jane@example.com`),
];

const seedOf = (servers: number) => ({
  version: 2,
  provider: 'Example',
  domains: [{ name: 'example.com' }, { name: 'example.net', ldapserver_id: 1 }],
  ldapservers: [
    ...[{ id: 1, name: 'ldap.example.com', port: 636, search_base: 'dc=example', bind_password: 'Zq7Xk9Wv4' }],
  ],
  servers: [
    ...Array.from({ length: servers }, (_value, index) => ({ type: 'imap', name: `imap${index}.example.com` })),
    { type: 'smtp', name: 'smtp.example.com' },
    { type: 'caldav', url: 'https://dav.example.com/' },
  ],
});

interface Engine {
  readonly host: TestServer;
  /** Makes the server count the statements of a database; the result tells how many there were since the last call. */
  readonly countStatements: (url: string) => Promise<() => Promise<Readonly<Record<string, number>>>>;
  /** What the server counts for so many look-ups on a connection that has answered one before. */
  readonly expected: (lookUps: number) => Readonly<Record<string, number>>;
}

const pgServer = await postgresql();
const myServers = [await mariadb(), ...(await mysqlIfGiven())];

const ENGINES: readonly Engine[] = [
  {
    host: pgServer,
    async countStatements(url) {
      const { database } = parseDatabaseUrl(url) as { database: string };
      await pgServer.administer(`ALTER DATABASE ${database} SET log_statement = 'all'`);
      let read = pgServer.server?.log().length ?? 0;
      return async () => {
        const lines = pgServer.server?.log().slice(read) ?? '';
        read += lines.length;
        return { statements: lines.match(/ LOG: {2}(?:statement|execute [^:]+): /g)?.length ?? 0 };
      };
    },
    expected: (lookUps) => ({ statements: lookUps }),
  },
  ...myServers.map((host) => ({
    host,
    async countStatements() {
      // Nobody else prepares statements or sends commands that are none (ping, reset).
      const names = ['Com_stmt_prepare', 'Com_stmt_execute', 'Com_set_option', 'Com_admin_commands'];
      const sql = `SHOW GLOBAL STATUS WHERE Variable_name IN ('${names.join("', '")}')`;
      const read = async (): Promise<ReadonlyMap<unknown, number>> =>
        new Map((await host.administer(sql)).map((row) => [row['Variable_name'], Number(row['Value'])]));
      let before = await read();
      return async () => {
        const now = await read();
        const added = names.map((name) => [name, (now.get(name) ?? 0) - (before.get(name) ?? 0)] as const);
        before = now;
        return Object.fromEntries(added);
      };
    },
    expected: (lookUps: number) => ({
      Com_stmt_prepare: 0,
      Com_stmt_execute: lookUps,
      Com_set_option: 0,
      Com_admin_commands: 0,
    }),
  })),
];

for (const { host, countStatements, expected } of ENGINES) {
  const skip = host.server === undefined ? host.missing : false;

  describe(`one round trip for a look-up on ${host.engine}`, { skip }, () => {
    for (const servers of [1, 500]) {
      test(`${servers} servers`, { timeout: 60_000 }, async (t) => {
        const url = await host.database(t, 'tcp');
        const store = await openStore(parseDatabaseUrl(url), { log: new MemoryLog(), clock: CLOCK, echo: undefined });
        await store.seed(readDocument(seedOf(servers)));
        await store.close();
        const statements = await countStatements(url);
        const { port, trips } = await counter(t, host.server?.port ?? 0);
        const daemon = await startTestDaemon(t, {
          settings: { ...NO_CACHE, database: parseDatabaseUrl(url.replace(`:${host.server?.port}/`, `:${port}/`)) },
          deadlines: { ...DEADLINES, maxConnections: 1 },
        });
        for (const ask of FORMATS) assert.equal((await ask(daemon.base)).status, 200);
        await statements();
        const before = trips();
        for (let round = 0; round < 4; round++) {
          for (const ask of FORMATS) assert.equal((await ask(daemon.base)).status, 200);
        }
        const lookUps = 4 * FORMATS.length;
        assert.equal(trips() - before, lookUps);
        assert.deepEqual(await statements(), expected(lookUps));
        const [autoconfig] = FORMATS;
        const text = (await (await autoconfig?.(daemon.base))?.text()) ?? '';
        assert.equal(text.match(/<incomingServer /g)?.length, servers);
      });
    }
  });

  test(`db_echo on ${host.engine}: each statement with its time at INFO, without parameters or secrets`, {
    skip,
    timeout: 60_000,
  }, async (t) => {
    const settings = { database: parseDatabaseUrl(await host.database(t, 'tcp')), echoStatements: true };
    const daemon = await startTestDaemon(t, { settings: { ...settings, ...NO_CACHE, logLevel: 'ERROR' } });
    const seeded = await fetch(`${daemon.base}/initdb/`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(seedOf(3)),
    });
    assert.equal(seeded.status, 200);
    assert.ok(daemon.log.some((line) => / INFO INSERT INTO ldapserver \(id, .*\) VALUES \(\?, .*\) ms=/.test(line)));
    assert.equal((await FORMATS[0]?.(daemon.base))?.status, 200); // it finds that our table is there
    const before = daemon.log.length;
    for (const ask of FORMATS) assert.equal((await ask(daemon.base)).status, 200);
    assert.equal((await fetch(`${daemon.base}/mail/config-v1.1.xml?emailaddress=jane@unknown.example`)).status, 404);
    assert.equal(daemon.log.length - before, 4);
    for (const line of daemon.log.slice(before)) {
      assert.match(line, /^\S+ INFO WITH asked AS \(SELECT .* IN \(\?(?:, \?)*\)\).* ms=[\d.]+\n$/);
    }
    for (const line of daemon.log) {
      assert.match(line, /^\S+ INFO (?:SELECT|WITH|CREATE|INSERT|DELETE|LOCK) .* ms=[\d.]+\n$/);
      assert.doesNotMatch(line, /example|jane|imap\d|Zq7Xk9Wv4|geheim/);
    }
  });

  test(`db_echo on ${host.engine}: a statement that fails is shown, too`, { skip, timeout: 60_000 }, async (t) => {
    const settings = { database: parseDatabaseUrl(await host.database(t, 'tcp')), echoStatements: true };
    const daemon = await startTestDaemon(t, { settings });
    const before = daemon.log.length;
    assert.equal((await FORMATS[0]?.(daemon.base))?.status, 503);
    assert.match(
      daemon.log.slice(before).join(''),
      / INFO WITH asked AS .* ms=[\d.]+\n[\s\S]* ERROR look-ups in the database fail: /,
    );
  });
}
