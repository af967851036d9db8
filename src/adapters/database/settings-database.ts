import { type DomainName, storedSpellings, type Wildcard } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import type { MailDomain } from '../../domain/mail-domain.ts';
import type { RowChanges } from '../../domain/plan/row-changes.ts';
import type { UnusableRow } from '../../domain/read-rows.ts';
import { isRequired, type Rows, TABLE_NAMES, TABLES, type TableName } from '../../domain/tables.ts';
import type { Clock } from '../../ports/clock.ts';
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
import { type Inspection, inspect, type Step } from './inspection.ts';
import { IS_FILLED, isAnyFilled, PING } from './questions.ts';
import {
  mailDomainOf,
  type Others,
  readLookUp,
  readName,
  readStoredDomains,
  sameAsAmong,
  sameAsIn,
} from './read-look-ups.ts';
import { ReadingExtras } from './reading-extras.ts';
import type { ListDomains } from './statements.ts';

/** Unusable rows that are remembered as reported; after so many the operator knows, and memory stays bounded. */
const MAX_REPORTED_ROWS = 1_000;

/** What a view shows may be another program's: nothing is written through it. */
function refuseViews(views: readonly string[]): void {
  if (views.length === 0) return;
  const reason = `rows are neither stored nor deleted through a view or foreign table (${views.join(', ')})`;
  throw new Failure('store_unprepared', reason);
}

const withoutExtras = (reason: string): Failure =>
  new Failure('change_failed', `the table automx2_extra ${reason}; nothing was changed`);

/** What character sets can hold, the widest first: any, utf8mb3, latin1, ASCII. */
const REPERTOIRES = [/^/u, /^[\u0000-\uffff]*$/u, /^[\x00-\xff]*$/u, /^[\x00-\x7f]*$/u];

/** Settings in any SQL database that holds automx2's tables. What changes rows is loaded when the first one is to change. */
export class SettingsDatabase implements SettingsReader, DatabaseAdmin {
  readonly #connection: Connection;
  readonly #log: Log;
  readonly #reading: ReadingExtras;
  readonly #reportedRows = new Set<string>();
  /** Index of the widest of REPERTOIRES that the database has not refused. */
  #repertoire = 0;

  constructor(
    connection: Connection,
    log: Log,
    listDomains: ListDomains = 'asked',
    elapsedMs: Clock['elapsedMs'] = () => performance.now(),
  ) {
    this.#connection = connection;
    this.#log = log;
    this.#reading = new ReadingExtras(connection.dialect, listDomains, log, elapsedMs);
  }

  async find(name: DomainName): Promise<MailDomain | undefined> {
    const found = readLookUp(await this.#lookUp(name), name);
    if (found === undefined) return undefined;
    const target = sameAsIn(found);
    const others = await this.#others(target === undefined ? [] : [target]);
    return mailDomainOf(found, others, (row) => this.#report(row));
  }

  version(): number | undefined {
    return this.#connection.version();
  }

  async walk(choice: DomainChoice): Promise<readonly StoredDomain[]> {
    const { names: byNames, page } = this.#reading.without;
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
    const valid = names.flatMap(({ name }) => name ?? []);
    const rows = await this.#reading.query(({ byIds }) => this.#connection.query(byIds(ids, valid)));
    const others = await this.#others(sameAsAmong(names, rows));
    return readStoredDomains(names, rivals, rows, others);
  }

  async ping(): Promise<boolean> {
    const [row] = await this.#connection.query(PING);
    return Boolean(row?.['has_domains']);
  }

  async report(): Promise<DatabaseReport> {
    const { layout, steps, views, others, absence } = await this.#inspect();
    const found = {
      missing: steps.map(({ description }) => description),
      missingIndexes: steps.filter(({ kind }) => kind === 'index').length,
      views,
      others,
    };
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
        return { ...found, state: 'foreign', detail, missing: [], missingIndexes: 0 };
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
    await this.#create(() => true);
  }

  async seed(rows: Rows): Promise<void> {
    const { views, layout } = await this.#inspect();
    refuseViews(views);
    // Tables first and by themselves: an engine that commits at CREATE TABLE must not cut the seed in two.
    await this.#create(({ kind }) => kind !== 'table' || layout.kind !== 'current');
    if (rows.automx2_extra.length > 0) await this.#needExtras();
    const tables = await this.#tables();
    const { dialect } = this.#connection;
    const { countRows, clearExtras, insertRows, removeOrphans, settle } = await import('./changes.ts');
    await this.#write(tables, function* () {
      yield* removeOrphans();
      const filled = yield IS_FILLED;
      if (isAnyFilled(filled)) throw new Failure('data_exist', 'the database holds data already');
      // Extras outlive a deletion by Python's automx2, which does not know them.
      yield* clearExtras(rows.automx2_extra);
      for (const table of tables) yield* insertRows(table, rows[table]);
      yield* settle(dialect, tables, countRows(rows));
    });
  }

  async rows(): Promise<Rows> {
    const { readAllRows } = await import('./changes.ts');
    const { dialect } = this.#connection;
    const tables = await this.#tables();
    return this.#connection.transact('read', () => readAllRows(dialect, tables));
  }

  async change(decide: (rows: Rows) => RowChanges): Promise<void> {
    refuseViews((await this.#inspect()).views);
    const { dialect } = this.#connection;
    const { changeRows, readAllRows, removeOrphans } = await import('./changes.ts');
    const attempt = (tables: readonly TableName[]): Promise<boolean> =>
      this.#write(tables, function* () {
        // Before links without a server or domain go: their ids are not to be given to another row, either.
        const changes = decide(yield* readAllRows(dialect, tables));
        if (TABLE_NAMES.some((table) => !tables.includes(table) && changes.inserted[table].length > 0)) return false;
        yield* removeOrphans();
        yield* changeRows(dialect, tables, changes);
        return true;
      });
    const change = async (): Promise<void> => {
      if (await attempt(await this.#tables())) return;
      // By itself: an engine that commits at CREATE TABLE must not cut the change in two.
      await this.#needExtras();
      await attempt(TABLE_NAMES);
    };
    await change().catch((cause: unknown) => {
      if (!(cause instanceof Failure) || cause.code !== 'data_exist') throw cause;
      // MySQL is blind to accents, for example.
      throw new Failure('change_failed', 'the database takes a new row for one that it has; nothing was changed', {
        cause,
      });
    });
  }

  async strays(): Promise<readonly Stray[]> {
    const { findStrayExtras, findStrays } = await import('./strays.ts');
    const query = (statement: Statement) => this.#connection.query(statement);
    const { names: byNames } = this.#reading.without;
    return [
      ...(await findStrays(query)),
      ...((await this.#tables()).includes('automx2_extra')
        ? await findStrayExtras(query, (names) => this.#spelt(names, byNames))
        : []),
    ];
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
    await this.#take(steps);
    return steps.map(({ description }) => description);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #lookUp(name: DomainName): Promise<readonly ResultRow[]> {
    return this.#reading.query(({ lookUp }) => this.#spelt([name], (spellings) => lookUp(spellings, name)));
  }

  /**
   * The rows of domains whose settings others take. By a look-up each: in the same statement, names in JSON would be compared
   * with a column, and MySQL refuses that where the tables' collations differ.
   */
  async #others(names: Iterable<DomainName>): Promise<Others> {
    const rows = new Map<DomainName, readonly ResultRow[]>();
    for (const name of names) rows.set(name, await this.#lookUp(name));
    return rows;
  }

  /**
   * Rows by every spelling of these names. A database in an old character set cannot even compare with each of them: what
   * it cannot is left out.
   */
  async #spelt(
    names: readonly (DomainName | Wildcard)[],
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

  async #take(steps: readonly Step[]): Promise<void> {
    await this.#connection.transact('write', () => inOrder(steps.map(({ statement }) => statement)));
    this.#reading.askAgain();
  }

  async #create(isWanted: (step: Step) => boolean): Promise<void> {
    const { layout, steps } = await this.#inspect();
    if (layout.kind === 'outdated' || layout.kind === 'foreign') {
      throw new Failure('store_unprepared', (await this.report()).detail);
    }
    await this.#take(steps.filter(isWanted));
  }

  /** Creates automx2_extra if it is missing: only where rows are to be stored in it, as not every user may create tables. */
  async #needExtras(): Promise<void> {
    const { existing, steps } = await this.#inspect();
    if (existing.includes('automx2_extra')) return;
    const [create] = steps.filter(({ kind }) => kind === 'table');
    if (create === undefined) throw withoutExtras('is missing, or this user may not read it');
    await this.#take([create]).catch((error: unknown) => {
      throw error instanceof Failure ? withoutExtras(`cannot be created: ${error.message}`) : error;
    });
  }

  /** Those of our tables that are there, parents before children. */
  async #tables(): Promise<readonly TableName[]> {
    const { existing } = await this.#inspect();
    return TABLE_NAMES.filter((table) => isRequired(TABLES[table]) || existing.includes(table));
  }

  /** One transaction, in which nobody else changes rows of these tables. */
  #write<T>(tables: readonly TableName[], work: () => Transaction<T>): Promise<T> {
    const { dialect } = this.#connection;
    return this.#connection.transact('write', function* (): Transaction<T> {
      yield* dialect.lock(tables).map(plain);
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
