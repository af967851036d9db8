import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type WrittenSeed, writeSeeds } from '../../domain/documents/write-seeds.ts';
import { writeSettings } from '../../domain/documents/write-settings.ts';
import { Failure } from '../../domain/failure.ts';
import { nameOf } from '../../domain/row-names.ts';
import { systemReason } from '../../domain/system-error.ts';
import { EXIT, type ExitStatus } from '../exit-status.ts';
import type { CommandCall } from './command.ts';
import { withSettings } from './with-settings.ts';

type ExportCall = CommandCall<{ readonly provider: 'text'; readonly seeds: 'folder'; readonly secrets: 'flag' }>;

/** Writes each seed into a file of its own, readable by this user only; one that is there already stays as it is. */
async function storeSeeds({ say, complain }: ExportCall, folder: string, seeds: readonly WrittenSeed[]): Promise<void> {
  const unless = (path: string) => (cause: unknown) => {
    throw new Failure('change_failed', `${path}: cannot be written: ${systemReason(cause)}`, { cause });
  };
  await mkdir(folder, { recursive: true }).catch(unless(folder));
  for (const { name, seed, losses } of seeds) {
    const file = join(folder, name);
    await writeFile(file, `${JSON.stringify(seed, null, 2)}\n`, { flag: 'wx', mode: 0o600 }).catch(unless(file));
    say(file);
    for (const loss of losses) complain(`${file}: ${loss}`);
  }
  if (seeds.length > 1) complain('automx2 takes one seed, into an empty database; of these, one only');
}

/** Prints all settings, or those of one provider, as a document; what it leaves out goes to standard error. */
export async function run(call: ExportCall): Promise<ExitStatus> {
  const { provider, seeds, secrets = false } = call.options;
  return withSettings(call, 'ERROR', async (settings) => {
    const rows = await settings.rows();
    if (provider !== undefined && !rows.provider.some((row) => nameOf('provider', row) === provider.trim())) {
      throw new Failure('domain_unknown', `no provider has the name ${JSON.stringify(provider)}`);
    }
    const { document, omitted } = writeSettings(rows, {
      withSecrets: secrets,
      ...(provider === undefined ? {} : { provider: provider.trim() }),
    });
    if (seeds === undefined) call.say(JSON.stringify(document, null, 2));
    else await storeSeeds(call, seeds, writeSeeds(document));
    for (const line of omitted) call.complain(line);
    return omitted.length === 0 ? EXIT.ok : EXIT.failed;
  });
}
