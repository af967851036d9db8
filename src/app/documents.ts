import { failureAnswer } from '../adapters/http/reply.ts';
import { Failure } from '../domain/failure.ts';
import { ACTIVESYNC } from '../domain/formats/activesync.ts';
import { AUTODISCOVER, type AutodiscoverErrorCode } from '../domain/formats/autodiscover.ts';
import type { Format } from '../domain/formats/format.ts';
import { FORMATS } from '../domain/formats/index.ts';
import type { UserAccount } from '../domain/user-account.ts';

/**
 * What clients get for an address: the document of one format, octet by octet, or without `format` each that the domain
 * offers under a heading. A document that cannot be made is, among all, the reason why; alone, a Failure.
 */
export function documentsOf(user: UserAccount, format: Format | undefined): string {
  if (format !== undefined) return user.document(format);
  const offered = FORMATS.filter(({ isOffered }) => isOffered?.(user.domain) ?? true);
  return offered.map((each) => `== ${each.name} ==\n${documentOrReason(user, each).trimEnd()}\n`).join('\n');
}

function documentOrReason(user: UserAccount, format: Format): string {
  try {
    return user.document(format);
  } catch (error) {
    if (error instanceof Failure) return answerLine(error, format);
    throw error;
  }
}

const NO_ACTIVESYNC: AutodiscoverErrorCode = 601;

/** What the daemon answers to a failure, in one line, and what it writes into its log. */
export function answerLine(failure: Failure, format: Format | undefined): string {
  const { status, text, autodiscover } = failureAnswer(failure);
  const isError = (format === AUTODISCOVER || format === ACTIVESYNC) && autodiscover !== undefined;
  // A request for ActiveSync gets this error whatever is missing.
  const code = format === ACTIVESYNC ? NO_ACTIVESYNC : autodiscover;
  return `${isError ? `Error ${code}` : `status ${status}`}: ${text} (${failure.message})`;
}
