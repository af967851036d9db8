import { Failure } from '../../domain/failure.ts';

/** A directory cannot answer, for a reason that goes to the log. */
export const unavailable = (message: string, cause?: unknown): Failure =>
  new Failure('directory_unavailable', `directory: ${message}`, { cause });
