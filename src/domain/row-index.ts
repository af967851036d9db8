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

/** A row that links a server with a domain. There may be hundreds of thousands, and computed keys make objects larger. */
export const linkRow = (table: ServerTable, serverId: number, domain_id: number): Row =>
  table === 'server' ? { server_id: serverId, domain_id } : { davserver_id: serverId, domain_id };

/** Lists of ids by id, all in one array: with one of its own each, hundreds of thousands take several times as long and as much. */
class IdLists {
  /** Where the list of an id begins: with its length. */
  readonly #begins = new Map<number, number>();
  readonly #lists: number[];

  /** Each row adds the id in its column `to` to the list of that in its column `from`. */
  constructor(rows: readonly Row[], from: string, to: string) {
    const lengths = new Map<number, number>();
    for (const row of rows) lengths.set(idOf(row, from), (lengths.get(idOf(row, from)) ?? 0) + 1);
    let end = 0;
    for (const [id, length] of lengths) {
      this.#begins.set(id, end);
      end += 1 + length;
    }
    this.#lists = new Array<number>(end).fill(0);
    for (const row of rows) {
      const begin = this.#begins.get(idOf(row, from)) ?? 0;
      const length = (this.#lists[begin] ?? 0) + 1;
      this.#lists[begin] = length;
      this.#lists[begin + length] = idOf(row, to);
    }
  }

  get(id: number): readonly number[] {
    const begin = this.#begins.get(id);
    return begin === undefined ? NONE : this.#lists.slice(begin + 1, begin + 1 + (this.#lists[begin] ?? 0));
  }
}

/** Rows by name. Nearly all names have one row, and lists of one would take most of the memory. */
interface RowNames {
  readonly first: Map<string, Row>;
  readonly further: Map<string, Row[]>;
}

/** All rows of a store, and how they belong together. A link row without its server or its domain links nothing. */
export class RowIndex {
  readonly rows: Rows;
  readonly #byId: Readonly<Record<NamedTable, ReadonlyMap<number, Row>>>;
  readonly #byName = new Map<NamedTable, RowNames>();
  /** By table and the side that is asked for, made when it is. */
  readonly #links = new Map<string, IdLists>();
  readonly #complete = new Map<ServerTable, readonly Row[]>();
  /** Made when they are asked for. */
  #extras: ReadonlyMap<string, readonly Row[]> | undefined;

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
    const names = this.#byName.get(table) ?? this.#names(table);
    this.#byName.set(table, names);
    const first = names.first.get(name);
    return first === undefined ? [] : [first, ...(names.further.get(name) ?? [])];
  }

  /** Ids of the servers of a domain. */
  serversOf(table: ServerTable, domainId: number): readonly number[] {
    return this.#linked(table, 'domain', table).get(domainId);
  }

  /** Ids of the domains of a server. */
  domainsOf(table: ServerTable, serverId: number): readonly number[] {
    return this.#linked(table, table, 'domain').get(serverId);
  }

  /** Rows of automx2_extra under this name. */
  extrasOf(name: string): readonly Row[] {
    this.#extras ??= Map.groupBy(this.rows.automx2_extra, (row) => String(row['domain_name']));
    return this.#extras.get(name) ?? [];
  }

  /** The provider of a domain, if it is there. */
  providerOf(domain: Row): Row | undefined {
    return this.get('provider', idOf(domain, 'provider_id'));
  }

  /** How many links lack their server or their domain. */
  orphans(): number {
    const counts = SERVER_TABLES.map(
      (table) => this.rows[`${table}_domain`].length - this.#completeLinks(table).length,
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  #names(table: NamedTable): RowNames {
    const names: RowNames = { first: new Map(), further: new Map() };
    for (const row of this.rows[table]) {
      const name = nameOf(table, row);
      if (names.first.has(name)) addTo(names.further, name, row);
      else names.first.set(name, row);
    }
    return names;
  }

  /** Links whose server and domain exist: nearly always all of them, which need no list of their own then. */
  #completeLinks(table: ServerTable): readonly Row[] {
    const known = this.#complete.get(table);
    if (known !== undefined) return known;
    const links = this.rows[`${table}_domain`];
    const [servers, domains, column] = [this.#byId[table], this.#byId.domain, `${table}_id`];
    const isComplete = (link: Row): boolean => servers.has(idOf(link, column)) && domains.has(idOf(link, 'domain_id'));
    const complete = links.every(isComplete) ? links : links.filter(isComplete);
    this.#complete.set(table, complete);
    return complete;
  }

  /** For each id on one side of a table of links, those on the other. */
  #linked(table: ServerTable, from: ServerTable | 'domain', to: ServerTable | 'domain'): IdLists {
    const key = `${from} ${to}`;
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const lists = new IdLists(this.#completeLinks(table), `${from}_id`, `${to}_id`);
    this.#links.set(key, lists);
    return lists;
  }
}
