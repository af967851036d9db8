import { counted } from '../../domain/counted.ts';
import { parseDomainName, parseWildcard } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { lintAll, lintDomains, strayLines } from '../lint.ts';
import type { CommandCall } from './command.ts';
import { withSettings } from './with-settings.ts';

/** Prints a line for each mistake that is found in the settings of all domains, or of one. */
export async function run(call: CommandCall<Readonly<Record<never, never>>>): Promise<ExitStatus> {
  const { words, say } = call;
  const [text] = words;
  const name = text === undefined ? undefined : (parseDomainName(text) ?? parseWildcard(text));
  if (text !== undefined && name === undefined) throw new UsageError(`lint: "${text}" is not a valid domain name`);
  // What the connection warns of, such as a password in clear text, is for the operator, too.
  return withSettings(call, 'WARNING', async (settings) => {
    const found = await (name === undefined ? lintAll(settings) : lintDomains(settings, [name]));
    const { checked, faulty } = found;
    if (name !== undefined && checked === 0) throw new Failure('domain_unknown', `${name}: not served here`);
    const strays = name === undefined ? strayLines((await settings.strays?.()) ?? []) : [];
    for (const line of [...found.lines, ...strays]) say(line);
    const findings = found.lines.length + strays.length;
    if (findings === 0) {
      say(checked === 0 ? 'There is no domain yet.' : `No problems found in ${counted(checked, 'domain')}.`);
      return EXIT.ok;
    }
    say(`${counted(findings, 'finding')} in ${faulty} of ${counted(checked, 'domain')}.`);
    return EXIT.failed;
  });
}
