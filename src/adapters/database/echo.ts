import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Connection, Statement } from './connection.ts';

/** The same connection, with each statement and its duration logged, never its parameters. */
export function echoing(connection: Connection, log: Log, clock: Clock): Connection {
  const timed = async <T>(statements: readonly Statement[], work: () => Promise<T>): Promise<T> => {
    const start = clock.elapsedMs();
    try {
      return await work();
    } finally {
      const ms = Number((clock.elapsedMs() - start).toFixed(2));
      for (const { sql } of statements) log.write('INFO', sql, { ms });
    }
  };
  return {
    dialect: connection.dialect,
    query: (statement) => timed([statement], () => connection.query(statement)),
    apply: (statements) => timed(statements, () => connection.apply(statements)),
    version: () => connection.version(),
    close: () => connection.close(),
  };
}
