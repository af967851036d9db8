import { clientFindings } from '../domain/client-rules.ts';
import { counted } from '../domain/counted.ts';
import type { DomainName, Wildcard } from '../domain/domain-name.ts';
import type { Finding } from '../domain/formats/format.ts';
import type { RowReference } from '../domain/mail-domain.ts';
import { ServedDomain } from '../domain/served-domain.ts';
import type { Stray } from '../ports/database-admin.ts';
import type { SettingsReader, StoredDomain } from '../ports/settings-reader.ts';
import { allDomains } from './chosen-domains.ts';

/** How many domains, and how many rows of a table, a mistake is shown with; further ones only count. */
const MAX_NAMED_DOMAINS = 3;
const MAX_NAMED_ROWS = 10;

/** One mistake, wherever it was made. */
interface Mistake extends Omit<Finding, 'rows'> {
  domains: number;
  readonly names: string[];
  /** Ids, or keys, by table. */
  readonly rows: Map<string, Set<RowReference['id']>>;
}

export interface LintReport {
  /** Domains looked at. */
  readonly checked: number;
  /** Those of them with at least one finding. */
  readonly faulty: number;
  /** A line each, those first that the most domains have. */
  readonly lines: readonly string[];
}

/** Looks for what clients will stumble over in the settings of some domains. `checked`: how many of them are stored. */
export async function lintDomains(
  store: Pick<SettingsReader, 'walk'>,
  names: readonly (DomainName | Wildcard)[],
): Promise<LintReport> {
  const collector = new FindingCollector();
  for (const name of names) for (const stored of await store.walk(name)) collector.add(stored);
  return collector.report();
}

/** The same for all domains, page by page; memory does not grow with their number. */
export async function lintAll(store: Pick<SettingsReader, 'walk'>): Promise<LintReport> {
  const collector = new FindingCollector();
  for await (const stored of allDomains(store)) collector.add(stored);
  return collector.report();
}

/** What an operator should know of rows that belong nowhere, and do about them. */
const STRAY_WORDS: Readonly<Record<Stray['kind'], { readonly reason: string; readonly remedy: string }>> = {
  dangling: {
    reason: 'rows name a row that does not exist; whoever gets its id gets them, too',
    remedy: 'delete them, or set what they name (each automx2 apply or domain deletes such links)',
  },
  unused: { reason: 'no other row uses these rows', remedy: 'delete them, or use them' },
  'same name': { reason: 'rows have one name', remedy: 'rename all but one, or make their domains those of one' },
  'no domain': {
    reason: 'no stored domain has the name of these rows, and they do nothing until one has',
    remedy:
      'delete them if none is to come; they have names in small letters, and A-labels (xn--) in place of U-labels',
  },
};

/** A line for each kind of row that belongs nowhere. */
export const strayLines = (strays: readonly Stray[]): readonly string[] =>
  strays.map(({ kind, table, rows }) => {
    const { reason, remedy } = STRAY_WORDS[kind];
    return `table ${table}: ${reason}. Remedy: ${remedy} (${shortened(rows).join('; ')}).`;
  });

/** A skipped row is missing for every client. */
const findingsOf = ({ mailDomain, unusable }: StoredDomain): readonly Finding[] => [
  ...unusable.map(({ reason, ...row }) => ({
    clients: 'every client',
    reason: `an unusable row is skipped: ${reason}`,
    remedy: 'correct the row, or delete it',
    rows: [row],
  })),
  ...(mailDomain === undefined ? [] : clientFindings(new ServedDomain(mailDomain))),
];

/** Keeps equal findings as one mistake. */
class FindingCollector {
  readonly #mistakes = new Map<string, Mistake>();
  #checked = 0;
  #faulty = 0;

  add(stored: StoredDomain): void {
    const seen = new Set<Mistake>();
    for (const { rows, ...words } of findingsOf(stored)) {
      const mistake = this.#mistake(words);
      // Two rows of a domain with the same mistake are one domain.
      if (!seen.has(mistake)) {
        mistake.domains += 1;
        if (mistake.names.length < MAX_NAMED_DOMAINS) mistake.names.push(stored.name ?? `domain ${stored.id}`);
      }
      seen.add(mistake);
      for (const { table, id } of rows) {
        const ids = mistake.rows.get(table) ?? new Set();
        mistake.rows.set(table, ids);
        // One more than is shown says that there are more.
        if (ids.size <= MAX_NAMED_ROWS) ids.add(id);
      }
    }
    this.#checked += 1;
    this.#faulty += Number(seen.size > 0);
  }

  report(): LintReport {
    const mistakes = [...this.#mistakes.values()].sort((a, b) => b.domains - a.domains);
    return { checked: this.#checked, faulty: this.#faulty, lines: mistakes.map(lineOf) };
  }

  #mistake(words: Omit<Finding, 'rows'>): Mistake {
    const key = JSON.stringify(words);
    const mistake = this.#mistakes.get(key) ?? { ...words, domains: 0, names: [], rows: new Map() };
    this.#mistakes.set(key, mistake);
    return mistake;
  }
}

const shortened = (rows: readonly string[]): readonly string[] =>
  rows.length > MAX_NAMED_ROWS ? [...rows.slice(0, MAX_NAMED_ROWS), '...'] : rows;

function lineOf({ clients, reason, remedy, domains, names, rows }: Mistake): string {
  const where = [...names, ...(domains > names.length ? ['...'] : [])].join(', ');
  const tables = [...rows].map(([table, ids]) => {
    return `${table} ${shortened([...ids].map(String)).join(', ')}`;
  });
  const which = tables.length === 0 ? '' : ` (${tables.join('; ')})`;
  return `${counted(domains, 'domain')} (${where}): ${clients}: ${reason}. Remedy: ${remedy}${which}.`;
}
