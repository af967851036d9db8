import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocument } from '../../../src/domain/documents/read-document.ts';
import { writeSeeds } from '../../../src/domain/documents/write-seeds.ts';
import { writeSettings } from '../../../src/domain/documents/write-settings.ts';

const imap = { type: 'imap', name: 'mail.example.com' };
const smtp = { type: 'smtp', name: 'mail.example.com' };
const caldav = { type: 'caldav', url: 'https://dav.example.com/' };
const directory = { name: 'ldap.example.com', search_base: 'dc=example' };

const seedsOf = (providers: readonly object[], directories: readonly object[] = []) =>
  writeSeeds(writeSettings(readDocument({ version: 3, providers, directories })).document);

test('one provider with all servers for all domains is one seed, and nothing is lost', () => {
  const provider = { name: 'Example Inc.', domains: ['a.example', 'b.example'], servers: [imap, smtp, caldav] };
  const [seed, ...others] = seedsOf([provider]);
  assert.deepEqual([others, seed?.name, seed?.losses], [[], 'example-inc.json', []]);
  const { provider: stored, ...rows } = readDocument(seed?.seed);
  const { provider: meant, ...wanted } = readDocument({ version: 3, providers: [provider] });
  assert.deepEqual([stored, rows], [meant, wanted]);
});

test('domains with other servers are seeds of their own', () => {
  const seeds = seedsOf([
    {
      name: 'A',
      domains: ['a.example', 'b.example', 'c.example'],
      servers: [imap, { ...caldav, domains: ['b.example'] }],
    },
    { name: 'Ü', domains: ['d.example'], servers: [imap] },
  ]);
  assert.deepEqual(
    seeds.map(({ name, seed }) => [name, readDocument(seed).domain.map((row) => row['name'])]),
    [
      ['a-1.json', ['a.example', 'c.example']],
      ['a-2.json', ['b.example']],
      ['provider.json', ['d.example']],
    ],
  );
});

test('names that are taken get a number', () => {
  const seeds = seedsOf(
    ['A', 'A 2', 'a!', 'a?', 'Ö', 'Ü'].map((name, at) => ({ name, domains: [`d${at}.example`], servers: [imap] })),
  );
  assert.deepEqual(
    seeds.map(({ name }) => name),
    ['a.json', 'a-2.json', 'a-3.json', 'a-4.json', 'provider.json', 'provider-2.json'],
  );
});

test('directories go with their domains', () => {
  const [seed] = seedsOf(
    [{ name: 'A', domains: [{ name: 'a.example', directory: 'x' }, 'b.example'], servers: [imap] }],
    [directory, { ...directory, label: 'x', search_base: 'dc=x' }],
  );
  const { domain, ldapserver } = readDocument(seed?.seed);
  assert.deepEqual(
    [domain.map((row) => row['ldapserver_id'] !== null), ldapserver.map((row) => row['search_base'])],
    [[true, false], ['dc=x']],
  );
});

test('what automx2 ignores is named', () => {
  const [seed] = seedsOf([
    {
      name: 'Long Name',
      short_name: 'Other',
      domains: ['a.example'],
      servers: [
        { ...imap, socket_type: 'STARTTLS', user_name: '%EMAILLOCALPART%', authentication: 'GSSAPI', prio: 20 },
        { ...caldav, domain_required: false },
      ],
    },
  ]);
  const named = ['short name', 'socket_type', 'user_name', 'authentication', 'prio', 'domain_required'];
  assert.deepEqual(
    named.filter((word) => seed?.losses.some((loss) => loss.includes(word)) !== true),
    [],
  );
  assert.equal(seed?.losses.length, named.length);
});

test('a provider without a mail server is no seed', () => {
  const [seed] = seedsOf([{ name: 'A', domains: ['a.example'], servers: [caldav] }]);
  assert.deepEqual(seed?.losses, ['a seed needs a mail server']);
});
