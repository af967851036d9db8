import type { Deadlines } from '../adapters/database/deadlines.ts';
import type { LineLog } from '../adapters/log/line-log.ts';
import type { Initdb } from '../ports/initdb.ts';
import type { SettingsReader } from '../ports/settings-reader.ts';
import type { Settings } from './options.ts';

/** Where the daemon's mail settings are kept: in a database, or in a settings document. */
export interface Home {
  readonly settings: SettingsReader;
  /** What was in it when it was opened, in one line; a database is not asked. */
  readonly summary?: string;
  /** What /initdb/ does; `onAttempt` is called after each change, successful or not. */
  initdb(onAttempt: (succeeded: boolean) => void): Initdb;
  /** Says what an operator has to do before look-ups can be answered, or answered fast. Rejects with store_unprepared. */
  check(): Promise<void>;
  /** Takes over what only a reload shows. Throws document_invalid, and then nothing has changed. */
  reload(): void;
}

/** Log lines go to `writeLine`; `isConfigured`: the operator has configured anything; deadlines that differ from the standard are for tests. */
export interface HomeContext {
  readonly log: LineLog;
  readonly writeLine: (line: string) => void;
  readonly isConfigured: boolean;
  readonly deadlines?: Deadlines;
}

/** Opens what the settings name; what the other home needs is not loaded. Rejects with document_invalid. */
export async function openHome(settings: Settings, context: HomeContext): Promise<Home> {
  const { settingsFile } = settings;
  if (settingsFile === undefined) {
    const { openDatabaseHome } = await import('./database-home.ts');
    return openDatabaseHome(settings, context);
  }
  const { openSettingsFile } = await import('./settings-file-home.ts');
  return openSettingsFile(settingsFile, settings, context.log);
}
