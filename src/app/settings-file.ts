import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseDocument } from '../domain/documents/read-document.ts';
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
export function parseNamed(octets: Uint8Array, name: string): Rows {
  try {
    return parseDocument(octets, secretReader(dirname(name)));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

export const readSettingsFile = (file: string): Rows => parseNamed(readDocumentFile(file), file);
