/**
 * ready: settings are stored; empty: there are none yet; remembered: the database did not answer, or not in time, but
 * domains that are known from before are answered.
 */
export type HealthState = 'ready' | 'empty' | 'remembered';

/** Whether look-ups can be answered. */
export interface Health {
  /**
   * Rejects with store_unavailable or store_unprepared. However often it is asked, the database is asked once a second
   * at most.
   */
  check(): Promise<HealthState>;
}
