import { Failure, type FailureCode } from '../domain/failure.ts';
import type { DatabaseAdmin } from '../ports/database-admin.ts';
import type { Initdb } from '../ports/initdb.ts';
import type { Log } from '../ports/log.ts';

/** Failures of a change whose reason only the log has. */
const LOGGED: readonly FailureCode[] = ['store_unavailable', 'store_unprepared'];

/**
 * The use cases behind /initdb/ and `automx2 init`; `onAttempt` is called after each change, successful or not. What reads
 * seeds is loaded when the first one comes.
 */
export function initdb(
  admin: DatabaseAdmin,
  log: Log,
  onAttempt: (succeeded: boolean) => void = () => undefined,
): Initdb {
  /** The client learns that it failed, the operator why: a full disk, a file that may only be read. */
  const attempt = async (change: Promise<void>, otherwise: string): Promise<void> => {
    let succeeded = false;
    try {
      await change;
      succeeded = true;
    } catch (error) {
      if (!(error instanceof Failure) || !LOGGED.includes(error.code)) throw error;
      log.write('WARNING', `${otherwise}: ${error.message}`);
      // The database may be unreachable, or refuse the change: only the log says which.
      throw error.code === 'store_unavailable' ? new Failure('change_failed', error.message, { cause: error }) : error;
    } finally {
      onAttempt(succeeded);
    }
  };
  return {
    assertDatabase: () => undefined,
    async seedSample() {
      const { SAMPLE_SEED } = await import('./sample-seed.ts');
      try {
        await attempt(admin.seed(SAMPLE_SEED), 'the sample data are not stored');
      } catch (error) {
        if (error instanceof Failure && error.code === 'data_exist') return false;
        throw error;
      }
      log.write('WARNING', 'the sample data are stored in the database');
      return true;
    },
    async seedJson(octets, readSecret) {
      const { kindOf, parseOctets, readDocument } = await import('../domain/documents/read-document.ts');
      const document = parseOctets(octets);
      const rows = readDocument(document, readSecret);
      await attempt(admin.seed(rows), 'the document is not stored');
      log.write('WARNING', 'a document is stored in the database', { domains: rows.domain.length });
      return kindOf(document);
    },
    async purge() {
      await attempt(admin.purge(), 'the data are not deleted');
      log.write('WARNING', 'all data of the database are deleted');
    },
  };
}
