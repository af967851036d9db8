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

interface Links {
  readonly servers: ReadonlyMap<number, readonly number[]>;
  readonly domains: ReadonlyMap<number, readonly number[]>;
}

/** All rows of a store, and how they belong together. A link row without its server or its domain links nothing. */
export class RowIndex {
  readonly rows: Rows;
  readonly #byId: Readonly<Record<NamedTable, ReadonlyMap<number, Row>>>;
  readonly #byName = new Map<NamedTable, Map<string, Row[]>>();
  readonly #links: Readonly<Record<ServerTable, Links>>;

  constructor(rows: Rows) {
    const byId = (table: NamedTable) => new Map(rows[table].map((row) => [idOf(row), row]));
    this.rows = rows;
    this.#byId = {
      provider: byId('provider'),
      ldapserver: byId('ldapserver'),
      domain: byId('domain'),
      server: byId('server'),
      davserver: byId('davserver'),
    };
    this.#links = { server: this.#readLinks('server'), davserver: this.#readLinks('davserver') };
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
    return this.#links[table].servers.get(domainId) ?? NONE;
  }

  /** Ids of the domains of a server. */
  domainsOf(table: ServerTable, serverId: number): readonly number[] {
    return this.#links[table].domains.get(serverId) ?? NONE;
  }

  /** The provider of a domain, if it is there. */
  providerOf(domain: Row): Row | undefined {
    return this.get('provider', idOf(domain, 'provider_id'));
  }

  #readLinks(table: ServerTable): Links {
    const servers = new Map<number, number[]>();
    const domains = new Map<number, number[]>();
    for (const link of this.rows[`${table}_domain`]) {
      const [serverId, domainId] = [idOf(link, `${table}_id`), idOf(link, 'domain_id')];
      if (!this.#byId[table].has(serverId) || !this.#byId.domain.has(domainId)) continue;
      addTo(servers, domainId, serverId);
      addTo(domains, serverId, domainId);
    }
    return { servers, domains };
  }
}
