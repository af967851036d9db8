import { ConfigError } from '../adapters/config/config-file.ts';
import { Failure } from '../domain/failure.ts';
import { parseSeedDocument, readSeed } from '../domain/seed.ts';
import type { DatabasePreparation } from '../ports/database-preparation.ts';
import type { Log } from '../ports/log.ts';
import type { SettingsStore, StoreReport } from '../ports/settings-store.ts';
import { SAMPLE_SEED } from './sample-seed.ts';

/** What is there, unless it is of a layout that cannot be served as it is: then ConfigError says what to do. */
export async function servableReport(store: SettingsStore): Promise<StoreReport> {
  const report = await store.report();
  if (report.state === 'foreign' || report.state === 'outdated') throw new ConfigError(report.detail);
  return report;
}

/** The use cases around the database as a whole, for /initdb/ and the command line alike. */
export function databasePreparation(store: SettingsStore, log: Log): DatabasePreparation {
  /** Clients are told that it failed, the operator why: a disk that is full, a file that may only be read. */
  const attempt = async (change: Promise<void>, otherwise: string): Promise<void> => {
    try {
      await change;
    } catch (error) {
      if (error instanceof Failure && error.code === 'store_unavailable') {
        log.write('WARNING', `${otherwise}: ${error.message}`);
      }
      throw error;
    }
  };
  return {
    report: () => store.report(),
    createTables: () => store.createTables(),
    async seedSample() {
      try {
        await attempt(store.seed(SAMPLE_SEED), 'the sample data are not stored');
      } catch (error) {
        if (error instanceof Failure && error.code === 'data_exist') return false;
        throw error;
      }
      log.write('WARNING', 'the sample data are stored in the database');
      return true;
    },
    async seedJson(octets) {
      const seed = readSeed(parseSeedDocument(octets));
      await attempt(store.seed(seed), 'the seed is not stored');
      log.write('WARNING', 'a seed is stored in the database', { domains: seed.domains.length });
    },
    async purge() {
      await attempt(store.purge(), 'the data are not deleted');
      log.write('WARNING', 'all data of the database are deleted');
    },
    migrate: () => store.migrate(),
  };
}
