import { buffer } from 'node:stream/consumers';
import { readDocumentFile } from '../settings-file.ts';
import type { Surroundings } from './command.ts';

/** The word for standard input. */
export const STDIN = '-';

/** What the command line calls a document: its octets, and the name that messages use. Throws document_invalid. */
export async function givenDocument(
  word: string,
  { stdin }: Surroundings,
): Promise<{ readonly name: string; readonly octets: Uint8Array }> {
  if (word !== STDIN) return { name: word, octets: readDocumentFile(word) };
  return { name: 'standard input', octets: await buffer(stdin) };
}
