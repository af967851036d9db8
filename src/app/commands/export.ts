import { writeSettings } from '../../domain/documents/write-settings.ts';
import { Failure } from '../../domain/failure.ts';
import { nameOf } from '../../domain/row-names.ts';
import { EXIT, type ExitStatus } from '../exit-status.ts';
import type { CommandCall } from './command.ts';
import { withSettings } from './with-settings.ts';

export const EXPORT_OPTIONS = { provider: 'text', secrets: 'flag' } as const;

/** Prints all settings, or those of one provider, as a document; what it leaves out goes to standard error. */
export async function run(call: CommandCall<typeof EXPORT_OPTIONS>): Promise<ExitStatus> {
  const { provider, secrets = false } = call.options;
  return withSettings(call, 'ERROR', async (settings) => {
    const rows = await settings.rows();
    if (provider !== undefined && !rows.provider.some((row) => nameOf('provider', row) === provider.trim())) {
      throw new Failure('domain_unknown', `no provider has the name ${JSON.stringify(provider)}`);
    }
    const { document, omitted } = writeSettings(rows, {
      withSecrets: secrets,
      ...(provider === undefined ? {} : { provider: provider.trim() }),
    });
    call.say(JSON.stringify(document, null, 2));
    for (const line of omitted) call.complain(line);
    return omitted.length === 0 ? EXIT.ok : EXIT.failed;
  });
}
