import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import type { DatabaseUrl } from '../../adapters/database/database-url.ts';
import { Failure } from '../../domain/failure.ts';
import type { Initdb } from '../../ports/initdb.ts';
import { PREPARED, usableReport } from '../database-layout.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { initdb } from '../initdb.ts';
import { secretReader } from '../secret-file.ts';
import type { CommandCall, Surroundings } from './command.ts';
import { givenDocument } from './given-document.ts';
import { warnOfOtherOwner } from './other-owner.ts';
import { ask } from './question.ts';
import { withDatabase } from './with-database.ts';

type InitCall = CommandCall<{ readonly sample: 'flag'; readonly purge: 'flag'; readonly yes: 'flag' }>;

/** Creates what is missing, then stores a seed or the sample data; or deletes all data. */
export async function run(call: InitCall): Promise<ExitStatus> {
  const { words, say, options, surroundings } = call;
  const [seedWord] = words;
  const { sample = false, purge = false, yes = false } = options;
  if (Number(seedWord !== undefined) + Number(sample) + Number(purge) > 1) {
    throw new UsageError('init takes only one of SEED.json, --sample and --purge');
  }
  if (yes && !purge) throw new UsageError('--yes needs --purge');
  const seed = seedWord === undefined ? undefined : await givenDocument(seedWord, surroundings);
  warnOfOtherOwner(call);
  return withDatabase(call, 'ERROR', async (database, log) => {
    const { missing, state, others } = await usableReport(database, ['unprepared', ...PREPARED]);
    // Databases of servers are shared between programs; two in one file are more often a wrong path.
    const { engine } = call.configuration.settings.database;
    if (engine === 'sqlite' && state === 'unprepared' && others.length > 0 && !purge) {
      call.complain(
        `the file holds tables of another program, such as ${others[0]}: automx2's are created beside them`,
      );
    }
    const filling = initdb(database, log);
    if (purge) return purgeConfirmed(call, filling);
    if (sample) {
      if (!(await filling.seedSample())) throw new Failure('data_exist', 'the database holds data already');
      say('Database ready; sample data stored.');
    } else if (seed !== undefined) {
      const kind = await filling.seedJson(seed.octets, secretReader(dirname(seed.name))).catch((error: unknown) => {
        if (!(error instanceof Failure) || error.code !== 'document_invalid') throw error;
        throw new Failure('document_invalid', `${seed.name}: ${error.message}`, { cause: error });
      });
      say(`Database ready; ${kind} stored.`);
    } else {
      await database.create();
      for (const line of missing) say(line);
      say(missing.length === 0 ? 'All tables and indexes exist.' : 'The database is prepared.');
    }
    return EXIT.ok;
  });
}

async function purgeConfirmed(call: InitCall, filling: Initdb): Promise<ExitStatus> {
  const name = databaseName(call.configuration.settings.database);
  if (call.options.yes !== true && !(await isConfirmed(name, call.surroundings))) {
    call.complain(`the name of the database, ${name}, was not typed; nothing was deleted`);
    return EXIT.failed;
  }
  await filling.purge();
  call.say('All data deleted.');
  return EXIT.ok;
}

/** What an operator calls the database; PostgreSQL takes the user's name where none is given. */
const databaseName = (url: DatabaseUrl): string =>
  (url.engine === 'sqlite' ? url.path : (url.database ?? url.user)) ?? userInfo().username;

async function isConfirmed(name: string, surroundings: Surroundings): Promise<boolean> {
  const answer = await ask(`Delete all data? Type the name of the database, ${name}: `, surroundings);
  return answer === name && name !== '';
}
