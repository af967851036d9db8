import { LdapDirectory } from '../../adapters/ldap/ldap-directory.ts';
import { parseEmailAddress } from '../../domain/email-address.ts';
import { Failure } from '../../domain/failure.ts';
import { answerLine, clientAnswers, LOOKUP_FORMATS } from '../client-answers.ts';
import { DIRECTORY_DEADLINES } from '../daemon.ts';
import { PREPARED, usableReport } from '../database-layout.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { accountLookup } from '../look-up.ts';
import type { CommandCall } from './command.ts';
import { withDatabase } from './with-database.ts';

/** Prints what clients get for an address. Unusable rows are logged as the daemon logs them. */
export async function run(call: CommandCall<{ readonly format: 'text' }>): Promise<ExitStatus> {
  const { configuration, words, options, surroundings } = call;
  const format = LOOKUP_FORMATS.find((candidate) => candidate === (options.format ?? 'all'));
  if (format === undefined) throw new UsageError(`--format: must be one of ${LOOKUP_FORMATS.join(', ')}`);
  const address = parseEmailAddress(words[0] ?? '');
  return withDatabase(call, 'WARNING', async (database, log) => {
    await usableReport(database, PREPARED).catch((error: unknown) => {
      // The look-up itself reports an unreachable database, in the daemon's words.
      if (!(error instanceof Failure) || error.code !== 'store_unavailable') throw error;
    });
    const directory = new LdapDirectory({ ...configuration.settings.directories, ...DIRECTORY_DEADLINES }, log);
    try {
      // Failures are reported once, below, so the look-up logs none.
      const account = await accountLookup(database, directory, { keeps: () => false, write: () => undefined })(address);
      surroundings.stdout.write(clientAnswers(account, address, format));
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      call.complain(answerLine(error, format));
      return EXIT.failed;
    } finally {
      await directory.close();
    }
  });
}
