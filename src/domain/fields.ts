import { type DomainName, parseDomainName, parseWildcard, type Wildcard } from './domain-name.ts';

/** Named values from outside: members of a document, columns of a row. Only our own names are ever looked up. */
export type Fields = Readonly<Record<string, unknown>>;

/** Longer values are not quoted. */
const MAX_QUOTED_CHARACTERS = 60;

/** A short text or a number as a message shows it, after these words. */
function quoted(words: string, value: unknown): string {
  if (typeof value === 'number') return words + value;
  return typeof value === 'string' && value.length <= MAX_QUOTED_CHARACTERS ? words + JSON.stringify(value) : '';
}

/** Longer paths are cut: a document may have keys of any length. */
const MAX_PATH_CHARACTERS = 200;

const shortened = (path: string): string =>
  path.length <= MAX_PATH_CHARACTERS ? path : `${path.slice(0, MAX_PATH_CHARACTERS)}...`;

/** A value that cannot be used. The message is `PATH: what is accepted` and the value, if it is given: it must be no secret. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly path: string;
  readonly accepted: string;

  constructor(path: string, accepted: string, value?: unknown) {
    const place = shortened(path);
    super(`${place}: ${accepted}${quoted(', not ', value)}`);
    this.path = place;
    this.accepted = accepted;
  }
}

/** A value that must not be that of an earlier member, too; `where`: as far as that matters. */
export const repeated = (path: string, value: unknown, where = ''): FieldError =>
  new FieldError(path, `repeats an earlier one${where}${quoted(': ', value)}`);

/** The member for people, accepted in every object. */
export const COMMENT = 'comment';

/** Whatever else a document holds is refused: a misspelt member would be stored as its default. */
export function assertMembers(members: Fields, path: string, known: readonly string[]): void {
  const unknown = Object.keys(members).find((name) => name !== COMMENT && !known.includes(name));
  if (unknown !== undefined) throw new FieldError(path + unknown, `unknown; must be one of ${known.join(', ')}`);
}

/** null counts as absent, as it does for automx2. */
export function required(value: unknown, path: string): unknown {
  if (value === undefined || value === null) throw new FieldError(path, 'is missing');
  return value;
}

// Each reader takes a value and its path, returns the value with its type, and throws FieldError if it has another one.

export function object(value: unknown, path: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new FieldError(path, 'must be an object');
}

export function list(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new FieldError(path, 'must be an array');
}

/** A text of 1 to `width` characters, not all of them blanks. */
export function text(value: unknown, path: string, width: number): string {
  if (typeof value !== 'string' || value.trim() === '' || [...value].length > width) {
    throw new FieldError(path, `must be 1 to ${width} characters`);
  }
  // Databases refuse some of these, and no client has a use for them.
  if (/[\p{Cc}\p{Cs}]/u.test(value)) {
    throw new FieldError(path, 'must not hold control characters or halves of characters');
  }
  return value;
}

export function integer(value: unknown, path: string, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new FieldError(path, `must be a number from ${least} to ${most}`, value);
}

export const port = (value: unknown, path: string, least: 0 | 1 = 1): number => integer(value, path, least, 65_535);

/** The words for true and false, in lower case, that automx2 reads in seeds. */
const WORDS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ['yes', true],
  ['true', true],
  ['1', true],
  ['no', false],
  ['false', false],
  ['0', false],
  ['', false],
]);

/** A boolean, a number, of which 0 is false, or a word for one of them. */
export function boolean(value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  const truth = typeof value === 'string' ? WORDS.get(value.trim().toLowerCase()) : undefined;
  if (truth !== undefined) return truth;
  throw new FieldError(path, 'must be true or false', value);
}

export function oneOf<T extends string>(value: unknown, path: string, words: readonly T[]): T {
  const word = words.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  throw new FieldError(path, `must be one of ${words.join(', ')}`, value);
}

/** A domain name of at most `width` characters in its canonical form. */
export function domainName(value: unknown, path: string, width: number): DomainName {
  const name = typeof value === 'string' ? parseDomainName(value.trim()) : undefined;
  if (name !== undefined && name.length <= width) return name;
  throw new FieldError(path, `must be a domain name of at most ${width} characters`, value);
}

/** The same, or a wildcard: `*`, or `*.` and a domain name. */
export function domainOrWildcard(value: unknown, path: string, width: number): DomainName | Wildcard {
  const wildcard = typeof value === 'string' ? parseWildcard(value.trim()) : undefined;
  return wildcard !== undefined && wildcard.length <= width ? wildcard : domainName(value, path, width);
}
