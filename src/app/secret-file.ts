import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ReadSecret } from '../domain/documents/settings.ts';
import { FieldError } from '../domain/fields.ts';
import { systemReason } from '../domain/system-error.ts';

/** The secret in a file of its own. An editor ends the last line; that line end is not a part of it. */
export const secretIn = (path: string): string => readFileSync(path, 'utf8').replace(/\r?\n$/, '');

/** For members of a document that name such a file; a relative path begins in `folder`. */
export const secretReader =
  (folder: string): ReadSecret =>
  (file, path) => {
    let secret: string;
    try {
      secret = secretIn(resolve(folder, file));
    } catch (cause) {
      throw new FieldError(path, `names a file that cannot be read: ${systemReason(cause)}`);
    }
    // As no password it would be an anonymous bind, which some directories answer.
    if (secret === '') throw new FieldError(path, 'names a file that is empty');
    return secret;
  };
