import type { DomainName } from './domain-name.ts';
import {
  ALL_DOMAINS,
  EXTRA_KINDS,
  type ExtraKind,
  type Extras,
  type ExtraValue,
  isExtraKind,
  isListKind,
  MAX_OF_KIND,
  NO_EXTRAS,
  readExtra,
  type ServerAuthentication,
} from './extras.ts';
import { FieldError, type Fields, integer, oneOf } from './fields.ts';
import type { MailServer } from './mail-domain.ts';
import { nameOf } from './row-names.ts';
import { assertWidths, text, verbatim } from './stored-columns.ts';
import type { Served } from './stored-names.ts';
import type { TableName } from './tables.ts';

const byNumber = (a: Fields, b: Fields): number => Number(a['n']) - Number(b['n']);

/** The usable ones of some rows of a table; the others are reported. */
export type Usable = <T>(table: TableName, read: (row: Fields, path: string) => T, found: readonly Fields[]) => T[];

/** The value of a row of automx2_extra; throws FieldError if it is unusable. */
export function readExtraRow(row: Fields): ExtraValue<ExtraKind> {
  assertWidths('automx2_extra', row);
  const kind = oneOf(text(row, 'kind'), 'kind', EXTRA_KINDS);
  integer(row['n'], 'n', 0, MAX_OF_KIND - 1);
  let value: unknown;
  try {
    value = JSON.parse(verbatim(row, 'data'));
  } catch {
    throw new FieldError('data', 'must be JSON');
  }
  return readExtra(kind, value, 'data');
}

/** For each row after the first of a kind of which a domain has one. */
const onlyOne = (): never => {
  throw new FieldError('n', 'must be that of one row only for this kind');
};

/** The names whose rows of a kind count for a domain, the first first; `other`: the one whose settings it takes. */
function namesFor(kind: ExtraKind, own: string, other: string): readonly string[] {
  if (kind === 'same_as') return [own];
  // Servers are the other domain's, and never those of all.
  return kind === 'authentication' ? [own, other] : [own, other, ALL_DOMAINS];
}

/**
 * What rows of automx2_extra say for a domain: those of the first of its names that has any of a kind, usable or not, count.
 */
export function readExtras(own: string, other: string, rows: readonly Fields[], usable: Usable): Extras {
  if (rows.length === 0) return NO_EXTRAS;
  const byName = Map.groupBy(rows, (row) => text(row, 'domain_name'));
  const counting = EXTRA_KINDS.flatMap((kind): [ExtraKind, unknown][] => {
    const of = namesFor(kind, own, other)
      .map((name) => (byName.get(name) ?? []).filter((row) => text(row, 'kind') === kind))
      .find(({ length }) => length > 0);
    const sorted = of?.toSorted(byNumber) ?? [];
    const values = usable('automx2_extra', readExtraRow, isListKind(kind) ? sorted : sorted.slice(0, 1));
    if (isListKind(kind)) return [[kind, values]];
    usable('automx2_extra', onlyOne, sorted.slice(1));
    return values.length === 0 ? [] : [[kind, values[0]]];
  });
  const names = [...new Set([own, other, ALL_DOMAINS])];
  const unknown = names.flatMap((name) => byName.get(name) ?? []).filter((row) => !isExtraKind(text(row, 'kind')));
  usable('automx2_extra', readExtraRow, unknown);
  return Object.fromEntries(counting) as unknown as Extras;
}

/** What identifies a mail server among those of its domain. */
export const serverName = ({ type, name, port }: Pick<ServerAuthentication, 'type' | 'name' | 'port'>): string =>
  nameOf('server', { type, name, port });

/** The server with all ways to log in that an extra gives it. */
export function withAuthentications(server: MailServer, { authentication }: Extras): MailServer {
  const own = serverName({ ...server, name: server.hostname });
  const ways = authentication.find((extra) => serverName(extra) === own)?.authentication;
  return ways === undefined ? server : { ...server, authentications: ways };
}

/** The other domain whose settings a domain takes, by the rows of automx2_extra; undefined: none, or an unusable one. */
export function sameAsOf({ name, wildcard }: Served, extras: readonly Fields[]): DomainName | undefined {
  const own: string = wildcard ?? name;
  const isOwn = (row: Fields): boolean => text(row, 'domain_name') === own && text(row, 'kind') === 'same_as';
  const [first] = extras.filter(isOwn).toSorted(byNumber);
  if (first === undefined) return undefined;
  try {
    return readExtraRow(first) as DomainName;
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return undefined;
  }
}
