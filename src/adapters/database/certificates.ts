import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DatabaseUrlError } from './database-url.ts';

/** Reads the certificates (PEM) by which a server is verified; `option` is what named the file. */
export function readCertificates(option: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DatabaseUrlError(`${option} cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
  try {
    new X509Certificate(text);
  } catch (cause) {
    // TLS itself passes over what is no certificate, and then trusts nobody.
    throw new DatabaseUrlError(`${option} holds no certificate in PEM`, { cause });
  }
  return text;
}
