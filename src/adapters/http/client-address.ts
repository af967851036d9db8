import { type EmailAddress, parseEmailAddress } from '../../domain/email-address.ts';
import { Failure } from '../../domain/failure.ts';
import { percentDecode } from './request-target.ts';

/**
 * Reads the address of a query or a path, already decoded, as clients mean it: with blanks around it, and encoded twice
 * where it is not an address otherwise. Throws what parseEmailAddress throws.
 */
export function readClientAddress(text: string): EmailAddress {
  const trimmed = text.trim();
  try {
    return parseEmailAddress(trimmed);
  } catch (error) {
    if (!(error instanceof Failure) || !trimmed.includes('%')) throw error;
    return parseEmailAddress(percentDecode(trimmed));
  }
}
