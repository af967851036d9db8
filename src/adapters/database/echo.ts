import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Connection, Transaction } from './connection.ts';

/** The same connection, with each statement and its duration logged, never its parameters. */
export function echoing(connection: Connection, log: Log, clock: Clock): Connection {
  const write = (sql: string, startMs: number): void =>
    log.write('INFO', sql, { ms: Number((clock.elapsedMs() - startMs).toFixed(2)) });
  /** `onAsked` hears of each statement, and of undefined once it is answered. */
  function* echoed<T>(work: Transaction<T>, onAsked: (write: (() => void) | undefined) => void): Transaction<T> {
    let step = work.next();
    while (step.done !== true) {
      const { sql } = step.value;
      const startMs = clock.elapsedMs();
      onAsked(() => write(sql, startMs));
      const rows = yield step.value;
      write(sql, startMs);
      onAsked(undefined);
      step = work.next(rows);
    }
    return step.value;
  }
  return {
    dialect: connection.dialect,
    async query(statement) {
      const startMs = clock.elapsedMs();
      try {
        return await connection.query(statement);
      } finally {
        write(statement.sql, startMs);
      }
    },
    async transact(access, work) {
      let writeFailed: (() => void) | undefined;
      try {
        return await connection.transact(access, () =>
          echoed(work(), (write) => {
            writeFailed = write;
          }),
        );
      } finally {
        writeFailed?.();
      }
    },
    version: () => connection.version(),
    close: () => connection.close(),
  };
}
