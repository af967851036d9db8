import { ALL_DOMAINS } from '../extras.ts';
import {
  assertMembers,
  domainName,
  domainOrWildcard,
  FieldError,
  type Fields,
  list,
  object,
  repeated,
  required,
} from '../fields.ts';
import { addTo, linkRow } from '../row-index.ts';
import { nameOf } from '../row-names.ts';
import { emptyRows, type Rows, TABLES } from '../tables.ts';
import { EXTRA_MEMBERS, type ExtraData, extraRows, readExtraMembers, readWays, waysData } from './extra-rows.ts';
import {
  assertUnique,
  firstWord,
  MAX_LINKS,
  membersOf,
  type Naming,
  readDirectory,
  readRow,
  readServer,
} from './read-row.ts';

/** Columns have their own names here; what numbers rows is said by nesting and by names. */
export const COLUMN: Naming = (name, { kind }) => (kind === 'id' || kind === 'reference' ? undefined : name);

/** The members of a settings document, by where they stand. */
export const DOCUMENT_MEMBERS = {
  document: ['$schema', 'version', 'providers', 'directories', 'defaults'],
  provider: [...membersOf(COLUMN, 'provider'), 'domains', 'servers', ...EXTRA_MEMBERS],
  domain: ['name', 'directory', 'same_as', ...EXTRA_MEMBERS],
  defaults: EXTRA_MEMBERS,
  server: [...membersOf(COLUMN, 'server'), 'domains'],
  davserver: [...membersOf(COLUMN, 'davserver'), 'domains'],
  directory: ['label', ...membersOf(COLUMN, 'ldapserver'), 'bind_password_file'],
} as const;

/** Reads a secret from the file of this path; throws FieldError with the member's path if it cannot. */
export type ReadSecret = (file: string, path: string) => string;

/** Where ids come from while rows are collected: each table counts from 1. */
class Collected {
  readonly rows = emptyRows();
  /** Ids of domains by name. */
  readonly domains = new Map<string, number>();
  /** Domains that take the settings of another one, by id: its name, and where that stands. */
  readonly aliases = new Map<number, { readonly target: string; readonly where: string }>();
  /** Ways to log in by id of the domain, as values of extras. */
  readonly ways = new Map<number, string[]>();

  nextId(table: keyof Rows): number {
    return this.rows[table].length + 1;
  }
}

/** What a domain calls a directory: by its label, or without one by its name. */
function readDirectories(document: Fields, rows: Collected, readSecret: ReadSecret): ReadonlyMap<string, number> {
  const labels = list(document['directories'] ?? [], 'directories').map((value, index) => {
    const path = `directories[${index}].`;
    const members = object(value, path.slice(0, -1));
    assertMembers(members, path, DOCUMENT_MEMBERS.directory);
    const { bind_password: password, bind_password_file: file, label = members['name'] } = members;
    if (file !== undefined && password !== undefined) {
      throw new FieldError(`${path}bind_password_file`, 'must not stand beside bind_password');
    }
    const where = `${path}bind_password_file`;
    if (file !== undefined && typeof file !== 'string') throw new FieldError(where, 'must be the path of a file');
    const secret = file === undefined ? {} : { bind_password: readSecret(file, where) };
    const row = readDirectory(COLUMN, { ...members, ...secret }, path, { id: rows.nextId('ldapserver') });
    const { bind_password: _unknown, ...others } = row;
    const isNamed = file !== undefined || (password !== undefined && password !== null);
    rows.rows.ldapserver.push(isNamed ? row : others);
    if (typeof label !== 'string' || label.trim() === '') throw new FieldError(`${path}label`, 'must be a text');
    return label.trim();
  });
  assertUnique(labels, (index) => `directories[${index}].label`);
  const names = rows.rows.ldapserver.map((row) => nameOf('ldapserver', row));
  assertUnique(names, (index) => `directories[${index}].name`);
  return new Map(labels.map((label, index) => [label, index + 1]));
}

/** What readDomains needs to know of the provider and the directories. */
interface Surrounding {
  readonly providerId: number;
  readonly extras: ExtraData;
  readonly directories: ReadonlyMap<string, number>;
}

/** Adds the extras of a domain: its own, and those of its provider unless the domain has same_as. */
function addExtras(
  members: Fields,
  where: string,
  name: string,
  id: number,
  ofProvider: ExtraData,
  rows: Collected,
): void {
  const own = readExtraMembers(members, `${where}.`, [...EXTRA_MEMBERS, 'same_as']);
  const isAlias = own.has('same_as');
  if (isAlias) {
    const place = `${where}.same_as`;
    rows.aliases.set(id, {
      target: domainName(members['same_as'], place, TABLES.domain.columns.name.width),
      where: place,
    });
  }
  const [refused] = name === ALL_DOMAINS ? [...own.keys()].filter((kind) => kind !== 'same_as') : [];
  if (refused !== undefined)
    throw new FieldError(`${where}.${refused}`, 'must be in defaults, which count for all domains');
  const data = isAlias ? own : new Map([...ofProvider, ...own]);
  rows.rows.automx2_extra.push(...extraRows(name, data));
}

/** The target of same_as is a domain of the document with settings of its own: chains are not followed. */
function assertTargets({ aliases, domains }: Collected): void {
  for (const { target, where } of aliases.values()) {
    const id = domains.get(target);
    if (id !== undefined && !aliases.has(id)) continue;
    throw new FieldError(where, 'must be another domain of the document, which has settings of its own', target);
  }
}

/** The ids of a provider's domains, which follow each other. */
function readDomains(
  values: unknown,
  path: string,
  { providerId, extras, directories }: Surrounding,
  rows: Collected,
): readonly number[] {
  return list(values ?? [], path).map((value, index) => {
    const isText = typeof value === 'string';
    const where = `${path}[${index}]`;
    const members = isText ? { name: value } : object(value, where);
    if (!isText) assertMembers(members, `${where}.`, DOCUMENT_MEMBERS.domain);
    const namePath = isText ? where : `${where}.name`;
    const name = domainOrWildcard(required(members['name'], namePath), namePath, TABLES.domain.columns.name.width);
    const { directory = null } = members as { readonly directory?: unknown };
    const directoryId = directory === null ? null : typeof directory === 'string' && directories.get(directory.trim());
    if (directoryId === false || directoryId === undefined) {
      throw new FieldError(`${where}.directory`, 'must be the label or the name of one of the directories', directory);
    }
    if (rows.domains.has(name)) throw repeated(where, name);
    const id = rows.nextId('domain');
    rows.domains.set(name, id);
    rows.rows.domain.push({ id, name, provider_id: providerId, ldapserver_id: directoryId });
    addExtras(members, where, name, id, extras, rows);
    return id;
  });
}

/** The ids of the domains that a server names; by default all of its provider's, except those with same_as. */
function readLinks(value: unknown, path: string, own: readonly number[], rows: Collected): readonly number[] {
  const named = object(value, path)['domains'];
  if (named === undefined || named === null)
    return rows.aliases.size === 0 ? own : own.filter((id) => !rows.aliases.has(id));
  const ids = list(named, `${path}.domains`).map((name, index) => {
    const where = `${path}.domains[${index}]`;
    const id = rows.domains.get(domainOrWildcard(name, where, TABLES.domain.columns.name.width));
    // Those of providers that come later are not there yet.
    if (id === undefined || own[0] === undefined || id < own[0]) {
      throw new FieldError(where, "must be one of the provider's domains", name);
    }
    if (rows.aliases.has(id)) throw new FieldError(where, 'must not be a domain with same_as', name);
    return id;
  });
  assertUnique(ids, (index) => `${path}.domains[${index}]`);
  return ids;
}

/** Servers of one provider; those of one name must be for different domains. */
function readServers(values: unknown, path: string, rows: Collected, domains: readonly number[]): void {
  // A set only where a second server has the name: all domains of a provider may be many.
  const served = new Map<string, readonly number[] | Set<number>>();
  for (const [index, value] of list(values ?? [], path).entries()) {
    const where = `${path}[${index}]`;
    const { authentication } = object(value, where);
    const ways = Array.isArray(authentication) ? readWays(authentication, `${where}.authentication`) : undefined;
    const server = readServer(
      COLUMN,
      ways === undefined ? value : { ...object(value, where), authentication: ways.column },
      where,
      (table) => rows.nextId(table),
      (table, members) => assertMembers(members, `${where}.`, DOCUMENT_MEMBERS[table]),
    );
    const ids = readLinks(value, where, domains, rows);
    const name = nameOf(server.table, server.row);
    const others = served.get(name);
    if (others === undefined) served.set(name, ids);
    else {
      const seen = others instanceof Set ? others : new Set(others);
      if (ids.some((id) => seen.has(id))) throw repeated(where, name, ' for a domain');
      for (const each of ids) seen.add(each);
      served.set(name, seen);
    }
    rows.rows[server.table].push(server.row);
    const id = Number(server.row['id']);
    const links = rows.rows[`${server.table}_domain`];
    for (const domainId of ids) links.push(linkRow(server.table, id, domainId));
    if (ways !== undefined && ways.all.length > 1) {
      const data = waysData(server.row, ways);
      for (const domainId of ids) addTo(rows.ways, domainId, data);
    }
    if (rows.rows.server_domain.length + rows.rows.davserver_domain.length > MAX_LINKS) {
      throw new FieldError(where, `all servers together must belong to at most ${MAX_LINKS} domains`);
    }
  }
}

/**
 * The rows that a settings document (version 3) describes; ids count from 1 in its order. A directory whose
 * password the document does not name has no such column; an empty password means no password. Throws FieldError.
 */
export function readSettingsDocument(document: Fields, readSecret: ReadSecret): Rows {
  assertMembers(document, '', DOCUMENT_MEMBERS.document);
  // Where editors find doc/settings.schema.json.
  const { $schema = '' } = document as { readonly $schema?: unknown };
  if (typeof $schema !== 'string') throw new FieldError('$schema', 'must be a text');
  const collected = new Collected();
  const { rows } = collected;
  const directories = readDirectories(document, collected, readSecret);
  for (const [index, value] of list(document['providers'] ?? [], 'providers').entries()) {
    const path = `providers[${index}]`;
    const members = object(value, path);
    assertMembers(members, `${path}.`, DOCUMENT_MEMBERS.provider);
    const title = required(members['name'], `${path}.name`);
    const id = collected.nextId('provider');
    const short_name = typeof title === 'string' ? firstWord(title) : '';
    rows.provider.push(readRow(COLUMN, 'provider', members, `${path}.`, { id, short_name }));
    const extras = readExtraMembers(members, `${path}.`, EXTRA_MEMBERS);
    const [first] = extras.keys();
    const surrounding = { providerId: id, extras, directories };
    const domains = readDomains(members['domains'], `${path}.domains`, surrounding, collected);
    const every = collected.domains.get(ALL_DOMAINS) ?? 0;
    if (first !== undefined && domains.includes(every) && !collected.aliases.has(every)) {
      throw new FieldError(`${path}.${first}`, 'must be in defaults, or in domains: the provider has the domain *');
    }
    readServers(members['servers'], `${path}.servers`, collected, domains);
  }
  for (const [name, id] of collected.domains) {
    const authentication = collected.ways.get(id);
    if (authentication !== undefined)
      rows.automx2_extra.push(...extraRows(name, new Map([['authentication', authentication]])));
  }
  assertTargets(collected);
  const defaults = object(document['defaults'] ?? {}, 'defaults');
  assertMembers(defaults, 'defaults.', DOCUMENT_MEMBERS.defaults);
  rows.automx2_extra.push(...extraRows(ALL_DOMAINS, readExtraMembers(defaults, 'defaults.', EXTRA_MEMBERS)));
  const providers = rows.provider.map((row) => nameOf('provider', row));
  assertUnique(providers, (index) => `providers[${index}].name`);
  return rows;
}
