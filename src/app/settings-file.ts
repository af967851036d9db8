import { readFileSync } from 'node:fs';
import { parseDocument } from '../domain/documents/read-document.ts';
import { Failure } from '../domain/failure.ts';
import { systemReason } from '../domain/system-error.ts';
import type { Rows } from '../domain/tables.ts';
import { readSecretFile } from './secret-file.ts';

/** The octets of a document's file. Throws document_invalid, which names the file. */
export function readDocumentFile(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Failure('document_invalid', `${file}: cannot be read: ${systemReason(cause)}`, { cause });
  }
}

/** The rows that a document describes, and the files of secrets that it names; messages begin with `name`. */
export function parseNamed(octets: Uint8Array, name: string): Rows {
  try {
    return parseDocument(octets, readSecretFile);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

export const readSettingsFile = (file: string): Rows => parseNamed(readDocumentFile(file), file);
