import { isSayable } from '../documents/write-row.ts';
import { idOf, SERVER_TABLES } from '../row-index.ts';
import { nameOf } from '../row-names.ts';
import type { Row, Rows } from '../tables.ts';
import { planExtras } from './plan-extras.ts';
import { planServers } from './plan-servers.ts';
import { type Change, KINDS, Planning } from './planning.ts';
import type { RowChanges } from './row-changes.ts';
import { differences, inWords } from './row-differences.ts';

/** What makes stored settings equal to wanted ones. */
export interface Plan {
  readonly changes: readonly Change[];
  /** What an operator should know beside the changes. */
  readonly notes: readonly string[];
  /** The same as rows. */
  readonly rows: RowChanges;
  /** Domains that are added, changed or linked with other servers, by their names. */
  readonly touched: readonly string[];
  /** How many domains are stored, and how many of them go. */
  readonly domains: { readonly stored: number; readonly removed: number };
  /** How many stored domains, servers and extras the wanted settings do not name: they stay as they are. */
  readonly unnamed: { readonly domains: number; readonly servers: number; readonly extras: number };
  /** How many links lack their server or their domain: every change deletes them. */
  readonly orphans: number;
}

export interface PlanOptions {
  /** Whether what the wanted settings do not name is removed. */
  readonly prune?: boolean;
  /** Names of domains to remove, in addition. */
  readonly remove?: readonly string[];
}

/** Providers and directories: matched by name, changed or added. */
function planParents(planning: Planning, table: 'provider' | 'ldapserver'): void {
  const { stored, wanted, rows } = planning;
  const ids = table === 'provider' ? planning.providers : planning.directories;
  const matched = new Set<number>();
  for (const row of wanted.rows[table]) {
    const name = planning.wantedName(table, row);
    const known = planning.storedRow(table, name);
    if (known === undefined) {
      const id = planning.ids.next(table);
      ids.set(idOf(row), id);
      rows.insert(table, { ...row, id });
      planning.note('add', KINDS[table], name);
      if (row['bind_user'] && !row['bind_password'])
        planning.notes.push(`directory ${name} has a bind_user and no password`);
      continue;
    }
    ids.set(idOf(row), idOf(known));
    matched.add(idOf(known));
    const found = differences(table, known, row);
    if (found.length === 0) continue;
    planning.update(table, known, found);
    planning.note('change', KINDS[table], name, found.map(inWords));
  }
  if (!planning.prune) return;
  for (const row of stored.rows[table]) {
    const name = nameOf(table, row);
    planning.storedRow(table, name);
    if (matched.has(idOf(row))) continue;
    rows.delete(table, row);
    planning.note('remove', KINDS[table], name);
  }
}

const labelOf = (table: 'provider' | 'ldapserver', row: Row | undefined): string =>
  row === undefined ? 'none' : nameOf(table, row);

function planDomains(planning: Planning, remove: ReadonlySet<string>): void {
  const { stored, wanted, rows, prune } = planning;
  const matched = new Set<number>();
  /** Whether a document cannot name the directory, so that its absence there does not remove it without `prune`. */
  const isUnsaid = (row: Row | undefined): boolean => {
    if (prune || row === undefined) return false;
    const name = nameOf('ldapserver', row);
    const isAmbiguous = stored.named('ldapserver', name).length > 1;
    return (isAmbiguous || !isSayable('ldapserver', row)) && wanted.named('ldapserver', name).length === 0;
  };
  for (const row of wanted.rows.domain) {
    const name = planning.wantedName('domain', row);
    const known = planning.storedRow('domain', name);
    const provider = planning.providers.get(idOf(row, 'provider_id')) ?? 0;
    const wantedDirectory = row['ldapserver_id'] ?? null;
    const directory = wantedDirectory === null ? null : (planning.directories.get(Number(wantedDirectory)) ?? null);
    const providerName = labelOf('provider', wanted.providerOf(row));
    if (known === undefined) {
      const id = planning.ids.next('domain');
      planning.domains.set(idOf(row), id);
      planning.added.add(id);
      rows.insert('domain', { ...row, id, provider_id: provider, ldapserver_id: directory });
      planning.touched.add(name);
      planning.note('add', 'domain', `${name} of ${providerName}`);
      continue;
    }
    const id = idOf(known);
    planning.domains.set(idOf(row), id);
    matched.add(id);
    const values: Record<string, number | null> = {};
    if (idOf(known, 'provider_id') !== provider) {
      values['provider_id'] = provider;
      planning.move(id, provider);
      const before = labelOf('provider', stored.providerOf(known));
      planning.noteDomain(id, name, `provider ${before} -> ${providerName}`);
      planning.notes.push(`domain ${name} leaves the provider ${before}, and gets the servers of ${providerName}`);
    }
    // A reference to a missing row counts as no directory.
    const before = stored.get('ldapserver', idOf(known, 'ldapserver_id'));
    if ((before === undefined ? null : idOf(before)) !== directory && !(directory === null && isUnsaid(before))) {
      values['ldapserver_id'] = directory;
      const after = wantedDirectory === null ? undefined : wanted.get('ldapserver', Number(wantedDirectory));
      planning.noteDomain(id, name, `directory ${labelOf('ldapserver', before)} -> ${labelOf('ldapserver', after)}`);
    }
    if (Object.keys(values).length > 0) rows.update('domain', id, values);
  }
  for (const row of stored.rows.domain) {
    const name = nameOf('domain', row);
    if (prune) planning.storedRow('domain', name);
    if (!(prune ? !matched.has(idOf(row)) : remove.has(name))) {
      if (!matched.has(idOf(row))) planning.unnamed.domains += 1;
      continue;
    }
    planning.removed.add(idOf(row));
    rows.delete('domain', row);
    planning.note('remove', 'domain', name);
  }
  for (const table of SERVER_TABLES) {
    for (const link of stored.rows[`${table}_domain`]) {
      if (planning.removed.has(idOf(link, 'domain_id'))) rows.delete(`${table}_domain`, link);
    }
  }
}

/** Notes the providers that are left without a domain. */
function noteEmptyProviders(planning: Planning): void {
  const { stored, removed, prune } = planning;
  if (prune) return;
  const left = new Map<number, number>();
  for (const row of stored.rows.domain) {
    const id = idOf(row, 'provider_id');
    left.set(id, (left.get(id) ?? 0) + Number(!removed.has(idOf(row)) && !planning.moved.has(idOf(row))));
  }
  for (const id of planning.providers.values()) left.delete(id);
  for (const [id, count] of left) {
    const provider = stored.get('provider', id);
    if (count === 0 && provider !== undefined) {
      planning.notes.push(`provider ${nameOf('provider', provider)} is left without a domain`);
    }
  }
}

/**
 * What makes the stored rows mean what the wanted ones say; rows are known by their names, never by ids. Without `prune`,
 * nothing goes that is not named. Throws rows_ambiguous where two stored rows have a name that is needed.
 */
export function makePlan(stored: Rows, wanted: Rows, { prune = false, remove = [] }: PlanOptions = {}): Plan {
  const planning = new Planning(stored, wanted, prune);
  planParents(planning, 'ldapserver');
  planParents(planning, 'provider');
  planDomains(planning, new Set(remove));
  for (const table of SERVER_TABLES) planServers(planning, table);
  planExtras(planning);
  noteEmptyProviders(planning);
  return {
    changes: planning.changes(),
    notes: planning.notes,
    rows: planning.rows.changes(),
    touched: [...planning.touched],
    domains: { stored: stored.domain.length, removed: planning.removed.size },
    unnamed: planning.unnamed,
    orphans: planning.stored.orphans(),
  };
}

const SIGNS: Readonly<Record<Change['action'], string>> = { add: '+', change: '~', remove: '-' };

/** "~ server imap mail.example.com:993 of Example Inc.: socket_type STARTTLS -> SSL" */
export function lineOfChange({ action, kind, name, details, rows }: Change): string {
  const count = rows === 1 ? '' : ` (${rows} rows)`;
  const what = details.length === 0 ? '' : `: ${details.join(', ')}`;
  return `${SIGNS[action]} ${kind} ${name}${count}${what}`;
}
