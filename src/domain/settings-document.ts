import { STORED_PASSWORD_CLEARTEXT, STORED_SOCKET_TYPES, socketTypeByPort } from './connection-words.ts';
import { Failure } from './failure.ts';
import { boolean, domainName, FieldError, type Fields, integer, list, object, oneOf, port, text } from './fields.ts';
import { placeOfMistake } from './json-place.ts';
import { DAV_TYPES, MAIL_TYPES } from './mail-domain.ts';
import { SERVER_READERS } from './read-rows.ts';
import { type Column, columnsOf, type Row, type Rows, TABLES, type TableName, type Value } from './tables.ts';

const MAX_INTEGER = 2 ** 31 - 1;
const DEFAULT_PORT = { imap: 993, pop: 995, smtp: 465 } as const;
const PROVIDER_ID = 1;

/** All servers of a seed belong to all its domains, and each pair is a row. */
const MAX_LINKS = 1_000_000;

/** null counts as absent, as it does for automx2. */
function required(value: unknown, path: string): unknown {
  if (value === undefined || value === null) throw new FieldError(path, 'is missing');
  return value;
}

function readColumn(column: Column, value: unknown, path: string): Value {
  const trimmed = typeof value === 'string' && column.isVerbatim !== true ? value.trim() : value;
  switch (column.kind) {
    case 'text':
      return text(trimmed, path, column.width);
    case 'word':
      return value === '' ? '' : text(trimmed, path, column.width);
    case 'boolean':
      return boolean(value, path);
    case 'port':
      return port(value, path, column.least);
    case 'integer':
      return integer(value, path, -MAX_INTEGER, MAX_INTEGER);
    case 'id':
    case 'reference':
      return integer(value, path, 1, MAX_INTEGER);
  }
}

/**
 * The row of a table that the members of a document describe; `path` precedes their names. `otherwise`: values of the
 * columns that the document does not name, where the description of the table does not know them.
 */
function readRow(table: TableName, members: Fields, path: string, otherwise: Fields): Row {
  const row = Object.entries(columnsOf(table)).map(([name, column]): [string, Value] => {
    const given = column.member === undefined ? undefined : members[column.member];
    // Where an absent text is NULL, so is an empty one.
    const isAbsent = given === undefined || given === null || (given === '' && column.absent === null);
    const value = isAbsent ? (otherwise[name] ?? column.absent) : given;
    const where = `${path}${column.member ?? name}`;
    return [name, value === null ? null : readColumn(column, required(value, where), where)];
  });
  return Object.fromEntries(row);
}

/** Such a row that has to be usable, too. */
function readServer(table: 'davserver' | 'ldapserver', members: Fields, path: string, otherwise: Fields): Row {
  const row = readRow(table, members, path, otherwise);
  SERVER_READERS[table](row, path);
  return row;
}

/** The row of a mail server, in words that automx2 knows, too: there may be a way back. */
function readMailServer(members: Fields, path: string, otherwise: Fields): Row {
  const row = readRow('server', members, path, otherwise);
  const { socketType, authentication } = SERVER_READERS.server(row, path);
  return {
    ...row,
    socket_type: STORED_SOCKET_TYPES[socketType],
    ...(authentication === 'password-cleartext' ? { authentication: STORED_PASSWORD_CLEARTEXT } : {}),
  };
}

function assertUnique(values: readonly unknown[], pathOf: (index: number) => string): void {
  const seen = new Set<unknown>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) throw new FieldError(pathOf(index), 'must be there once only', value);
    seen.add(value);
  }
}

/** The short name of a provider that has none: the first word of its name, as much of it as the column takes. */
export const shortNameOf = (name: string): string =>
  [...(name.trim().split(/\s+/)[0] ?? '')].slice(0, TABLES.provider.columns.short_name.width).join('');

function domainRow(value: unknown, index: number, version: 1 | 2, directories: readonly Row[]): Row {
  const path = `domains[${index}]`;
  if (version === 1 && typeof value === 'object' && value !== null) {
    throw new FieldError('version', 'must be 2 where domains are objects');
  }
  const members = version === 1 ? { name: value } : object(value, path);
  const { width } = TABLES.domain.columns.name;
  const where = version === 1 ? path : `${path}.name`;
  const name = domainName(required(members['name'], where), where, width);
  const row = readRow('domain', { ...members, name }, `${path}.`, { id: index + 1, provider_id: PROVIDER_ID });
  const directoryId = row['ldapserver_id'];
  if (directoryId !== null && !directories.some(({ id }) => id === directoryId)) {
    throw new FieldError(`${path}.ldapserver_id`, 'must be the id of one of the ldapservers');
  }
  return row;
}

/** The rows of mail servers and of DAV servers; ids count from 1 in the order of the seed. */
function serverRows(values: readonly unknown[]): { readonly server: Row[]; readonly davserver: Row[] } {
  const server: Row[] = [];
  const davserver: Row[] = [];
  for (const [index, value] of values.entries()) {
    const path = `servers[${index}].`;
    const members = object(value, `servers[${index}]`);
    const word = typeof members['type'] === 'string' ? members['type'].trim().toLowerCase() : members['type'];
    const type = oneOf(word, `${path}type`, [...MAIL_TYPES, ...DAV_TYPES]);
    if (type === 'caldav' || type === 'carddav') {
      const { url } = members;
      const useSsl = typeof url === 'string' && /^https:/i.test(url);
      const otherwise = { id: davserver.length + 1, use_ssl: useSsl, domain_required: true };
      davserver.push(readServer('davserver', { ...members, type }, path, otherwise));
    } else {
      const otherwise = {
        id: server.length + 1,
        port: DEFAULT_PORT[type],
        socket_type: socketTypeByPort(members['port'] ?? DEFAULT_PORT[type]),
      };
      server.push(readMailServer({ ...members, type }, path, otherwise));
    }
  }
  return { server, davserver };
}

function seedRows(document: unknown): Rows {
  const seed = object(document, 'the seed');
  if (Object.keys(seed).length === 0) throw new FieldError('the seed', 'must have provider, domains and servers');
  const version = seed['version'] ?? 1;
  if (version !== 1 && version !== 2) {
    throw new FieldError('version', 'must be 2, or for the first form 1 or absent', version);
  }
  const listOf = (member: string): readonly unknown[] => list(seed[member] ?? [], member);

  const title = readColumn(TABLES.provider.columns.name, required(seed['provider'], 'provider'), 'provider');
  const provider = readRow('provider', seed, '', {
    id: PROVIDER_ID,
    short_name: shortNameOf(String(title)),
  });

  const ldapserver = (version === 1 ? [] : listOf('ldapservers')).map((value, index) => {
    const members = object(value, `ldapservers[${index}]`);
    const directTls = (members['port'] ?? TABLES.ldapserver.columns.port.absent) === 636;
    return readServer('ldapserver', members, `ldapservers[${index}].`, { use_ssl: directTls });
  });
  const ids = ldapserver.map(({ id }) => id);
  assertUnique(ids, (index) => `ldapservers[${index}].id`);

  const domain = listOf('domains').map((value, index) => domainRow(value, index, version, ldapserver));
  if (domain.length === 0) throw new FieldError('domains', 'must hold at least one');
  const names = domain.map((row) => row['name']);
  assertUnique(names, (index) => `domains[${index}]`);

  const { server, davserver } = serverRows(listOf('servers'));
  if (server.length === 0) throw new FieldError('servers', 'must hold at least one of type imap, pop or smtp');

  if (domain.length * (server.length + davserver.length) > MAX_LINKS) {
    throw new FieldError('the seed', `its number of domains times that of servers must be at most ${MAX_LINKS}`);
  }
  // All servers belong to all domains.
  const links = (column: string, linked: readonly Row[]): Row[] =>
    linked.flatMap((_row, at) => domain.map((_domain, index) => ({ [column]: at + 1, domain_id: index + 1 })));
  return {
    provider: [provider],
    server,
    davserver,
    ldapserver,
    domain,
    davserver_domain: links('davserver_id', davserver),
    server_domain: links('server_id', server),
  };
}

/** Parses the octets of a seed document as JSON in UTF-8. Throws seed_invalid, which names the place but quotes nothing. */
export function parseSeedDocument(octets: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch (cause) {
    throw new Failure('seed_invalid', 'the seed: must be UTF-8', { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure('seed_invalid', `the seed: not valid JSON at ${placeOfMistake(text)}`, { cause });
  }
}

const membersOf = (...tables: readonly TableName[]): readonly string[] =>
  tables.flatMap((table) => Object.values(columnsOf(table)).flatMap(({ member }) => member ?? []));

/** The members that seeds have, by where they stand; everywhere, `comment` is for people. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  '': ['version', 'domains', 'servers', 'ldapservers', ...membersOf('provider')],
  domains: membersOf('domain'),
  servers: membersOf('server', 'davserver'),
  ldapservers: membersOf('ldapserver'),
};

/** Paths of the members that a seed document, read already, has beside those; this program ignores them, and so does automx2. */
export function unknownMembers(document: unknown): readonly string[] {
  const unknownIn = (value: unknown, place: string, path: string): readonly string[] =>
    typeof value === 'object' && value !== null
      ? Object.keys(value)
          .filter((name) => name !== 'comment' && MEMBERS[place]?.includes(name) === false)
          .map((name) => path + name)
      : [];
  const lists = Object.entries(object(document, 'the seed')).flatMap(([name, values]) =>
    name !== '' && Object.hasOwn(MEMBERS, name) && Array.isArray(values)
      ? values.flatMap((value, index) => unknownIn(value, name, `${name}[${index}].`))
      : [],
  );
  return [...unknownIn(document, '', ''), ...lists];
}

/**
 * The rows that a seed document stores in an empty database: version 1 (no `version`, domains are texts) or 2 (domains are
 * objects, may name a directory), already parsed from JSON. Ids count from 1 in the order of the seed, those of
 * directories are its own, so that the same seed gives the same rows everywhere. Unknown members are ignored, as automx2 does.
 * Throws seed_invalid, its message naming the member at fault (`servers[2].port`) and what is accepted there.
 */
export function readSeed(document: unknown): Rows {
  try {
    return seedRows(document);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    throw new Failure('seed_invalid', error.message, { cause: error });
  }
}
