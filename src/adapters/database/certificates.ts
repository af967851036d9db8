import { readFileSync } from 'node:fs';
import { DatabaseUrlError } from './database-url.ts';

/** Reads the certificates (PEM) by which a server is verified; `option` is what named the file. */
export function readCertificates(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DatabaseUrlError(`${option} cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}
