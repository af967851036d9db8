import type { Mutant } from './list.ts';

const names = { file: 'src/domain/domain-name.ts', test: 'test/adapters/settings-file/document-settings.test.ts' };
const reading = { ...names, file: 'src/domain/read-extras.ts', test: 'test/contract/sqlite.test.ts' };
const lookup = { file: 'src/app/lookup.ts', test: 'test/adapters/http/wildcards.test.ts' };
const ownHost = { ...lookup, file: 'src/adapters/http/own-host.ts' };
const pacc = { ...lookup, file: 'src/domain/formats/pacc.ts' };
const cache = { file: 'src/app/cache/cached-settings.ts', test: 'test/app/cache/cached-settings.test.ts' };
const settings = { file: 'src/domain/documents/settings.ts', test: 'test/domain/documents/extras.test.ts' };
const ways = { ...settings, file: 'src/domain/documents/extra-rows.ts' };
const plan = { file: 'src/domain/plan/plan-extras.ts', test: 'test/domain/plan/plan-extras.test.ts' };
const extras = { file: 'src/domain/extras.ts', test: 'test/domain/extras.test.ts' };

/** Changes with which a domain gets what is another one's, or a stranger makes a name ours. */
export const EXTRAS_MUTANTS: readonly Mutant[] = [
  {
    ...names,
    name: 'the shortest wildcard counts',
    from: 'return [...counting.map(',
    to: 'return [EVERY, ...counting.map(',
  },
  { ...names, name: 'a wildcard serves its parent, too', from: 'labels.slice(index + 1))', to: 'labels.slice(index))' },
  {
    ...reading,
    name: 'ways to log in come from all domains',
    from: "kind === 'authentication' ? [own, other] : [own, other, ALL_DOMAINS]",
    to: '[own, other, ALL_DOMAINS]',
  },
  {
    ...reading,
    name: 'extras of the other domain first',
    from: ': [own, other, ALL_DOMAINS];',
    to: ': [other, own, ALL_DOMAINS];',
  },
  { ...reading, name: 'same_as of all domains', from: "if (kind === 'same_as') return [own];", to: '' },
  {
    ...lookup,
    name: 'a wildcard before a row of its own, by host',
    from: 'domain !== undefined && domain.settings.wildcard === undefined',
    to: 'domain !== undefined',
  },
  { ...ownHost, name: 'a wildcard makes hosts ours', from: ' && domain.settings.wildcard === undefined', to: '' },
  { ...pacc, name: 'PACC for a wildcard', from: 'if (wildcard !== undefined) return undefined;', to: '' },
  {
    ...cache,
    name: 'a wildcard is kept by the name that was asked for',
    from: 'this.#rows.set(wildcard ?? name,',
    to: 'this.#rows.set(name,',
  },
  {
    ...cache,
    name: 'a name stays with its wildcard',
    from: 'row.askedMs < other.askedMs ? row : other',
    to: 'row',
  },
  {
    ...settings,
    name: 'what is of the domain * is of all',
    from: 'if (refused !== undefined)',
    to: 'if (refused === "x")',
  },
  {
    ...settings,
    name: 'a domain with the settings of another one has its provider’s extras',
    from: 'isAlias ? own : new Map',
    to: 'isAlias ? ofProvider : new Map',
  },
  { ...ways, name: 'the column has OAuth2', from: "(way) => way !== 'OAuth2'", to: '() => true' },
  {
    ...plan,
    name: 'what is not named goes',
    from: "if (kind !== 'authentication') return wants.length === 0;",
    to: "if (kind !== 'authentication') return false;",
  },
  { ...plan, name: 'a removed domain leaves its extras', from: '(prune || gone.has(name))', to: 'prune' },
  { ...extras, name: 'a URL with a user name', from: " || username + password !== ''", to: '' },
  { ...extras, name: 'an issuer with a query', from: ' && !/[?#]/.test(given)', to: '' },
];
