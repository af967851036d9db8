import { STORED_PASSWORD_CLEARTEXT } from '../connection-words.ts';
import {
  EXTRA_KINDS,
  type ExtraKind,
  isListKind,
  MAX_OF_KIND,
  NEVER_OF_ALL,
  readAuthentications,
  readExtra,
} from '../extras.ts';
import { COMMENT, FieldError, type Fields, list } from '../fields.ts';
import { type Row, TABLES } from '../tables.ts';

/** Kinds that a document says by members of these names; that of ways to log in belongs to a server there. */
export const EXTRA_MEMBERS = EXTRA_KINDS.filter((kind) => !NEVER_OF_ALL.includes(kind));

/** Values of extras as JSON, by kind. */
export type ExtraData = ReadonlyMap<ExtraKind, readonly string[]>;

/** A value as it is stored: in the operator's own words, without what is for people who read the document. */
function dataOf(kind: ExtraKind, value: unknown, path: string): string {
  readExtra(kind, value, path);
  const data = JSON.stringify(value, (name, member: unknown) => (name === COMMENT ? undefined : member));
  const { width } = TABLES.automx2_extra.columns.data;
  if ([...data].length > width) throw new FieldError(path, `must be at most ${width} characters of JSON`);
  return data;
}

/** What the members of an object say of these kinds. Throws FieldError. */
export function readExtraMembers(members: Fields, path: string, kinds: readonly ExtraKind[]): ExtraData {
  const given = kinds.filter((kind) => (members[kind] ?? null) !== null);
  return new Map(
    given.map((kind) => {
      const [value, where] = [members[kind], `${path}${kind}`];
      if (!isListKind(kind)) return [kind, [dataOf(kind, value, where)]];
      const values = list(value, where);
      // Nothing would be stored, and what is there would stay.
      if (values.length === 0 || values.length > MAX_OF_KIND) {
        throw new FieldError(where, `must hold 1 to ${MAX_OF_KIND}, or be left out`);
      }
      return [kind, values.map((each, index) => dataOf(kind, each, `${where}[${index}]`))];
    }),
  );
}

/** The rows of a name. */
export const extraRows = (domain_name: string, data: ExtraData): readonly Row[] =>
  [...data].flatMap(([kind, values]) => values.map((each, n) => ({ domain_name, kind, n, data: each })));

/** Several ways to log in to a server, and the one for its column, which formats take that name a single one. */
export interface Ways {
  readonly all: readonly string[];
  readonly column: string;
}

/** The words of a list in the member `authentication` of a server. Throws FieldError. */
export function readWays(value: unknown, path: string): Ways {
  const meanings = readAuthentications(value, path);
  const all = (value as readonly string[]).map((word) => word.trim());
  // Clients that know a single way know no issuer of the operator's.
  const place = Math.max(
    0,
    meanings.findIndex((way) => way !== 'OAuth2'),
  );
  const isPassword = meanings[place] === 'password-cleartext';
  return { all, column: isPassword ? STORED_PASSWORD_CLEARTEXT : (all[place] ?? '') };
}

/** The value of an extra that gives a server several ways to log in. */
export const waysData = ({ type, name, port }: Row, { all }: Ways): string =>
  JSON.stringify({ type, name, port, authentication: all });
