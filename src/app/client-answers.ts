import { autodiscoverError, failureReply } from '../adapters/http/failure-reply.ts';
import type { Account } from '../domain/account.ts';
import type { EmailAddress } from '../domain/email-address.ts';
import { Failure } from '../domain/failure.ts';
import { writeAutoconfig } from '../domain/formats/autoconfig.ts';
import { writeAutodiscover } from '../domain/formats/autodiscover.ts';
import { writeMobileconfig } from '../domain/formats/mobileconfig.ts';

const WRITERS = {
  autoconfig: writeAutoconfig,
  autodiscover: writeAutodiscover,
  mobileconfig: (account: Account, address: EmailAddress) => writeMobileconfig(account, address, undefined),
} as const;
type Format = keyof typeof WRITERS;

/** What `automx2 lookup --format` takes. */
export const LOOKUP_FORMATS = ['autoconfig', 'autodiscover', 'mobileconfig', 'all'] as const;
export type LookupFormat = (typeof LOOKUP_FORMATS)[number];

/**
 * What clients get for an address: the document of one format, octet by octet, or each under a heading. A document that
 * cannot be made is, among all, the reason why; alone, a Failure.
 */
export function clientAnswers(account: Account, address: EmailAddress, format: LookupFormat): string {
  if (format !== 'all') return WRITERS[format](account, address);
  return (Object.keys(WRITERS) as Format[])
    .map((each) => `== ${each} ==\n${documentOrReason(account, address, each).trimEnd()}\n`)
    .join('\n');
}

function documentOrReason(account: Account, address: EmailAddress, format: Format): string {
  try {
    return WRITERS[format](account, address);
  } catch (error) {
    if (error instanceof Failure) return answerLine(error, format);
    throw error;
  }
}

/** What the daemon answers to a failure, in one line, and what it writes into its log. */
export function answerLine(error: Failure, format: LookupFormat): string {
  const { status, body } = failureReply(error);
  const code = format === 'autodiscover' ? autodiscoverError(error)?.code : undefined;
  const number = code === undefined ? `status ${status}` : `Error ${code}`;
  return `${number}: ${body.trimEnd()} (${error.message})`;
}
