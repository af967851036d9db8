import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  AUTHENTICATION_WORDS,
  readAuthentication,
  SOCKET_TYPE_WORDS,
  STORED_SOCKET_TYPES,
} from '../../src/domain/connection-words.ts';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { COLUMN, DOCUMENT_MEMBERS } from '../../src/domain/documents/settings.ts';
import { writeSettings } from '../../src/domain/documents/write-settings.ts';
import { Failure } from '../../src/domain/failure.ts';
import { DAV_TYPES, MAIL_TYPES } from '../../src/domain/mail-domain.ts';
import { type Column, columnsOf, TABLES, type TableName } from '../../src/domain/tables.ts';
import {
  caldav,
  document,
  full,
  imap,
  ldap,
  type Members,
  provider,
  REFUSED,
  smtp,
} from '../domain/documents/samples.ts';

const SCHEMA = JSON.parse(readFileSync(new URL('../../doc/settings.schema.json', import.meta.url), 'utf8')) as Members;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const member = (value: unknown, name: string): Members => {
  const found = (value as Members)[name];
  assert.ok(isObject(found), name);
  return found;
};
const definition = (name: string): Members => member(SCHEMA['$defs'], name);

/** Where each kind of object of a document is described, and the table that its rows are of. */
const OBJECTS: readonly { kind: keyof typeof DOCUMENT_MEMBERS; schema: Members; table: TableName | undefined }[] = [
  { kind: 'document', schema: SCHEMA, table: undefined },
  { kind: 'provider', schema: definition('provider'), table: 'provider' },
  { kind: 'domain', schema: definition('domain'), table: undefined },
  { kind: 'defaults', schema: definition('defaults'), table: undefined },
  { kind: 'server', schema: definition('server'), table: 'server' },
  { kind: 'davserver', schema: definition('davserver'), table: 'davserver' },
  { kind: 'directory', schema: definition('directory'), table: 'ldapserver' },
];

const TYPES: Readonly<Record<Column['kind'], string>> = {
  id: 'integer',
  reference: 'integer',
  integer: 'integer',
  port: 'integer',
  text: 'string',
  word: 'string',
  boolean: 'boolean',
};

/** Follows from other members, where the column's description has no default. */
const DERIVED = new Set(['short_name', 'port', 'socket_type', 'use_ssl', 'domain_required']);

/** What a column's description says about its member, without what is for people and without patterns. */
function expected(name: string, column: Column): Members {
  const isOptional = column.absent !== undefined || DERIVED.has(name);
  const range =
    column.kind === 'port'
      ? { minimum: column.least, maximum: 65_535 }
      : column.kind === 'integer'
        ? { minimum: -(2 ** 31 - 1), maximum: 2 ** 31 - 1 }
        : {};
  return {
    type: isOptional ? [TYPES[column.kind], 'null'] : TYPES[column.kind],
    ...(column.kind === 'text' || column.kind === 'word' ? { maxLength: column.width } : {}),
    ...range,
    ...(column.absent === undefined || column.absent === null ? {} : { default: column.absent }),
  };
}

/** A pattern that any of the words matches, in any letter case: JSON Schema knows no flags. */
const inAnyCase = (words: readonly string[]): string =>
  `^(?:${words.map((word) => word.replace(/[a-z]/gi, (c) => `[${c.toLowerCase()}${c.toUpperCase()}]`)).join('|')})$`;

describe('doc/settings.schema.json', () => {
  for (const { kind, schema, table } of OBJECTS) {
    const properties = member(schema, 'properties');

    test(`${kind}: its members are those that the reader has, and a comment`, () => {
      assert.deepEqual(Object.keys(properties).sort(), ['comment', ...DOCUMENT_MEMBERS[kind]].sort());
      assert.equal(schema['additionalProperties'], false);
    });

    if (table === undefined) continue;
    test(`${kind}: types, widths, ranges and defaults are those of the columns`, () => {
      const columns = Object.entries(columnsOf(table)).filter(([name, column]) => COLUMN(name, column) !== undefined);
      for (const [name, column] of columns) {
        const { description, pattern, anyOf, items, minItems, uniqueItems, type, ...rest } = member(properties, name);
        assert.equal(typeof description, 'string', name);
        // Several ways to log in are rows of another table.
        const ofColumn = items === undefined ? type : (type as string[]).filter((each) => each !== 'array');
        assert.deepEqual({ ...rest, type: ofColumn }, expected(name, column), name);
        if (column.kind === 'text' || column.kind === 'word') assert.ok(pattern !== undefined || anyOf, name);
      }
      const required = columns.filter(([name, { absent }]) => absent === undefined && !DERIVED.has(name));
      assert.deepEqual([...(schema['required'] as string[])].sort(), required.map(([name]) => name).sort());
    });
  }

  test('a name of a domain is as wide as its column', () =>
    assert.equal(definition('name')['maxLength'], TABLES.domain.columns.name.width));

  for (const { kind, name, accepted, offered } of [
    { kind: 'server', name: 'type', accepted: MAIL_TYPES, offered: MAIL_TYPES },
    { kind: 'davserver', name: 'type', accepted: DAV_TYPES, offered: DAV_TYPES },
    {
      kind: 'server',
      name: 'socket_type',
      accepted: ['', ...SOCKET_TYPE_WORDS],
      offered: Object.values(STORED_SOCKET_TYPES),
    },
    { kind: 'server', name: 'authentication', accepted: ['', ...AUTHENTICATION_WORDS], offered: undefined },
  ] as const) {
    test(`${kind}: the words of ${name} are the reader's`, () => {
      const [offers, pattern] = member(member(definition(kind), 'properties'), name)['anyOf'] as readonly Members[];
      assert.equal(pattern?.['pattern'], inAnyCase(accepted));
      if (offered !== undefined) assert.deepEqual(offers?.['enum'], offered);
    });
  }

  test('the pattern that tells DAV servers from mail servers is that of their types', () =>
    assert.equal(
      member(member(member(definition('anyServer'), 'if'), 'properties'), 'type')['pattern'],
      inAnyCase(DAV_TYPES),
    ));

  test('a list of ways to log in takes the same words', () => {
    const { items } = member(member(definition('server'), 'properties'), 'authentication');
    assert.deepEqual(items, { type: 'string', pattern: inAnyCase(AUTHENTICATION_WORDS) });
  });

  test('each method of authentication is offered by one word', () => {
    const authentication = member(member(definition('server'), 'properties'), 'authentication');
    const [offers = {}] = authentication['anyOf'] as readonly Members[];
    const meanings = (offers['enum'] as string[]).map(readAuthentication);
    assert.deepEqual(meanings.toSorted(), [...new Set(AUTHENTICATION_WORDS.map(readAuthentication))].sort());
  });
});

/** The keywords of JSON Schema (2020-12) that say something about a value; others are for people. */
const KEYWORDS: Readonly<Record<string, (wanted: never, value: unknown, schema: Members) => boolean>> = {
  $ref: (to: string, value) => isValid(definition(to.replace('#/$defs/', '')), value),
  type: (types: string | readonly string[], value) => [types].flat().some((type) => isOfType(type, value)),
  const: (wanted: unknown, value) => value === wanted,
  enum: (words: readonly unknown[], value) => words.includes(value),
  pattern: (source: string, value) => typeof value !== 'string' || new RegExp(source, 'u').test(value),
  maxLength: (most: number, value) => typeof value !== 'string' || [...value].length <= most,
  minimum: (least: number, value) => typeof value !== 'number' || value >= least,
  maximum: (most: number, value) => typeof value !== 'number' || value <= most,
  required: (names: readonly string[], value) => !isObject(value) || names.every((name) => Object.hasOwn(value, name)),
  properties: (schemas: Members, value) =>
    !isObject(value) ||
    Object.keys(value).every((name) => !Object.hasOwn(schemas, name) || isValid(member(schemas, name), value[name])),
  additionalProperties: (_false: false, value, schema) =>
    !isObject(value) || Object.keys(value).every((name) => Object.hasOwn(member(schema, 'properties'), name)),
  items: (schema: Members, value) => !Array.isArray(value) || value.every((item) => isValid(schema, item)),
  minItems: (least: number, value) => !Array.isArray(value) || value.length >= least,
  uniqueItems: (_true: true, value) => !Array.isArray(value) || new Set(value).size === value.length,
  anyOf: (schemas: readonly Members[], value) => schemas.some((schema) => isValid(schema, value)),
  not: (schema: Members, value) => !isValid(schema, value),
  if: (schema: Members, value, { then: yes, else: no }) =>
    isValid((isValid(schema, value) ? yes : no) as Members, value),
};
const FOR_PEOPLE = ['title', 'description', 'default', '$schema', '$defs', 'then', 'else'];

function isOfType(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

function isValid(schema: Members, value: unknown): boolean {
  return Object.entries(schema).every(([keyword, wanted]) => {
    if (FOR_PEOPLE.includes(keyword)) return true;
    const check = KEYWORDS[keyword];
    assert.ok(check, `the schema uses ${keyword}, which this test does not know`);
    return check(wanted as never, value, schema);
  });
}

function reads(given: unknown): boolean {
  try {
    readDocument(given, () => 'secret');
    return true;
  } catch (error) {
    assert.ok(error instanceof Failure && error.code === 'document_invalid', String(error));
    return false;
  }
}

const server = (members: Members): Members => document({ servers: [{ ...imap, ...members }] });
const dav = (members: Members): Members => document({ servers: [{ ...caldav, ...members }] });
const directory = (members: Members): Members => document({}, { directories: [{ ...ldap, ...members }] });
const empty = { name: 'x', domains: [], servers: [] };

/** What only the reader sees: rules between members, and spellings. */
const READER_ONLY: readonly string[] = [
  'a domain of nobody',
  'a domain twice for a server',
  'a directory of nobody',
  'a domain twice',
  'a domain of two providers',
  'a provider twice',
  'a label twice',
  'a directory twice',
  'a server twice for a domain',
  'an unusable filter',
];
const UNSEEN: readonly { readonly name: string; readonly given: Members }[] = [
  { name: 'a name of a domain with an empty label', given: document({ domains: ['a..example'] }) },
  { name: 'a name that is wider in A-labels', given: document({ domains: [`${'ü.'.repeat(50)}example`] }) },
  { name: 'a host name', given: server({ name: 'a b' }) },
  { name: 'a URL', given: dav({ url: 'https://' }) },
  { name: 'the name of a directory', given: directory({ name: 'http://ldap.example.com' }) },
  { name: 'a control character', given: document({ name: 'a\u0007b' }) },
];

/** What the reader takes because automx2 does, and no document of ours has. */
const LENIENT: readonly { readonly name: string; readonly given: Members }[] = [
  { name: 'blanks around words', given: server({ type: ' imap ' }) },
  { name: 'blanks around names', given: document({ domains: [' example.com '], servers: [] }) },
  { name: 'blanks beyond the width', given: document({ name: `${'x'.repeat(128)} ` }) },
  { name: 'words for truth', given: dav({ use_ssl: 'yes' }) },
  { name: 'numbers for truth', given: dav({ use_ssl: 1 }) },
];

describe('the schema and the reader', () => {
  for (const { name, given, isGood } of [
    { name: 'a document', given: document(), isGood: true },
    { name: 'one with everything', given: full, isGood: true },
    { name: 'one as it is exported', given: writeSettings(readDocument(full), { withSecrets: true }).document },
    { name: 'the smallest one', given: { version: 3 }, isGood: true },
    { name: 'lists that are null', given: { version: 3, providers: null, directories: null }, isGood: true },
    { name: 'a place of the schema', given: { $schema: './settings.schema.json', ...document() }, isGood: true },
    { name: 'a number as the place of the schema', given: { $schema: 1, ...document() }, isGood: false },
    { name: 'no version', given: { providers: [] }, isGood: false },
    { name: 'the version as a text', given: { version: '3' }, isGood: false },
    { name: 'a later version', given: { version: 4 }, isGood: false },
    { name: 'a list', given: [], isGood: false },
    { name: 'comments', given: { comment: [1], ...document({ comment: null }) }, isGood: true },
    { name: 'a provider without domains', given: { version: 3, providers: [{ name: 'x' }] }, isGood: true },
    { name: 'a server without a type', given: document({ servers: [{ name: 'mail.example.com' }] }), isGood: false },
    { name: 'a server of another type', given: server({ type: 'nntp' }), isGood: false },
    { name: 'types in any letter case', given: document({ servers: [{ ...imap, type: 'IMAP' }, smtp] }), isGood: true },
    { name: 'DAV types in any letter case', given: dav({ type: 'CalDAV' }), isGood: true },
    { name: 'a mail server with a URL instead', given: document({ servers: [{ ...caldav, type: 'imap' }] }) },
    { name: 'a DAV server with a name instead', given: document({ servers: [{ ...imap, type: 'caldav' }] }) },
    { name: 'a URL with another scheme', given: dav({ url: 'ftp://example.com/' }), isGood: false },
    { name: 'a URL in capitals', given: dav({ url: 'HTTPS://example.com/' }), isGood: true },
    { name: 'a server that is null', given: document({ servers: [null] }), isGood: false },
    { name: 'members that are null', given: server({ port: null, prio: null, socket_type: null, domains: null }) },
    { name: 'a name that is null', given: server({ name: null }), isGood: false },
    { name: 'a domain that is null', given: document({ domains: [null] }), isGood: false },
    { name: 'a domain as an address', given: document({ domains: ['jane@example.com'] }), isGood: false },
    { name: 'a domain without a name', given: document({ domains: [{}] }), isGood: false },
    { name: 'no directory', given: document({ domains: [{ name: 'example.com', directory: null }] }), isGood: true },
    { name: 'an empty name', given: { version: 3, providers: [{ ...empty, name: '' }] }, isGood: false },
    { name: 'a blank name', given: { version: 3, providers: [{ ...empty, name: '  ' }] }, isGood: false },
    { name: 'a wide name', given: { version: 3, providers: [{ ...empty, name: 'ü'.repeat(128) }] }, isGood: true },
    { name: 'one too wide', given: { version: 3, providers: [{ ...empty, name: 'ü'.repeat(129) }] }, isGood: false },
    { name: 'an empty short name', given: document({ short_name: '' }), isGood: false },
    ...[0, 1, 65_535, 65_536, 993.5].map((port) => ({ name: `port ${port}`, given: server({ port }) })),
    ...[-1, 0, 65_535, 65_536].map((port) => ({ name: `port ${port} of DAV`, given: dav({ port }) })),
    ...[2 ** 31 - 1, 2 ** 31, -(2 ** 31) + 1, -(2 ** 31)].map((prio) => ({
      name: `priority ${prio}`,
      given: server({ prio }),
    })),
    ...['', 'ssl', 'TLS', 'SSL/TLS', 'Auto', 'None', 'constructor', ' '].map((word) => ({
      name: `socket type "${word}"`,
      given: server({ socket_type: word }),
    })),
    ...['', 'PLAIN', 'CRAM-MD5', 'OAuth2', 'xoauth'].map((word) => ({
      name: `authentication "${word}"`,
      given: server({ authentication: word }),
    })),
    ...['', ' ', 'x'.repeat(64), 'x'.repeat(65)].map((login) => ({
      name: `a login of ${login.length} characters`,
      given: server({ user_name: login }),
    })),
    ...['', 'x', 'x'.repeat(129), ' ', null].map((password) => ({
      name: `password ${JSON.stringify(password)?.slice(0, 5)}`,
      given: directory({ bind_password: password }),
    })),
    { name: 'a file for the password', given: directory({ bind_password_file: '/x' }), isGood: true },
    { name: 'no file for the password', given: directory({ bind_password_file: null }), isGood: false },
    { name: 'password and file', given: directory({ bind_password: 'x', bind_password_file: '/x' }), isGood: false },
    { name: 'an empty label', given: directory({ label: '' }), isGood: false },
    { name: 'no label', given: directory({ label: null }), isGood: false },
    { name: 'an empty user', given: directory({ bind_user: '' }), isGood: true },
    { name: 'an empty attribute', given: directory({ attr_cn: '' }), isGood: true },
    { name: 'an empty login', given: directory({ attr_uid: '' }), isGood: false },
    { name: 'a directory without a base', given: { version: 3, directories: [{ name: 'x' }] }, isGood: false },
    { name: 'two providers', given: { version: 3, providers: [provider(), empty] }, isGood: true },
  ] as readonly { name: string; given: unknown; isGood?: boolean }[]) {
    test(`agree about ${name}`, () => {
      assert.equal(isValid(SCHEMA, given), reads(given));
      if (isGood !== undefined) assert.equal(reads(given), isGood);
    });
  }

  for (const { name, given, path } of REFUSED) {
    const isUnseen = READER_ONLY.includes(name);
    test(`${name}, at ${path}: ${isUnseen ? 'only the reader sees it' : 'both refuse it'}`, () =>
      assert.deepEqual([isValid(SCHEMA, given), reads(given)], [isUnseen, false]));
  }

  for (const { name, given } of UNSEEN) {
    test(`only the reader refuses ${name}`, () =>
      assert.deepEqual([isValid(SCHEMA, given), reads(given)], [true, false]));
  }

  for (const { name, given } of LENIENT) {
    test(`only the reader takes ${name}`, () =>
      assert.deepEqual([isValid(SCHEMA, given), reads(given)], [false, true]));
  }
});
