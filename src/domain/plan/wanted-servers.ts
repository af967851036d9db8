import { idOf, type RowIndex, type ServerTable } from '../row-index.ts';
import { nameOf } from '../row-names.ts';

/** How many domains a line names. */
const MAX_NAMED = 3;

export const someOf = (names: readonly string[]): string =>
  names.length <= MAX_NAMED
    ? names.join(', ')
    : `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`;

/** The servers of one table that are wanted, and whose they are. */
export class WantedServers {
  readonly #wanted: RowIndex;
  readonly #table: ServerTable;
  /** By id of a provider, the names of its servers. */
  readonly #names = new Map<number, ReadonlySet<string>>();

  constructor(wanted: RowIndex, table: ServerTable) {
    this.#wanted = wanted;
    this.#table = table;
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
    const known = this.#names.get(providerId) ?? this.#namesOf(providerId);
    this.#names.set(providerId, known);
    return known.has(name);
  }

  /** Which domains have the server, unless all of the provider have it. */
  onlyFor(id: number): readonly string[] {
    const ids = this.#wanted.domainsOf(this.#table, id);
    const providerId = this.providerOf(id);
    const all = this.#wanted.rows.domain.filter((row) => idOf(row, 'provider_id') === providerId).length;
    if (ids.length === all) return [];
    return [`for ${someOf(ids.map((each) => nameOf('domain', this.#wanted.get('domain', each) ?? {})))}`];
  }

  #namesOf(providerId: number): ReadonlySet<string> {
    const rows = this.#wanted.rows[this.#table].filter((row) => this.providerOf(idOf(row)) === providerId);
    return new Set(rows.map((row) => nameOf(this.#table, row)));
  }
}
