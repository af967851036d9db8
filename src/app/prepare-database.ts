import { Failure } from '../domain/failure.ts';
import { parseSeedDocument, readSeed } from '../domain/seed.ts';
import type { DatabasePreparation } from '../ports/database-preparation.ts';
import type { Log } from '../ports/log.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import { SAMPLE_SEED } from './sample-seed.ts';

/** The use cases around the database as a whole, for /initdb/ and the command line alike. */
export function databasePreparation(store: SettingsStore, log: Log): DatabasePreparation {
  return {
    report: () => store.report(),
    createTables: () => store.createTables(),
    async seedSample() {
      try {
        await store.seed(SAMPLE_SEED);
      } catch (error) {
        if (error instanceof Failure && error.code === 'data_exist') return false;
        throw error;
      }
      log.write('WARNING', 'the sample data are stored in the database');
      return true;
    },
    async seedJson(octets) {
      const seed = readSeed(parseSeedDocument(octets));
      await store.seed(seed);
      log.write('WARNING', 'a seed is stored in the database', { domains: seed.domains.length });
    },
    async purge() {
      await store.purge();
      log.write('WARNING', 'all data of the database are deleted');
    },
    migrate: () => store.migrate(),
  };
}
