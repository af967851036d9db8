import { firstOf } from '../counted.ts';
import { parseDomainName, parseWildcard } from '../domain-name.ts';
import { ALL_DOMAINS } from '../extras.ts';
import { FieldError } from '../fields.ts';
import { addTo, idOf, RowIndex, SERVER_TABLES, type ServerTable } from '../row-index.ts';
import { type NamedTable, nameOf } from '../row-names.ts';
import { type Row, type Rows, TABLES } from '../tables.ts';
import { commonValues, type ExtraValues, extraMembers, extraValues } from './write-extras.ts';
import { directoryMembers, type Members, providerMembers, serverMembers } from './write-row.ts';

/** A settings document (version 3), as it is published in doc/settings.schema.json. */
export interface SettingsDocument {
  readonly version: 3;
  readonly providers: readonly ProviderEntry[];
  readonly directories?: readonly Members[];
  readonly defaults?: Members;
}
export interface ProviderEntry extends Members {
  readonly name: string;
  readonly domains: readonly (string | Members)[];
  readonly servers: readonly Members[];
}

export interface Written {
  readonly document: SettingsDocument;
  /** What the document leaves out, a line each. */
  readonly omitted: readonly string[];
}

export interface WriteOptions {
  /** Only this provider, and what it needs. */
  readonly provider?: string;
  /** With the bind passwords of directories. */
  readonly withSecrets?: boolean;
}

/** Of more domains that go with a provider, the others are counted. */
const MAX_NAMED = 5;

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

class Writer {
  readonly omitted: string[] = [];
  readonly #index: RowIndex;
  readonly #options: WriteOptions;
  readonly #extras: ReadonlyMap<string, ExtraValues>;

  constructor(index: RowIndex, options: WriteOptions) {
    this.#index = index;
    this.#options = options;
    this.#extras = extraValues(index.rows.automx2_extra, (line) => this.omitted.push(line));
  }

  write(): SettingsDocument {
    const directories = this.#directories();
    const domains = new Map<number, Row[]>();
    for (const row of this.#unique('domain')) {
      const provider = this.#index.providerOf(row);
      const name = parseDomainName(nameOf('domain', row)) ?? parseWildcard(nameOf('domain', row));
      const { width } = TABLES.domain.columns.name;
      if (provider === undefined) this.#omit('domain', row, 'its provider does not exist');
      else if (name === undefined) this.#omit('domain', row, 'its name is invalid');
      else if (name.length > width) this.#omit('domain', row, `its canonical name has more than ${width} characters`);
      else addTo(domains, idOf(provider), row);
    }
    const isWanted = (row: Row): boolean =>
      this.#options.provider === undefined || nameOf('provider', row) === this.#options.provider;
    const entries = new Map(
      this.#unique('provider')
        .filter(isWanted)
        .flatMap((row) =>
          this.#entry('provider', row, () => this.#provider(row, domains.get(idOf(row)) ?? [], directories)).map(
            (entry) => [row, entry] as const,
          ),
        ),
    );
    for (const row of this.#index.rows.provider) {
      if (isWanted(row) && !entries.has(row)) this.#reportDomains(row, domains.get(idOf(row)) ?? []);
    }
    const providers = [...entries.values()].sort((a, b) => byText(a.name, b.name));
    this.#reportUnlinked();
    const used = new Set(providers.flatMap((provider) => provider.domains.map((each) => directoryIn(each))));
    const named = [...directories.values()]
      .filter(({ label }) => this.#options.provider === undefined || used.has(label))
      .map(({ members }) => members);
    const defaults = this.#defaults();
    return {
      version: 3,
      providers,
      ...(named.length === 0 ? {} : { directories: named }),
      ...(defaults === undefined ? {} : { defaults }),
    };
  }

  /** What counts for all domains; and a line for each extra of a name that is not stored. */
  #defaults(): Members | undefined {
    if (this.#options.provider !== undefined) return undefined;
    for (const [name, values] of this.#extras) {
      const [domain] = this.#index.named('domain', name);
      const kinds = [...values.keys()].join(', ');
      if (domain === undefined || nameOf('domain', domain) !== name) {
        if (name !== ALL_DOMAINS) {
          this.omitted.push(
            `automx2_extra ${name} ${kinds}: left out, no domain has this name, as A-labels in small letters`,
          );
        }
      } else if (values.has('same_as') && !this.#extrasOf(domain).has('same_as')) {
        const reason = 'its data must name another domain of the document, which has settings of its own';
        this.omitted.push(`automx2_extra ${name} same_as 0: left out, ${reason}`);
      }
    }
    const { same_as: _ofWildcard, ...members } = extraMembers(this.#extras.get(ALL_DOMAINS) ?? new Map());
    return Object.keys(members).length === 0 ? undefined : members;
  }

  #omit(table: NamedTable, row: Row, reason: string): void {
    this.omitted.push(`${table} ${row['id']}: left out, ${reason}`);
  }

  /** What `make` returns, or nothing and a line where the row cannot be said. */
  #entry<T>(table: NamedTable, row: Row, make: () => T): T[] {
    try {
      return [make()];
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      this.#omit(table, row, `its ${error.path} ${error.accepted}`);
      return [];
    }
  }

  /** Rows whose name no other row has. */
  #unique(table: NamedTable): readonly Row[] {
    const { rows } = this.#index;
    const reported = new Set<string>();
    return rows[table].filter((row) => {
      const name = nameOf(table, row);
      const same = this.#index.named(table, name);
      if (same.length > 1 && !reported.has(name)) {
        reported.add(name);
        this.omitted.push(
          `${table} ${same.map(idOfRow).join(', ')}: left out, all have the name ${JSON.stringify(name)}`,
        );
      }
      return same.length === 1;
    });
  }

  /** By id; a label is needed where another directory has the same host. */
  #directories(): ReadonlyMap<number, { readonly label: string; readonly members: Members }> {
    const rows = this.#unique('ldapserver').toSorted((a, b) =>
      byText(nameOf('ldapserver', a), nameOf('ldapserver', b)),
    );
    const hosts = Map.groupBy(rows, (row) => String(row['name']).trim());
    return new Map(
      rows.flatMap((row) =>
        this.#entry('ldapserver', row, () => {
          const members = directoryMembers(row, this.#options.withSecrets ?? false);
          const host = String(row['name']).trim();
          const isAlone = hosts.get(host)?.length === 1;
          const label = isAlone ? host : nameOf('ldapserver', row);
          return [idOf(row), { label, members: isAlone ? members : { label, ...members } }] as const;
        }),
      ),
    );
  }

  /** The domains of a provider that is left out. */
  #reportDomains(provider: Row, domains: readonly Row[]): void {
    if (domains.length === 0) return;
    const names = domains.map((row) => nameOf('domain', row)).sort(byText);
    this.omitted.push(`provider ${idOf(provider)}: its domains are left out with it: ${firstOf(names, MAX_NAMED)}`);
  }

  /** Without a short name that no document may hold: it is not worth the domains. */
  #providerMembers(row: Row): Members {
    try {
      return providerMembers(row, true);
    } catch (error) {
      if (!(error instanceof FieldError) || error.path !== 'short_name') throw error;
      const members = providerMembers(row, false);
      this.omitted.push(`provider ${idOf(row)}: without its short_name, which ${error.accepted}`);
      return members;
    }
  }

  #provider(
    row: Row,
    domains: readonly Row[],
    directories: ReadonlyMap<number, { readonly label: string }>,
  ): ProviderEntry {
    const members = this.#providerMembers(row);
    const names = new Map(
      domains
        .map((domain) => [idOf(domain), String(domain['name']).trim()] as const)
        .sort((a, b) => byText(a[1], b[1])),
    );
    const extras = new Map(domains.map((domain) => [idOf(domain), this.#extrasOf(domain)]));
    const aliases = new Set([...extras].flatMap(([id, values]) => (values.has('same_as') ? [id] : [])));
    const sharing = domains.filter((domain) => !aliases.has(idOf(domain)));
    const isForAll = sharing.some((domain) => nameOf('domain', domain) === ALL_DOMAINS);
    const shared = commonValues(isForAll ? [] : sharing.map((domain) => this.#extrasOf(domain)));
    const entries = domains
      .toSorted((a, b) => byText(names.get(idOf(a)) ?? '', names.get(idOf(b)) ?? ''))
      .map((domain) => {
        const name = names.get(idOf(domain)) ?? '';
        const own = extras.get(idOf(domain)) ?? new Map();
        const more = {
          ...this.#directoryOf(domain, directories),
          ...extraMembers(own, aliases.has(idOf(domain)) ? undefined : shared),
        };
        return Object.keys(more).length === 0 ? name : { name, ...more };
      });
    const servers = SERVER_TABLES.flatMap((table) => this.#servers(table, names, aliases));
    return { ...members, name: String(members['name']), ...extraMembers(shared), domains: entries, servers };
  }

  /** Those of the wildcard of all domains stand in `defaults`. */
  #extrasOf(domain: Row): ExtraValues {
    const name = nameOf('domain', domain);
    const values = this.#extras.get(name) ?? new Map();
    const own = name === ALL_DOMAINS ? new Map([...values].filter(([kind]) => kind === 'same_as')) : values;
    const target = own.get('same_as')?.[0];
    if (target === undefined || this.#isTarget(String(JSON.parse(target)), domain)) return own;
    return new Map([...own].filter(([kind]) => kind !== 'same_as'));
  }

  /** Whether a document can say that a domain takes the settings of another one. */
  #isTarget(name: string, domain: Row): boolean {
    const [target, ...others] = this.#index.named('domain', parseDomainName(name) ?? name);
    if (target === undefined || others.length > 0 || target === domain) return false;
    const isThere = this.#options.provider === undefined || target['provider_id'] === domain['provider_id'];
    return isThere && this.#extras.get(nameOf('domain', target))?.has('same_as') !== true;
  }

  #directoryOf(domain: Row, directories: ReadonlyMap<number, { readonly label: string }>): Members {
    const id = domain['ldapserver_id'] ?? null;
    if (id === null) return {};
    const label = directories.get(Number(id))?.label;
    if (label !== undefined) return { directory: label };
    this.omitted.push(`domain ${domain['id']}: without its directory, ldapserver ${id}, which is left out or missing`);
    return {};
  }

  /** Rows that say the same become one entry, for the domains of all. */
  #servers(table: ServerTable, names: ReadonlyMap<number, string>, aliases: ReadonlySet<number>): readonly Members[] {
    const linked = new Map<number, number[]>();
    for (const [domainId, name] of names) {
      const servers = this.#unambiguous(table, domainId);
      if (!aliases.has(domainId)) for (const id of servers) addTo(linked, id, domainId);
      else if (servers.length > 0) {
        this.omitted.push(
          `${table} ${servers.join(', ')}: left out for ${name}, which takes the settings of another domain`,
        );
      }
    }
    const merged = new Map<string, { readonly members: Members; readonly ids: number[]; readonly prio: number }>();
    // As clients get them: by priority, and of equal ones in the order in which they were added.
    for (const [id, domainIds] of [...linked].sort(([a], [b]) => a - b)) {
      const row = this.#index.get(table, id) ?? {};
      for (const [ways, of] of Map.groupBy(domainIds, (domainId) => this.#ways(table, row, domainId))) {
        for (const members of this.#entry(table, row, () => withWays(serverMembers(table, row), ways))) {
          const key = JSON.stringify(members);
          const prio = Number(row['prio'] ?? TABLES.server.columns.prio.byDefault);
          const entry = merged.get(key) ?? { members, ids: [], prio };
          merged.set(key, entry);
          entry.ids.push(...of);
        }
      }
    }
    const all = [...names.keys()].filter((id) => !aliases.has(id));
    const isAll = (ids: readonly number[]): boolean => ids.length === all.length;
    return [...merged.values()]
      .sort((a, b) => a.prio - b.prio)
      .map(({ members: { type, prio, ...others }, ids }) => ({
        type,
        ...others,
        ...(prio === undefined ? {} : { prio }),
        ...(isAll(ids) ? {} : { domains: ids.map((id) => names.get(id) ?? '').sort(byText) }),
      }));
  }

  /** The ways to log in that an extra gives a server of a domain, as JSON. */
  #ways(table: ServerTable, row: Row, domainId: number): string | undefined {
    if (table !== 'server') return undefined;
    const domain = this.#index.get('domain', domainId) ?? {};
    const values = this.#extras.get(nameOf('domain', domain))?.get('authentication') ?? [];
    const isOf = (data: string): boolean => nameOf('server', JSON.parse(data) as Row) === nameOf('server', row);
    const data = values.find(isOf);
    return data === undefined ? undefined : JSON.stringify((JSON.parse(data) as Members)['authentication']);
  }

  /** The servers of a domain, without those of which it has two by one name. */
  #unambiguous(table: ServerTable, domainId: number): readonly number[] {
    const ids = this.#index.serversOf(table, domainId);
    const byName = Map.groupBy(ids, (id) => nameOf(table, this.#index.get(table, id) ?? {}));
    return ids.filter((id) => {
      const same = byName.get(nameOf(table, this.#index.get(table, id) ?? {})) ?? [];
      if (same.length > 1 && same[0] === id) {
        this.omitted.push(`${table} ${same.join(', ')}: left out for domain ${domainId}, which has two of that name`);
      }
      return same.length === 1;
    });
  }

  #reportUnlinked(): void {
    if (this.#options.provider !== undefined) return;
    for (const table of SERVER_TABLES) {
      for (const row of this.#index.rows[table]) {
        if (this.#index.domainsOf(table, idOf(row)).length === 0) this.#omit(table, row, 'it belongs to no domain');
      }
    }
  }
}

const withWays = (members: Members, ways: string | undefined): Members =>
  ways === undefined ? members : { ...members, authentication: JSON.parse(ways) };

const idOfRow = (row: Row): number => idOf(row);

const directoryIn = (domain: string | Members): unknown =>
  typeof domain === 'string' ? undefined : domain['directory'];

/** All rows of a store, unless options say less, as a settings document: sorted, without ids, the same for the same rows. */
export function writeSettings(rows: Rows, options: WriteOptions = {}): Written {
  const writer = new Writer(new RowIndex(rows), options);
  const document = writer.write();
  return { document, omitted: writer.omitted };
}
