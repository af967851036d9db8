import { Failure } from '../../domain/failure.ts';
import type { ServedDomain } from '../../domain/served-domain.ts';

/** What the store said of a name. */
export interface Answer {
  /** Undefined: not served here. */
  readonly domain: ServedDomain | undefined;
  /** When the question was asked: what was stored later may be missing in the answer. */
  readonly askedMs: number;
  readonly version: number | undefined;
  /** The generation in which it was asked; in a later one it only serves while the database is unreachable. */
  readonly generation: number;
}

/** Tables that are missing are those of a database that is being restored. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof Failure && (error.code === 'store_unavailable' || error.code === 'store_unprepared');
