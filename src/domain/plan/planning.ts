import { Failure } from '../failure.ts';
import { idOf, RowIndex } from '../row-index.ts';
import { type NamedTable, nameOf } from '../row-names.ts';
import type { Row, Rows } from '../tables.ts';
import { NewIds, RowChangesBuilder } from './row-changes.ts';
import type { Difference } from './row-differences.ts';

/** One change, in the words of people who run mail domains. */
export interface Change {
  readonly action: 'add' | 'change' | 'remove';
  readonly kind: 'directory' | 'provider' | 'domain' | 'server' | 'defaults';
  readonly name: string;
  /** What changes, or what belongs to it. */
  readonly details: readonly string[];
  /** How many rows of the store change in this way: to people, rows of one name are one. */
  readonly rows: number;
}

export const KINDS = {
  ldapserver: 'directory',
  provider: 'provider',
  domain: 'domain',
  server: 'server',
  davserver: 'server',
} as const satisfies Record<NamedTable, Change['kind']>;

const NONE: readonly string[] = [];

/** What the parts of a plan share while it is made. */
export class Planning {
  readonly stored: RowIndex;
  readonly wanted: RowIndex;
  readonly prune: boolean;
  readonly ids: NewIds;
  readonly rows = new RowChangesBuilder();
  readonly notes: string[] = [];
  /** Ids in the store by ids in the wanted rows. */
  readonly providers = new Map<number, number>();
  readonly directories = new Map<number, number>();
  readonly domains = new Map<number, number>();
  /** Ids of stored domains that another provider gets, and of those that go. */
  readonly moved = new Set<number>();
  readonly removed = new Set<number>();
  readonly added = new Set<number>();
  /** How many stored domains, servers and extras of named domains the wanted settings do not name, and do not touch. */
  readonly unnamed = { domains: 0, servers: 0, extras: 0 };
  /** Names of domains whose settings are other ones afterwards. */
  readonly touched = new Set<string>();
  readonly #providersAfter = new Map<number, number>();
  /** By id in the store: the domain's name, and what changes about it. */
  readonly #domainDetails = new Map<number, { readonly name: string; readonly details: string[] }>();
  readonly #changes = new Map<string, Change>();

  constructor(stored: Rows, wanted: Rows, prune: boolean) {
    this.stored = new RowIndex(stored);
    this.wanted = new RowIndex(wanted);
    this.ids = new NewIds(stored);
    this.prune = prune;
  }

  /** Two rows that change in the same way are one change to people. */
  note(action: Change['action'], kind: Change['kind'], name: string, details: readonly string[] = NONE): void {
    const key = [action, kind, name, ...details].join('\n');
    this.#changes.set(key, { action, kind, name, details, rows: 1 + (this.#changes.get(key)?.rows ?? 0) });
  }

  noteDomain(id: number, name: string, detail: string): void {
    const entry = this.#domainDetails.get(id) ?? { name, details: [] };
    this.#domainDetails.set(id, entry);
    entry.details.push(detail);
    this.touched.add(name);
  }

  /** The id of the provider that a stored domain has afterwards. */
  providerAfter(domainId: number): number {
    const after = this.#providersAfter.get(domainId);
    return after ?? idOf(this.stored.get('domain', domainId) ?? {}, 'provider_id');
  }

  /** A stored domain gets another provider. */
  move(domainId: number, providerId: number): void {
    this.moved.add(domainId);
    this.#providersAfter.set(domainId, providerId);
  }

  /**
   * The wanted row's name. Throws document_invalid if another wanted row has it: seeds may repeat a name, but a plan could
   * not distinguish the rows.
   */
  wantedName(table: 'provider' | 'ldapserver' | 'domain', row: Row): string {
    const name = nameOf(table, row);
    if (this.wanted.named(table, name).length === 1) return name;
    throw new Failure('document_invalid', `the ${KINDS[table]} ${JSON.stringify(name)} is in the document twice`);
  }

  /** The stored row of this name. Throws rows_ambiguous if there are two. */
  storedRow(table: NamedTable, name: string): Row | undefined {
    const rows = this.stored.named(table, name);
    if (rows.length > 1)
      throw ambiguous(
        table,
        name,
        rows.map((row) => idOf(row)),
      );
    return rows[0];
  }

  update(table: NamedTable, row: Row, found: readonly Difference[]): void {
    this.rows.update(table, idOf(row), Object.fromEntries(found.map(({ column, to }) => [column, to])));
  }

  changes(): readonly Change[] {
    for (const { name, details } of this.#domainDetails.values()) this.note('change', 'domain', name, details);
    const order = ['add', 'change', 'remove'];
    return [...this.#changes.values()].sort((a, b) => order.indexOf(a.action) - order.indexOf(b.action));
  }
}

export const ambiguous = (table: NamedTable, name: string, ids: readonly number[]): Failure =>
  new Failure(
    'rows_ambiguous',
    `two rows of the table ${table} are ${JSON.stringify(name)} (ids ${ids.join(', ')}): delete one of them, or rename it`,
  );
