import { type DomainName, storedSpellings } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import type { MailDomain } from '../../domain/mail-domain.ts';
import type { RowChanges } from '../../domain/plan/row-changes.ts';
import type { UnusableRow } from '../../domain/read-rows.ts';
import { type Rows, TABLE_NAMES } from '../../domain/tables.ts';
import type { DatabaseAdmin, DatabaseReport, Stray } from '../../ports/database-admin.ts';
import type { Log } from '../../ports/log.ts';
import type { DomainChoice, SettingsReader, StoredDomain } from '../../ports/settings-reader.ts';
import {
  type Connection,
  driverCode,
  inOrder,
  plain,
  type ResultRow,
  type Statement,
  type Transaction,
} from './connection.ts';
import { type Inspection, inspect } from './inspection.ts';
import { IS_FILLED, isAnyFilled, PING, REQUIRED_TABLES } from './questions.ts';
import {
  type ListDomains,
  readLookUp,
  readName,
  readStatements,
  readStoredDomains,
  type Statements,
} from './statements.ts';

/** Unusable rows that are remembered as reported; after so many the operator knows, and memory stays bounded. */
const MAX_REPORTED_ROWS = 1_000;

/** What a view shows may be another program's: nothing is written through it. */
function refuseViews(views: readonly string[]): void {
  if (views.length === 0) return;
  const reason = `rows are neither stored nor deleted through a view or foreign table (${views.join(', ')})`;
  throw new Failure('store_unprepared', reason);
}

/** What character sets can hold, the widest first: any, utf8mb3, latin1, ASCII. */
const REPERTOIRES = [/^/u, /^[\u0000-\uffff]*$/u, /^[\x00-\xff]*$/u, /^[\x00-\x7f]*$/u];

/** Settings in any SQL database that holds automx2's tables. What changes rows is loaded when the first one is to change. */
export class SettingsDatabase implements SettingsReader, DatabaseAdmin {
  readonly #connection: Connection;
  readonly #log: Log;
  readonly #statements: Statements;
  readonly #reportedRows = new Set<string>();
  /** Index of the widest of REPERTOIRES that the database has not refused. */
  #repertoire = 0;

  constructor(connection: Connection, log: Log, listDomains: ListDomains = 'asked') {
    this.#connection = connection;
    this.#log = log;
    this.#statements = readStatements(connection.dialect, listDomains);
  }

  async find(name: DomainName): Promise<MailDomain | undefined> {
    const rows = await this.#spelt([name], this.#statements.lookUp);
    return readLookUp(rows, name, (row) => this.#report(row));
  }

  version(): number | undefined {
    return this.#connection.version();
  }

  async walk(choice: DomainChoice): Promise<readonly StoredDomain[]> {
    const { names: byNames, page, byIds } = this.#statements;
    const found =
      typeof choice === 'string'
        ? await this.#spelt([choice], byNames)
        : await this.#connection.query(page(choice.afterId));
    // Engines that are blind to accents find more than was asked for.
    const names = found
      .map(readName)
      .filter(({ name }) => typeof choice !== 'string' || name === choice)
      .sort((a, b) => a.id - b.id);
    if (names.length === 0) return [];
    const odd = names.flatMap(({ name, text }) => (name === undefined || name === text ? [] : [name]));
    const rivals = odd.length === 0 ? [] : (await this.#spelt(odd, byNames)).map(readName);
    const ids = names.map(({ id }) => id);
    return readStoredDomains(names, rivals, await this.#connection.query(byIds(ids)));
  }

  async ping(): Promise<boolean> {
    const [row] = await this.#connection.query(PING);
    return Boolean(row?.['has_domains']);
  }

  async report(): Promise<DatabaseReport> {
    const { layout, steps, views, others, absence } = await this.#inspect();
    const found = { missing: steps.map(({ description }) => description), views, others };
    switch (layout.kind) {
      case 'absent':
        return { ...found, state: 'unprepared', detail: absence ?? 'the database has no tables yet' };
      case 'outdated':
        return {
          ...found,
          state: 'outdated',
          detail: `the database has the layout ${layout.revision} of an older automx2`,
        };
      case 'foreign': {
        const detail = `the database is not of automx2's layout: ${layout.reason}`;
        return { ...found, state: 'foreign', detail, missing: [] };
      }
      case 'current': {
        const isFilled = isAnyFilled(await this.#connection.query(IS_FILLED));
        return isFilled
          ? { ...found, state: 'filled', detail: 'the database is ready' }
          : { ...found, state: 'empty', detail: 'the database has its tables, but no row yet' };
      }
    }
  }

  async create(): Promise<void> {
    const { layout, steps } = await this.#inspect();
    if (layout.kind === 'outdated' || layout.kind === 'foreign') {
      throw new Failure('store_unprepared', (await this.report()).detail);
    }
    await this.#connection.transact('write', () => inOrder(steps.map(({ statement }) => statement)));
  }

  async seed(rows: Rows): Promise<void> {
    refuseViews((await this.#inspect()).views);
    // Tables first and by themselves: an engine that commits at CREATE TABLE must not cut the seed in two.
    await this.create();
    const { dialect } = this.#connection;
    const { countRows, insertRows, removeOrphans, settle } = await import('./changes.ts');
    await this.#write(function* () {
      yield* removeOrphans();
      const filled = yield IS_FILLED;
      if (isAnyFilled(filled)) throw new Failure('data_exist', 'the database holds data already');
      for (const table of TABLE_NAMES) yield* insertRows(table, rows[table]);
      yield* settle(dialect, countRows(rows));
    });
  }

  async rows(): Promise<Rows> {
    const { readAllRows } = await import('./changes.ts');
    return this.#connection.transact('read', () => readAllRows(this.#connection.dialect));
  }

  async change(decide: (rows: Rows) => RowChanges): Promise<void> {
    refuseViews((await this.#inspect()).views);
    const { dialect } = this.#connection;
    const { changeRows, readAllRows, removeOrphans } = await import('./changes.ts');
    await this.#write(function* () {
      // Before links without a server or domain go: their ids are not to be given to another row, either.
      const changes = decide(yield* readAllRows(dialect));
      yield* removeOrphans();
      yield* changeRows(dialect, changes);
    }).catch((cause: unknown) => {
      if (!(cause instanceof Failure) || cause.code !== 'data_exist') throw cause;
      // MySQL is blind to accents, for example.
      throw new Failure('change_failed', 'the database takes a new row for one that it has; nothing was changed', {
        cause,
      });
    });
  }

  async strays(): Promise<readonly Stray[]> {
    const { findStrays } = await import('./strays.ts');
    return findStrays((statement) => this.#connection.query(statement));
  }

  async purge(): Promise<void> {
    const { layout, existing, views } = await this.#inspect();
    if (layout.kind === 'absent' && existing.length === 0) return;
    refuseViews(views);
    if (layout.kind !== 'current') throw new Failure('store_unprepared', (await this.report()).detail);
    const statements = existing.toReversed().map((table) => plain(`DELETE FROM ${table}`));
    await this.#connection.transact('write', () => inOrder(statements));
  }

  async migrate(): Promise<readonly string[]> {
    const { layout, steps } = await this.#inspect();
    if (layout.kind !== 'current' && layout.kind !== 'outdated') {
      throw new Failure('store_unprepared', (await this.report()).detail);
    }
    await this.#connection.transact('write', () => inOrder(steps.map(({ statement }) => statement)));
    return steps.map(({ description }) => description);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /**
   * Rows by every spelling of these names. A database in an old character set cannot even compare with each of them: what
   * it cannot is left out.
   */
  async #spelt(
    names: readonly DomainName[],
    statement: (spellings: readonly string[]) => Statement,
  ): Promise<readonly ResultRow[]> {
    const repertoire = this.#repertoire;
    const spellings = names.flatMap(storedSpellings).filter((spelling) => REPERTOIRES[repertoire]?.test(spelling));
    try {
      return await this.#connection.query(statement(spellings));
    } catch (error) {
      const isUntranslatable = this.#connection.dialect.untranslatable.includes(driverCode(error));
      if (!isUntranslatable || repertoire + 1 >= REPERTOIRES.length) throw error;
      this.#repertoire = Math.max(this.#repertoire, repertoire + 1);
      return this.#spelt(names, statement);
    }
  }

  /** `absence`: why there is not even an empty database. */
  async #inspect(): Promise<Inspection & { readonly absence?: string }> {
    try {
      return await inspect(this.#connection);
    } catch (error) {
      // A file that does not exist yet is a database without tables.
      if (!(error instanceof Failure) || error.code !== 'store_unprepared') throw error;
      if (driverCode(error) !== this.#connection.dialect.noFile) throw error;
      const inspection = await inspect({ dialect: this.#connection.dialect, query: async () => [] });
      return { ...inspection, absence: error.message };
    }
  }

  /** One transaction, in which nobody else changes rows. */
  #write<T>(work: () => Transaction<T>): Promise<T> {
    const { dialect } = this.#connection;
    return this.#connection.transact('write', function* (): Transaction<T> {
      yield* dialect.lock(REQUIRED_TABLES).map(plain);
      return yield* work();
    });
  }

  #report({ table, id, reason }: UnusableRow): void {
    const key = `${table} ${id} ${reason}`;
    if (this.#reportedRows.has(key) || this.#reportedRows.size >= MAX_REPORTED_ROWS) return;
    this.#reportedRows.add(key);
    this.#log.write('WARNING', `unusable row skipped: ${reason}`, { table, id });
  }
}
