import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { connect } from './connect.ts';
import type { DatabaseUrl } from './database-url.ts';
import { DEADLINES, type Deadlines } from './deadlines.ts';
import { echoing } from './echo.ts';
import { SettingsDatabase } from './settings-database.ts';
import type { ListDomains } from './statements.ts';

/** Where a store tells what happens; `echo`: where its statements are told, too. */
export interface StoreContext {
  readonly log: Log;
  readonly clock: Clock;
  readonly listDomains?: ListDomains;
  readonly echo: Log | undefined;
  /** For tests: others than the standard ones. */
  readonly deadlines?: Deadlines;
}

/**
 * Makes the store that a database URL names; the driver is loaded only now. Nothing is connected or opened yet.
 * Throws DatabaseUrlError for an engine whose driver is not installed, and for options that cannot be met.
 */
export async function openStore(
  url: DatabaseUrl,
  { log, clock, echo, listDomains = 'asked', deadlines = DEADLINES }: StoreContext,
): Promise<SettingsDatabase> {
  const connection = await connect(url, deadlines);
  const told = echo === undefined ? connection : echoing(connection, echo, clock);
  return new SettingsDatabase(told, log, listDomains);
}
