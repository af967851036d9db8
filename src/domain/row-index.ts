import { type NamedTable, nameOf } from './row-names.ts';
import type { Row, Rows } from './tables.ts';

/** The kinds of servers that are linked with domains, each by a table of its own. */
export const SERVER_TABLES = ['server', 'davserver'] as const;
export type ServerTable = (typeof SERVER_TABLES)[number];

export const idOf = (row: Row, column = 'id'): number => Number(row[column]);

const NONE: readonly number[] = [];

/** Adds a value to the list of a key. */
export function addTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** All rows of a store, and how they belong together. A link row without its server or its domain links nothing. */
export class RowIndex {
  readonly rows: Rows;
  readonly #byId: Readonly<Record<NamedTable, ReadonlyMap<number, Row>>>;
  readonly #byName = new Map<NamedTable, Map<string, Row[]>>();
  /** By table and the side that is asked for, made when it is. */
  readonly #links = new Map<string, ReadonlyMap<number, readonly number[]>>();

  constructor(rows: Rows) {
    const byId = (table: NamedTable) => {
      const byId = new Map<number, Row>();
      for (const row of rows[table]) byId.set(idOf(row), row);
      return byId;
    };
    this.rows = rows;
    this.#byId = {
      provider: byId('provider'),
      ldapserver: byId('ldapserver'),
      domain: byId('domain'),
      server: byId('server'),
      davserver: byId('davserver'),
    };
  }

  get(table: NamedTable, id: number): Row | undefined {
    return this.#byId[table].get(id);
  }

  /** Rows of one name, in order of id. */
  named(table: NamedTable, name: string): readonly Row[] {
    const byName = this.#byName.get(table) ?? new Map<string, Row[]>();
    if (!this.#byName.has(table)) {
      this.#byName.set(table, byName);
      for (const row of this.rows[table]) addTo(byName, nameOf(table, row), row);
    }
    return byName.get(name) ?? [];
  }

  /** Ids of the servers of a domain. */
  serversOf(table: ServerTable, domainId: number): readonly number[] {
    return this.#linked(table, 'domain', table).get(domainId) ?? NONE;
  }

  /** Ids of the domains of a server. */
  domainsOf(table: ServerTable, serverId: number): readonly number[] {
    return this.#linked(table, table, 'domain').get(serverId) ?? NONE;
  }

  /** The provider of a domain, if it is there. */
  providerOf(domain: Row): Row | undefined {
    return this.get('provider', idOf(domain, 'provider_id'));
  }

  /** How many links lack their server or their domain. */
  orphans(): number {
    const isOrphan = (table: ServerTable) => (link: Row) =>
      !this.#byId[table].has(idOf(link, `${table}_id`)) || !this.#byId.domain.has(idOf(link, 'domain_id'));
    return SERVER_TABLES.reduce((sum, table) => sum + this.rows[`${table}_domain`].filter(isOrphan(table)).length, 0);
  }

  /** For each id on one side of a table of links, those on the other. */
  #linked(
    table: ServerTable,
    from: ServerTable | 'domain',
    to: ServerTable | 'domain',
  ): ReadonlyMap<number, readonly number[]> {
    const key = `${from} ${to}`;
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const links = new Map<number, number[]>();
    this.#links.set(key, links);
    const [fromColumn, toColumn] = [`${from}_id`, `${to}_id`];
    for (const link of this.rows[`${table}_domain`]) {
      const [fromId, toId] = [idOf(link, fromColumn), idOf(link, toColumn)];
      if (this.#byId[from].has(fromId) && this.#byId[to].has(toId)) addTo(links, fromId, toId);
    }
    return links;
  }
}
