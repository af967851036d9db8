import { statSync } from 'node:fs';
import type { Settings } from './options.ts';

const WRITABLE_BY_OTHERS = 0o002;
const READABLE_BY_OTHERS = 0o004;

/** Who beside its owner gets at the configuration file, a line for each mistake; `path` undefined: there is no file. */
export function exposuresOf(path: string | undefined, { database }: Settings): readonly string[] {
  const mode = path === undefined ? 0 : (statSync(path, { throwIfNoEntry: false })?.mode ?? 0);
  const holdsPassword = database.engine !== 'sqlite' && database.password !== undefined;
  return [
    ...((mode & WRITABLE_BY_OTHERS) === 0 ? [] : [`any user can write ${path}: chmod o-w`]),
    ...((mode & READABLE_BY_OTHERS) === 0 || !holdsPassword
      ? []
      : [`any user can read ${path}, which holds a password: chmod o-r, or use db_password_file`]),
  ];
}
