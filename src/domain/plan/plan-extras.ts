import { ALL_DOMAINS, type ExtraValue, NEVER_OF_ALL } from '../extras.ts';
import { FieldError } from '../fields.ts';
import { readExtraRow, serverName } from '../read-extras.ts';
import { idOf } from '../row-index.ts';
import { nameOf } from '../row-names.ts';
import type { Row } from '../tables.ts';
import type { Planning } from './planning.ts';

const kindOf = (row: Row): string => String(row['kind']).trim();

/** The value of a row; undefined: it is unusable. */
function readValue(row: Row): unknown {
  try {
    return readExtraRow(row);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return undefined;
  }
}

/** What values of a kind mean, in a form that can be compared. */
function meaningOf(kind: string, rows: readonly Row[]): string {
  const meanings = rows.map((row) => JSON.stringify(readValue(row) ?? { unusable: row['data'] }));
  // Each is about a server, and their order says nothing.
  return (kind === 'authentication' ? meanings.sort() : meanings).join('\n');
}

/** The server that a value of the kind `authentication` is about; undefined: the value is unusable. */
function serverOf(row: Row): string | undefined {
  const value = readValue(row) as ExtraValue<'authentication'> | undefined;
  return value && serverName(value);
}

/** Whether a row under the name of all domains counts for all of them, and not only for the wildcard. */
export const isOfAll = (row: Row): boolean => !NEVER_OF_ALL.includes(kindOf(row));

/** Rows of a name by kind, each in its order. */
const byKind = (rows: readonly Row[]): Map<string, readonly Row[]> =>
  Map.groupBy(
    rows.toSorted((a, b) => idOf(a, 'n') - idOf(b, 'n')),
    kindOf,
  );

/** Longer texts are cut. */
const MAX_SHOWN = 100;

const inWords = (rows: readonly Row[]): string => {
  const shown = rows.map(({ data }) => String(data)).join(', ');
  return rows.length === 0 ? 'none' : shown.length <= MAX_SHOWN ? shown : `${shown.slice(0, MAX_SHOWN)}...`;
};

/** What becomes of the extras of one name; returns the kinds that differ, in words. */
function planName(
  planning: Planning,
  name: string,
  servers: ReadonlySet<string>,
  prune = planning.prune,
): readonly string[] {
  const { stored, wanted, rows, unnamed } = planning;
  const [before, after] = [byKind(stored.extrasOf(name)), byKind(wanted.extrasOf(name))];
  const details: string[] = [];
  for (const kind of new Set([...before.keys(), ...after.keys()])) {
    const [has, wants] = [before.get(kind) ?? [], after.get(kind) ?? []];
    const isKept = (row: Row): boolean => {
      if (prune) return false;
      // A domain with servers of its own no longer takes the settings of another one.
      if (kind === 'same_as') return wants.length === 0 && servers.size === 0;
      if (kind !== 'authentication') return wants.length === 0;
      return !servers.has(serverOf(row) ?? '');
    };
    const kept = has.filter(isKept);
    const result = [...wants, ...kept];
    if (wants.length === 0) unnamed.extras += kept.length;
    if (meaningOf(kind, has) === meaningOf(kind, result)) continue;
    for (const row of has) rows.delete('automx2_extra', row);
    for (const [n, row] of result.entries()) rows.insert('automx2_extra', { ...row, domain_name: name, n });
    details.push(`${kind} ${inWords(has)} -> ${inWords(result)}`);
  }
  return details;
}

/**
 * What domains offer beside their servers. Of a domain that the wanted settings name, a kind that they do not name stays as it
 * is without `prune`; a list of a kind is replaced as a whole; ways to log in go with their server.
 */
export function planExtras(planning: Planning): void {
  const { stored, wanted, prune, removed, added, moved, domains, notes } = planning;
  const named = new Set<string>([ALL_DOMAINS]);
  let ofAll: ReadonlySet<string> = new Set();
  for (const row of wanted.rows.domain) {
    const name = nameOf('domain', row);
    named.add(name);
    const servers = new Set(
      wanted.serversOf('server', idOf(row)).map((id) => nameOf('server', wanted.get('server', id) ?? {})),
    );
    if (name === ALL_DOMAINS) ofAll = servers;
    if (name === ALL_DOMAINS) continue;
    const id = domains.get(idOf(row)) ?? 0;
    const isNew = added.has(id);
    // What an earlier domain of this name left behind, or another provider offered, is not this one's.
    const details = planName(planning, name, servers, prune || isNew || moved.has(id));
    if (!isNew) for (const detail of details) planning.noteDomain(id, name, detail);
  }
  const defaults = planName(planning, ALL_DOMAINS, ofAll);
  if (defaults.length > 0) planning.note('change', 'defaults', ALL_DOMAINS, defaults);
  const gone = new Set([...removed].map((id) => nameOf('domain', stored.get('domain', id) ?? {})));
  for (const row of stored.rows.automx2_extra) {
    const name = String(row['domain_name']);
    const isUnused = !named.has(name) && (prune || gone.has(name));
    const isOfWildcard = name === ALL_DOMAINS && gone.has(name) && !prune && !isOfAll(row);
    if (isUnused || isOfWildcard) planning.rows.delete('automx2_extra', row);
    const target = kindOf(row) === 'same_as' ? String(readValue(row)) : '';
    if (gone.has(target) && !gone.has(name)) {
      notes.push(`domain ${name} takes the settings of ${target}, and is left without any`);
    }
  }
}
