import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { Failure } from '../../../domain/failure.ts';
import type { Connection, ResultRow, Statement, Transaction } from '../connection.ts';
import { SQLITE } from './dialect.ts';

/**
 * A lock is waited for inside SQLite and stops the whole process meanwhile, so wait briefly: no writer of this
 * little database holds its lock for long.
 */
const LOCK_TIMEOUT_MS = 250;

/** After a lock that lasted longer, statements fail at once for this long, and then until one succeeds. */
const NO_WAIT_MS = 1_000;

/** What SQLite keeps of a file, in KiB. The driver's own default is eight times as much, and the kernel keeps it, too. */
const PAGE_CACHE_KIB = 2_000;

/** Which file it is, whatever its name, and when it was written last: another may be moved to its place or over it. */
interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
}

const isSameFile = (a: FileIdentity | undefined, b: FileIdentity | undefined): boolean =>
  a?.ino === b?.ino && a?.dev === b?.dev && a?.size === b?.size && a?.mtimeMs === b?.mtimeMs;

/** One SQLite database, in a file or in memory. The driver works synchronously: nothing else runs meanwhile. */
export class SqliteConnection implements Connection {
  readonly dialect = SQLITE;
  readonly #path: string | undefined;
  readonly #open: (create: boolean) => Database.Database;
  readonly #statements = new Map<string, Database.Statement<unknown[], ResultRow>>();
  #database: Database.Database | undefined;
  #file: FileIdentity | undefined;
  /** The result of version(), and SQLite's own number behind it, which starts again with each connection. */
  #version = 0;
  #driverVersion: unknown;
  #isVersionKnown = false;
  /** When a wait for a lock failed. */
  #lockedMs: number | undefined;

  /** `path` undefined: in memory. A file that does not exist is created by the first `transact`, never by a question. */
  constructor(driver: typeof Database, path: string | undefined) {
    this.#path = path;
    this.#open = (create) => {
      const options = {
        timeout: this.#lockedMs === undefined ? LOCK_TIMEOUT_MS : 0,
        fileMustExist: path !== undefined && !create,
      };
      const database = new driver(path ?? ':memory:', options);
      try {
        database.pragma(`cache_size = -${PAGE_CACHE_KIB}`);
        return database;
      } catch (error) {
        database.close(); // it reads the schema, which may be locked or not one
        throw error;
      }
    };
  }

  async query({ sql, parameters }: Statement): Promise<readonly ResultRow[]> {
    return this.#run(false, (database) => this.#prepared(database, sql).all(...parameters));
  }

  async transact<T>(access: 'read' | 'write', work: () => Transaction<T>): Promise<T> {
    return this.#run(access === 'write', (database) => {
      const transaction = database.transaction((): T => {
        const statements = work();
        let step = statements.next();
        let statement: Database.Statement<unknown[], ResultRow> | undefined;
        while (step.done !== true) {
          const { sql, parameters } = step.value;
          // Tables change on the way: only what comes again at once is kept prepared.
          if (statement?.source !== sql) statement = database.prepare<unknown[], ResultRow>(sql);
          const rows = statement.reader ? statement.all(...parameters) : [];
          if (!statement.reader) statement.run(...parameters);
          step = statements.next(rows);
        }
        return step.value;
      });
      if (access === 'read') return transaction.deferred();
      const result = transaction.immediate();
      // SQLite counts what others change.
      this.#version += 1;
      this.#file = this.#identify();
      return result;
    });
  }

  version(): number {
    if (this.#isVersionKnown) return this.#version;
    this.#run(false, (database) => {
      const driverVersion = this.#prepared(database, 'PRAGMA data_version').get()?.['data_version'];
      if (driverVersion !== this.#driverVersion) this.#version += 1;
      this.#driverVersion = driverVersion;
    });
    // It costs a few system calls: requests of one turn of the event loop get the same answer.
    this.#isVersionKnown = true;
    setImmediate(() => {
      this.#isVersionKnown = false;
    });
    return this.#version;
  }

  async close(): Promise<void> {
    this.#forget();
  }

  #prepared(database: Database.Database, sql: string): Database.Statement<unknown[], ResultRow> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare<unknown[], ResultRow>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #forget(): void {
    this.#statements.clear();
    this.#database?.close();
    this.#database = undefined;
    this.#version += 1;
  }

  #run<T>(create: boolean, work: (database: Database.Database) => T): T {
    // The file may hold passwords of directories: no other user may read a file that we create.
    const umask = create ? process.umask(0o077) : undefined;
    try {
      const file = this.#identify();
      // A file that was replaced or deleted lives on for us as long as we hold it, and what we store in it is lost.
      if (this.#database !== undefined && !isSameFile(file, this.#file)) this.#forget();
      if (this.#database === undefined) {
        this.#database = this.#open(create);
        this.#file = file ?? this.#identify();
      }
      const result = work(this.#database);
      this.#wait();
      return result;
    } catch (cause) {
      if (cause instanceof Failure) throw cause;
      if ((cause as { code?: string }).code?.startsWith('SQLITE_BUSY')) this.#stopWaiting();
      throw failureOf(cause, this.#path);
    } finally {
      if (umask !== undefined) process.umask(umask);
    }
  }

  #stopWaiting(): void {
    if (this.#lockedMs !== undefined) return;
    this.#lockedMs = performance.now();
    this.#database?.pragma('busy_timeout = 0');
  }

  /** A statement succeeded: locks may be waited for again, if that is not too soon. */
  #wait(): void {
    if (this.#lockedMs === undefined || performance.now() - this.#lockedMs < NO_WAIT_MS) return;
    this.#lockedMs = undefined;
    this.#database?.pragma(`busy_timeout = ${LOCK_TIMEOUT_MS}`);
  }

  #identify(): FileIdentity | undefined {
    return this.#path === undefined ? undefined : statSync(this.#path, { throwIfNoEntry: false });
  }
}

/** Constraints that a seed violates if rows are stored already; all others are the operator's own. */
const TAKEN = ['SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_ROWID'];

function failureOf(cause: unknown, path: string | undefined): Failure {
  const { code = '', message } = cause as Error & { code?: string };
  if (TAKEN.includes(code)) {
    return new Failure('data_exist', 'the database holds data already', { cause });
  }
  if (code === 'SQLITE_CANTOPEN' && path !== undefined && isThere(path)) {
    return new Failure('store_unavailable', `sqlite: ${path} cannot be opened: may this user read and write it?`, {
      cause,
    });
  }
  // The driver's error has no code then.
  if (path !== undefined && !isThere(dirname(path))) {
    return new Failure('store_unavailable', `sqlite: there is no folder ${dirname(path)}`, { cause });
  }
  if (code === SQLITE.notADatabase) {
    return new Failure('store_unprepared', `sqlite: ${path} is not an SQLite database`, { cause });
  }
  if (code === 'SQLITE_CANTOPEN') return new Failure('store_unprepared', `sqlite: there is no file ${path}`, { cause });
  const unprepared = /^no such (?:table|column)/.test(message);
  return new Failure(unprepared ? 'store_unprepared' : 'store_unavailable', `sqlite: ${message}`, { cause });
}

/** Whether the path exists; a path that this user cannot inspect counts as existing. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
