import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readDocument } from '../../../src/domain/documents/read-document.ts';
import { writeSeeds } from '../../../src/domain/documents/write-seeds.ts';
import { writeSettings } from '../../../src/domain/documents/write-settings.ts';
import { Failure } from '../../../src/domain/failure.ts';
import type { Row, Rows } from '../../../src/domain/tables.ts';
import { document, imap, type Members, smtp } from './samples.ts';

const jmap = { url: 'https://jmap.example.com/session' };
const webmail = { url: 'https://webmail.example.com/' };
const support = { url: 'mailto:help@example.com' };
const pages = [
  { url: 'https://www.example.com/imap', descr: { en: 'IMAP', de: 'IMAP einrichten' } },
  { url: 'https://www.example.com/more', descr: {} },
];
const ways = ['OAuth2', 'plain'];

/** "example.com jmap 0" and its value, for each extra. */
const extrasOf = ({ automx2_extra }: Rows): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    automx2_extra.map(({ domain_name, kind, n, data }) => [
      `${domain_name} ${kind} ${n}`,
      JSON.parse(String(data)) as unknown,
    ]),
  );

const mine = document(
  {
    jmap,
    documentation: pages,
    domains: [
      'example.com',
      { name: 'example.net', webmail, jmap: { url: 'https://jmap.example.net/' } },
      { name: 'example.org', same_as: 'example.com', webmail },
      '*.example.com',
    ],
    servers: [
      { ...imap, authentication: ways },
      { ...smtp, domains: ['example.net', '*.example.com'], authentication: ['OAuth2', 'NTLM', 'plain'] },
      { ...smtp, domains: ['example.com'] },
    ],
  },
  { defaults: { support, comment: 'for all' } },
);
const forAll = { name: 'All Inc.', domains: ['*'], servers: [{ ...imap, authentication: ways }] };
const everything = { ...mine, providers: [...(mine['providers'] as readonly Members[]), forAll] };

describe('extras in a settings document', () => {
  test('those of a provider are those of its domains, which may have others, and of none that takes the settings of another', () => {
    const imapWays = { type: 'imap', name: 'mail.example.com', port: 993, authentication: ways };
    const smtpWays = { type: 'smtp', name: 'mail.example.com', port: 465, authentication: ['OAuth2', 'NTLM', 'plain'] };
    assert.deepEqual(extrasOf(readDocument(everything)), {
      'example.com jmap 0': jmap,
      'example.com documentation 0': pages[0],
      'example.com documentation 1': pages[1],
      'example.com authentication 0': imapWays,
      'example.net jmap 0': { url: 'https://jmap.example.net/' },
      'example.net documentation 0': pages[0],
      'example.net documentation 1': pages[1],
      'example.net webmail 0': webmail,
      'example.net authentication 0': imapWays,
      'example.net authentication 1': smtpWays,
      'example.org webmail 0': webmail,
      'example.org same_as 0': 'example.com',
      '*.example.com jmap 0': jmap,
      '*.example.com documentation 0': pages[0],
      '*.example.com documentation 1': pages[1],
      '*.example.com authentication 0': imapWays,
      '*.example.com authentication 1': smtpWays,
      '* authentication 0': imapWays,
      '* support 0': support,
    });
  });

  test('a server without domains is for all of its provider but those with the settings of another', () => {
    const { server_domain } = readDocument(everything);
    assert.deepEqual(
      server_domain.filter((link) => link['server_id'] === 1).map((link) => link['domain_id']),
      [1, 2, 4],
    );
  });

  for (const { authentication, column } of [
    { authentication: ['OAuth2', 'plain'], column: 'plain' },
    { authentication: ['OAuth2', 'password-cleartext'], column: 'plain' },
    { authentication: ['OAuth2', 'password-encrypted', 'plain'], column: 'password-encrypted' },
    { authentication: ['plain', 'OAuth2'], column: 'plain' },
    { authentication: ['OAuth2'], column: 'OAuth2' },
    { authentication: ['NTLM'], column: 'NTLM' },
  ]) {
    test(`of the ways to log in ${authentication.join(', ')}, the column has ${column}`, () => {
      const rows = readDocument(document({ servers: [{ ...imap, authentication }] }));
      assert.equal(rows.server[0]?.['authentication'], column);
      assert.equal(rows.automx2_extra.length, authentication.length > 1 ? 2 : 0);
    });
  }

  test('what is exported says the same', () => {
    const rows = readDocument(everything);
    const { document: exported, omitted } = writeSettings(rows);
    assert.deepEqual(omitted, []);
    assert.deepEqual(extrasOf(readDocument(exported)), extrasOf(rows));
    assert.deepEqual(exported.defaults, { support });
    const provider = exported.providers.find(({ name }) => name === 'Example Inc.');
    assert.deepEqual(provider?.['documentation'], pages);
    // What most have; and not what only some have.
    assert.deepEqual([provider?.['jmap'], provider?.['webmail']], [jmap, undefined]);
  });

  test('a provider keeps its extras beside a wildcard of all domains that takes the settings of another domain', () => {
    const rows = readDocument(document({ jmap, domains: ['a.example', { name: '*', same_as: 'a.example' }] }));
    const { document: exported, omitted } = writeSettings(rows);
    assert.deepEqual([exported.providers[0]?.['jmap'], omitted], [jmap, []]);
    assert.deepEqual(extrasOf(readDocument(exported)), {
      'a.example jmap 0': jmap,
      '* same_as 0': 'a.example',
    });
  });

  test('an export names each extra that no document may hold, and those of domains that are not stored', () => {
    const rows = readDocument(document());
    const extra = (domain_name: string, kind: string, data: string): Row => ({ domain_name, kind, n: 0, data });
    const automx2_extra = [
      extra('example.com', 'jmap', '{"url":"http://a.example/"}'),
      extra('example.com', 'webmail', '{'),
      extra('example.com', 'ews', '{}'),
      extra('gone.example', 'support', JSON.stringify(support)),
    ];
    const { omitted, document: exported } = writeSettings({ ...rows, automx2_extra });
    assert.deepEqual(
      omitted.map((line) => line.replace(/: .*/, '')),
      [
        'automx2_extra example.com jmap 0',
        'automx2_extra example.com webmail 0',
        'automx2_extra example.com ews 0',
        'automx2_extra gone.example support',
      ],
    );
    assert.deepEqual(extrasOf(readDocument(exported)), {});
  });

  test('seeds have no place for them, and say so', () => {
    const { document: exported } = writeSettings(readDocument(document({ jmap }, { defaults: { support } })));
    const losses = writeSeeds(exported).flatMap((seed) => seed.losses);
    assert.equal(losses.filter((line) => /\bjmap\b/.test(line)).length, 1);
  });

  for (const { name, given, path } of [
    { name: 'an extra that is no object', given: document({ jmap: 'x' }), path: 'providers[0].jmap' },
    { name: 'a URL', given: document({ jmap: { url: 'http://x.example/' } }), path: 'providers[0].jmap.url' },
    {
      name: 'one of a domain',
      given: document({ domains: [{ name: 'a.example', documentation: [pages[0], {}] }] }),
      path: 'providers[0].domains[0].documentation[1].url',
    },
    { name: 'a list', given: document({ documentation: pages[0] }), path: 'providers[0].documentation' },
    { name: 'one of all', given: document({}, { defaults: { webmail: {} } }), path: 'defaults.webmail.url' },
    {
      name: 'another member of all',
      given: document({}, { defaults: { same_as: 'a.example' } }),
      path: 'defaults.same_as',
    },
    { name: 'the ways of a provider', given: document({ authentication: ways }), path: 'providers[0].authentication' },
    {
      name: 'one of the domain *',
      given: document({ domains: [{ name: '*', jmap }] }),
      path: 'providers[0].domains[0].jmap',
    },
    {
      name: 'its own settings',
      given: document({ domains: [{ name: 'a.example', same_as: 'A.example' }] }),
      path: 'providers[0].domains[0].same_as',
    },
    {
      name: 'the settings of a domain that is not there',
      given: document({ domains: [{ name: 'a.example', same_as: 'b.example' }] }),
      path: 'providers[0].domains[0].same_as',
    },
    {
      name: 'settings over two corners',
      given: document({
        domains: [
          'a.example',
          { name: 'b.example', same_as: 'a.example' },
          { name: 'c.example', same_as: 'b.example' },
        ],
      }),
      path: 'providers[0].domains[2].same_as',
    },
    {
      name: 'a server for a domain with the settings of another one',
      given: document({
        domains: ['a.example', { name: 'b.example', same_as: 'a.example' }],
        servers: [{ ...imap, domains: ['b.example'] }],
      }),
      path: 'providers[0].servers[0].domains[0]',
    },
    {
      name: 'one of a provider of *',
      given: document({ domains: ['a.example', '*'], jmap }),
      path: 'providers[0].jmap',
    },
    { name: 'an empty list', given: document({ documentation: [] }), path: 'providers[0].documentation' },
    {
      name: 'the settings of a wildcard',
      given: document({ domains: [{ name: 'a.example', same_as: '*' }] }),
      path: 'providers[0].domains[0].same_as',
    },
    { name: 'a wildcard inside', given: document({ domains: ['a.*.example'] }), path: 'providers[0].domains[0]' },
    {
      name: 'a way twice',
      given: document({ servers: [{ ...imap, authentication: ['plain', 'password-cleartext'] }] }),
      path: 'providers[0].servers[0].authentication[1]',
    },
    {
      name: 'no way',
      given: document({ servers: [{ ...imap, authentication: [] }] }),
      path: 'providers[0].servers[0].authentication',
    },
    {
      name: 'far too much text',
      given: document({
        documentation: [
          {
            url: 'https://a.example/',
            descr: Object.fromEntries(
              ['aa', 'ab', 'ac', 'ad', 'ae', 'af', 'ag', 'ah', 'ai', 'aj'].map((each) => [each, 'x'.repeat(200)]),
            ),
          },
        ],
      }),
      path: 'providers[0].documentation[0]',
    },
  ] as readonly { name: string; given: Members; path: string }[]) {
    test(`${name} is refused at ${path}`, () =>
      assert.throws(
        () => readDocument(given),
        (error) => error instanceof Failure && error.message.startsWith(`${path}: `),
      ));
  }
});
