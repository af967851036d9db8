import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Connection } from './connection.ts';
import { DatabaseSettingsStore } from './database-settings-store.ts';
import { type DatabaseUrl, DatabaseUrlError } from './database-url.ts';
import { echoing } from './echo.ts';
import { SqliteConnection } from './sqlite/connection.ts';

/** Where a store tells what happens; `echo`: where its statements are told, too. */
export interface StoreContext {
  readonly log: Log;
  readonly clock: Clock;
  readonly echo: Log | undefined;
}

/**
 * Makes the store that a database URL names; the driver is loaded only now. Nothing is connected or opened yet.
 * Throws DatabaseUrlError for an engine whose driver this version does not bring.
 */
export async function openStore(url: DatabaseUrl, { log, clock, echo }: StoreContext): Promise<DatabaseSettingsStore> {
  const connection = await connect(url);
  return new DatabaseSettingsStore(echo === undefined ? connection : echoing(connection, echo, clock), log);
}

async function connect(url: DatabaseUrl): Promise<Connection> {
  if (url.engine !== 'sqlite') {
    throw new DatabaseUrlError(`this version reads SQLite only; its driver for ${url.engine} is still to come`);
  }
  const { default: driver } = await import('better-sqlite3');
  return new SqliteConnection(driver, url.path);
}
