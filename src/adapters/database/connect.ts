import type { Connection } from './connection.ts';
import { type DatabaseUrl, DatabaseUrlError } from './database-url.ts';
import type { Deadlines } from './deadlines.ts';
import { MysqlConnection } from './mysql/connection.ts';
import { PostgresqlConnection } from './postgresql/connection.ts';
import { SqliteConnection } from './sqlite/connection.ts';

/**
 * Makes the connection that a database URL asks for; its driver is loaded only now, and nothing is opened yet.
 * Throws DatabaseUrlError for an engine whose driver is not installed, and for options that cannot be met.
 */
export async function connect(url: DatabaseUrl, deadlines: Deadlines): Promise<Connection> {
  switch (url.engine) {
    case 'sqlite':
      return new SqliteConnection((await load('better-sqlite3', () => import('better-sqlite3'))).default, url.path);
    case 'postgresql':
      return new PostgresqlConnection((await load('pg', () => import('pg'))).default, url, deadlines);
    case 'mysql':
      return new MysqlConnection(await load('mysql2', () => import('mysql2/promise')), url, deadlines);
  }
}

/** Packagers may leave out the drivers that they do not need. */
async function load<T>(name: string, importDriver: () => Promise<T>): Promise<T> {
  try {
    return await importDriver();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new DatabaseUrlError(`db_uri needs the package ${name}, which is not installed`, { cause });
  }
}
