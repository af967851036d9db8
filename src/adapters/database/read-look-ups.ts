import type { DomainName } from '../../domain/domain-name.ts';
import { ALL_DOMAINS } from '../../domain/extras.ts';
import { Failure } from '../../domain/failure.ts';
import { type Fields, object } from '../../domain/fields.ts';
import type { MailDomain } from '../../domain/mail-domain.ts';
import { sameAsOf } from '../../domain/read-extras.ts';
import { type DomainRows, readMailDomain, type UnusableRow } from '../../domain/read-rows.ts';
import {
  countingName,
  type Served,
  type StoredName,
  servedBy,
  servingName,
  storedName,
} from '../../domain/stored-names.ts';
import type { TableName } from '../../domain/tables.ts';
import type { StoredDomain } from '../../ports/settings-reader.ts';
import type { ResultRow } from './connection.ts';

/** A row of a look-up. */
interface Entry {
  readonly kind: unknown;
  readonly domainId: number;
  readonly settings: Fields;
}

const readEntry = (row: ResultRow): Entry => ({
  kind: row['kind'],
  domainId: Number(row['domain_id']),
  settings: readSettings(String(row['settings'])),
});

/** Reads the text that the database made of a row. The parser's error is dropped: it quotes the text, which may hold passwords. */
export function readSettings(text: string): Fields {
  try {
    return object(JSON.parse(text), 'settings');
  } catch {
    throw new Failure('store_unavailable', 'the database answers with something other than a JSON object');
  }
}

const extrasAmong = (entries: readonly Entry[]): readonly Fields[] =>
  entries.filter(({ kind }) => kind === 'automx2_extra').map(({ settings }) => settings);

export const readName = (row: ResultRow): StoredName => storedName(row['id'], row['name']);

function rowsOfDomain(entries: readonly Entry[], id: number, extras: readonly Fields[]): DomainRows {
  const of = (kind: TableName | 'sibling', under: unknown = id): Fields[] =>
    entries.filter((entry) => entry.kind === kind && entry.domainId === under).map(({ settings }) => settings);
  const [provider] = of('provider');
  const [domain] = of('domain');
  return {
    provider,
    links: { server: Number(domain?.['servers']), davserver: Number(domain?.['davservers']) },
    server: of('server'),
    davserver: of('davserver'),
    ldapserver: of('ldapserver'),
    // Of all names that were asked for.
    automx2_extra: extras,
    siblings: of('sibling', provider?.['id']).flatMap(({ name }) => (typeof name === 'string' ? [name] : [])),
  };
}

const namesAmong = (entries: readonly Entry[]): readonly StoredName[] =>
  entries
    .filter(({ kind }) => kind === 'domain')
    .map(({ domainId, settings }) => storedName(domainId, settings['name']));

/** What look-ups of other domains have read, by their names: the settings of those that some domains take. */
export type Others = ReadonlyMap<DomainName, readonly ResultRow[]>;

/** The rows that say what a domain has: its own, or those of the domain whose settings it takes. */
function rowsOf(served: Served, entries: readonly Entry[], extras: readonly Fields[], others: Others): DomainRows {
  const target = sameAsOf(served, extras);
  const found = (target && others.get(target))?.map(readEntry) ?? [];
  const stored = target && countingName(namesAmong(found), target);
  const more = extrasAmong(found).filter((row) => row['domain_name'] === target);
  const isChained = target !== undefined && sameAsOf({ id: 0, name: target }, more) !== undefined;
  if (target === undefined || stored === undefined || isChained) return rowsOfDomain(entries, served.id, extras);
  const own: readonly unknown[] = [served.wildcard ?? served.name, ALL_DOMAINS];
  const kept = extras.filter((row) => own.includes(row['domain_name']));
  return { ...rowsOfDomain(found, stored.id, [...kept, ...more]), sameAs: target };
}

/** The rows of a look-up, and which row serves the domain that was asked for. */
export interface LookUp {
  readonly entries: readonly Entry[];
  readonly served: Served;
}

/** Undefined: no stored row serves the domain. */
export function readLookUp(rows: readonly ResultRow[], name: DomainName): LookUp | undefined {
  const entries = rows.map(readEntry);
  const stored = servingName(namesAmong(entries), name);
  const served = stored && servedBy(stored, name);
  return served && { entries, served };
}

/** The domain whose settings the asked one takes; it has to be looked up, too. */
export const sameAsIn = ({ entries, served }: LookUp): DomainName | undefined => sameAsOf(served, extrasAmong(entries));

/** What a look-up comes to. Undefined: the provider is missing. */
export const mailDomainOf = (
  { entries, served }: LookUp,
  others: Others,
  onUnusable: (row: UnusableRow) => void,
): MailDomain | undefined => readMailDomain(served, rowsOf(served, entries, extrasAmong(entries), others), onUnusable);

/** The domains whose settings some of the stored names take, by the rows of `byIds`. */
export function sameAsAmong(names: readonly StoredName[], rows: readonly ResultRow[]): ReadonlySet<DomainName> {
  const extras = extrasAmong(rows.map(readEntry));
  return new Set(
    names.flatMap((stored) => {
      const served = servedBy(stored);
      return (served && sameAsOf(served, extras)) ?? [];
    }),
  );
}

/**
 * What each of the stored `names` comes to, by the rows of `byIds`; `rivals`: all rows that may be the same domain as one
 * of them that is not spelt canonically.
 */
export function readStoredDomains(
  names: readonly StoredName[],
  rivals: readonly StoredName[],
  rows: readonly ResultRow[],
  others: Others,
): readonly StoredDomain[] {
  const all = rows.map(readEntry);
  const extras = extrasAmong(all);
  const entries = Map.groupBy(all, ({ domainId }) => domainId);
  return names.map((row): StoredDomain => {
    const { id, text: stored, name } = row;
    const unusable: UnusableRow[] = [];
    const nothing = (reason: string): StoredDomain => {
      return { id, name, mailDomain: undefined, unusable: [{ table: 'domain', id, reason }] };
    };
    const served = servedBy(row);
    if (name === undefined || served === undefined) return nothing('its name is not a valid domain name');
    const countingId = name === stored ? id : countingName(rivals, name)?.id;
    if (countingId === undefined) return nothing('its name has a spelling that look-ups do not try');
    if (countingId !== id) return nothing('duplicate of another row, which is used');
    const domainRows = rowsOf(served, entries.get(id) ?? [], extras, others);
    const mailDomain = readMailDomain(served, domainRows, (found) => unusable.push(found));
    return { id, name, mailDomain, unusable };
  });
}
