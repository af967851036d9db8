import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocument } from '../../../src/domain/documents/read-document.ts';
import { writeSettings } from '../../../src/domain/documents/write-settings.ts';
import { FieldError } from '../../../src/domain/fields.ts';
import { caldav, document, full, imap, ldap, type Members, provider, REFUSED, smtp } from './samples.ts';

test('a server without domains belongs to all of its provider, one with domains to these', () => {
  const rows = readDocument({
    version: 3,
    providers: [
      provider({ servers: [imap, { ...caldav, domains: ['EXAMPLE.net.'] }] }),
      { name: 'Other Inc.', domains: ['bücher.example'], servers: [smtp] },
    ],
  });
  assert.deepEqual(rows, {
    provider: [
      { id: 1, name: 'Example Inc.', short_name: 'Example' },
      { id: 2, name: 'Other Inc.', short_name: 'Other' },
    ],
    server: [imap, smtp].map((server, at) => ({
      id: at + 1,
      ...server,
      prio: 10,
      user_name: '%EMAILADDRESS%',
      authentication: 'plain',
    })),
    davserver: [{ id: 1, ...caldav, port: 0, use_ssl: true, domain_required: true, user_name: '%EMAILADDRESS%' }],
    ldapserver: [],
    automx2_extra: [],
    domain: [
      { id: 1, name: 'example.com', provider_id: 1, ldapserver_id: null },
      { id: 2, name: 'example.net', provider_id: 1, ldapserver_id: null },
      { id: 3, name: 'xn--bcher-kva.example', provider_id: 2, ldapserver_id: null },
    ],
    server_domain: [
      { server_id: 1, domain_id: 1 },
      { server_id: 1, domain_id: 2 },
      { server_id: 2, domain_id: 3 },
    ],
    davserver_domain: [{ davserver_id: 1, domain_id: 2 }],
  });
});

test('a domain names its directory by the label, or else by its name', () => {
  const rows = readDocument(
    document(
      {
        domains: [
          { name: 'example.com', directory: 'b' },
          { name: 'example.net', directory: 'ldap.example.com' },
        ],
      },
      { directories: [ldap, { ...ldap, label: 'b', search_base: 'dc=b' }] },
    ),
  );
  assert.deepEqual(
    rows.domain.map((row) => row['ldapserver_id']),
    [2, 1],
  );
});

test('comments may stand anywhere', () => {
  const comment = 'x';
  const plain = document({}, { directories: [ldap] });
  const commented = {
    comment,
    ...document(
      {
        comment,
        domains: [{ comment, name: 'example.com' }, 'example.net'],
        servers: [
          { comment, ...imap },
          { ...smtp, comment: [1] },
        ],
      },
      { directories: [{ ...ldap, comment }] },
    ),
  };
  assert.deepEqual(readDocument(commented), readDocument(plain));
});

test('secrets come from files where the caller reads them, and nowhere else', () => {
  const given = document({}, { directories: [{ ...ldap, bind_password_file: '/run/secret' }] });
  const read = (file: string, path: string): string => `${file} ${path}`;
  assert.equal(
    readDocument(given, read).ldapserver[0]?.['bind_password'],
    '/run/secret directories[0].bind_password_file',
  );
  assert.throws(() => readDocument(given), {
    code: 'document_invalid',
    message: /^directories\[0\]\.bind_password_file: /,
  });
  const unreadable = (_file: string, path: string): never => {
    throw new FieldError(path, 'cannot be read');
  };
  assert.throws(() => readDocument(given, unreadable), { code: 'document_invalid' });
});

test('no password is one that is not named; an empty one is none', () => {
  const password = (members: Members): unknown =>
    readDocument(document({}, { directories: [{ ...ldap, ...members }] })).ldapserver[0]?.['bind_password'];
  assert.equal(password({}), undefined);
  assert.equal(password({ bind_password: null }), undefined);
  assert.equal(password({ bind_password: '' }), null);
  assert.equal(password({ bind_password: ' x ' }), ' x ');
});

for (const { name, given, path } of REFUSED) {
  test(`${name} is refused at ${path}`, () =>
    assert.throws(
      () => readDocument(given),
      (error: Error & { code?: string }) => error.code === 'document_invalid' && error.message.startsWith(`${path}: `),
    ));
}

test('what is written reads as the same rows, and writes as the same text', () => {
  const rows = readDocument(full);
  const { document: written, omitted } = writeSettings(rows, { withSecrets: true });
  assert.deepEqual(omitted, []);
  const again = readDocument(written);
  assert.deepEqual(writeSettings(again, { withSecrets: true }).document, written);
  const sorted = (value: typeof rows): unknown => value.server_domain.length + value.davserver_domain.length;
  assert.equal(sorted(again), sorted(rows));
  assert.deepEqual(again.ldapserver, rows.ldapserver);
});

test('passwords are written on demand only, ids never', () => {
  const rows = readDocument(full);
  const text = JSON.stringify(writeSettings(rows).document);
  assert.doesNotMatch(text, /s3cret|_id|"id"/);
  assert.match(JSON.stringify(writeSettings(rows, { withSecrets: true }).document), /s3cret/);
});

test('servers are written in the order in which clients get them, and read in it', () => {
  const types = [
    { ...imap, prio: 20 },
    { ...smtp, prio: 20 },
    { ...imap, type: 'pop', port: 995, prio: 10 },
  ];
  const rows = readDocument(document({ servers: types }));
  const turned = {
    ...rows,
    server: rows.server.toReversed(),
    server_domain: rows.server_domain.toReversed(),
    domain: rows.domain.toReversed(),
  };
  const { document: written } = writeSettings(turned);
  assert.deepEqual(written, writeSettings(rows).document);
  assert.deepEqual(
    written.providers[0]?.servers.map(({ type }) => type),
    ['pop', 'imap', 'smtp'],
  );
});

test('the words of the operator survive', () => {
  const rows = readDocument(document());
  const [server, ...others] = rows.server;
  const changed = { ...rows, server: [{ ...server, socket_type: 'TLS', authentication: '', prio: null }, ...others] };
  const [entry] = writeSettings(changed).document.providers[0]?.servers.filter(({ type }) => type === 'imap') ?? [];
  assert.deepEqual(entry, {
    type: 'imap',
    name: 'mail.example.com',
    port: 993,
    socket_type: 'TLS',
    user_name: '%EMAILADDRESS%',
    authentication: '',
  });
});

test('one provider can be written by itself, with the directories that it needs', () => {
  const rows = readDocument({
    version: 3,
    providers: [provider(), { name: 'B', domains: [{ name: 'b.example', directory: 'b' }], servers: [smtp] }],
    directories: [ldap, { ...ldap, label: 'b', name: 'b.example' }],
  });
  const { document: written } = writeSettings(rows, { provider: 'B' });
  assert.deepEqual(
    [written.providers.map(({ name }) => name), written.directories?.map((directory) => directory['name'])],
    [['B'], ['b.example']],
  );
});

test('what cannot be said is left out and named', () => {
  const rows = readDocument(document());
  const [imapRow = {}] = rows.server;
  const changed = {
    ...rows,
    server: [
      ...rows.server,
      { ...imapRow, id: 3, port: 0 },
      { ...imapRow, id: 4, name: 'other.example.com' },
      { ...imapRow, id: 5, user_name: 'x' },
    ],
    domain: [
      ...rows.domain,
      { id: 3, name: 'no domain', provider_id: 1, ldapserver_id: null },
      { id: 4, name: 'lost.example', provider_id: 9, ldapserver_id: null },
      { id: 5, name: 'twice.example', provider_id: 1, ldapserver_id: null },
      { id: 6, name: 'Twice.example', provider_id: 1, ldapserver_id: null },
    ],
    server_domain: [...rows.server_domain, { server_id: 3, domain_id: 1 }, { server_id: 5, domain_id: 2 }],
  };
  const { document: written, omitted } = writeSettings(changed);
  assert.deepEqual(written.providers[0]?.domains, ['example.com', 'example.net']);
  const starts = ['server 3:', 'server 4:', 'server 1, 5:', 'domain 3:', 'domain 4:', 'domain 5, 6:'];
  for (const start of starts) assert.equal(omitted.filter((line) => line.startsWith(start)).length, 1, start);
  assert.equal(omitted.length, starts.length);
});
