import { statSync } from 'node:fs';
import type { ConfigFile } from '../adapters/config/config-file.ts';
import { SECRET_FILES, type Settings } from './options.ts';

const WRITABLE_BY_OTHERS = 0o002;
const READABLE_BY_OTHERS = 0o004;

const modeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mode ?? 0;

/**
 * Who beside their owners gets at the configuration file and the files of passwords that it names, a line for each mistake;
 * `file` undefined: there is none.
 */
export function exposuresOf(file: ConfigFile | undefined, { database, settingsFile }: Settings): readonly string[] {
  if (file === undefined) return [];
  const { path, options } = file;
  const mode = modeOf(path);
  const holdsPassword = database.engine !== 'sqlite' && database.password !== undefined;
  const secrets = SECRET_FILES.map((name) => options.get(name)?.value ?? '');
  // Who writes one of these decides where clients send passwords.
  const deciding = settingsFile === undefined ? [path] : [path, settingsFile];
  return [
    ...deciding
      .filter((each) => (modeOf(each) & WRITABLE_BY_OTHERS) !== 0)
      .map((each) => `any user can write ${each}: chmod o-w`),
    ...((mode & READABLE_BY_OTHERS) === 0 || !holdsPassword
      ? []
      : [`any user can read ${path}, which holds a password: chmod o-r, or use db_password_file`]),
    ...secrets
      .filter((secret) => secret !== '' && (modeOf(secret) & READABLE_BY_OTHERS) !== 0)
      .map((secret) => `any user can read ${secret}, which holds a password: chmod o-r`),
  ];
}
