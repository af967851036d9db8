import { resolve } from 'node:path';
import { openStore } from '../adapters/database/connect.ts';
import type { DatabaseUrl } from '../adapters/database/database-url.ts';
import type { Deadlines } from '../adapters/database/deadlines.ts';
import type { SettingsDatabase } from '../adapters/database/settings-database.ts';
import { LineLog, type LineLogOptions } from '../adapters/log/line-log.ts';
import { writesToJournal } from '../adapters/systemd/service-manager.ts';
import type { Clock } from '../ports/clock.ts';
import type { Settings } from './options.ts';

export const CLOCK: Clock = { now: () => new Date(), elapsedMs: () => performance.now() };

/** Level and format of the log: the journal gets its own format. */
export const logOptions = ({ logLevel, logFormat }: Settings): LineLogOptions => ({
  level: logLevel,
  format: logFormat === 'text' && writesToJournal(process.env) ? 'journal' : logFormat,
});

/** The log that the settings ask for. */
export const openLog = (settings: Settings, writeLine: (line: string) => void): LineLog =>
  new LineLog(logOptions(settings), writeLine, CLOCK.now);

/** The password of a file wins over that of the URL. */
const withPassword = (url: DatabaseUrl, password: string | undefined): DatabaseUrl =>
  url.engine === 'sqlite' || password === undefined ? url : { ...url, password };

/** The database and the log as the settings ask for them, for the daemon and for single commands. */
export async function openDatabase(
  settings: Settings,
  writeLine: (line: string) => void,
  deadlines?: Deadlines,
): Promise<{ readonly database: SettingsDatabase; readonly log: LineLog }> {
  const { databasePassword, echoStatements, listDomains } = settings;
  const url = withPassword(settings.database, databasePassword);
  const options = logOptions(settings);
  const log = openLog(settings, writeLine);
  if (url.engine === 'sqlite' && url.path !== undefined && !url.path.startsWith('/')) {
    log.write('WARNING', 'db_uri names a relative path', { file: resolve(url.path) });
  }
  if (url.passedOver !== undefined) {
    log.write('INFO', `options of other drivers in db_uri are passed over: ${url.passedOver.join(', ')}`);
  }
  const database = await openStore(url, {
    log,
    clock: CLOCK,
    listDomains,
    // Whatever the level is, who asks for statements gets them.
    echo: echoStatements ? new LineLog({ ...options, level: 'INFO' }, writeLine, CLOCK.now) : undefined,
    ...(deadlines === undefined ? {} : { deadlines }),
  });
  return { database, log };
}
