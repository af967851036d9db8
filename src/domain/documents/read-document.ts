import { Failure } from '../failure.ts';
import { FieldError, object } from '../fields.ts';
import type { Rows } from '../tables.ts';
import { parseJson } from './json.ts';
import { readSeed } from './seed.ts';
import { type ReadSecret, readSettingsDocument } from './settings.ts';

/** Who hands a document over the network must not make us read files. */
export const NO_SECRETS: ReadSecret = (_file, path) => {
  throw new FieldError(path, 'is not accepted here; use bind_password');
};

function failing<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    throw new Failure('document_invalid', error.message, { cause: error });
  }
}

/**
 * The rows that a document describes, parsed from JSON already: a seed of version 1 or 2, or a settings document, version 3.
 * The same document gives the same rows everywhere. Throws document_invalid, its message naming the member at fault
 * (`servers[2].port`) and what is accepted there.
 */
export function readDocument(document: unknown, readSecret: ReadSecret = NO_SECRETS): Rows {
  return failing(() => {
    const members = object(document, 'the document');
    if (Object.keys(members).length === 0) throw new FieldError('the document', 'must not be empty');
    const version = members['version'] ?? 1;
    if ((version === 1 || version === 2) && members['providers'] !== undefined) {
      throw new FieldError('version', 'must be 3 where there are providers', members['version']);
    }
    if (version === 3) return readSettingsDocument(members, readSecret);
    if (version === 1 || version === 2) return readSeed(members, version);
    throw new FieldError('version', 'must be 3, or for a seed 2, 1 or absent', version);
  });
}

/** What people call a document that could be read. */
export type DocumentKind = 'seed' | 'document';
export const kindOf = (document: unknown): DocumentKind =>
  object(document, 'the document')['version'] === 3 ? 'document' : 'seed';

/** The JSON of a document's octets. Throws document_invalid, which names line and column. */
export const parseOctets = (octets: Uint8Array): unknown => failing(() => parseJson(octets, 'the document'));

/** The same as readDocument for the octets of a document. */
export const parseDocument = (octets: Uint8Array, readSecret?: ReadSecret): Rows =>
  readDocument(parseOctets(octets), readSecret);
