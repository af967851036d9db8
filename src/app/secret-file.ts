import { readFileSync } from 'node:fs';
import type { ReadSecret } from '../domain/documents/settings.ts';
import { FieldError } from '../domain/fields.ts';
import { systemReason } from '../domain/system-error.ts';

/** The secret in a file of its own. An editor ends the last line; that line end is not a part of it. */
export const secretIn = (path: string): string => readFileSync(path, 'utf8').replace(/\r?\n$/, '');

/** For a member of a document that names such a file. */
export const readSecretFile: ReadSecret = (file, path) => {
  try {
    return secretIn(file);
  } catch (cause) {
    throw new FieldError(path, `names a file that cannot be read: ${systemReason(cause)}`);
  }
};
