import { type DomainName, type Wildcard, wildcardsFor } from '../../domain/domain-name.ts';
import { ALL_DOMAINS } from '../../domain/extras.ts';
import type { MailDomain } from '../../domain/mail-domain.ts';
import { sameAsOf } from '../../domain/read-extras.ts';
import { type DomainRows, MAX_DOMAINS, MAX_SERVERS, readMailDomain, type UnusableRow } from '../../domain/read-rows.ts';
import { addTo, idOf, RowIndex, type ServerTable } from '../../domain/row-index.ts';
import { countingName, type Served, servedBy, storedName } from '../../domain/stored-names.ts';
import type { Row, Rows } from '../../domain/tables.ts';
import type { DomainChoice, SettingsReader, StoredDomain } from '../../ports/settings-reader.ts';

/** How many stored domains make a page. */
const PAGE_DOMAINS = 100;

/** Index of the first of some sorted rows with a greater id; the number of rows if no id is greater. */
function firstAfter(sorted: readonly Row[], id: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = sorted[middle];
    if (row !== undefined && idOf(row) > id) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Rows in memory, those of a settings document for example, as a store that look-ups read. */
export class DocumentSettings implements SettingsReader {
  readonly #listsAll: boolean;
  #index: RowIndex;
  #version = 0;
  /** Names of the domains of a provider, by its id; made when they are asked for. */
  #siblings: ReadonlyMap<number, readonly string[]> | undefined;
  /** Domains in order of id; made for the first walk. */
  #sorted: readonly Row[] | undefined;

  /** `listsAll`: a look-up names the other domains of the provider, too. */
  constructor(rows: Rows, listsAll = false) {
    this.#index = new RowIndex(rows);
    this.#listsAll = listsAll;
  }

  /** Goes on with other rows. */
  replace(rows: Rows): void {
    this.#index = new RowIndex(rows);
    this.#siblings = undefined;
    this.#sorted = undefined;
    this.#version += 1;
  }

  rows(): Rows {
    return this.#index.rows;
  }

  async find(name: DomainName): Promise<MailDomain | undefined> {
    for (const candidate of [name, ...wildcardsFor(name)]) {
      const row = this.#counting(candidate);
      const served = row && servedBy(storedName(idOf(row), row['name']), name);
      if (row !== undefined && served !== undefined) return this.#mailDomain(row, served, () => undefined);
    }
    return undefined;
  }

  version(): number {
    return this.#version;
  }

  async walk(choice: DomainChoice): Promise<readonly StoredDomain[]> {
    if (typeof choice === 'string') return this.#index.named('domain', choice).map((row) => this.#stored(row));
    this.#sorted ??= this.#index.rows.domain.toSorted((a, b) => idOf(a) - idOf(b));
    const begin = firstAfter(this.#sorted, choice.afterId);
    return this.#sorted.slice(begin, begin + PAGE_DOMAINS).map((row) => this.#stored(row));
  }

  async ping(): Promise<boolean> {
    return this.#index.rows.domain.length > 0;
  }

  async close(): Promise<void> {}

  /** Of rows that spell the same domain, the one that counts. */
  #counting(name: DomainName | Wildcard): Row | undefined {
    const rows = this.#index.named('domain', name);
    const id = countingName(
      rows.map((row) => storedName(idOf(row), row['name'])),
      name,
    )?.id;
    return rows.find((row) => idOf(row) === id);
  }

  #stored(row: Row): StoredDomain {
    const stored = storedName(idOf(row), row['name']);
    const { id, name } = stored;
    const served = servedBy(stored);
    const unusable: UnusableRow[] = [];
    const nothing = (reason: string): StoredDomain => {
      return { id, name, mailDomain: undefined, unusable: [{ table: 'domain', id, reason }] };
    };
    if (name === undefined || served === undefined) return nothing('its name is not a valid domain name');
    if (this.#counting(name) !== row) return nothing('duplicate of another row, which is used');
    const mailDomain = this.#mailDomain(row, served, (found) => unusable.push(found));
    return { id, name, mailDomain, unusable };
  }

  #mailDomain(row: Row, served: Served, onUnusable: (row: UnusableRow) => void): MailDomain | undefined {
    const own = this.#extrasOf(served.wildcard ?? served.name);
    const target = sameAsOf(served, own);
    const other = target && this.#counting(target);
    const more = target === undefined ? [] : this.#index.extrasOf(target);
    const isChained = target !== undefined && sameAsOf({ id: 0, name: target }, more) !== undefined;
    if (target === undefined || other === undefined || isChained) {
      return readMailDomain(served, this.#rowsOf(row, own), onUnusable);
    }
    const extras = [...own, ...more];
    return readMailDomain(served, { ...this.#rowsOf(other, extras), sameAs: target }, onUnusable);
  }

  #extrasOf(name: string): readonly Row[] {
    return [...this.#index.extrasOf(name), ...(name === ALL_DOMAINS ? [] : this.#index.extrasOf(ALL_DOMAINS))];
  }

  #rowsOf(row: Row, automx2_extra: readonly Row[]): DomainRows {
    const id = idOf(row);
    const servers = (table: ServerTable): readonly Row[] => {
      const ids = this.#index.serversOf(table, id);
      return ids.length > MAX_SERVERS ? [] : ids.map((serverId) => this.#index.get(table, serverId) ?? {});
    };
    const directory = this.#index.get('ldapserver', idOf(row, 'ldapserver_id'));
    return {
      provider: this.#index.providerOf(row),
      links: {
        server: this.#index.serversOf('server', id).length,
        davserver: this.#index.serversOf('davserver', id).length,
      },
      server: servers('server'),
      davserver: servers('davserver'),
      ldapserver: directory === undefined ? [] : [directory],
      automx2_extra,
      siblings: this.#listsAll ? this.#siblingsOf(idOf(row, 'provider_id')) : [],
    };
  }

  #siblingsOf(providerId: number): readonly string[] {
    this.#siblings ??= this.#allSiblings();
    return this.#siblings.get(providerId) ?? [];
  }

  #allSiblings(): ReadonlyMap<number, readonly string[]> {
    const names = new Map<number, string[]>();
    for (const row of this.#index.rows.domain.toSorted((a, b) => idOf(a) - idOf(b))) {
      const provider = idOf(row, 'provider_id');
      if ((names.get(provider)?.length ?? 0) < MAX_DOMAINS) addTo(names, provider, String(row['name']));
    }
    return names;
  }
}
