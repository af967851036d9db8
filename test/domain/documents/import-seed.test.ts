import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { importSeed } from '../../../src/domain/documents/import-seed.ts';
import type { Imported } from '../../../src/domain/documents/imported.ts';

function imported(seed: unknown): { readonly content: Imported; readonly losses: readonly string[] } {
  const losses: string[] = [];
  return { content: importSeed(seed, (what) => losses.push(what)), losses };
}

const IMAP = { type: 'imap', name: 'imap.example' };
const seed = (members: object = {}): object => ({
  version: 2,
  provider: 'Two words',
  domains: [{ name: 'a.example' }],
  servers: [IMAP],
  ...members,
});

describe('importSeed', () => {
  test('version 1: domains are texts', () => {
    const { content, losses } = imported({
      provider: ' Two words ',
      domains: ['a.example', 'B.Example'],
      servers: [IMAP],
    });
    assert.deepEqual(content, {
      provider: { name: 'Two words', short_name: 'Two', domains: ['a.example', 'B.Example'], servers: [IMAP] },
      directories: [],
    });
    assert.deepEqual(losses, []);
  });

  test('version 2: members are copied in the words that were given, and none is invented', () => {
    const servers = [
      { type: 'SMTP', name: 'SMTP.example', port: 587, socket_type: 'tls', prio: -3, authentication: 'cram-md5' },
      { type: 'imap', name: 'imap.example', user_name: '', comment: ['why'] },
      { type: 'CalDAV', url: 'https://dav.example/', port: 0 },
    ];
    const directory = { name: 'ldap.example', use_ssl: 'yes', search_base: 'dc=example', bind_password: ' secret ' };
    const { content, losses } = imported(
      seed({
        comment: 'for people',
        domains: [
          { name: 'a.example', ldapserver_id: null },
          { name: 'b.example', ldapserver_id: 7 },
          { name: 'c.example', comment: 'new' },
        ],
        servers,
        ldapservers: [{ id: 7, ...directory, bind_user: null }],
      }),
    );
    assert.deepEqual(losses, []);
    assert.deepEqual(content, {
      provider: {
        name: 'Two words',
        short_name: 'Two',
        comment: 'for people',
        domains: ['a.example', { name: 'b.example', directory: '7' }, { name: 'c.example', comment: 'new' }],
        servers,
      },
      directories: [{ label: '7', ...directory }],
    });
  });

  test('members of the other kind of server are left out and named', () => {
    const { content, losses } = imported(seed({ servers: [{ ...IMAP, url: 'https://a.example/' }] }));
    assert.deepEqual(content.provider.servers, [IMAP]);
    assert.deepEqual(
      losses.map((loss) => loss.split(':')[0]),
      ['servers[0].url'],
    );
  });

  test('version 1 has no directories', () => {
    const { content, losses } = imported({ provider: 'P', domains: ['a.example'], servers: [IMAP], ldapservers: [{}] });
    assert.deepEqual(content.directories, []);
    assert.deepEqual(
      losses.map((loss) => loss.split(':')[0]),
      ['ldapservers'],
    );
  });

  for (const { name, document, message } of [
    { name: 'a settings document', document: { version: 3, providers: [] }, message: /\b3\b/ },
    { name: 'another version', document: seed({ version: 4 }), message: /^version: / },
    { name: 'no seed', document: {}, message: /^the document: / },
    { name: 'a misspelt member', document: { ...seed({}), note: 1 }, message: /^note: / },
    { name: 'no mail server', document: seed({ servers: [] }), message: /^servers: / },
    { name: 'a wrong member', document: seed({ servers: [{ ...IMAP, port: 0 }] }), message: /^servers\[0\]\.port: / },
  ]) {
    test(`refuses what a database would not be filled with: ${name}`, () => {
      assert.throws(() => imported(document), { name: 'Failure', code: 'document_invalid', message });
    });
  }
});
