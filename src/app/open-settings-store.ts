import { resolve } from 'node:path';
import type { Deadlines } from '../adapters/database/deadlines.ts';
import { openStore } from '../adapters/database/open-store.ts';
import { LineLog, type LineLogOptions } from '../adapters/log/line-log.ts';
import { writesToJournal } from '../adapters/systemd/service-manager.ts';
import type { Clock } from '../ports/clock.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { Settings } from './settings.ts';

export const CLOCK: Clock = { now: () => new Date(), elapsedMs: () => performance.now() };

/** How the log shall look, as the settings say and as its reader can bear. */
export const logOptions = ({ logLevel, logFormat }: Settings): LineLogOptions => ({
  level: logLevel,
  format: logFormat === 'text' && writesToJournal(process.env) ? 'journal' : logFormat,
});

/** The settings store and the log as the settings want them, for the daemon and for single commands. */
export async function openSettingsStore(
  settings: Settings,
  writeLine: (line: string) => void,
  deadlines?: Deadlines,
): Promise<{ readonly store: SettingsStore; readonly log: LineLog }> {
  const { database, echoStatements, listDomains } = settings;
  const options = logOptions(settings);
  const log = new LineLog(options, writeLine, CLOCK.now);
  if (database.engine === 'sqlite' && database.path !== undefined && !database.path.startsWith('/')) {
    log.write('WARNING', 'db_uri names a relative path', { file: resolve(database.path) });
  }
  const store = await openStore(database, {
    log,
    clock: CLOCK,
    listDomains,
    // Whatever the level is, who asks for statements gets them.
    echo: echoStatements ? new LineLog({ ...options, level: 'INFO' }, writeLine, CLOCK.now) : undefined,
    ...(deadlines === undefined ? {} : { deadlines }),
  });
  return { store, log };
}
