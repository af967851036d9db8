import { assertMembers, domainName, FieldError, type Fields, list, object, required } from '../fields.ts';
import { type Row, type Rows, TABLES } from '../tables.ts';
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

/** Seeds have automx2's own members. */
export const SEED: Naming = (_name, { member }) => member;
const PROVIDER_ID = 1;

const MEMBERS = {
  seed: ['version', ...membersOf(SEED, 'provider'), 'domains', 'servers', 'ldapservers'],
  domain: membersOf(SEED, 'domain'),
  // automx2 takes any member of either kind, and so do we.
  server: [...new Set([...membersOf(SEED, 'server'), ...membersOf(SEED, 'davserver')])],
  ldapserver: membersOf(SEED, 'ldapserver'),
} as const;

function readDomain(value: unknown, index: number, version: 1 | 2, directories: readonly Row[]): Row {
  const path = `domains[${index}]`;
  if (version === 1 && typeof value === 'object' && value !== null) {
    throw new FieldError('version', 'must be 2 where domains are objects');
  }
  const members = version === 1 ? { name: value } : object(value, path);
  if (version === 2) assertMembers(members, `${path}.`, MEMBERS.domain);
  const where = version === 1 ? path : `${path}.name`;
  const name = domainName(required(members['name'], where), where, TABLES.domain.columns.name.width);
  const row = readRow(SEED, 'domain', { ...members, name }, `${path}.`, { id: index + 1, provider_id: PROVIDER_ID });
  const directoryId = row['ldapserver_id'];
  if (directoryId !== null && !directories.some(({ id }) => id === directoryId)) {
    throw new FieldError(`${path}.ldapserver_id`, 'must be the id of one of the ldapservers');
  }
  return row;
}

/**
 * The rows that a seed of version 1 (no `version`, domains are texts) or 2 (domains are objects, and may name a directory)
 * stores in an empty database. Ids count from 1 in the order of the seed, those of directories are its own. Throws FieldError.
 */
export function readSeed(seed: Fields, version: 1 | 2): Rows {
  const listOf = (member: string): readonly unknown[] => list(seed[member] ?? [], member);
  assertMembers(seed, '', MEMBERS.seed);
  const title = required(seed['provider'], 'provider');
  const provider = readRow(SEED, 'provider', seed, '', {
    id: PROVIDER_ID,
    short_name: typeof title === 'string' ? firstWord(title) : '',
  });
  const ldapserver = (version === 1 ? [] : listOf('ldapservers')).map((value, index) => {
    const path = `ldapservers[${index}]`;
    const members = object(value, path);
    assertMembers(members, `${path}.`, MEMBERS.ldapserver);
    return readDirectory(SEED, members, `${path}.`, {});
  });
  const ids = ldapserver.map(({ id }) => id);
  assertUnique(ids, (index) => `ldapservers[${index}].id`);

  const domain = listOf('domains').map((value, index) => readDomain(value, index, version, ldapserver));
  if (domain.length === 0) throw new FieldError('domains', 'must hold at least one');
  const names = domain.map((row) => row['name']);
  assertUnique(names, (index) => `domains[${index}]`);

  const rows: { readonly server: Row[]; readonly davserver: Row[] } = { server: [], davserver: [] };
  for (const [index, value] of listOf('servers').entries()) {
    const path = `servers[${index}]`;
    const idOf = (table: 'server' | 'davserver'): number => rows[table].length + 1;
    const { table, row } = readServer(SEED, value, path, idOf, (_table, members) =>
      assertMembers(members, `${path}.`, MEMBERS.server),
    );
    rows[table].push(row);
  }
  const { server, davserver } = rows;
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
    automx2_extra: [],
    davserver_domain: links('davserver_id', davserver),
    server_domain: links('server_id', server),
  };
}
