import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { CommandCall, OptionKinds } from './command.ts';

/**
 * Warns where an SQLite database lies in a folder of another user than this one: the daemon runs as that user, and cannot
 * open what is created here. Says nothing of a folder that does not exist.
 */
export function warnOfOtherOwner({ configuration, complain }: CommandCall<OptionKinds>): void {
  const { database } = configuration.settings;
  if (database.engine !== 'sqlite' || database.path === undefined) return;
  const folder = dirname(resolve(database.path));
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  const self = process.geteuid?.();
  if (owner === undefined || owner === self) return;
  complain(
    `${folder} belongs to user ${owner}, this command runs as user ${self}: if the daemon runs as user ${owner}, use that one here, too`,
  );
}
