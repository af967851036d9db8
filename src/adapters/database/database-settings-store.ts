import type { DomainName } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import type { MailDomain } from '../../domain/mail-domain.ts';
import type { Seed } from '../../domain/seed.ts';
import type { Log } from '../../ports/log.ts';
import type { SettingsStore, StoreState } from '../../ports/settings-store.ts';
import type { Connection, Statement } from './connection.ts';
import { lookUpStatement, readLookUp, type SenselessRow } from './look-up.ts';
import { creation, indexNames, TABLE_NAMES } from './schema.ts';
import { seedStatements } from './seeding.ts';

/** Senseless rows that are remembered as reported; after so many the operator knows, and memory stays bounded. */
const MAX_REPORTED_ROWS = 1_000;

const plain = (sql: string): Statement => ({ sql, parameters: [] });

/** The settings store over any SQL database that holds automx2's tables. */
export class DatabaseSettingsStore implements SettingsStore {
  readonly #connection: Connection;
  readonly #log: Log;
  readonly #reportedRows = new Set<string>();

  constructor(connection: Connection, log: Log) {
    this.#connection = connection;
    this.#log = log;
  }

  async findDomain(name: DomainName): Promise<MailDomain | undefined> {
    const rows = await this.#connection.query(lookUpStatement(this.#connection.dialect, name));
    return readLookUp(rows, name, (row) => this.#report(row));
  }

  async state(): Promise<StoreState> {
    const names = await this.#names().catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'store_unprepared') return new Set<string>();
      throw error;
    });
    if (!TABLE_NAMES.every((table) => names.has(table))) return 'unprepared';
    const rows = await this.#connection.query(
      plain(TABLE_NAMES.map((table) => `SELECT EXISTS (SELECT 1 FROM ${table}) AS filled`).join(' UNION ALL ')),
    );
    return rows.some((row) => Boolean(row['filled'])) ? 'filled' : 'empty';
  }

  /** Names of the indexes that look-ups need and that are not there. */
  async missingIndexes(): Promise<readonly string[]> {
    const names = await this.#names();
    return indexNames(this.#connection.dialect).filter((index) => !names.has(index));
  }

  async createTables(): Promise<void> {
    await this.#connection.apply(creation(this.#connection.dialect).map(plain));
  }

  async seed(seed: Seed): Promise<void> {
    // Tables first and by themselves: an engine that commits at CREATE TABLE must not cut the seed in two.
    await this.createTables();
    // Whoever seeds between this check and the insertion wins: our ids count from 1, too, and the second one fails.
    if ((await this.state()) !== 'empty') throw new Failure('data_exist', 'the database holds data already');
    await this.#connection.apply(seedStatements(seed));
  }

  async purge(): Promise<void> {
    if ((await this.state()) === 'unprepared') return;
    await this.#connection.apply(TABLE_NAMES.toReversed().map((table) => plain(`DELETE FROM ${table}`)));
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #names(): Promise<ReadonlySet<string>> {
    const rows = await this.#connection.query(plain(this.#connection.dialect.catalogue));
    return new Set(rows.map((row) => String(row['name'])));
  }

  #report({ table, id, reason }: SenselessRow): void {
    const key = `${table} ${id} ${reason}`;
    if (this.#reportedRows.has(key) || this.#reportedRows.size >= MAX_REPORTED_ROWS) return;
    this.#reportedRows.add(key);
    this.#log.write('WARNING', `row left out: ${reason}`, { table, id });
  }
}
