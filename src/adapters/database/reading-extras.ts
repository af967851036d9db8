import { Failure } from '../../domain/failure.ts';
import type { Log } from '../../ports/log.ts';
import { type Dialect, driverCode, type ResultRow } from './connection.ts';
import { foundExtras, type ListDomains, type ReadExtras, readStatements, type Statements } from './statements.ts';

/** Runs one of the statements. */
type Ask = (statements: Statements) => Promise<readonly ResultRow[]>;

/** Whether a failure is about what a statement reads: a table or column is missing, or the user may not read it. */
export const isAboutTables = (error: unknown, dialect: Dialect): error is Failure =>
  error instanceof Failure && (error.code === 'store_unprepared' || dialect.denied.includes(driverCode(error)));

/** Reads automx2_extra with everything else, as soon as it is there; whatever is wrong with it, everything else is read. */
export class ReadingExtras {
  readonly #dialect: Dialect;
  readonly #log: Log;
  readonly #elapsedMs: () => number;
  readonly #statements: Readonly<Record<ReadExtras, Statements>>;
  #isRead = false;
  #askedMs = Number.NEGATIVE_INFINITY;
  /** What was logged, until the table can be read again. */
  #reported: string | undefined;

  constructor(dialect: Dialect, listDomains: ListDomains, log: Log, elapsedMs: () => number) {
    this.#dialect = dialect;
    this.#log = log;
    this.#elapsedMs = elapsedMs;
    this.#statements = {
      read: readStatements(dialect, listDomains, 'read'),
      found: readStatements(dialect, listDomains, 'found'),
      unread: readStatements(dialect, listDomains, 'unread'),
    };
  }

  /** Statements that read nothing of extras. */
  get without(): Statements {
    return this.#statements.unread;
  }

  /** The next look-up asks for the table. */
  askAgain(): void {
    this.#askedMs = Number.NEGATIVE_INFINITY;
  }

  /** The rows of one of the statements: in one round trip, unless the table came or went. */
  async query(ask: Ask): Promise<readonly ResultRow[]> {
    const read = this.#isRead ? await this.#read(ask) : undefined;
    if (read instanceof Failure) this.askAgain();
    else if (read !== undefined) return read;
    const rows = await ask(this.#statements[this.#isTime() ? 'found' : 'unread']);
    const again = foundExtras(rows) ? await this.#read(ask) : read;
    if (Array.isArray(again)) return again;
    if (again instanceof Failure) this.#report(again);
    return rows;
  }

  #isTime(): boolean {
    const nowMs = this.#elapsedMs();
    if (nowMs - this.#askedMs < this.#dialect.askAgainMs) return false;
    this.#askedMs = nowMs;
    return true;
  }

  async #read(ask: Ask): Promise<readonly ResultRow[] | Failure> {
    try {
      const rows = await ask(this.#statements.read);
      this.#isRead = true;
      this.#reported = undefined;
      return rows;
    } catch (error) {
      if (!isAboutTables(error, this.#dialect)) throw error;
      this.#isRead = false;
      return error;
    }
  }

  #report({ message }: Failure): void {
    if (message === this.#reported) return;
    this.#reported = message;
    this.#log.write('WARNING', `look-ups go on without the table automx2_extra: ${message}`);
  }
}
