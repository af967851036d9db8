import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../src/adapters/database/connect.ts';
import { plain } from '../../src/adapters/database/connection.ts';
import { DatabaseUrlError, parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../src/adapters/database/deadlines.ts';
import { findProgram } from '../support/database-server.ts';
import { mariadb, mysqlIfGiven, postgresql, type TestServer } from '../support/server-database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { NO_CACHE, startTestDaemon } from '../support/test-daemon.ts';

const openssl = findProgram('openssl');
const folder = temporaryFolder({ after });

const file = (name: string): string => join(folder, name);
/** Makes NAME.pem and NAME.key; an authority without `signer`. */
function certificate(name: string, subjectAltName?: string, signer?: string): void {
  const lines = [
    '[req]\ndistinguished_name = name\nx509_extensions = extensions\nprompt = no\n[name]',
    `CN = ${name}\n[extensions]\nbasicConstraints = critical, CA:${signer === undefined ? 'TRUE' : 'FALSE'}`,
    ...(subjectAltName === undefined ? [] : [`subjectAltName = ${subjectAltName}`]),
  ];
  writeFileSync(file('openssl.cnf'), lines.join('\n'));
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const files = ['-config', file('openssl.cnf'), '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)];
  const sign = signer === undefined ? [] : ['-CA', file(`${signer}.pem`), '-CAkey', file(`${signer}.key`)];
  execFileSync(openssl ?? '', [...words, ...files, ...sign], { stdio: 'ignore' });
}

if (openssl !== undefined) {
  certificate('authority');
  certificate('stranger');
  certificate('localhost', 'DNS:localhost', 'authority');
  certificate('elsewhere', 'DNS:db.example.org', 'authority');
  certificate('address', 'IP:127.0.0.1', 'authority');
}
writeFileSync(file('garbage.pem'), 'no certificate\n');

type Certificate = 'localhost' | 'elsewhere' | 'address';

/** Restarts the server with a certificate, or without TLS, unless it runs like that already. */
function certificateChanger(
  { server }: TestServer,
  stopSignal: NodeJS.Signals,
  options: (pem: string, key: string) => readonly string[],
) {
  let current: Certificate | undefined;
  return async (name: Certificate | undefined): Promise<void> => {
    if (server === undefined || name === current) return;
    await server.stop(stopSignal);
    if (name === undefined) await server.start();
    else {
      // Servers want their keys for themselves.
      const copies = ['pem', 'key'].map((ending) => {
        const copy = join(server.folder, `${name}.${ending}`);
        execFileSync('cp', [file(`${name}.${ending}`), copy]);
        const { uid, gid } = statSync(server.folder);
        chownSync(copy, uid, gid);
        chmodSync(copy, 0o600);
        return copy;
      });
      await server.start(...options(copies[0] ?? '', copies[1] ?? ''));
    }
    current = name;
  };
}

const skipFor = ({ server, missing }: TestServer): string | false =>
  server === undefined ? missing : openssl === undefined ? 'openssl is not installed' : false;

/** CA for our authority, STRANGER for one that did not sign, GARBAGE for none: replaced by the paths of the files. */
const withFiles = (query: string): string =>
  query
    .replace(/=CA(?=&|$)/, `=${file('authority.pem')}`)
    .replace(/=STRANGER(?=&|$)/, `=${file('stranger.pem')}`)
    .replace(/=GARBAGE(?=&|$)/, `=${file('garbage.pem')}`);

interface Case {
  /** What the server presents; undefined: no TLS. */
  readonly served: Certificate | undefined;
  readonly host?: string;
  readonly query: string;
  /** What the server says of the connection, or why there is none. */
  readonly want: 'TLS' | 'plain' | RegExp;
}

interface Refusal {
  readonly url: string;
  readonly message: RegExp;
}

/** A URL that is not used at all. */
function refused({ url, message }: Refusal): void {
  test(`refused: ${url.replace(folder, 'FOLDER')}`, async () => {
    const open = async (): Promise<void> => (await connect(parseDatabaseUrl(withFiles(url)), DEADLINES)).close();
    await assert.rejects(open, (error) => {
      assert.ok(error instanceof DatabaseUrlError, String(error));
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /geheim/);
      return true;
    });
  });
}

const UNTRUSTED = /certificate/;
const NOT_ITS_NAME = /Hostname\/IP does not match certificate's altnames/;

// All of them before the first test: what ends a server runs when no test is left.
const pgServer = await postgresql();
const myServers = [await mariadb(), ...(await mysqlIfGiven())];
const pgServe = certificateChanger(pgServer, 'SIGINT', (pem, key) => [
  ...['-c', 'ssl=on', '-c', `ssl_cert_file=${pem}`, '-c', `ssl_key_file=${key}`],
]);

describe('TLS to PostgreSQL', { skip: skipFor(pgServer) }, () => {
  const NO_TLS = /does not support SSL/;
  const urlOf = async (t: TestContext, host: string, query: string): Promise<string> =>
    `${(await pgServer.database(t, 'tcp')).replace('@127.0.0.1:', `@${host}:`)}?${withFiles(query)}`;

  for (const { served, host = 'localhost', query, want } of [
    { served: undefined, query: '', want: 'plain' },
    { served: undefined, query: 'sslmode=disable', want: 'plain' },
    { served: undefined, query: 'sslmode=prefer', want: 'plain' },
    { served: undefined, query: 'sslmode=require', want: NO_TLS },
    { served: undefined, query: 'sslmode=require&sslrootcert=CA', want: NO_TLS },
    { served: undefined, query: 'sslmode=verify-ca&sslrootcert=CA', want: NO_TLS },
    { served: undefined, query: 'sslmode=verify-full&sslrootcert=CA', want: NO_TLS },
    { served: 'localhost', query: '', want: 'TLS' },
    { served: 'localhost', query: 'sslmode=disable', want: 'plain' },
    { served: 'localhost', query: 'sslmode=prefer', want: 'TLS' },
    { served: 'localhost', query: 'sslmode=require', want: 'TLS' },
    { served: 'localhost', query: 'sslmode=require&sslrootcert=CA', want: 'TLS' },
    { served: 'localhost', query: 'sslmode=require&sslrootcert=STRANGER', want: UNTRUSTED },
    { served: 'localhost', query: 'sslmode=verify-ca', want: UNTRUSTED },
    { served: 'localhost', query: 'sslmode=verify-ca&sslrootcert=CA', want: 'TLS' },
    { served: 'localhost', query: 'sslmode=verify-ca&sslrootcert=STRANGER', want: UNTRUSTED },
    { served: 'localhost', query: 'sslmode=verify-full', want: UNTRUSTED },
    { served: 'localhost', query: 'sslmode=verify-full&sslrootcert=CA', want: 'TLS' },
    { served: 'localhost', query: 'sslmode=verify-full&sslrootcert=STRANGER', want: UNTRUSTED },
    { served: 'localhost', host: '127.0.0.1', query: 'sslmode=verify-ca&sslrootcert=CA', want: 'TLS' },
    { served: 'localhost', host: '127.0.0.1', query: 'sslmode=verify-full&sslrootcert=CA', want: NOT_ITS_NAME },
    { served: 'elsewhere', query: 'sslmode=require', want: 'TLS' },
    { served: 'elsewhere', query: 'sslmode=require&sslrootcert=CA', want: 'TLS' },
    { served: 'elsewhere', query: 'sslmode=verify-ca&sslrootcert=CA', want: 'TLS' },
    { served: 'elsewhere', query: 'sslmode=verify-full&sslrootcert=CA', want: NOT_ITS_NAME },
    { served: 'elsewhere', query: 'sslmode=verify-full&sslrootcert=STRANGER', want: UNTRUSTED },
    { served: 'address', host: '127.0.0.1', query: 'sslmode=verify-full&sslrootcert=CA', want: 'TLS' },
    { served: 'address', query: 'sslmode=verify-full&sslrootcert=CA', want: NOT_ITS_NAME },
  ] as readonly Case[]) {
    const title = `certificate for ${served ?? 'nobody'}, host ${host}, ${query || 'nothing asked for'}`;
    test(title, { timeout: 60_000 }, async (t) => {
      await pgServe(served);
      const connection = await connect(parseDatabaseUrl(await urlOf(t, host, query)), DEADLINES);
      t.after(() => connection.close());
      const ask = async (): Promise<string> => {
        const [row] = await connection.query(plain('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'));
        return row?.['ssl'] === true ? 'TLS' : 'plain';
      };
      for (let round = 0; round < 2; round++) {
        if (want instanceof RegExp) {
          await assert.rejects(ask(), { code: 'store_unavailable', message: want });
        } else {
          // Several at once, as each connection of the pool has to be like that.
          assert.equal(await ask(), want);
          assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [want, want, want]);
        }
      }
    });
  }

  test('what is refused never logs in', { timeout: 60_000 }, async (t) => {
    await pgServe('elsewhere');
    await pgServer.administer("ALTER SYSTEM SET log_connections = 'on'");
    await pgServer.administer('SELECT pg_reload_conf()');
    const urls = [
      await urlOf(t, 'localhost', 'sslmode=verify-full&sslrootcert=CA'),
      await urlOf(t, 'localhost', 'sslmode=verify-ca&sslrootcert=STRANGER'),
      await urlOf(t, 'localhost', 'sslmode=require'), // for comparison: this one does
    ];
    const logins = await Promise.all(
      urls.map(async (url) => {
        const connection = await connect(parseDatabaseUrl(url), DEADLINES);
        await connection.query(plain('SELECT 1')).catch(() => undefined);
        await connection.close();
        const { database } = parseDatabaseUrl(url) as { database: string };
        return new RegExp(`connection authorized: user=automx2 database=${database} .*SSL enabled`);
      }),
    );
    const log = pgServer.server?.log() ?? '';
    assert.deepEqual(
      logins.map((login) => login.test(log)),
      [false, false, true],
    );
  });

  test('prefer without TLS on the server: a crowd at once is answered', {
    timeout: 60_000,
  }, async (t) => {
    await pgServe(undefined);
    const connection = await connect(parseDatabaseUrl(await urlOf(t, 'localhost', 'sslmode=prefer')), DEADLINES);
    t.after(() => connection.close());
    const crowd = Array.from({ length: 4 * DEADLINES.maxConnections }, () =>
      connection.query(plain('SELECT 1 AS one')),
    );
    for (const rows of await Promise.all(crowd)) assert.deepEqual(rows, [{ one: 1 }]);
  });

  test('prefer when the server is restarted without TLS, and with it again as the only way', {
    timeout: 60_000,
  }, async (t) => {
    await pgServe('localhost');
    const connection = await connect(parseDatabaseUrl(await urlOf(t, 'localhost', 'sslmode=prefer')), DEADLINES);
    t.after(() => connection.close());
    /** Asks until there is an answer: connections were cut. */
    const ask = async (): Promise<unknown> => {
      for (let attempt = 0; ; attempt++) {
        try {
          const rows = await connection.query(plain('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'));
          return rows[0]?.['ssl'];
        } catch (error) {
          if (attempt === 20) throw error;
          await sleep(20);
        }
      }
    };
    assert.equal(await ask(), true);
    await pgServe(undefined);
    assert.equal(await ask(), false);
    const rules = join(pgServer.server?.folder ?? '', 'data', 'pg_hba.conf');
    t.after(() => {
      writeFileSync(rules, 'local all all trust\nhost all all 127.0.0.1/32 trust\n');
      return pgServer.administer('SELECT pg_reload_conf()');
    });
    writeFileSync(rules, 'local all all trust\nhostssl all all 127.0.0.1/32 trust\n');
    await pgServe('localhost');
    assert.equal(await ask(), true);
  });

  for (const refusal of [
    {
      url: 'postgresql://u:geheim@localhost/d?sslmode=on',
      message: /^sslmode must be one of disable, prefer, require, /,
    },
    { url: 'postgresql://u:geheim@localhost/d?sslmode=', message: /^sslmode must be one of / },
    { url: 'postgresql://u:geheim@localhost/d?sslmode=VERIFY-FULL', message: /^sslmode must be one of / },
    { url: 'postgresql://u:geheim@localhost/d?sslmode=verify_full', message: /^sslmode must be one of / },
    {
      url: 'postgresql://u:geheim@localhost/d?sslmode=verify-full&sslrootcert=/nowhere/ca.pem',
      message: /^sslrootcert cannot be read: there is no such file/,
    },
    {
      url: 'postgresql://u:geheim@localhost/d?sslmode=verify-full&sslrootcert=',
      message: /^sslrootcert cannot be read/,
    },
    { url: 'postgresql://u:geheim@localhost/d?sslrootcert=/nowhere/ca.pem', message: /^sslrootcert cannot be read/ },
    { url: `postgresql://u:geheim@localhost/d?sslmode=require&sslrootcert=${folder}`, message: /it is a folder$/ },
    {
      url: 'postgresql://u:geheim@localhost/d?sslmode=verify-full&sslrootcert=GARBAGE',
      message: /^sslrootcert /,
    },
    { url: 'postgresql://u:geheim@/d?sslmode=verify-full', message: /^sslmode=verify-full needs a host$/ },
    { url: 'postgresql://u:geheim@/d?host=/run/pg&sslmode=verify-full', message: /^sslmode=verify-full needs a host$/ },
    { url: 'postgresql://u:geheim@/d?host=/run/pg&sslmode=verify-ca', message: /^sslmode=verify-ca needs a host$/ },
  ] as readonly Refusal[])
    refused(refusal);
});

const mySides = myServers.map((server) => ({
  server,
  serve: certificateChanger(server, 'SIGTERM', (pem, key) => [`--ssl-cert=${pem}`, `--ssl-key=${key}`]),
}));

for (const { server: myServer, serve: myServe } of mySides)
  describe(`TLS to ${myServer.engine}`, { skip: skipFor(myServer) }, () => {
    const NO_TLS = /does not support secure connection/;
    const urlOf = async (t: TestContext, host: string, query: string): Promise<string> =>
      `${(await myServer.database(t, 'tcp')).replace('@127.0.0.1:', `@${host}:`).replace(/\?.*/, '')}?${withFiles(query)}`;
    const VERIFY = 'ssl_verify_identity=true';

    for (const { served, host = 'localhost', query, want } of [
      { served: undefined, query: '', want: 'plain' },
      { served: undefined, query: 'ssl_verify_identity=false', want: 'plain' },
      { served: undefined, query: 'ssl_ca=CA', want: NO_TLS },
      { served: undefined, query: VERIFY, want: NO_TLS },
      { served: undefined, query: `ssl_ca=CA&${VERIFY}`, want: NO_TLS },
      { served: 'localhost', query: '', want: 'plain' },
      { served: 'localhost', query: 'ssl_ca=CA', want: 'TLS' },
      { served: 'localhost', query: 'ssl_ca=CA&ssl_verify_identity=false', want: 'TLS' },
      { served: 'localhost', query: 'ssl_ca=STRANGER', want: UNTRUSTED },
      { served: 'localhost', query: 'ssl_ca=STRANGER&ssl_verify_identity=0', want: UNTRUSTED },
      { served: 'localhost', query: VERIFY, want: UNTRUSTED },
      { served: 'localhost', query: `ssl_ca=CA&${VERIFY}`, want: 'TLS' },
      { served: 'localhost', query: 'ssl_ca=CA&ssl_verify_identity=1', want: 'TLS' },
      { served: 'localhost', query: 'ssl_ca=CA&ssl_verify_identity=True', want: 'TLS' },
      { served: 'localhost', query: `ssl_ca=STRANGER&${VERIFY}`, want: UNTRUSTED },
      { served: 'localhost', host: '127.0.0.1', query: 'ssl_ca=CA', want: 'TLS' },
      { served: 'elsewhere', query: 'ssl_ca=CA', want: 'TLS' },
      { served: 'elsewhere', query: `ssl_ca=CA&${VERIFY}`, want: NOT_ITS_NAME },
      { served: 'elsewhere', query: `ssl_ca=STRANGER&${VERIFY}`, want: UNTRUSTED },
    ] as readonly Case[]) {
      const title = `certificate for ${served ?? 'nobody'}, host ${host}, ${query || 'nothing asked for'}`;
      test(title, { timeout: 60_000 }, async (t) => {
        await myServe(served);
        const connection = await connect(parseDatabaseUrl(await urlOf(t, host, query)), DEADLINES);
        t.after(() => connection.close());
        const ask = async (): Promise<string> => {
          const [row] = await connection.query(plain("SHOW SESSION STATUS LIKE 'Ssl_cipher'"));
          assert.equal(row?.['Variable_name'], 'Ssl_cipher');
          return row['Value'] === '' ? 'plain' : 'TLS';
        };
        for (let round = 0; round < 2; round++) {
          if (want instanceof RegExp) {
            await assert.rejects(ask(), { code: 'store_unavailable', message: want });
          } else {
            assert.equal(await ask(), want);
            assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [want, want, want]);
          }
        }
      });
    }

    test('ssl_ca through a socket is TLS, too', { timeout: 60_000 }, async (t) => {
      await myServe('localhost');
      const url = `${await myServer.database(t, 'socket')}&ssl_ca=${file('authority.pem')}`;
      const connection = await connect(parseDatabaseUrl(url), DEADLINES);
      t.after(() => connection.close());
      const [row] = await connection.query(plain("SHOW SESSION STATUS LIKE 'Ssl_cipher'"));
      assert.notEqual(row?.['Value'], '');
    });

    test('a user who has to use TLS gets in with ssl_ca only', { timeout: 60_000 }, async (t) => {
      await myServe('localhost');
      await myServer.administer("CREATE USER IF NOT EXISTS 'tlsonly'@'127.0.0.1' IDENTIFIED BY 'geheim' REQUIRE SSL");
      await myServer.administer("GRANT ALL ON *.* TO 'tlsonly'@'127.0.0.1'");
      for (const { query, want } of [
        { query: '', want: /Access denied/ },
        { query: 'ssl_ca=CA', want: undefined },
      ]) {
        const url = (await urlOf(t, 'localhost', query)).replace('automx2:', 'tlsonly:');
        const connection = await connect(parseDatabaseUrl(url), DEADLINES);
        t.after(() => connection.close());
        const asked = connection.query(plain('SELECT 1 AS one'));
        if (want === undefined) assert.deepEqual(await asked, [{ one: 1 }]);
        else await assert.rejects(asked, { code: 'store_unavailable', message: want });
      }
    });

    for (const refusal of [
      {
        url: 'mysql://u:geheim@localhost/d?ssl_verify_identity=maybe',
        message: /^ssl_verify_identity must be true or false/,
      },
      {
        url: 'mysql://u:geheim@localhost/d?ssl_verify_identity=',
        message: /^ssl_verify_identity must be true or false/,
      },
      {
        url: 'mysql://u:geheim@localhost/d?ssl_ca=/nowhere/ca.pem',
        message: /^ssl_ca cannot be read: there is no such file/,
      },
      { url: 'mysql://u:geheim@localhost/d?ssl_ca=', message: /^ssl_ca cannot be read/ },
      { url: `mysql://u:geheim@localhost/d?ssl_ca=${folder}`, message: /^ssl_ca cannot be read: it is a folder$/ },
      { url: 'mysql://u:geheim@localhost/d?ssl_ca=GARBAGE', message: /^ssl_ca / },
      { url: 'mysql://u:geheim@127.0.0.1/d?ssl_ca=CA&ssl_verify_identity=true', message: /needs a host name/ },
      { url: 'mysql://u:geheim@[::1]/d?ssl_verify_identity=true', message: /needs a host name/ },
      {
        url: 'mysql://u:geheim@/d?unix_socket=/run/s&ssl_ca=CA&ssl_verify_identity=true',
        message: /^ssl_verify_identity needs a host name/,
      },
    ])
      refused(refusal);
  });

for (const { server, serve, query } of [
  { server: pgServer, serve: pgServe, query: 'sslmode=verify-full&sslrootcert=CA' },
  ...mySides.map((side) => ({ ...side, query: 'ssl_ca=CA&ssl_verify_identity=true' })),
]) {
  test(`${server.engine}: 503 while the certificate is another one's, and back`, {
    skip: skipFor(server),
    timeout: 60_000,
  }, async (t) => {
    await serve('localhost');
    const url = (await server.database(t, 'tcp')).replace('@127.0.0.1:', '@localhost:').replace(/\?.*/, '');
    const daemon = await startTestDaemon(t, {
      settings: { ...NO_CACHE, database: parseDatabaseUrl(`${url}?${withFiles(query)}`) },
    });
    assert.equal((await fetch(`${daemon.base}/initdb/`)).status, 200);
    const status = async (): Promise<number> =>
      (await fetch(`${daemon.base}/mail/config-v1.1.xml?emailaddress=a@example.com`)).status;
    assert.equal(await status(), 200);
    await serve('elsewhere');
    await sleep(50); // for the cut connections to be noticed
    for (let round = 0; round < 3; round++) assert.equal(await status(), 503);
    await serve('localhost');
    assert.equal(await status(), 200);
    const said = daemon.log.filter((line) => / (?:ERROR|WARNING) look-ups /.test(line));
    assert.equal(said.length, 2, said.join(''));
    assert.match(said[0] ?? '', /ERROR look-ups in the database fail: .*does not match certificate's altnames/);
    assert.match(said[1] ?? '', /WARNING look-ups in the database are answered again/);
    assert.doesNotMatch(daemon.log.join(''), /geheim/);
  });
}

for (const { server, serve, query } of [
  { server: pgServer, serve: pgServe, query: 'sslmode=verify-full&sslrootcert=STRANGER' },
  { server: pgServer, serve: pgServe, query: 'sslmode=require&sslrootcert=STRANGER' },
  ...mySides.flatMap((side) => [
    { ...side, query: 'ssl_ca=STRANGER&ssl_verify_identity=true' },
    { ...side, query: 'ssl_ca=STRANGER' },
  ]),
]) {
  test(`${server.engine}: NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing for ${query}`, {
    skip: skipFor(server),
    timeout: 60_000,
  }, async (t) => {
    await serve('localhost');
    const url = (await server.database(t, 'tcp')).replace('@127.0.0.1:', '@localhost:').replace(/\?.*/, '');
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    t.after(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
    const connection = await connect(parseDatabaseUrl(`${url}?${withFiles(query)}`), DEADLINES);
    t.after(() => connection.close());
    await assert.rejects(connection.query(plain('SELECT 1 AS one')), { code: 'store_unavailable', message: UNTRUSTED });
  });
}
