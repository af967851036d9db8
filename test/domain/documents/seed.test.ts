import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocument } from '../../../src/domain/documents/read-document.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { columnsOf, isRequired, type Rows, TABLE_NAMES, TABLES } from '../../../src/domain/tables.ts';

type Members = Readonly<Record<string, unknown>>;

const imap = { type: 'imap', name: 'imap.example.org' };
const smtp = { type: 'smtp', name: 'smtp.example.org' };
const caldav = { type: 'caldav', url: 'https://dav.example.org/' };
const directory = { id: 1, name: 'ldap.example.org', search_base: 'dc=example,dc=org' };

const version1 = (members: Members = {}): Members => ({
  provider: 'Example Inc.',
  domains: ['example.org'],
  servers: [imap, smtp],
  ...members,
});
const version2 = (members: Members = {}): Members => ({
  version: 2,
  provider: 'Example Inc.',
  domains: [{ name: 'example.org' }],
  servers: [imap, smtp],
  ...members,
});
const server = (members: Members): Members => version2({ servers: [imap, smtp, { ...imap, ...members }] });
const dav = (members: Members): Members => version2({ servers: [imap, { ...caldav, ...members }] });
const ldap = (members: Members): Members => version2({ ldapservers: [{ ...directory, ...members }] });

const mailDefaults = { prio: 10, socket_type: 'SSL', user_name: '%EMAILADDRESS%', authentication: 'plain' };
const davDefaults = { port: 0, use_ssl: true, domain_required: true, user_name: '%EMAILADDRESS%' };
const domainDefaults = { provider_id: 1, ldapserver_id: null };
const provider = { id: 1, name: 'Example Inc.', short_name: 'Example' };

test('version 1: domains are texts, all else has defaults', () =>
  assert.deepEqual(
    readDocument({
      provider: 'Example Inc.',
      domains: ['Example.ORG.', 'bücher.example'],
      servers: [imap, { type: 'pop', name: 'pop.example.org' }, smtp, caldav],
    }),
    {
      provider: [provider],
      server: [
        { ...mailDefaults, id: 1, type: 'imap', name: 'imap.example.org', port: 993 },
        { ...mailDefaults, id: 2, type: 'pop', name: 'pop.example.org', port: 995 },
        { ...mailDefaults, id: 3, type: 'smtp', name: 'smtp.example.org', port: 465 },
      ],
      davserver: [{ ...davDefaults, id: 1, type: 'caldav', url: 'https://dav.example.org/' }],
      ldapserver: [],
      domain: [
        { ...domainDefaults, id: 1, name: 'example.org' },
        { ...domainDefaults, id: 2, name: 'xn--bcher-kva.example' },
      ],
      automx2_extra: [],
      davserver_domain: [1, 2].map((domain_id) => ({ davserver_id: 1, domain_id })),
      server_domain: [1, 2, 3].flatMap((server_id) => [1, 2].map((domain_id) => ({ server_id, domain_id }))),
    } satisfies Rows,
  ));

test('version 2: domains are objects and may name a directory, every member is honoured', () =>
  assert.deepEqual(
    readDocument({
      version: 2,
      provider: 'Example Inc.',
      domains: [{ name: 'example.org', ldapserver_id: 5 }, { name: 'example.net' }],
      servers: [
        {
          type: 'imap',
          name: 'mail.%EMAILDOMAIN%',
          port: 143,
          prio: 20,
          socket_type: 'Auto',
          user_name: 'x-%EMAILLOCALPART%',
          authentication: 'CRAM-MD5',
        },
        { type: 'carddav', url: 'http://%EMAILDOMAIN%/dav', port: 8008, user_name: '%EMAILLOCALPART%' },
      ],
      ldapservers: [
        directory,
        {
          id: 5,
          name: 'ldap2.example.org',
          port: 389,
          use_ssl: true,
          search_base: 'ou=people',
          search_filter: '(uid={0})',
          attr_uid: 'mail',
          attr_cn: 'displayName',
          bind_user: 'cn=reader',
          bind_password: 's3cret',
        },
      ],
    }),
    {
      provider: [provider],
      server: [
        {
          id: 1,
          type: 'imap',
          name: 'mail.%EMAILDOMAIN%',
          port: 143,
          prio: 20,
          socket_type: 'Auto',
          user_name: 'x-%EMAILLOCALPART%',
          authentication: 'CRAM-MD5',
        },
      ],
      davserver: [
        {
          id: 1,
          type: 'carddav',
          url: 'http://%EMAILDOMAIN%/dav',
          port: 8008,
          use_ssl: false,
          domain_required: true,
          user_name: '%EMAILLOCALPART%',
        },
      ],
      ldapserver: [
        {
          id: 1,
          name: 'ldap.example.org',
          port: 636,
          use_ssl: true,
          search_base: 'dc=example,dc=org',
          search_filter: '(mail={0})',
          attr_uid: 'uid',
          attr_cn: 'cn',
          bind_user: null,
          bind_password: null,
        },
        {
          id: 5,
          name: 'ldap2.example.org',
          port: 389,
          use_ssl: true,
          search_base: 'ou=people',
          search_filter: '(uid={0})',
          attr_uid: 'mail',
          attr_cn: 'displayName',
          bind_user: 'cn=reader',
          bind_password: 's3cret',
        },
      ],
      domain: [
        { id: 1, name: 'example.org', provider_id: 1, ldapserver_id: 5 },
        { id: 2, name: 'example.net', provider_id: 1, ldapserver_id: null },
      ],
      automx2_extra: [],
      davserver_domain: [1, 2].map((domain_id) => ({ davserver_id: 1, domain_id })),
      server_domain: [1, 2].map((domain_id) => ({ server_id: 1, domain_id })),
    } satisfies Rows,
  ));

test('every row of a seed has a value for each column of its table, and no other', () => {
  const rows = readDocument(version2({ servers: [imap, caldav], ldapservers: [directory] }));
  for (const table of TABLE_NAMES.filter((name) => isRequired(TABLES[name]))) {
    assert.ok(rows[table].length > 0, table);
    for (const row of rows[table]) assert.deepEqual(Object.keys(row), Object.keys(columnsOf(table)));
  }
});

// What a message says beside the path.
for (const { document, message } of [
  { document: version2({ provider: undefined }), message: 'provider: is missing' },
  { document: version2({ domains: [{}] }), message: 'domains[0].name: is missing' },
  { document: server({ name: undefined }), message: 'servers[2].name: is missing' },
  { document: ldap({ search_base: null }), message: 'ldapservers[0].search_base: is missing' },
  { document: {}, message: 'the document: must not be empty' },
  {
    document: version1({ domains: ['a b'] }),
    message: 'domains[0]: must be a domain name of at most 128 characters, not "a b"',
  },
  {
    document: version1({ domains: ['a.example', 'A.example'] }),
    message: 'domains[1]: repeats an earlier one: "a.example"',
  },
  { document: server({ port: '25' }), message: 'servers[2].port: must be a number from 1 to 65535, not "25"' },
  {
    document: ldap({ bind_password: 'x\n' }),
    message: 'ldapservers[0].bind_password: must not hold control characters or halves of characters',
  },
]) {
  test(`readSeed says: ${message}`, () =>
    assert.throws(() => readDocument(document), { code: 'document_invalid', message }));
}

// Words that automx2 would pass on to clients are stored in its own.
for (const { given, stored } of [
  { given: { socket_type: 'TLS', authentication: 'password-cleartext' }, stored: ['SSL', 'plain'] },
  { given: { socket_type: 'ssl/tls', authentication: 'PLAIN' }, stored: ['SSL', 'plain'] },
  { given: { socket_type: 'starttls', authentication: 'CRAM-MD5' }, stored: ['STARTTLS', 'CRAM-MD5'] },
  { given: { socket_type: 'None', authentication: 'NTLM' }, stored: ['plain', 'NTLM'] },
  { given: { socket_type: 'AUTO', authentication: '' }, stored: ['Auto', 'plain'] },
]) {
  test(`a server with ${JSON.stringify(given)} is stored with ${stored}`, () => {
    const row = readDocument(server(given)).server[2];
    assert.deepEqual([row?.['socket_type'], row?.['authentication']], stored);
  });
}

// As automx2's own sample for directories has it.
for (const [value, want] of [
  ...['yes', 'Yes', 'true', ' TRUE ', '1', 1, 2, -1].map((word) => [word, true] as const),
  ...['no', 'No', 'false', '0', 0].map((word) => [word, false] as const),
] as const) {
  test(`use_ssl as ${JSON.stringify(value)} is ${want}`, () =>
    assert.equal(readDocument(ldap({ use_ssl: value })).ldapserver[0]?.['use_ssl'], want));
}

test('blanks around texts are not stored, but for those of a password', () => {
  const { server: servers } = readDocument(server({ name: ' mail.example.org ', user_name: ' %EMAILADDRESS% ' }));
  assert.deepEqual([servers[2]?.['name'], servers[2]?.['user_name']], ['mail.example.org', '%EMAILADDRESS%']);
  const seed = readDocument({ ...(ldap({ bind_user: ' cn=a ', bind_password: ' b ' }) as object) });
  assert.deepEqual([seed.ldapserver[0]?.['bind_user'], seed.ldapserver[0]?.['bind_password']], ['cn=a', ' b ']);
});

// Whether SSL is meant follows from the number of the port alone, whatever the type of the server.
for (const { type, port, want } of [
  { type: 'imap', port: 143, want: 'STARTTLS' },
  { type: 'imap', port: 465, want: 'SSL' },
  { type: 'pop', port: 110, want: 'STARTTLS' },
  { type: 'pop', port: 995, want: 'SSL' },
  { type: 'smtp', port: 587, want: 'STARTTLS' },
  { type: 'smtp', port: 993, want: 'SSL' },
]) {
  test(`a server of type ${type} on port ${port} has socket type ${want}`, () =>
    assert.equal(readDocument(server({ type, port })).server[2]?.['socket_type'], want));
}

for (const { port, useSsl, want } of [
  { port: undefined, useSsl: undefined, want: true },
  { port: 636, useSsl: undefined, want: true },
  { port: 389, useSsl: undefined, want: false },
  { port: 389, useSsl: null, want: false },
  { port: 636, useSsl: false, want: false },
  { port: 389, useSsl: true, want: true },
]) {
  test(`a directory on port ${port} with use_ssl ${useSsl} is ${want ? 'secured' : 'not secured'}`, () =>
    assert.equal(readDocument(ldap({ port, use_ssl: useSsl })).ldapserver[0]?.['use_ssl'], want));
}

for (const { name, provider: given, want } of [
  { name: 'is the first word', provider: 'Example Mail Inc.', want: 'Example' },
  { name: 'is the first word behind blanks', provider: '   Example  Inc.', want: 'Example' },
  { name: 'of 32 characters is kept', provider: 'x'.repeat(32), want: 'x'.repeat(32) },
  { name: 'is cut to 32 characters', provider: 'x'.repeat(33), want: 'x'.repeat(32) },
  { name: 'is cut between characters', provider: '😀'.repeat(33), want: '😀'.repeat(32) },
]) {
  test(`the short name ${name}`, () =>
    assert.equal(readDocument(version1({ provider: given })).provider[0]?.['short_name'], want));
}

const host = (length: number): string => `${'a'.repeat(63)}.${'a'.repeat(length - 66)}.a`;
const url = (length: number): string => 'https://dav.example.org/'.padEnd(length, 'a');

// automx2's columns: 128 characters, user_name 64, short words 32. Rows: a document with the longest value, and its path.
for (const { path, width, at } of [
  { path: 'provider', width: 128, at: (length: number) => version2({ provider: '😀'.repeat(length) }) },
  { path: 'domains[0]', width: 128, at: (length: number) => version1({ domains: [host(length)] }) },
  { path: 'domains[0].name', width: 128, at: (length: number) => version2({ domains: [{ name: host(length) }] }) },
  { path: 'servers[2].name', width: 128, at: (length: number) => server({ name: host(length) }) },
  { path: 'servers[2].user_name', width: 64, at: (length: number) => server({ user_name: '😀'.repeat(length) }) },
  { path: 'servers[1].url', width: 128, at: (length: number) => dav({ url: url(length) }) },
  { path: 'servers[1].user_name', width: 64, at: (length: number) => dav({ user_name: 'x'.repeat(length) }) },
  { path: 'ldapservers[0].name', width: 128, at: (length: number) => ldap({ name: host(length) }) },
  { path: 'ldapservers[0].search_base', width: 128, at: (length: number) => ldap({ search_base: 'x'.repeat(length) }) },
  {
    path: 'ldapservers[0].search_filter',
    width: 128,
    at: (length: number) => ldap({ search_filter: `(${'x'.repeat(length - 6)}={0})` }),
  },
  { path: 'ldapservers[0].attr_uid', width: 32, at: (length: number) => ldap({ attr_uid: 'x'.repeat(length) }) },
  { path: 'ldapservers[0].attr_cn', width: 32, at: (length: number) => ldap({ attr_cn: 'x'.repeat(length) }) },
  { path: 'ldapservers[0].bind_user', width: 128, at: (length: number) => ldap({ bind_user: 'x'.repeat(length) }) },
  {
    path: 'ldapservers[0].bind_password',
    width: 128,
    at: (length: number) => ldap({ bind_password: 'x'.repeat(length) }),
  },
]) {
  test(`${path} has at most ${width} characters`, () => {
    readDocument(at(width));
    assert.throws(() => readDocument(at(width + 1)), wrongAt(path));
  });
}

// Rows: the least and the greatest value of a whole number; one step beyond is refused.
for (const { path, least, greatest, at } of [
  { path: 'servers[2].port', least: 1, greatest: 65_535, at: (port: unknown) => server({ port }) },
  { path: 'servers[1].port', least: 0, greatest: 65_535, at: (port: unknown) => dav({ port }) },
  { path: 'servers[2].prio', least: 1 - 2 ** 31, greatest: 2 ** 31 - 1, at: (prio: unknown) => server({ prio }) },
  { path: 'ldapservers[0].port', least: 1, greatest: 65_535, at: (port: unknown) => ldap({ port }) },
  { path: 'ldapservers[0].id', least: 1, greatest: 2 ** 31 - 1, at: (id: unknown) => ldap({ id }) },
]) {
  test(`${path} is a whole number from ${least} to ${greatest}`, () => {
    readDocument(at(least));
    readDocument(at(greatest));
    for (const value of [least - 1, greatest + 1, least + 0.5, String(greatest), Number.NaN, true, [least], {}]) {
      assert.throws(() => readDocument(at(value)), wrongAt(path), JSON.stringify(value));
    }
  });
}

/** For assert.throws: document_invalid, the message naming the member and then what is accepted, on one line. */
function wrongAt(path: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof Failure &&
    error.code === 'document_invalid' &&
    error.message.startsWith(`${path}: `) &&
    !error.message.includes('\n');
}

for (const { name, document, path } of [
  { name: 'null', document: null, path: 'the document' },
  { name: 'an array', document: [version1()], path: 'the document' },
  { name: 'a text', document: 'seed', path: 'the document' },
  { name: 'a version we do not know', document: version2({ version: 4 }), path: 'version' },
  { name: 'providers without a version', document: { providers: [] }, path: 'version' },
  { name: 'providers in a seed', document: version2({ providers: [] }), path: 'version' },
  { name: 'a version as text', document: version2({ version: '2' }), path: 'version' },
  { name: 'a version that is no number', document: version2({ version: true }), path: 'version' },
  { name: 'no provider', document: version1({ provider: undefined }), path: 'provider' },
  { name: 'a null provider', document: version1({ provider: null }), path: 'provider' },
  { name: 'an empty provider', document: version1({ provider: '' }), path: 'provider' },
  { name: 'a blank provider', document: version1({ provider: ' \t' }), path: 'provider' },
  { name: 'a provider that is no text', document: version1({ provider: 1 }), path: 'provider' },
  { name: 'no domains', document: version1({ domains: undefined }), path: 'domains' },
  { name: 'zero domains', document: version2({ domains: [] }), path: 'domains' },
  { name: 'domains that are no array', document: version1({ domains: 'example.org' }), path: 'domains' },
  {
    name: 'version 1 with a domain object',
    document: version1({ domains: [{ name: 'a.example' }] }),
    path: 'version',
  },
  { name: 'version 1 with a wrong domain', document: version1({ domains: ['a.example', 'b c'] }), path: 'domains[1]' },
  { name: 'version 1 with an empty domain', document: version1({ domains: [''] }), path: 'domains[0]' },
  { name: 'version 2 with a domain text', document: version2({ domains: ['a.example'] }), path: 'domains[0]' },
  { name: 'version 2 with a domain array', document: version2({ domains: [[]] }), path: 'domains[0]' },
  {
    name: 'version 2 with a wrong domain',
    document: version2({ domains: [{ name: 'a@b' }] }),
    path: 'domains[0].name',
  },
  { name: 'version 2 with a nameless domain', document: version2({ domains: [{}] }), path: 'domains[0].name' },
  { name: 'a domain twice', document: version1({ domains: ['a.example', 'A.example.'] }), path: 'domains[1]' },
  {
    name: 'a domain twice, as U-label and as A-label',
    document: version2({
      domains: [{ name: 'a.example' }, { name: 'bücher.example' }, { name: 'xn--bcher-kva.example' }],
    }),
    path: 'domains[2]',
  },
  {
    name: 'a directory that is not there',
    document: version2({ ldapservers: [directory], domains: [{ name: 'a.example', ldapserver_id: 2 }] }),
    path: 'domains[0].ldapserver_id',
  },
  {
    name: 'a directory named by text',
    document: version2({ ldapservers: [directory], domains: [{ name: 'a.example', ldapserver_id: '1' }] }),
    path: 'domains[0].ldapserver_id',
  },
  { name: 'no servers', document: version1({ servers: undefined }), path: 'servers' },
  { name: 'zero servers', document: version2({ servers: [] }), path: 'servers' },
  { name: 'servers that are no array', document: version2({ servers: { 0: imap } }), path: 'servers' },
  { name: 'DAV servers only', document: version2({ servers: [caldav] }), path: 'servers' },
  { name: 'a server that is null', document: version2({ servers: [imap, null] }), path: 'servers[1]' },
  { name: 'a server that is a text', document: version2({ servers: ['imap'] }), path: 'servers[0]' },
  { name: 'a server without type', document: server({ type: undefined }), path: 'servers[2].type' },
  { name: 'a server of a foreign type', document: server({ type: 'jmap' }), path: 'servers[2].type' },
  { name: 'a server type that a prototype has', document: server({ type: 'constructor' }), path: 'servers[2].type' },
  { name: 'another one', document: server({ type: '__proto__' }), path: 'servers[2].type' },
  { name: 'a server type that is no text', document: server({ type: ['imap'] }), path: 'servers[2].type' },
  { name: 'no host name', document: server({ name: undefined }), path: 'servers[2].name' },
  { name: 'a wrong host name', document: server({ name: 'imap example' }), path: 'servers[2].name' },
  { name: 'a URL for a host name', document: server({ name: 'imaps://imap.example' }), path: 'servers[2].name' },
  {
    name: 'a host name with an unknown placeholder',
    document: server({ name: '%REALNAME%.example' }),
    path: 'servers[2].name',
  },
  { name: 'a wrong socket type', document: server({ socket_type: 'TLSv1' }), path: 'servers[2].socket_type' },
  {
    name: 'a socket type that is a prototype name',
    document: server({ socket_type: '__proto__' }),
    path: 'servers[2].socket_type',
  },
  { name: 'a socket type that is no text', document: server({ socket_type: true }), path: 'servers[2].socket_type' },
  {
    name: 'a socket type that is too long',
    document: server({ socket_type: 'x'.repeat(33) }),
    path: 'servers[2].socket_type',
  },
  {
    name: 'a wrong authentication',
    document: server({ authentication: 'kerberos' }),
    path: 'servers[2].authentication',
  },
  {
    name: 'an authentication that is a prototype name',
    document: server({ authentication: 'constructor' }),
    path: 'servers[2].authentication',
  },
  {
    name: 'an authentication that is too long',
    document: server({ authentication: 'x'.repeat(33) }),
    path: 'servers[2].authentication',
  },
  { name: 'a blank login', document: server({ user_name: ' ' }), path: 'servers[2].user_name' },
  { name: 'a login that is no text', document: server({ user_name: 5 }), path: 'servers[2].user_name' },
  { name: 'no URL', document: dav({ url: undefined }), path: 'servers[1].url' },
  { name: 'an object that is no text for a URL', document: dav({ url: { toString: 1 } }), path: 'servers[1].url' },
  {
    name: 'an object that is no number for a port',
    document: server({ port: { valueOf: 1, toString: 1 } }),
    path: 'servers[2].port',
  },
  { name: 'a host name for a URL', document: dav({ url: 'dav.example.org' }), path: 'servers[1].url' },
  { name: 'a URL of another scheme', document: dav({ url: 'ftp://dav.example.org/' }), path: 'servers[1].url' },
  { name: 'a URL without host', document: dav({ url: 'https://' }), path: 'servers[1].url' },
  { name: 'a DAV login that is no text', document: dav({ user_name: false }), path: 'servers[1].user_name' },
  { name: 'directories that are no array', document: version2({ ldapservers: {} }), path: 'ldapservers' },
  { name: 'a directory that is null', document: version2({ ldapservers: [null] }), path: 'ldapservers[0]' },
  { name: 'a directory without id', document: ldap({ id: undefined }), path: 'ldapservers[0].id' },
  { name: 'a directory without name', document: ldap({ name: undefined }), path: 'ldapservers[0].name' },
  {
    name: 'a directory without search base',
    document: ldap({ search_base: null }),
    path: 'ldapservers[0].search_base',
  },
  ...['on', 'ture', 'y', [], {}].map((value) => {
    return {
      name: `use_ssl as ${JSON.stringify(value)}`,
      document: ldap({ use_ssl: value }),
      path: 'ldapservers[0].use_ssl',
    };
  }),
  {
    name: 'a filter that cannot be read',
    document: ldap({ search_filter: '(mail={0}' }),
    path: 'ldapservers[0].search_filter',
  },
  {
    name: 'a directory with another scheme',
    document: ldap({ name: 'http://a.example' }),
    path: 'ldapservers[0].name',
  },
  { name: 'a bind user that is no text', document: ldap({ bind_user: 0 }), path: 'ldapservers[0].bind_user' },
  {
    name: 'a directory id twice',
    document: version2({ ldapservers: [directory, { ...directory, id: 2 }, directory] }),
    path: 'ldapservers[2].id',
  },
  {
    name: 'members of a prototype',
    document: JSON.parse('{"__proto__": {"provider": "x"}, "domains": ["a.example"], "servers": []}'),
    path: '__proto__',
  },
  { name: 'a misspelt member', document: version2({ domain: [] }), path: 'domain' },
  { name: 'an inherited one', document: version2({ constructor: 'x' }), path: 'constructor' },
  { name: 'one of a server', document: server({ sockettype: 'SSL' }), path: 'servers[2].sockettype' },
  {
    name: 'one of a domain',
    document: version2({ domains: [{ name: 'example.org', ldapserver: 1 }] }),
    path: 'domains[0].ldapserver',
  },
  { name: 'one of a directory', document: ldap({ bind_pw: 'x' }), path: 'ldapservers[0].bind_pw' },
] satisfies { document: unknown; [member: string]: unknown }[]) {
  test(`readSeed refuses ${name} and names ${path}`, () => assert.throws(() => readDocument(document), wrongAt(path)));
}

test('readSeed refuses an empty object, which shall seed nothing', () =>
  assert.throws(() => readDocument({}), { name: 'Failure', code: 'document_invalid' }));

test('readSeed keeps values out of the message', () =>
  assert.throws(
    () => readDocument(ldap({ bind_password: 's3cret'.repeat(50) })),
    (error) => wrongAt('ldapservers[0].bind_password')(error) && !String(error).includes('s3cret'),
  ));

// Rows: a member left out means the same as the member with this value.
for (const { name, document, same } of [
  {
    name: 'null members are absent ones',
    document: server({ port: null, prio: null, socket_type: null, user_name: null, authentication: null }),
    same: server({}),
  },
  {
    name: 'null members of DAV servers, too',
    document: dav({ port: null, user_name: null }),
    same: dav({}),
  },
  {
    name: 'null members of directories, too',
    document: ldap({
      port: null,
      search_filter: null,
      attr_uid: null,
      attr_cn: null,
      bind_user: null,
      bind_password: null,
    }),
    same: ldap({}),
  },
  { name: 'an empty bind user is none', document: ldap({ bind_user: '', bind_password: '' }), same: ldap({}) },
  {
    name: 'a null directory of a domain is none',
    document: version2({ domains: [{ name: 'example.org', ldapserver_id: null }] }),
    same: version2(),
  },
  { name: 'a null version is the first', document: version1({ version: null }), same: version1() },
  { name: 'null directories are none', document: version2({ ldapservers: null }), same: version2() },
  { name: 'version 1 passes directories over', document: version1({ ldapservers: [directory] }), same: version1() },
  { name: 'comments are passed over', document: server({ comment: ['x'] }), same: server({}) },
  { name: 'a comment on all of it, too', document: version2({ comment: 1 }), same: version2() },
] satisfies { document: Members; same: Members; name: string }[]) {
  test(`readSeed: ${name}`, () => assert.deepEqual(readDocument(document), readDocument(same)));
}

for (const { servers, isRefused } of [
  { servers: 1_000, isRefused: false },
  { servers: 1_001, isRefused: true },
]) {
  test(`1,000 domains with ${servers} servers are ${isRefused ? 'refused: too many links' : 'taken'}`, () => {
    const seed = version1({
      domains: Array.from({ length: 1_000 }, (_, index) => `d${index}.example`),
      servers: Array.from({ length: servers }, (_, index) => (index % 2 === 0 ? imap : caldav)),
    });
    const links = (): number => {
      const { server_domain, davserver_domain } = readDocument(seed);
      return server_domain.length + davserver_domain.length;
    };
    if (isRefused) assert.throws(links, { code: 'document_invalid' });
    else assert.equal(links(), 1_000_000);
  });
}

test('a long key is cut in a message', () => {
  const key = 'k'.repeat(100_000);
  for (const document of [version1({ [key]: 1 }), { version: 3, providers: [{ [key]: 1 }] }]) {
    assert.throws(
      () => readDocument(document),
      ({ message }: Error) => message.includes('k...: ') && message.length < 1_000,
    );
  }
});
