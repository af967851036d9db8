import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Connection } from './connection.ts';
import { type DatabaseUrl, DatabaseUrlError } from './database-url.ts';
import { DEADLINES, type Deadlines } from './deadlines.ts';
import { echoing } from './echo.ts';
import { SettingsDatabase } from './settings-database.ts';
import type { ListDomains } from './statements.ts';

/** `echo`: where each statement is logged, too. */
export interface StoreContext {
  readonly log: Log;
  readonly clock: Clock;
  readonly listDomains?: ListDomains;
  readonly echo: Log | undefined;
  /** For tests: others than the standard ones. */
  readonly deadlines?: Deadlines;
}

/** The store that a database URL names. Throws as connect. */
export async function openStore(
  url: DatabaseUrl,
  { log, clock, echo, listDomains = 'asked', deadlines = DEADLINES }: StoreContext,
): Promise<SettingsDatabase> {
  const connection = await connect(url, deadlines, (message) => log.write('WARNING', message));
  const echoed = echo === undefined ? connection : echoing(connection, echo, clock);
  return new SettingsDatabase(echoed, log, listDomains, () => clock.elapsedMs());
}

/**
 * Makes the connection that a database URL asks for. Only that engine's code and driver are loaded, and nothing is connected
 * or opened yet.
 * `warn` takes what an operator can improve, a line each. Throws DatabaseUrlError for an engine whose driver is not
 * installed, and for options that cannot be met.
 */
export async function connect(
  url: DatabaseUrl,
  deadlines: Deadlines,
  warn: (message: string) => void = () => undefined,
): Promise<Connection> {
  switch (url.engine) {
    case 'sqlite': {
      const { default: driver } = await load('better-sqlite3', () => import('better-sqlite3'));
      const { SqliteConnection } = await import('./sqlite/connection.ts');
      return new SqliteConnection(driver, url.path);
    }
    case 'postgresql': {
      const { default: driver } = await load('pg', () => import('pg'));
      const { PostgresqlConnection } = await import('./postgresql/connection.ts');
      return new PostgresqlConnection(driver, url, deadlines, warn);
    }
    case 'mysql': {
      const driver = await load('mysql2', () => import('mysql2/promise'));
      const { MysqlConnection } = await import('./mysql/connection.ts');
      return new MysqlConnection(driver, url, deadlines);
    }
  }
}

/** Packagers may leave out the drivers that they do not need. */
async function load<T>(name: string, importDriver: () => Promise<T>): Promise<T> {
  try {
    return await importDriver();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new DatabaseUrlError(`needs the package ${name}, which is not installed`, { cause });
  }
}
