import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { systemReason } from '../../domain/system-error.ts';

/**
 * Reads a file of certificates (PEM) by which a server is verified. `failure` makes the error that is thrown if that is
 * not possible, from what is wrong with the file, which follows its option's name in a message.
 */
export function readPem(file: string, failure: (problem: string, cause: unknown) => Error): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw failure(`cannot be read: ${systemReason(cause)}`, cause);
  }
  try {
    new X509Certificate(text);
  } catch (cause) {
    // TLS itself ignores a text without certificates, and then trusts nobody.
    throw failure('holds no certificate in PEM', cause);
  }
  return text;
}
