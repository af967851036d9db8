import { ALL_DOMAINS, isExtraKind, readExtra } from '../extras.ts';
import { FieldError } from '../fields.ts';
import { idOf } from '../row-index.ts';
import { nameOf } from '../row-names.ts';
import type { Row } from '../tables.ts';
import type { Planning } from './planning.ts';

const kindOf = (row: Row): string => String(row['kind']).trim();

/** What values of a kind mean, in a form that can be compared. */
const meaningOf = (kind: string, rows: readonly Row[]): string =>
  JSON.stringify(
    rows.map(({ data }) => {
      try {
        const value: unknown = JSON.parse(String(data));
        return isExtraKind(kind) ? readExtra(kind, value, kind) : value;
      } catch (error) {
        if (!(error instanceof FieldError) && !(error instanceof SyntaxError)) throw error;
        return { unusable: data };
      }
    }),
  );

/** The server that a value of the kind `authentication` is about; undefined: the value is unusable. */
function serverOf({ data }: Row): string | undefined {
  try {
    const { type, name, port } = readExtra('authentication', JSON.parse(String(data)), 'data');
    return nameOf('server', { type, name, port });
  } catch (error) {
    if (!(error instanceof FieldError) && !(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** Rows of a name by kind, each in its order. */
const byKind = (rows: readonly Row[]): Map<string, readonly Row[]> =>
  Map.groupBy(
    rows.toSorted((a, b) => idOf(a, 'n') - idOf(b, 'n')),
    kindOf,
  );

/** What becomes of the extras of one name; returns the kinds that differ, in words. */
function planName(
  { stored, wanted, prune, rows }: Planning,
  name: string,
  isNamedServer: (server: string) => boolean,
): readonly string[] {
  const [before, after] = [byKind(stored.extrasOf(name)), byKind(wanted.extrasOf(name))];
  const details: string[] = [];
  for (const kind of new Set([...before.keys(), ...after.keys()])) {
    const [has, wants] = [before.get(kind) ?? [], after.get(kind) ?? []];
    const isKept = (row: Row): boolean => {
      if (prune) return false;
      if (kind !== 'authentication') return wants.length === 0;
      const server = serverOf(row);
      return server === undefined || !isNamedServer(server);
    };
    const result = [...wants, ...has.filter(isKept)];
    if (meaningOf(kind, has) === meaningOf(kind, result)) continue;
    for (const row of has) rows.delete('automx2_extra', row);
    for (const [n, row] of result.entries()) rows.insert('automx2_extra', { ...row, domain_name: name, n });
    details.push(`${kind} ${has.length === 0 ? 'added' : result.length === 0 ? 'removed' : 'changed'}`);
  }
  return details;
}

/**
 * What domains offer beside their servers. Of a domain that the wanted settings name, a kind that they do not name stays as it
 * is without `prune`; a list of a kind is replaced as a whole; ways to log in go with their server.
 */
export function planExtras(planning: Planning): void {
  const { stored, wanted, prune, removed, added, domains } = planning;
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
    const details = planName(planning, name, (server) => servers.has(server));
    const id = domains.get(idOf(row)) ?? 0;
    if (!added.has(id)) for (const detail of details) planning.noteDomain(id, name, detail);
  }
  const defaults = planName(planning, ALL_DOMAINS, (server) => ofAll.has(server));
  if (defaults.length > 0) planning.note('change', 'defaults', ALL_DOMAINS, defaults);
  const gone = new Set([...removed].map((id) => nameOf('domain', stored.get('domain', id) ?? {})));
  for (const row of stored.rows.automx2_extra) {
    const name = String(row['domain_name']).trim();
    const isUnused = !named.has(name) && (prune || gone.has(name));
    const isOfWildcard = name === ALL_DOMAINS && gone.has(name) && !prune && kindOf(row) === 'same_as';
    if (isUnused || isOfWildcard) planning.rows.delete('automx2_extra', row);
  }
}
