/** Whether look-ups can be answered. */
export interface Health {
  /**
   * ready: settings are stored, or known from before while the database is unreachable; empty: there are none yet.
   * Rejects with store_unavailable or store_unprepared. However often it is asked, the database is asked once a second
   * at most.
   */
  check(): Promise<'ready' | 'empty'>;
}
