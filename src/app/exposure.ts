import { statSync } from 'node:fs';
import type { ConfigOptions } from '../adapters/config/config-file.ts';
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
 * Who beside their owners gets at the configuration file in `path`, if there is one, and at the files of passwords and keys
 * that the options name, a line for each mistake.
 */
export function exposuresOf(
  path: string | undefined,
  options: ConfigOptions,
  { database, settingsFile }: Settings,
): readonly string[] {
  const holdsPassword = database.engine !== 'sqlite' && database.password !== undefined;
  const databaseFile = holdsPassword ? options.get('db_uri')?.file : undefined;
  const named = (names: readonly string[]): readonly string[] =>
    names.map((name) => options.get(name)?.value ?? '').filter((each) => each !== '');
  // Who writes one of these decides where clients send passwords.
  const deciding = [path, settingsFile].filter((each) => each !== undefined);
  return [
    ...deciding
      .filter((each) => (modeOf(each) & WRITABLE_BY_OTHERS) !== 0)
      .map((each) => `any user can write ${each}: chmod o-w`),
    ...(databaseFile === undefined ? [] : readablePassword(databaseFile, 'chmod o-r, or use db_password_file')),
    ...named(PASSWORD_FILES).flatMap((each) => readablePassword(each)),
    ...named(KEY_FILES).flatMap((each) => readableSecret(each, 'a private key')),
  ];
}
