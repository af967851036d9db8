import { linkRow, type ServerTable } from '../row-index.ts';
import { nameOf } from '../row-names.ts';
import type { Row } from '../tables.ts';
import type { Planning } from './planning.ts';

/** Which domains lose and get servers of one table, while a plan is made. */
export class ServerLinks {
  readonly #planning: Planning;
  readonly #table: ServerTable;
  /** By id of a stored row, the ids of the domains that lose it; as "ROW DOMAIN", those that another line of the plan reports. */
  readonly #lost = new Map<number, Set<number>>();
  readonly #reported = new Set<string>();
  /** How many domains a row gets. */
  readonly #gained = new Map<number, number>();
  /** By row and provider, whether domains of other providers use the row. */
  readonly #leftBehind = new Map<string, boolean>();

  constructor(planning: Planning, table: ServerTable) {
    this.#planning = planning;
    this.#table = table;
  }

  domainName(id: number): string {
    return nameOf('domain', this.#planning.stored.get('domain', id) ?? {});
  }

  /** A domain loses a server. `isReported`: another line of the plan covers it. */
  lose(rowId: number, domainId: number, isReported = false): void {
    const lost = this.#lost.get(rowId) ?? new Set();
    this.#lost.set(rowId, lost);
    lost.add(domainId);
    if (isReported) this.#reported.add(`${rowId} ${domainId}`);
    this.#planning.touched.add(this.domainName(domainId));
    this.#planning.rows.delete(`${this.#table}_domain`, linkRow(this.#table, rowId, domainId));
  }

  hasLost(rowId: number): boolean {
    return this.#lost.has(rowId);
  }

  gain(rowId: number, domainId: number): void {
    this.#planning.rows.insert(`${this.#table}_domain`, linkRow(this.#table, rowId, domainId));
    this.#gained.set(rowId, (this.#gained.get(rowId) ?? 0) + 1);
  }

  /** Domains that still use a stored row. */
  users(rowId: number): readonly number[] {
    const { stored, removed } = this.#planning;
    const lost = this.#lost.get(rowId);
    return stored.domainsOf(this.#table, rowId).filter((id) => !removed.has(id) && lost?.has(id) !== true);
  }

  isUsed(rowId: number): boolean {
    return this.users(rowId).length + (this.#gained.get(rowId) ?? 0) > 0;
  }

  /** Whether domains of another provider use the row of a domain that moves; they must not share it. */
  isLeftBehind(rowId: number, domainId: number): boolean {
    const planning = this.#planning;
    const provider = planning.providerAfter(domainId);
    const key = `${rowId} ${provider}`;
    const known = this.#leftBehind.get(key);
    if (known !== undefined) return known;
    const users = planning.stored.domainsOf(this.#table, rowId).filter((id) => !planning.removed.has(id));
    const isShared = users.some((id) => planning.providerAfter(id) !== provider);
    this.#leftBehind.set(key, isShared);
    return isShared;
  }

  /** A server that goes as a whole has a line of its own. */
  noteLosses(): void {
    for (const [rowId, domainIds] of this.#lost) {
      if (!this.isUsed(rowId)) continue;
      for (const id of domainIds) {
        if (this.#reported.has(`${rowId} ${id}`)) continue;
        this.#planning.noteDomain(id, this.domainName(id), `- ${nameOf(this.#table, this.#stored(rowId))}`);
      }
    }
  }

  #stored(id: number): Row {
    return this.#planning.stored.get(this.#table, id) ?? {};
  }
}
