import { resolve } from 'node:path';
import { openStore } from '../adapters/database/connect.ts';
import type { DatabaseUrl } from '../adapters/database/database-url.ts';
import type { Deadlines } from '../adapters/database/deadlines.ts';
import type { SettingsDatabase } from '../adapters/database/settings-database.ts';
import { LineLog } from '../adapters/log/line-log.ts';
import { CLOCK, logOptions } from './open-log.ts';
import type { Settings } from './options.ts';

/** The password of a file wins over that of the URL. */
const withPassword = (url: DatabaseUrl, password: string | undefined): DatabaseUrl =>
  url.engine === 'sqlite' || password === undefined ? url : { ...url, password };

/** The database as the settings ask for it, for the daemon and for single commands. */
export async function openDatabase(
  settings: Settings,
  log: LineLog,
  writeLine: (line: string) => void,
  deadlines?: Deadlines,
): Promise<SettingsDatabase> {
  const { databasePassword, echoStatements, listDomains } = settings;
  const url = withPassword(settings.database, databasePassword);
  const options = logOptions(settings);
  if (url.engine === 'sqlite' && url.path !== undefined && !url.path.startsWith('/')) {
    const meant = `if /${url.path} is meant, use four slashes: sqlite:////${url.path}`;
    log.write('WARNING', `db_uri names a relative path; ${meant}`, { file: resolve(url.path) });
  }
  if (url.passedOver !== undefined) {
    log.write('INFO', `options of other drivers in db_uri are passed over: ${url.passedOver.join(', ')}`);
  }
  return openStore(url, {
    log,
    clock: CLOCK,
    listDomains,
    // Whatever the level is, who asks for statements gets them.
    echo: echoStatements ? new LineLog({ ...options, level: 'INFO' }, writeLine, CLOCK.now) : undefined,
    ...(deadlines === undefined ? {} : { deadlines }),
  });
}
