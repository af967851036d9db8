import { isSayable } from '../documents/write-row.ts';
import { addTo, idOf, type ServerTable } from '../row-index.ts';
import { nameOf } from '../row-names.ts';
import type { Row } from '../tables.ts';
import { ambiguous, type Planning } from './planning.ts';
import { type Difference, differences, inWords } from './row-differences.ts';
import { ServerLinks } from './server-links.ts';
import { someOf, WantedServers } from './wanted-servers.ts';

/** A stored or new domain and the wanted servers that it lacks. `isReported`: another line of the plan covers it. */
interface Need {
  readonly domainId: number;
  readonly wantedIds: readonly number[];
  readonly isReported: boolean;
}

/** A domain that wants other values of a server than its row has. */
interface Request {
  readonly domainId: number;
  readonly wantedId: number;
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
  readonly #links: ServerLinks;
  /** By id of a wanted row, the id of its row in the store. */
  readonly #rows = new Map<number, number>();
  readonly #needs: Need[] = [];
  /** By id of a stored row, the domains that want other values. */
  readonly #requests = new Map<number, Request[]>();
  /** Ids of rows that this plan updates. */
  readonly #changed = new Set<number>();
  readonly #inserted = new Set<number>();
  /** Names of servers that the document does not name for a domain which it names. */
  readonly #unnamed = new Set<string>();
  readonly #found = new Map<string, readonly Difference[]>();
  /** Rows from which some domains were separated; their removal is not reported. */
  readonly #split = new Set<number>();
  /** Wanted servers that get a row of their own only because others go on using the old one. */
  readonly #splitOff = new Set<number>();

  constructor(planning: Planning, table: ServerTable) {
    this.#planning = planning;
    this.#table = table;
    this.#wantedServers = new WantedServers(planning.wanted, table);
    this.#links = new ServerLinks(planning, table);
  }

  plan(): void {
    const { wanted } = this.#planning;
    this.#wantedServers.assertDistinct();
    for (const domain of wanted.rows.domain) this.#compare(domain);
    for (const [rowId, requests] of this.#requests) this.#change(rowId, requests);
    this.#planning.unnamed.servers += this.#unnamed.size;
    // New rows in the order of the document: of servers of equal priority, the one with the lower id comes first.
    const needed = new Set<number>();
    for (const { wantedIds } of this.#needs) for (const wantedId of wantedIds) needed.add(wantedId);
    for (const wantedId of [...needed].sort((a, b) => a - b)) this.#provide(wantedId);
    for (const { domainId, wantedIds, isReported } of this.#needs) {
      for (const wantedId of wantedIds) this.#link(domainId, wantedId, isReported);
    }
    this.#links.noteLosses();
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

  /** Compares the servers that a domain has with those that it wants. */
  #compare(domain: Row): void {
    const { stored, wanted, domains, added, moved, prune } = this.#planning;
    const table = this.#table;
    const domainId = domains.get(idOf(domain)) ?? 0;
    const wantedIds = wanted.serversOf(table, idOf(domain));
    if (added.has(domainId)) {
      if (wantedIds.length > 0) this.#needs.push({ domainId, wantedIds, isReported: true });
      return;
    }
    const byName = Map.groupBy(stored.serversOf(table, domainId), (id) => nameOf(table, this.#stored(id)));
    const names = new Set<string>();
    for (const wantedId of wantedIds) {
      const name = nameOf(table, this.#wanted(wantedId));
      names.add(name);
      const [rowId, ...others] = byName.get(name) ?? [];
      if (rowId === undefined) this.#needs.push({ domainId, wantedIds: [wantedId], isReported: false });
      else if (others.length > 0) throw ambiguous(table, name, [rowId, ...others]);
      else if (this.#differences(rowId, wantedId).length > 0) addTo(this.#requests, rowId, { domainId, wantedId });
      else if (moved.has(domainId) && this.#links.isLeftBehind(rowId, domainId))
        this.#separate(rowId, { domainId, wantedId });
      else if (!this.#rows.has(wantedId)) this.#rows.set(wantedId, rowId);
    }
    for (const [name, ids] of byName) {
      if (names.has(name)) continue;
      const goes = prune || moved.has(domainId) || this.#isNotWanted(idOf(domain, 'provider_id'), name, ids);
      if (goes) for (const id of ids) this.#links.lose(id, domainId);
      else this.#unnamed.add(name);
    }
  }

  /** Gives the domain a row of its own; another line of the plan reports the change, if there is one. */
  #separate(rowId: number, { domainId, wantedId }: Request): void {
    this.#splitOff.add(wantedId);
    this.#links.lose(rowId, domainId, true);
    this.#needs.push({ domainId, wantedIds: [wantedId], isReported: true });
  }

  /** Whether the document has the server, but not for this domain; of what no document can say, it says nothing. */
  #isNotWanted(providerId: number, name: string, ids: readonly number[]): boolean {
    const [id = 0, ...others] = ids;
    if (!this.#wantedServers.isNamed(providerId, name) || others.length > 0) return false;
    return isSayable(this.#table, this.#stored(id));
  }

  /** Changes a row where all who use it want the same; else those who want another one get it. */
  #change(rowId: number, requests: readonly Request[]): void {
    const planning = this.#planning;
    const byWanted = Map.groupBy(requests, ({ wantedId }) => wantedId);
    const isShared = byWanted.size > 1 || requests.length !== this.#links.users(rowId).length;
    for (const { domainId } of requests) planning.touched.add(this.#links.domainName(domainId));
    for (const [wantedId, of] of byWanted) {
      const found = this.#differences(rowId, wantedId);
      const who = isShared ? ` for ${someOf(of.map(({ domainId }) => this.#links.domainName(domainId)))}` : '';
      planning.note('change', 'server', this.#wantedServers.title(wantedId) + who, found.map(inWords));
      if (!isShared) {
        planning.update(this.#table, this.#stored(rowId), found);
        this.#changed.add(rowId);
        if (!this.#rows.has(wantedId)) this.#rows.set(wantedId, rowId);
        continue;
      }
      this.#split.add(rowId);
      for (const request of of) this.#separate(rowId, request);
    }
  }

  /** A stored row with the wanted values that belongs to the provider, or to nobody. */
  #adoptable(wantedId: number): number | undefined {
    const { stored, providers, moved, removed } = this.#planning;
    const providerId = providers.get(this.#wantedServers.providerOf(wantedId) ?? 0);
    const candidates = stored.named(this.#table, nameOf(this.#table, this.#wanted(wantedId))).map((row) => idOf(row));
    return candidates.find((id) => {
      if (this.#changed.has(id)) return false;
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

  /** Finds the row for a wanted server, or adds one. */
  #provide(wantedId: number): void {
    const planning = this.#planning;
    if (this.#rows.has(wantedId)) return;
    const known = this.#adoptable(wantedId);
    const rowId = known ?? planning.ids.next(this.#table);
    this.#rows.set(wantedId, rowId);
    if (known !== undefined) return;
    planning.rows.insert(this.#table, { ...this.#wanted(wantedId), id: rowId });
    this.#inserted.add(rowId);
    if (this.#splitOff.has(wantedId)) return;
    planning.note('add', 'server', this.#wantedServers.title(wantedId), this.#wantedServers.onlyFor(wantedId));
  }

  #link(domainId: number, wantedId: number, isReported: boolean): void {
    const planning = this.#planning;
    const rowId = this.#rows.get(wantedId) ?? 0;
    this.#links.gain(rowId, domainId);
    if (isReported) return;
    planning.touched.add(this.#links.domainName(domainId));
    if (this.#inserted.has(rowId)) return;
    planning.noteDomain(domainId, this.#links.domainName(domainId), `+ ${nameOf(this.#table, this.#wanted(wantedId))}`);
  }

  /** Rows that no domain uses any more; with prune, also those that none has used. */
  #removeUnused(): void {
    const planning = this.#planning;
    const { stored, removed, prune } = planning;
    for (const row of stored.rows[this.#table]) {
      const id = idOf(row);
      const users = stored.domainsOf(this.#table, id);
      const hasLost = this.#links.hasLost(id) || users.some((domainId) => removed.has(domainId));
      if (!(hasLost || (prune && users.length === 0)) || this.#links.isUsed(id)) continue;
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
