import { statSync } from 'node:fs';
import type { ConfigFile } from '../adapters/config/config-file.ts';
import { KEY_FILES, PASSWORD_FILES, type Settings } from './options.ts';

const WRITABLE_BY_OTHERS = 0o002;
const READABLE_BY_OTHERS = 0o004;

const modeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mode ?? 0;

/** A line about a file that holds a secret, if anybody can read it. */
const readableSecret = (path: string, secret: string, remedy = 'chmod o-r'): readonly string[] =>
  (modeOf(path) & READABLE_BY_OTHERS) === 0 ? [] : [`any user can read ${path}, which holds ${secret}: ${remedy}`];

export const readablePassword = (path: string, remedy?: string): readonly string[] =>
  readableSecret(path, 'a password', remedy);

/**
 * Who beside their owners gets at the configuration file and the files of passwords and keys that it names, a line for each
 * mistake; `file` undefined: no configuration file.
 */
export function exposuresOf(file: ConfigFile | undefined, { database, settingsFile }: Settings): readonly string[] {
  if (file === undefined) return [];
  const { path, options } = file;
  const holdsPassword = database.engine !== 'sqlite' && database.password !== undefined;
  const named = (names: readonly string[]): readonly string[] =>
    names.map((name) => options.get(name)?.value ?? '').filter((each) => each !== '');
  // Who writes one of these decides where clients send passwords.
  const deciding = settingsFile === undefined ? [path] : [path, settingsFile];
  return [
    ...deciding
      .filter((each) => (modeOf(each) & WRITABLE_BY_OTHERS) !== 0)
      .map((each) => `any user can write ${each}: chmod o-w`),
    ...(holdsPassword ? readablePassword(path, 'chmod o-r, or use db_password_file') : []),
    ...named(PASSWORD_FILES).flatMap((each) => readablePassword(each)),
    ...named(KEY_FILES).flatMap((each) => readableSecret(each, 'a private key')),
  ];
}
