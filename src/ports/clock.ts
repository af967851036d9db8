export interface Clock {
  /** The time of day. */
  now(): Date;
  /** Milliseconds since a fixed moment, for durations; monotonic. */
  elapsedMs(): number;
}
