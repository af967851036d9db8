import type { SettingsDatabase } from '../../adapters/database/settings-database.ts';
import type { Log, LogLevel } from '../../ports/log.ts';
import { UsageError } from '../exit-status.ts';
import { openDatabase } from '../open-database.ts';
import { openLog } from '../open-log.ts';
import type { CommandCall, OptionKinds } from './command.ts';

/** Opens the database for a command and closes it whatever happens; the log shows entries from `logLevel` on. */
export async function withDatabase<T>(
  { configuration: { path, settings }, surroundings }: Pick<CommandCall<OptionKinds>, 'configuration' | 'surroundings'>,
  logLevel: LogLevel,
  work: (database: SettingsDatabase, log: Log) => Promise<T>,
): Promise<T> {
  if (settings.settingsFile !== undefined) {
    throw new UsageError('settings_file is configured, so there is no database');
  }
  if (settings.database.engine === 'sqlite' && settings.database.path === undefined) {
    const reason = path === undefined ? '; no configuration file was found' : '';
    throw new UsageError(`db_uri names a database in memory, which ends with this command${reason}`);
  }
  const writeLine = (line: string): void => void surroundings.stderr.write(line);
  const log = openLog({ ...settings, logLevel }, writeLine);
  const database = await openDatabase({ ...settings, logLevel }, log, writeLine);
  try {
    return await work(database, log);
  } finally {
    await database.close();
  }
}
