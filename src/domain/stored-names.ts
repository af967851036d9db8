import {
  type DomainName,
  parseDomainName,
  parseWildcard,
  sampleOf,
  type Wildcard,
  wildcardsFor,
} from './domain-name.ts';

/** A domain's row: its name as it is stored, and what that means, if anything. */
export interface StoredName {
  readonly id: number;
  readonly text: string;
  readonly name: DomainName | Wildcard | undefined;
}

export function storedName(id: unknown, stored: unknown): StoredName {
  const text = typeof stored === 'string' ? stored : '';
  return { id: Number(id), text, name: parseDomainName(text.trim()) ?? parseWildcard(text.trim()) };
}

/** Of stored names that are the same domain the canonically spelt one counts, else the one with the lowest id. */
export const countingName = (names: readonly StoredName[], name: DomainName | Wildcard): StoredName | undefined =>
  names
    .filter((stored) => stored.name === name)
    .sort((a, b) => Number(b.text === name) - Number(a.text === name) || a.id - b.id)[0];

/** The row that serves a domain: its own, else that of the wildcard with the longest parent. */
export function servingName(names: readonly StoredName[], name: DomainName): StoredName | undefined {
  for (const candidate of [name, ...wildcardsFor(name)]) {
    const counting = countingName(names, candidate);
    if (counting !== undefined) return counting;
  }
  return undefined;
}

/** A domain that a row serves; `wildcard`: the name of the row, if it serves others, too. */
export interface Served {
  readonly id: number;
  readonly name: DomainName;
  readonly wildcard?: Wildcard;
}

/** The domain that is asked for, or for a walk a sample, served by the row of this name. */
export function servedBy({ id, name }: StoredName, asked?: DomainName): Served | undefined {
  const wildcard = name === undefined ? undefined : parseWildcard(name);
  if (wildcard !== undefined) return { id, name: asked ?? sampleOf(wildcard), wildcard };
  return name === undefined ? undefined : { id, name: name as DomainName };
}
