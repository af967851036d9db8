import { Failure } from '../domain/failure.ts';
import type { DatabaseAdmin } from '../ports/database-admin.ts';
import type { Log } from '../ports/log.ts';
import { advice, PREPARED, usableReport } from './database-layout.ts';
import type { Home, HomeContext } from './home.ts';
import { initdb } from './initdb.ts';
import { openDatabase } from './open-database.ts';
import type { Settings } from './options.ts';

/** A database as the daemon's home. */
export async function openDatabaseHome(
  settings: Settings,
  { log, writeLine, isConfigured, deadlines }: HomeContext,
): Promise<Home> {
  const database = await openDatabase(settings, log, writeLine, deadlines);
  return {
    settings: database,
    initdb: (onAttempt) => initdb(database, log, onAttempt),
    check: () => checkLayout(database, settings, isConfigured, log),
    reload: () => undefined,
  };
}

/** Says at start what an operator has to do before look-ups can be answered, or answered fast. */
async function checkLayout(
  admin: DatabaseAdmin,
  { database }: Settings,
  isConfigured: boolean,
  log: Log,
): Promise<void> {
  try {
    const report = await usableReport(admin, ['unprepared', ...PREPARED]);
    const { state, missingIndexes } = report;
    if (database.engine === 'sqlite' && database.path === undefined) {
      // No command can reach it.
      const why = isConfigured ? '' : 'no configuration file found: ';
      log.write(
        'WARNING',
        `${why}the database is in memory and empty; /initdb/ fills it, and it ends with this process`,
      );
    } else if (state === 'unprepared' || state === 'empty') log.write('WARNING', advice(report));
    else if (missingIndexes > 0) {
      log.write(
        'WARNING',
        `look-ups are slow, ${missingIndexes} indexes are missing; to create them, run: automx2 migrate`,
      );
    }
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'store_unavailable') throw error;
    log.write('ERROR', `the database is unreachable, look-ups fail until it is back: ${error.message}`);
  }
}
