import { firstOf } from '../counted.ts';
import { Failure } from '../failure.ts';
import { idOf, type RowIndex, type ServerTable } from '../row-index.ts';
import { nameOf } from '../row-names.ts';

/** How many domains a line names. */
const MAX_NAMED = 3;

export const someOf = (names: readonly string[]): string => firstOf(names, MAX_NAMED);

/** The servers of one table that a document describes, and the domains that use each. */
export class WantedServers {
  readonly #wanted: RowIndex;
  readonly #table: ServerTable;
  /** By id of a provider: the names of its servers, and how many domains it has; made when they are asked for. */
  #names: ReadonlyMap<number | undefined, ReadonlySet<string>> | undefined;
  #domainCounts: ReadonlyMap<number, number> | undefined;

  constructor(wanted: RowIndex, table: ServerTable) {
    this.#wanted = wanted;
    this.#table = table;
  }

  /**
   * Throws document_invalid where a domain has two servers of one name: seeds may repeat a name, but a plan could not
   * distinguish the rows.
   */
  assertDistinct(): void {
    const rows = this.#wanted.rows[this.#table];
    const byName = Map.groupBy(rows, (row) => nameOf(this.#table, row));
    for (const [name, same] of byName) {
      if (same.length === 1) continue;
      const domains = same.flatMap((row) => [...this.#wanted.domainsOf(this.#table, idOf(row))]);
      if (new Set(domains).size === domains.length) continue;
      throw new Failure('document_invalid', `the server ${JSON.stringify(name)} is in the document twice for a domain`);
    }
  }

  /** The id of the provider to whose domains a server belongs. */
  providerOf(id: number): number | undefined {
    const [domainId] = this.#wanted.domainsOf(this.#table, id);
    const domain = domainId === undefined ? undefined : this.#wanted.get('domain', domainId);
    return domain && idOf(domain, 'provider_id');
  }

  /** "imap mail.example.com:993 of Example Inc." */
  title(id: number): string {
    const provider = this.#wanted.get('provider', this.providerOf(id) ?? 0);
    const of = provider === undefined ? '' : ` of ${nameOf('provider', provider)}`;
    return nameOf(this.#table, this.#wanted.get(this.#table, id) ?? {}) + of;
  }

  /** Whether a provider has a server of this name, for whichever of its domains. */
  isNamed(providerId: number, name: string): boolean {
    this.#names ??= this.#namesByProvider();
    return this.#names.get(providerId)?.has(name) === true;
  }

  /** Which domains have the server, unless all of the provider have it. */
  onlyFor(id: number): readonly string[] {
    const ids = this.#wanted.domainsOf(this.#table, id);
    this.#domainCounts ??= this.#countDomains();
    if (ids.length === this.#domainCounts.get(this.providerOf(id) ?? 0)) return [];
    return [`for ${someOf(ids.map((each) => nameOf('domain', this.#wanted.get('domain', each) ?? {})))}`];
  }

  #namesByProvider(): ReadonlyMap<number | undefined, ReadonlySet<string>> {
    const names = new Map<number | undefined, Set<string>>();
    for (const row of this.#wanted.rows[this.#table]) {
      const providerId = this.providerOf(idOf(row));
      const known = names.get(providerId) ?? new Set();
      names.set(providerId, known.add(nameOf(this.#table, row)));
    }
    return names;
  }

  #countDomains(): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    for (const row of this.#wanted.rows.domain) {
      const providerId = idOf(row, 'provider_id');
      counts.set(providerId, (counts.get(providerId) ?? 0) + 1);
    }
    return counts;
  }
}
