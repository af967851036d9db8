import { PREPARED, usableReport } from '../database-layout.ts';
import { EXIT, type ExitStatus } from '../exit-status.ts';
import type { CommandCall } from './command.ts';
import { warnOfOtherOwner } from './other-owner.ts';
import { withDatabase } from './with-database.ts';

/** Upgrades the database, or reports what would be done. */
export function run(call: CommandCall<{ readonly check: 'flag' }>): Promise<ExitStatus> {
  const { say, options } = call;
  if (options.check !== true) warnOfOtherOwner(call);
  return withDatabase(call, 'ERROR', async (database) => {
    const { missing, views } = await usableReport(database, ['outdated', ...PREPARED]);
    for (const name of views) say(`${name} is a view or a foreign table, which is left alone.`);
    if (missing.length > 0 && options.check === true) {
      say('To be done by automx2 migrate:');
      for (const line of missing) say(`- ${line}`);
      return EXIT.failed;
    }
    if (missing.length > 0) for (const line of await database.migrate()) say(line);
    say('The database is up to date.');
    return EXIT.ok;
  });
}
