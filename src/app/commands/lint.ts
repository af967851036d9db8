import { parseDomainName } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import { PREPARED, usableReport } from '../database-layout.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { counted, lintAll, lintDomain } from '../lint.ts';
import type { CommandCall } from './command.ts';
import { withDatabase } from './with-database.ts';

/** Prints a line for each mistake that is found in the settings of all domains, or of one. */
export async function run(call: CommandCall<Readonly<Record<never, never>>>): Promise<ExitStatus> {
  const { words, say } = call;
  const [text] = words;
  const name = text === undefined ? undefined : parseDomainName(text);
  if (text !== undefined && name === undefined) throw new UsageError(`lint: "${text}" is not a valid domain name`);
  // What the connection warns of, such as a password in clear text, is for the operator, too.
  return withDatabase(call, 'WARNING', async (database) => {
    await usableReport(database, PREPARED);
    const { checked, faulty, lines } = await (name === undefined ? lintAll(database) : lintDomain(database, name));
    if (name !== undefined && checked === 0) throw new Failure('domain_unknown', `${name}: not served here`);
    for (const line of lines) say(line);
    if (checked === 0) {
      say('The database has no domain yet.');
      return EXIT.ok;
    }
    if (lines.length === 0) {
      say(`No problems found in ${counted(checked, 'domain')}.`);
      return EXIT.ok;
    }
    say(`${counted(lines.length, 'finding')} in ${faulty} of ${counted(checked, 'domain')}.`);
    return EXIT.failed;
  });
}
