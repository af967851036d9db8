import { type ExtraKind, isListKind } from '../extras.ts';
import { FieldError } from '../fields.ts';
import { readExtraRow } from '../read-extras.ts';
import type { Row } from '../tables.ts';
import { EXTRA_MEMBERS } from './extra-rows.ts';

type Members = Readonly<Record<string, unknown>>;

/** The usable extras of a name, as JSON by kind. */
export type ExtraValues = ReadonlyMap<ExtraKind, readonly string[]>;

/** The stored extras by name, each kind in its order; `omit` is told of those that no document may hold. */
export function extraValues(rows: readonly Row[], omit: (line: string) => void): ReadonlyMap<string, ExtraValues> {
  const byName = new Map<string, Map<ExtraKind, string[]>>();
  for (const row of rows.toSorted((a, b) => Number(a['n']) - Number(b['n']))) {
    try {
      readExtraRow(row);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      const { domain_name, kind, n } = row;
      omit(`automx2_extra ${domain_name} ${kind} ${n}: left out, its ${error.path} ${error.accepted}`);
      continue;
    }
    const name = String(row['domain_name']);
    const kind = String(row['kind']).trim() as ExtraKind;
    const values = byName.get(name) ?? new Map<ExtraKind, string[]>();
    byName.set(name, values);
    const known = values.get(kind) ?? [];
    if (isListKind(kind) || known.length === 0) {
      values.set(kind, [...known, JSON.stringify(JSON.parse(String(row['data'])))]);
    } else omit(`automx2_extra ${name} ${kind} ${row['n']}: left out, another row of this kind counts`);
  }
  return byName;
}

/** Of each kind that all of some domains have, what most of them have: the others can say what is theirs. */
export function commonValues(domains: readonly ExtraValues[]): ExtraValues {
  const common = new Map<ExtraKind, readonly string[]>();
  for (const kind of domains[0]?.keys() ?? []) {
    const all = domains.flatMap((values) => (values.has(kind) ? [values.get(kind) ?? []] : []));
    if (all.length < domains.length) continue;
    const alike = [...Map.groupBy(all, (values) => JSON.stringify(values))];
    // Of as many by their texts: the same rows in another order are the same octets.
    const [most] = alike.sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
    if (most?.[1][0] !== undefined) common.set(kind, most[1][0]);
  }
  return common;
}

/** The members of a document for some extras, without those that `shared` says already. */
export const extraMembers = (values: ExtraValues, shared: ExtraValues = new Map()): Members =>
  Object.fromEntries(
    [...EXTRA_MEMBERS, 'same_as' as const].flatMap((kind): [string, unknown][] => {
      const [own, said] = [values.get(kind), shared.get(kind)];
      if (own === undefined || JSON.stringify(own) === JSON.stringify(said)) return [];
      const parsed = own.map((data): unknown => JSON.parse(data));
      return [[kind, isListKind(kind) ? parsed : parsed[0]]];
    }),
  );
