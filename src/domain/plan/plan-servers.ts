import { isSayable } from '../documents/write-row.ts';
import { addTo, idOf, linkRow, type ServerTable } from '../row-index.ts';
import { nameOf } from '../row-names.ts';
import type { Row } from '../tables.ts';
import { ambiguous, type Planning } from './planning.ts';
import { type Difference, differences, inWords } from './row-differences.ts';
import { someOf, WantedServers } from './wanted-servers.ts';

/** A domain of the store that shall have wanted servers. `isTold`: some line says so already. */
interface Need {
  readonly domainId: number;
  readonly wantedIds: readonly number[];
  readonly isTold: boolean;
}

/**
 * The servers of one table. A server's row belongs to no provider by itself, only to the domains that are linked with it, so
 * each domain is looked at: it has the server with the wanted values, with others, or not at all. A row that other domains
 * use as well, which want it as it is, is left to them, and the domain gets a row of its own.
 */
class ServerPlanning {
  readonly #planning: Planning;
  readonly #table: ServerTable;
  readonly #wantedServers: WantedServers;
  /** The row of the store that stands for a wanted one. */
  readonly #rows = new Map<number, number>();
  readonly #needs: Need[] = [];
  /** By id of the stored row: who wants other values of it. */
  readonly #requests = new Map<number, { readonly domainId: number; readonly wantedId: number }[]>();
  /** Ids of domains that a stored row loses. */
  readonly #lost = new Map<number, Set<number>>();
  readonly #inserted = new Set<number>();
  /** How many domains a row gets. */
  readonly #gained = new Map<number, number>();
  readonly #found = new Map<string, readonly Difference[]>();
  /** Rows that domains got apart; what is left of them is no news. */
  readonly #split = new Set<number>();
  /** Wanted servers that get a row of their own only because others go on using the old one. */
  readonly #splitOff = new Set<number>();

  constructor(planning: Planning, table: ServerTable) {
    this.#planning = planning;
    this.#table = table;
    this.#wantedServers = new WantedServers(planning.wanted, table);
  }

  plan(): void {
    const { wanted } = this.#planning;
    for (const domain of wanted.rows.domain) this.#compare(domain);
    for (const [rowId, requests] of this.#requests) this.#change(rowId, requests);
    for (const { domainId, wantedIds, isTold } of this.#needs) {
      for (const wantedId of wantedIds) this.#satisfy(domainId, wantedId, isTold);
    }
    this.#noteLosses();
    this.#removeUnused();
    for (const row of wanted.rows[this.#table]) {
      if (wanted.domainsOf(this.#table, idOf(row)).length === 0) {
        this.#planning.notes.push(`server ${nameOf(this.#table, row)} belongs to no domain and is not stored`);
      }
    }
  }

  #stored(id: number): Row {
    return this.#planning.stored.get(this.#table, id) ?? {};
  }

  #wanted(id: number): Row {
    return this.#planning.wanted.get(this.#table, id) ?? {};
  }

  #differences(rowId: number, wantedId: number): readonly Difference[] {
    const key = `${rowId} ${wantedId}`;
    const found = this.#found.get(key) ?? differences(this.#table, this.#stored(rowId), this.#wanted(wantedId));
    this.#found.set(key, found);
    return found;
  }

  /** What a domain has, against what it shall have. */
  #compare(domain: Row): void {
    const { stored, wanted, domains, added, moved, prune } = this.#planning;
    const table = this.#table;
    const domainId = domains.get(idOf(domain)) ?? 0;
    const wantedIds = wanted.serversOf(table, idOf(domain));
    if (added.has(domainId)) {
      if (wantedIds.length > 0) this.#needs.push({ domainId, wantedIds, isTold: true });
      return;
    }
    const byName = Map.groupBy(stored.serversOf(table, domainId), (id) => nameOf(table, this.#stored(id)));
    const names = new Set<string>();
    for (const wantedId of wantedIds) {
      const name = nameOf(table, this.#wanted(wantedId));
      names.add(name);
      const [rowId, ...others] = byName.get(name) ?? [];
      if (rowId === undefined) this.#needs.push({ domainId, wantedIds: [wantedId], isTold: false });
      else if (others.length > 0) throw ambiguous(table, name, [rowId, ...others]);
      else if (this.#differences(rowId, wantedId).length > 0) addTo(this.#requests, rowId, { domainId, wantedId });
      else if (!this.#rows.has(wantedId)) this.#rows.set(wantedId, rowId);
    }
    for (const [name, ids] of byName) {
      const goes = prune || moved.has(domainId) || this.#isNotWanted(idOf(domain, 'provider_id'), name, ids);
      if (!names.has(name) && goes) for (const id of ids) this.#lose(id, domainId);
    }
  }

  /** Whether the document has the server, but not for this domain; of what no document can say, it says nothing. */
  #isNotWanted(providerId: number, name: string, ids: readonly number[]): boolean {
    const [id = 0, ...others] = ids;
    if (!this.#wantedServers.isNamed(providerId, name) || others.length > 0) return false;
    return isSayable(this.#table, this.#stored(id));
  }

  #lose(rowId: number, domainId: number): void {
    const lost = this.#lost.get(rowId) ?? new Set();
    this.#lost.set(rowId, lost);
    lost.add(domainId);
    this.#planning.rows.delete(`${this.#table}_domain`, linkRow(this.#table, rowId, domainId));
  }

  /** Domains that still use a stored row. */
  #users(rowId: number): readonly number[] {
    const { stored, removed } = this.#planning;
    const lost = this.#lost.get(rowId);
    return stored.domainsOf(this.#table, rowId).filter((id) => !removed.has(id) && lost?.has(id) !== true);
  }

  #domainName(id: number): string {
    return nameOf('domain', this.#planning.stored.get('domain', id) ?? {});
  }

  /** Changes a row where all who use it want the same; else those who want another one get it. */
  #change(rowId: number, requests: readonly { readonly domainId: number; readonly wantedId: number }[]): void {
    const planning = this.#planning;
    const byWanted = Map.groupBy(requests, ({ wantedId }) => wantedId);
    const isShared = byWanted.size > 1 || requests.length !== this.#users(rowId).length;
    for (const { domainId } of requests) planning.touched.add(this.#domainName(domainId));
    for (const [wantedId, of] of byWanted) {
      const found = this.#differences(rowId, wantedId);
      const who = isShared ? ` for ${someOf(of.map(({ domainId }) => this.#domainName(domainId)))}` : '';
      planning.note('change', 'server', this.#wantedServers.title(wantedId) + who, found.map(inWords));
      if (!isShared) {
        planning.update(this.#table, this.#stored(rowId), found);
        if (!this.#rows.has(wantedId)) this.#rows.set(wantedId, rowId);
        continue;
      }
      this.#split.add(rowId);
      this.#splitOff.add(wantedId);
      for (const { domainId } of of) {
        this.#lose(rowId, domainId);
        this.#needs.push({ domainId, wantedIds: [wantedId], isTold: true });
      }
    }
  }

  /** A stored row with the wanted values that belongs to the provider, or to nobody. */
  #adoptable(wantedId: number): number | undefined {
    const { stored, providers, moved, removed } = this.#planning;
    const providerId = providers.get(this.#wantedServers.providerOf(wantedId) ?? 0);
    const candidates = stored.named(this.#table, nameOf(this.#table, this.#wanted(wantedId))).map((row) => idOf(row));
    return candidates.find((id) => {
      const users = stored.domainsOf(this.#table, id);
      const isOurs = (domainId: number): boolean => {
        const domain = stored.get('domain', domainId);
        return (
          domain !== undefined &&
          idOf(domain, 'provider_id') === providerId &&
          !moved.has(domainId) &&
          !removed.has(domainId)
        );
      };
      return (users.length === 0 || users.some(isOurs)) && this.#differences(id, wantedId).length === 0;
    });
  }

  #satisfy(domainId: number, wantedId: number, isTold: boolean): void {
    const planning = this.#planning;
    const table = this.#table;
    const known = this.#rows.get(wantedId) ?? this.#adoptable(wantedId);
    const rowId = known ?? planning.ids.next(table);
    if (known === undefined) {
      planning.rows.insert(table, { ...this.#wanted(wantedId), id: rowId });
      this.#inserted.add(rowId);
      if (!this.#splitOff.has(wantedId))
        planning.note('add', 'server', this.#wantedServers.title(wantedId), this.#wantedServers.onlyFor(wantedId));
    }
    this.#rows.set(wantedId, rowId);
    planning.rows.insert(`${table}_domain`, linkRow(table, rowId, domainId));
    this.#gained.set(rowId, (this.#gained.get(rowId) ?? 0) + 1);
    if (isTold) return;
    planning.touched.add(this.#domainName(domainId));
    if (this.#inserted.has(rowId)) return;
    planning.noteDomain(domainId, this.#domainName(domainId), `+ ${nameOf(table, this.#wanted(wantedId))}`);
  }

  #isUsed(rowId: number): boolean {
    return this.#users(rowId).length + (this.#gained.get(rowId) ?? 0) > 0;
  }

  /** A server that goes as a whole has a line of its own. */
  #noteLosses(): void {
    for (const [rowId, domainIds] of this.#lost) {
      if (this.#split.has(rowId) || !this.#isUsed(rowId)) continue;
      for (const id of domainIds) {
        this.#planning.noteDomain(id, this.#domainName(id), `- ${nameOf(this.#table, this.#stored(rowId))}`);
      }
    }
  }

  /** Rows that no domain uses any more; with prune, also those that none has used. */
  #removeUnused(): void {
    const planning = this.#planning;
    const { stored, removed, prune } = planning;
    for (const row of stored.rows[this.#table]) {
      const id = idOf(row);
      const users = stored.domainsOf(this.#table, id);
      const hasLost = this.#lost.has(id) || users.some((domainId) => removed.has(domainId));
      if (!(hasLost || (prune && users.length === 0)) || this.#isUsed(id)) continue;
      planning.rows.delete(this.#table, row);
      if (this.#split.has(id)) continue;
      const owner = users.map((domainId) => stored.get('domain', domainId)).find((domain) => domain !== undefined);
      const provider = owner && stored.providerOf(owner);
      const of = provider === undefined ? '' : ` of ${nameOf('provider', provider)}`;
      planning.note('remove', 'server', nameOf(this.#table, row) + of);
    }
  }
}

/** Plans the servers of one table, and their links with domains. */
export const planServers = (planning: Planning, table: ServerTable): void => new ServerPlanning(planning, table).plan();
