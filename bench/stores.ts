import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { type DatabaseServer, mariadbServer, postgresqlServer } from '../test/support/database-server.ts';
import { type Cleanup, temporaryFolder } from '../test/support/temporary-folder.ts';
import { writeConfiguration } from './servers.ts';

/** A database with so many domains, each with a provider and three servers of its own or all with the same. */
export interface Store {
  readonly name: string;
  readonly engine: Engine;
  readonly domains: number;
  readonly oneProvider: boolean;
}

export type Engine = 'sqlite' | 'postgresql' | 'mariadb';

export const STORES: readonly Store[] = (['sqlite', 'postgresql', 'mariadb'] as const).flatMap((engine) => [
  ...[1, 1_000, 100_000].map((domains) => ({
    name: `${engine}-${domains}`,
    engine,
    domains,
    oneProvider: false,
  })),
  { name: `${engine}-100000-one`, engine, domains: 100_000, oneProvider: true },
]);

/** Where what does not depend on the database is measured. */
export const ONE_STORE = 'sqlite-1000';

/** One more domain, which has DAV servers, too. */
export const DAV_DOMAIN = 'dav.bench.example';

/** The last domain of a store, which no order by number favours. */
export const askedDomain = ({ domains }: Store): string => `d${domains}.bench.example`;

/**
 * Domain n of the store is `dN.bench.example`; the rows are made by the database itself, a statement a table, in SQL that
 * all three engines understand. The last number is the domain with DAV servers.
 */
function rows({ domains, oneProvider }: Store): readonly string[] {
  const last = domains + 1;
  const numbers = (to: number): string =>
    `WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ${to})`;
  const owners = oneProvider ? 1 : last;
  const name = (n: string): string =>
    `CASE ${n} WHEN ${last} THEN '${DAV_DOMAIN}' ELSE CONCAT('d', ${n}, '.bench.example') END`;
  // With one provider the servers are named after the asked domain, so that the answers are the same.
  const owner = oneProvider ? `'${askedDomain({ domains } as Store)}'` : name('n');
  const servers = [
    { type: 'imap', port: 993, socketType: 'SSL' },
    { type: 'pop', port: 995, socketType: 'SSL' },
    { type: 'smtp', port: 587, socketType: 'STARTTLS' },
  ];
  return [
    `INSERT INTO provider (id, name, short_name) ${numbers(owners)} SELECT n, CONCAT('Provider of ', ${owner}), 'Bench' FROM number`,
    ...servers.map(
      ({ type, port, socketType }, index) =>
        'INSERT INTO server (id, prio, name, port, type, socket_type, user_name, authentication) ' +
        `${numbers(owners)} SELECT n * 3 + ${index}, 10, CONCAT('${type}.', ${owner}), ${port}, '${type}', '${socketType}', ` +
        `'%EMAILADDRESS%', 'plain' FROM number`,
    ),
    `INSERT INTO domain (id, name, provider_id) ${numbers(last)} SELECT n, ${name('n')}, ${oneProvider ? '1' : 'n'} FROM number`,
    ...servers.map(
      (_server, index) =>
        `INSERT INTO server_domain (server_id, domain_id) ${numbers(last)} SELECT ${oneProvider ? '3' : 'n * 3'} + ${index}, n FROM number`,
    ),
    ...['caldav', 'carddav'].flatMap((type, index) => [
      'INSERT INTO davserver (id, url, port, type, use_ssl, domain_required, user_name) ' +
        `VALUES (${index + 1}, 'https://dav.bench.example/%EMAILADDRESS%/', 443, '${type}', true, true, '%EMAILADDRESS%')`,
      `INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (${index + 1}, ${last})`,
    ]),
  ];
}

/** Makes databases, each filled as a store says; `fill` resolves with the URL for the daemon. */
export interface Databases {
  /** Undefined: SQLite has none. */
  readonly server: DatabaseServer | undefined;
  fill(store: Store): Promise<string>;
  /** Ends the server, if there is one. */
  end(): Promise<void>;
}

/** Starts the engine; `main` is the program that makes its tables. Undefined: it is not installed. */
export async function startEngine(engine: Engine, main: string, cleanup: Cleanup): Promise<Databases | undefined> {
  const init: Init = async (url) => {
    const configuration = writeConfiguration(temporaryFolder(cleanup), url, 0);
    await promisify(execFile)(process.execPath, [main, '--config', configuration, 'init']);
    return url;
  };
  if (engine === 'sqlite') return sqlite(init, cleanup);
  const server = await (engine === 'postgresql' ? postgresqlServer() : mariadbServer());
  if (server === undefined) return undefined;
  cleanup.after(() => server.remove());
  await server.start();
  return engine === 'postgresql' ? postgresql(server, init) : mariadb(server, init);
}

/** Makes tables and indexes as an operator gets them; resolves with the URL. */
type Init = (url: string) => Promise<string>;

function sqlite(init: Init, cleanup: Cleanup): Databases {
  return {
    server: undefined,
    async fill(store) {
      const file = join(temporaryFolder(cleanup), 'db.sqlite');
      const url = await init(`sqlite:///${file}`);
      const database = new Database(file);
      database.transaction(() => {
        for (const statement of rows(store)) database.exec(statement);
      })();
      database.close();
      return url;
    },
    end: async () => undefined,
  };
}

const databaseName = ({ name }: Store): string => name.replaceAll('-', '_');

function postgresql(server: DatabaseServer, init: Init): Databases {
  const { folder: host, port, remove } = server;
  const run = async (database: string, statements: readonly string[]): Promise<void> => {
    const client = new pg.Client({ host, port, user: 'automx2', database });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  return {
    server,
    async fill(store) {
      const name = databaseName(store);
      await run('postgres', [`CREATE DATABASE ${name}`]);
      const url = await init(`postgresql://automx2@:${port}/${name}?host=${host}`);
      // Autovacuum would gather statistics a minute later.
      await run(name, ['BEGIN', ...rows(store), 'COMMIT', 'ANALYZE']);
      return url;
    },
    end: remove,
  };
}

function mariadb(server: DatabaseServer, init: Init): Databases {
  const { folder, remove } = server;
  const socketPath = join(folder, 'socket');
  const run = async (statements: readonly string[], options: mysql.ConnectionOptions = {}): Promise<void> => {
    const connection = await mysql.createConnection({ socketPath, user: 'root', ...options });
    try {
      for (const statement of statements) await connection.query(statement);
    } finally {
      await connection.end();
    }
  };
  return {
    server,
    async fill(store) {
      const database = databaseName(store);
      await run([`CREATE DATABASE ${database} CHARACTER SET utf8mb4`]);
      const url = await init(`mariadb://root@/${database}?unix_socket=${socketPath}`);
      const settings = `SET max_recursive_iterations = ${store.domains + 1}`;
      await run([settings, 'START TRANSACTION', ...rows(store), 'COMMIT'], { database });
      return url;
    },
    end: remove,
  };
}
