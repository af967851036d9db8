import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { decodeXml, readXml } from '../../adapters/xml/read-xml.ts';
import { importAutoconfig } from '../../domain/documents/import-autoconfig.ts';
import { importSeed } from '../../domain/documents/import-seed.ts';
import { type Imported, type ImportedFile, type OnLoss, settingsOf } from '../../domain/documents/imported.ts';
import { parseOctets, readDocument } from '../../domain/documents/read-document.ts';
import { Failure } from '../../domain/failure.ts';
import { systemReason } from '../../domain/system-error.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import type { CommandCall, Surroundings } from './command.ts';
import { STDIN } from './given-document.ts';

/** JSON and XML are distinguished by their first octets after blanks. */
const FIRST_OCTETS = 1_024;

/** The largest file of Mozilla's database has 9 KiB. */
const MAX_XML_OCTETS = 1_048_576;

const invalid = (message: string, options?: ErrorOptions): Failure => new Failure('document_invalid', message, options);

/** Prints a settings document of version 3 made of other programs' files; what they lose goes to standard error. */
export async function run(call: CommandCall<Readonly<Record<never, never>>>): Promise<ExitStatus> {
  const { words, surroundings, say, complain } = call;
  if (words.filter((word) => word === STDIN).length > 1) throw new UsageError('import reads standard input once only');
  const files: ImportedFile[] = [];
  for (const word of words) {
    const file = word === STDIN ? 'standard input' : word;
    try {
      const content = importFile(await read(word, surroundings), (what, line) =>
        complain([file, ...(line === undefined ? [] : [line]), ` ${what}`].join(':')),
      );
      files.push({ file, content });
    } catch (cause) {
      throw cause instanceof Failure ? invalid(`${file}: ${cause.message}`, { cause }) : cause;
    }
  }
  const document = settingsOf(files);
  assertReadable(document);
  say(JSON.stringify(document, null, 2));
  return EXIT.ok;
}

/** What a seed may say twice, a settings document may not: nothing is printed that `apply` refuses. */
function assertReadable(document: unknown): void {
  try {
    readDocument(document);
  } catch (cause) {
    throw cause instanceof Failure ? invalid(`the imported document: ${cause.message}`, { cause }) : cause;
  }
}

async function read(word: string, { stdin }: Surroundings): Promise<Uint8Array> {
  try {
    return word === STDIN ? await buffer(stdin) : readFileSync(word);
  } catch (cause) {
    throw invalid(`cannot be read: ${systemReason(cause)}`, { cause });
  }
}

function importFile(octets: Uint8Array, onLoss: OnLoss): Imported {
  const beginning = new TextDecoder().decode(octets.subarray(0, FIRST_OCTETS));
  if (beginning.trimStart().startsWith('{')) return importSeed(parseOctets(octets), onLoss);
  if (octets.length > MAX_XML_OCTETS) throw invalid(`must be at most ${MAX_XML_OCTETS} octets of XML`);
  return importAutoconfig(readXml(decodeXml(octets, 'document_invalid'), 'document_invalid'), onLoss);
}
