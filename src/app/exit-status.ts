import { Failure, type FailureCode } from '../domain/failure.ts';

/**
 * Exit statuses, as automx2(8) documents them. ok: done; failed: it failed, or found something; refused: wrong usage,
 * configuration or document, or a database whose layout the command cannot use as it is; changes: there are some.
 */
export const EXIT = { ok: 0, failed: 1, refused: 2, changes: 3 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** Wrong words on the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly exitStatus = EXIT.refused;
}

/** Failures that trying again does not change; all others are EXIT.failed. */
const REFUSED: ReadonlySet<FailureCode> = new Set(['address_invalid', 'document_invalid', 'store_unprepared']);

/** The exit status of a command that an error ended; undefined: a fault of this program, whose stack has to be seen. */
export function exitStatusOf(error: Error): ExitStatus | undefined {
  if (error instanceof Failure) return REFUSED.has(error.code) ? EXIT.refused : EXIT.failed;
  // Errors about configuration and usage bring their own.
  if ('exitStatus' in error && error.exitStatus === EXIT.refused) return error.exitStatus;
  // The system's error about an address or a file: in use, not permitted, not there.
  return 'code' in error && error.code !== undefined ? EXIT.failed : undefined;
}
