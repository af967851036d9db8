import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import type { DatabaseUrl } from '../../adapters/database/database-url.ts';
import { Failure } from '../../domain/failure.ts';
import { systemReason } from '../../domain/system-error.ts';
import type { Initdb } from '../../ports/initdb.ts';
import { PREPARED, usableReport } from '../database-layout.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { initdb } from '../initdb.ts';
import type { CommandCall, Surroundings } from './command.ts';
import { warnOfOtherOwner } from './other-owner.ts';
import { withDatabase } from './with-database.ts';

type InitCall = CommandCall<{ readonly sample: 'flag'; readonly purge: 'flag'; readonly yes: 'flag' }>;

/** Creates what is missing, then stores a seed or the sample data; or deletes all data. */
export async function run(call: InitCall): Promise<ExitStatus> {
  const { words, say, options } = call;
  const [seedFile] = words;
  const { sample = false, purge = false, yes = false } = options;
  if (Number(seedFile !== undefined) + Number(sample) + Number(purge) > 1) {
    throw new UsageError('init takes only one of SEED.json, --sample and --purge');
  }
  if (yes && !purge) throw new UsageError('--yes needs --purge');
  const seed = seedFile === undefined ? undefined : { file: seedFile, octets: readSeedFile(seedFile) };
  warnOfOtherOwner(call);
  return withDatabase(call, 'ERROR', async (database, log) => {
    const { missing } = await usableReport(database, ['unprepared', ...PREPARED]);
    const filling = initdb(database, log);
    if (purge) return purgeConfirmed(call, filling);
    if (sample) {
      if (!(await filling.seedSample())) throw new Failure('data_exist', 'the database holds data already');
      say('Database ready; sample data stored.');
    } else if (seed !== undefined) {
      const unknown = await filling.seedJson(seed.octets).catch((error: unknown) => {
        if (!(error instanceof Failure) || error.code !== 'seed_invalid') throw error;
        throw new Failure('seed_invalid', `${seed.file}: ${error.message}`, { cause: error });
      });
      for (const path of unknown) call.complain(`${seed.file}: ${path}: unknown, and ignored`);
      say('Database ready; seed stored.');
    } else {
      await database.create();
      for (const line of missing) say(line);
      say(missing.length === 0 ? 'All tables and indexes exist.' : 'The database is prepared.');
    }
    return EXIT.ok;
  });
}

function readSeedFile(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Failure('seed_invalid', `${file}: cannot be read: ${systemReason(cause)}`, { cause });
  }
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

async function isConfirmed(name: string, { stdin, stdout }: Surroundings): Promise<boolean> {
  const terminal = createInterface({ input: stdin, output: stdout });
  const closed = new Promise<string>((resolve) => {
    terminal.once('close', () => {
      // Nobody ended the line of the question.
      stdout.write('\n');
      resolve('');
    });
  });
  const answer = await Promise.race([
    terminal.question(`Delete all data? Type the name of the database, ${name}: `),
    closed,
  ]);
  terminal.close();
  return answer.trim() === name && name !== '';
}
