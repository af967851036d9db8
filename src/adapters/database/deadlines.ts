/** How long a database server may let us wait, in milliseconds, and how many connections we hold to it. */
export interface Deadlines {
  readonly maxConnections: number;
  /** For a connection, new or free; a look-up waits no longer in the queue. */
  readonly connectMs: number;
  /** For one statement of a look-up, kept by the server. */
  readonly statementMs: number;
  /** For one statement that creates, seeds or migrates. */
  readonly changeMs: number;
  /** What we wait beyond the server's own deadline before we give the connection up. */
  readonly marginMs: number;
  /** How long an unused connection is kept. */
  readonly idleMs: number;
}

export const DEADLINES: Deadlines = {
  maxConnections: 8,
  connectMs: 3_000,
  statementMs: 3_000,
  changeMs: 60_000,
  marginMs: 1_000,
  idleMs: 30_000,
};
