import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from '../domain/documents/read-document.ts';
import type { ReadSecret } from '../domain/documents/settings.ts';
import { Failure } from '../domain/failure.ts';
import { systemReason } from '../domain/system-error.ts';
import type { Rows } from '../domain/tables.ts';
import { secretReader } from './secret-file.ts';

/** The octets of a document's file. Throws document_invalid, which names the file. */
export function readDocumentFile(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Failure('document_invalid', `${file}: cannot be read: ${systemReason(cause)}`, { cause });
  }
}

/**
 * The rows that a document describes, with the secrets of the files that it names; messages begin with `name`, the path of the
 * document. It says in which folder relative paths begin: for a name without a folder, such as "standard input", in the
 * current one.
 */
export function parseNamed(octets: Uint8Array, name: string, readSecret = secretReader(dirname(name))): Rows {
  try {
    return parseDocument(octets, readSecret);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

/** What the file of the option settings_file says. */
export interface SettingsFile {
  readonly rows: Rows;
  /** Paths of the files that hold a password: those that it names, and its own if it holds one. */
  readonly withPasswords: readonly string[];
}

function isNoRegularFile(file: string): boolean {
  try {
    return !statSync(file).isFile();
  } catch {
    // Who reads it says why not.
    return false;
  }
}

/** Reads the file of the option settings_file. Throws document_invalid, which names it. */
export function readSettingsFile(file: string): SettingsFile {
  // What is no file may never begin, or never end: the daemon would stand still at a reload.
  if (isNoRegularFile(file)) throw new Failure('document_invalid', `${file}: must be a regular file`);
  const folder = dirname(file);
  const read = secretReader(folder);
  const named: string[] = [];
  const readSecret: ReadSecret = (secretFile, path) => {
    named.push(resolve(folder, secretFile));
    return read(secretFile, path);
  };
  const rows = parseNamed(readDocumentFile(file), file, readSecret);
  const passwords = rows.ldapserver.filter((row) => (row['bind_password'] ?? null) !== null);
  return { rows, withPasswords: passwords.length > named.length ? [...named, file] : named };
}
