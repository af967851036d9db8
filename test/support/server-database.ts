import { after, type TestContext, test } from 'node:test';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { type DatabaseServer, mariadbServer, mysqlServer, postgresqlServer } from './database-server.ts';
import type { Cleanup } from './temporary-folder.ts';

/** A running server for a file of tests, and fresh databases on it. */
export interface TestServer {
  readonly engine: 'PostgreSQL' | 'MariaDB' | 'MySQL';
  /** Undefined: the program is not installed, and `missing` names it. */
  readonly server: DatabaseServer | undefined;
  readonly missing: string;
  /** Makes an empty database for one test and resolves with the URL of it, through the Unix socket or over TCP. */
  database(t: Cleanup, over?: 'socket' | 'tcp'): Promise<string>;
  /** Runs a statement as the administrator, on the database of a URL or on the server's own. */
  administer(sql: string, url?: string): Promise<readonly Record<string, unknown>[]>;
  /** A session of the administrator's that stays open, for locks; closed when the test ends. */
  session(t: TestContext, url: string): Promise<AdministratorSession>;
}

export interface AdministratorSession {
  run(sql: string): Promise<void>;
  close(): Promise<void>;
}

/** Node's runner does not count a suite that is skipped: a test of its own says that the program is missing. */
export function reportMissing(what: string, isMissing: boolean): void {
  if (isMissing) test(what, { skip: what }, () => undefined);
}

const MISSING_POSTGRESQL = 'PostgreSQL (Debian: postgresql) is not installed';
const MISSING_MARIADB = 'MariaDB (Debian: mariadb-server) is not installed';

let count = 0;
const databaseOf = (url: string): string => /\/([a-z0-9_]+)(?:\?|$)/.exec(url.slice(url.indexOf('://') + 3))?.[1] ?? '';

/** Starts PostgreSQL for the file's tests; to be called at the top of a file, with `await`. */
export async function postgresql(): Promise<TestServer> {
  const server = await postgresqlServer();
  reportMissing(MISSING_POSTGRESQL, server === undefined);
  after(() => server?.remove());
  await server?.start();
  const open = async (database: string): Promise<pg.Client> => {
    const client = new pg.Client({ host: server?.folder ?? '', port: server?.port ?? 0, user: 'automx2', database });
    client.on('error', () => undefined); // the server may be stopped meanwhile
    await client.connect();
    return client;
  };
  // A connection costs the server 30 ms, and half of the tests need one for nothing but their database: it is kept until the
  // server stops.
  let keeper: Promise<pg.Client> | undefined;
  after(async () => (await keeper?.catch(() => undefined))?.end());
  const keep = async (sql: string): Promise<void> => {
    keeper ??= open('postgres').then((client) => client.once('end', () => (keeper = undefined)));
    await (await keeper).query(sql);
  };
  const administer: TestServer['administer'] = async (sql, url) => {
    const client = await open(url === undefined ? 'postgres' : databaseOf(url));
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    engine: 'PostgreSQL',
    server,
    missing: MISSING_POSTGRESQL,
    administer,
    async session(t, url) {
      const client = await open(databaseOf(url));
      const session = { run: async (sql: string) => void (await client.query(sql)), close: () => client.end() };
      t.after(() => session.close().catch(() => undefined));
      return session;
    },
    async database(t, over = 'socket') {
      count += 1;
      const name = `test_${process.pid}_${count}`;
      // A third of the time of the standard strategy, which writes a log of what nobody wants to recover.
      await keep(`CREATE DATABASE ${name} STRATEGY = FILE_COPY`);
      t.after(async () => {
        await keep(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).catch(() => undefined);
      });
      const { folder, port } = server ?? { folder: '', port: 0 };
      return over === 'socket'
        ? `postgresql://automx2@:${port}/${name}?host=${folder}`
        : `postgresql+psycopg2://automx2:geheim@127.0.0.1:${port}/${name}`;
    },
  };
}

/** Starts MariaDB for the file's tests; to be called at the top of a file, with `await`. */
export async function mariadb(): Promise<TestServer> {
  const server = await mariadbServer();
  reportMissing(MISSING_MARIADB, server === undefined);
  return mysqlLike('MariaDB', server, MISSING_MARIADB);
}

/**
 * Starts MySQL for the file's tests, as `mariadb` does. None, and nothing is reported as missing, where the environment does
 * not name the program: no release of Debian has it.
 */
export async function mysqlIfGiven(): Promise<readonly TestServer[]> {
  const server = await mysqlServer();
  return server === undefined ? [] : [await mysqlLike('MySQL', server, 'MySQL is not given')];
}

async function mysqlLike(
  engine: TestServer['engine'],
  server: DatabaseServer | undefined,
  missing: string,
): Promise<TestServer> {
  after(() => server?.remove());
  await server?.start();
  const administer: TestServer['administer'] = async (sql, url) => {
    const connection = await mysql.createConnection({
      socketPath: `${server?.folder}/socket`,
      user: 'root',
      ...(url === undefined ? {} : { database: databaseOf(url) }),
    });
    try {
      const [rows] = await connection.query(sql);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    } finally {
      await connection.end();
    }
  };
  if (server !== undefined) {
    for (const host of ['localhost', '127.0.0.1']) {
      await administer(`CREATE USER IF NOT EXISTS 'automx2'@'${host}' IDENTIFIED BY 'geheim'`);
      await administer(`GRANT ALL ON *.* TO 'automx2'@'${host}'`);
    }
  }
  return {
    engine,
    server,
    missing,
    administer,
    async session(t, url) {
      const socketPath = `${server?.folder}/socket`;
      const connection = await mysql.createConnection({ socketPath, user: 'root', database: databaseOf(url) });
      connection.on('error', () => undefined); // the server may be stopped meanwhile
      const session = {
        run: async (sql: string) => void (await connection.query(sql)),
        close: async () => connection.destroy(),
      };
      t.after(() => session.close());
      return session;
    },
    async database(t, over = 'socket') {
      count += 1;
      const name = `test_${process.pid}_${count}`;
      await administer(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
      t.after(async () => {
        await administer(`DROP DATABASE IF EXISTS ${name}`).catch(() => undefined);
      });
      const { folder, port } = server ?? { folder: '', port: 0 };
      return over === 'socket'
        ? `mariadb://automx2:geheim@/${name}?unix_socket=${folder}/socket`
        : `mysql+pymysql://automx2:geheim@127.0.0.1:${port}/${name}?charset=utf8mb4`;
    },
  };
}
