import { LdapDirectory } from '../../adapters/ldap/ldap-directory.ts';
import type { DomainName } from '../../domain/domain-name.ts';
import { type EmailAddress, parseEmailAddress } from '../../domain/email-address.ts';
import { Failure } from '../../domain/failure.ts';
import { FORMATS } from '../../domain/formats/index.ts';
import { PROFILE } from '../../domain/formats/profile.ts';
import { ServedDomain } from '../../domain/served-domain.ts';
import { DIRECTORY_DEADLINES } from '../daemon.ts';
import { answerLine, documentsOf } from '../documents.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { createLookup } from '../lookup.ts';
import { CLOCK } from '../open-log.ts';
import { openSigner } from '../profile-signing.ts';
import type { CommandCall } from './command.ts';
import { withSettings } from './with-settings.ts';

/** What can be signed. */
const PROFILES = FORMATS.filter(({ contentType }) => contentType === PROFILE.contentType);

/** Throws UsageError for a text that is not an address. */
function addressOf(text: string): EmailAddress {
  try {
    return parseEmailAddress(text);
  } catch (cause) {
    throw new UsageError(`lookup: "${text}" is not a valid email address`, { cause });
  }
}

/** Prints what clients get for an address. Unusable rows are logged as the daemon logs them. */
export async function run(
  call: CommandCall<{ readonly format: readonly string[]; readonly signed: 'flag' }>,
): Promise<ExitStatus> {
  const { configuration, words, options, surroundings } = call;
  const { signed = false } = options;
  // Undefined: all of them.
  const format = FORMATS.find(({ name }) => name === options.format);
  if (signed && !PROFILES.some(({ name }) => name === format?.name)) {
    throw new UsageError(`--signed: only with --format ${PROFILES.map(({ name }) => name).join(' or ')}`);
  }
  if (signed && configuration.settings.signing.key === undefined) {
    throw new UsageError('--signed: needs the options sign_certificate and sign_key');
  }
  const address = addressOf(words[0] ?? '');
  return withSettings(call, 'WARNING', async (settings, log) => {
    const directory = new LdapDirectory({ ...configuration.settings.directories, ...DIRECTORY_DEADLINES }, log);
    try {
      const find = async (name: DomainName): Promise<ServedDomain | undefined> => {
        const domain = await settings.find(name);
        return domain && new ServedDomain(domain);
      };
      // Failures are reported once, below, so the look-up logs none.
      const user = await createLookup(find, directory, { keeps: () => false, write: () => undefined }).user(address);
      if (user === undefined) throw new Failure('domain_unknown', address.domain);
      const text = documentsOf(user, format);
      const document = signed ? await (await openSigner(configuration.settings, CLOCK, log))?.sign(text) : text;
      // The log has said why.
      if (document === undefined) return EXIT.failed;
      surroundings.stdout.write(document);
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
