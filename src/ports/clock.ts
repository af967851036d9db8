export interface Clock {
  /** The time of day. */
  now(): Date;
  /** Milliseconds since some fixed moment, for durations; never goes back. */
  elapsedMs(): number;
}
