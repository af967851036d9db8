import { Failure } from '../failure.ts';
import { COMMENT, type Fields, list, object } from '../fields.ts';
import { DAV_TYPES } from '../mail-domain.ts';
import type { Imported, ImportedDomain, OnLoss } from './imported.ts';
import { readDocument } from './read-document.ts';
import { firstWord, membersOf } from './read-row.ts';
import { SEED } from './seed.ts';

const LISTS = { 1: ['domains', 'servers'], 2: ['domains', 'servers', 'ldapservers'] } as const;

/** The members that are given and known, in the operator's words; null counts as absent. */
function given(value: unknown, known: readonly string[], path: string, onLoss: OnLoss): Fields {
  const members = Object.entries(object(value, path)).filter(([, member]) => member !== null);
  const isKnown = (name: string): boolean => name === COMMENT || known.includes(name);
  for (const [name] of members) if (!isKnown(name)) onLoss(`${path}${name}: unknown, and left out`);
  return Object.fromEntries(members.filter(([name]) => isKnown(name)));
}

const isDav = (server: unknown): boolean => {
  const { type } = object(server, 'the server');
  return typeof type === 'string' && DAV_TYPES.some((word) => word === type.trim().toLowerCase());
};

function domain(value: unknown, path: string, onLoss: OnLoss): ImportedDomain {
  if (typeof value === 'string') return value;
  const { name, ldapserver_id, ...rest } = given(value, membersOf(SEED, 'domain'), path, onLoss);
  const members = { ...rest, ...(ldapserver_id === undefined ? {} : { directory: String(ldapserver_id) }) };
  return Object.keys(members).length === 0 ? String(name) : { name: String(name), ...members };
}

/**
 * What a seed of version 1 or 2, already parsed from JSON, gives for a settings document of version 3. Throws document_invalid
 * for whatever a database would not be filled with.
 */
export function importSeed(document: unknown, onLoss: OnLoss): Imported {
  const { version } = object(document, 'the document');
  if (version === 3) throw new Failure('document_invalid', 'is a settings document of version 3 already');
  readDocument(document);
  const seed = given(
    document,
    ['version', ...LISTS[version === 2 ? 2 : 1], ...membersOf(SEED, 'provider')],
    '',
    onLoss,
  );
  const listOf = <T>(name: string, read: (value: unknown, path: string) => T): readonly T[] =>
    list(seed[name] ?? [], name).map((value, index) => read(value, `${name}[${index}].`));
  const name = String(seed['provider']).trim();
  return {
    provider: {
      name,
      short_name: firstWord(name),
      ...(seed[COMMENT] === undefined ? {} : { [COMMENT]: seed[COMMENT] }),
      domains: listOf('domains', (value, path) => domain(value, path, onLoss)),
      servers: listOf('servers', (value, path) =>
        given(value, membersOf(SEED, isDav(value) ? 'davserver' : 'server'), path, onLoss),
      ),
    },
    directories: listOf('ldapservers', (value, path) => {
      const { id, ...members } = given(value, membersOf(SEED, 'ldapserver'), path, onLoss);
      return { label: String(id), ...members };
    }),
  };
}
