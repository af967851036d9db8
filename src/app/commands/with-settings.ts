import { DocumentSettings } from '../../adapters/settings-file/document-settings.ts';
import { Failure } from '../../domain/failure.ts';
import type { Rows } from '../../domain/tables.ts';
import type { DatabaseAdmin } from '../../ports/database-admin.ts';
import type { Log, LogLevel } from '../../ports/log.ts';
import type { SettingsReader } from '../../ports/settings-reader.ts';
import { PREPARED, usableReport } from '../database-layout.ts';
import { openLog } from '../open-log.ts';
import { readSettingsFile } from '../settings-file.ts';
import type { CommandCall, OptionKinds } from './command.ts';
import { withDatabase } from './with-database.ts';

/** Settings that a command reads, wherever they are kept; only those of a database can have strays. */
export type ReadableSettings = SettingsReader & { rows(): Rows | Promise<Rows> } & Partial<
    Pick<DatabaseAdmin, 'strays'>
  >;

/**
 * Opens what the configuration names, a settings file or a database, and closes it whatever happens; the log shows entries
 * from `logLevel` on. Rejects with store_unprepared or document_invalid.
 */
export async function withSettings<T>(
  call: Pick<CommandCall<OptionKinds>, 'configuration' | 'surroundings'>,
  logLevel: LogLevel,
  work: (settings: ReadableSettings, log: Log) => Promise<T>,
): Promise<T> {
  const { configuration, surroundings } = call;
  const { settingsFile } = configuration.settings;
  if (settingsFile !== undefined) {
    const log = openLog({ ...configuration.settings, logLevel }, (line) => surroundings.stderr.write(line));
    return work(new DocumentSettings(readSettingsFile(settingsFile).rows), log);
  }
  return withDatabase(call, logLevel, async (database, log) => {
    await usableReport(database, PREPARED).catch((error: unknown) => {
      // What follows reports an unreachable database by itself.
      if (!(error instanceof Failure) || error.code !== 'store_unavailable') throw error;
    });
    return work(database, log);
  });
}
