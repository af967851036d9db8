import { resolve } from 'node:path';
import type { Deadlines } from '../adapters/database/deadlines.ts';
import { openStore } from '../adapters/database/open-store.ts';
import { TextLog } from '../adapters/log/text-log.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { Settings } from './settings.ts';

export const CLOCK: Clock = { now: () => new Date(), elapsedMs: () => performance.now() };

/** The settings store and the log as the settings want them, for the daemon and for single commands. */
export async function openSettingsStore(
  { database, logLevel, echoStatements }: Settings,
  writeLine: (line: string) => void,
  deadlines?: Deadlines,
): Promise<{ readonly store: SettingsStore; readonly log: Log }> {
  const log = new TextLog(logLevel, writeLine, CLOCK.now);
  if (database.engine === 'sqlite' && database.path !== undefined && !database.path.startsWith('/')) {
    log.write('WARNING', 'db_uri names a relative path', { file: resolve(database.path) });
  }
  const store = await openStore(database, {
    log,
    clock: CLOCK,
    echo: echoStatements ? new TextLog('INFO', writeLine, CLOCK.now) : undefined,
    ...(deadlines === undefined ? {} : { deadlines }),
  });
  return { store, log };
}
