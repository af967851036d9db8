import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unofferedServices } from '../../../src/domain/dns/published-records.ts';
import { offeredServices } from '../../../src/domain/dns/services.ts';
import { type Extras, NO_EXTRAS } from '../../../src/domain/extras.ts';
import type { DavServer, MailDomain, MailServer } from '../../../src/domain/mail-domain.ts';
import { caldav, carddav, domain, domainName, imap, pop, smtp } from '../samples.ts';

const offered = (members: Partial<MailDomain>) => offeredServices(domain(members).settings);

/** "imaps 0 imap.example.org:993", and "omitted imap 1" for rows without a record. */
const places = (members: Partial<MailDomain>): readonly string[] => {
  const { mail, dav, omitted } = offered(members);
  return [
    ...mail.map(({ service, priority, target, port }) => `${service} ${priority} ${target}:${port}`),
    ...dav.map(({ service, priority, target, port, path }) => `${service} ${priority} ${target}:${port} ${path}`),
    ...omitted.map(({ service, row }) => `omitted ${service} ${row.id}`),
  ];
};

describe('mail servers', () => {
  const submissions: MailServer = { ...smtp, id: 4, port: 465, socketType: 'SSL' };
  for (const { name, rows, want } of [
    {
      name: 'each kind of TLS has its service',
      rows: [imap, { ...imap, port: 143, socketType: 'STARTTLS' }, submissions, smtp],
      want: [
        'imaps 0 imap.example.org:993',
        'imap 10 imap.example.org:143',
        'submissions 0 smtp.example.org:465',
        'submission 10 smtp.example.org:587',
      ],
    },
    {
      name: 'POP3 before IMAP, as the rows have it',
      rows: [{ ...pop, port: 995, socketType: 'SSL' }, { ...pop, socketType: 'STARTTLS' }, imap],
      want: ['pop3s 0 pop.example.org:995', 'pop3 10 pop.example.org:110', 'imaps 20 imap.example.org:993'],
    },
    {
      name: 'several of one service, in the order of the rows',
      rows: [imap, { ...imap, id: 8, hostname: 'b.example.org' }],
      want: ['imaps 0 imap.example.org:993', 'imaps 10 b.example.org:993'],
    },
    {
      name: 'the same place twice is one record, and takes no priority',
      rows: [imap, { ...imap, id: 8, hostname: 'IMAP.example.org.' }, { ...imap, id: 9, hostname: 'b.example.org' }],
      want: ['imaps 0 imap.example.org:993', 'imaps 10 b.example.org:993'],
    },
    {
      name: 'a row without a record does not hide one with the same host and port',
      rows: [
        { ...imap, port: 143, socketType: 'plain' },
        { ...imap, id: 8, port: 143, socketType: 'STARTTLS' },
      ],
      want: ['imap 0 imap.example.org:143', 'omitted imap 1'],
    },
    { name: 'no clear text', rows: [pop], want: ['omitted pop3 2'] },
    { name: 'no other login', rows: [{ ...imap, userName: '%EMAILLOCALPART%' }], want: ['omitted imaps 1'] },
    {
      name: 'no port 25, whatever its TLS',
      rows: [
        { ...smtp, port: 25 },
        { ...submissions, port: 25 },
      ],
      want: ['omitted submission 3', 'omitted submissions 4'],
    },
    { name: 'other ports of SMTP', rows: [{ ...smtp, port: 2525 }], want: ['submission 0 smtp.example.org:2525'] },
    {
      name: '"auto" is what the port implies',
      rows: [
        { ...imap, socketType: 'auto' },
        { ...imap, port: 143, socketType: 'auto' },
        { ...smtp, port: 25, socketType: 'auto' },
      ],
      want: ['imaps 0 imap.example.org:993', 'imap 10 imap.example.org:143', 'omitted submission 3'],
    },
    {
      name: "the domain's placeholder",
      rows: [{ ...imap, hostname: 'imap.%EMAILDOMAIN%' }],
      want: ['imaps 0 imap.example.org:993'],
    },
    ...['%EMAILLOCALPART%.example.org', 'mail', '192.0.2.1', `${'x.'.repeat(125)}%EMAILDOMAIN%`].map((hostname) => ({
      name: `no target: ${hostname}`,
      rows: [{ ...imap, hostname }],
      want: ['omitted imaps 1'],
    })),
  ] satisfies readonly { name: string; rows: readonly MailServer[]; want: readonly string[] }[]) {
    test(name, () => assert.deepEqual(places({ mailServers: rows }), want));
  }

  test('1,000 rows fit into the priorities of SRV', () => {
    const rows = Array.from({ length: 1_000 }, (_, id) => ({ ...imap, id, hostname: `i${id}.example.org` }));
    const { mail } = offered({ mailServers: rows });
    assert.deepEqual([mail.length, mail.at(-1)?.priority], [1_000, 9_990]);
  });
});

describe('DAV servers', () => {
  const at = (url: string, more: Partial<DavServer> = {}): DavServer => ({ ...caldav, url, ...more });
  for (const { name, rows, want } of [
    {
      name: 'the folder above what differs by user',
      rows: [caldav, carddav],
      want: ['caldavs 0 dav.example.org:443 /calendars/', 'carddavs 0 dav.example.org:443 /contacts/'],
    },
    { name: 'the root', rows: [at('https://a.example')], want: ['caldavs 0 a.example:443 /'] },
    { name: "the URL's port", rows: [at('https://a.example:8443/c')], want: ['caldavs 0 a.example:8443 /c'] },
    {
      name: 'no other port or use of TLS than the URL says',
      rows: [at('https://a.example/c', { port: 8443 }), at('https://a.example/c', { id: 7, useSsl: false })],
      want: ['omitted caldavs 1', 'omitted caldavs 7'],
    },
    { name: 'the same port', rows: [at('https://a.example/c', { port: 443 })], want: ['caldavs 0 a.example:443 /c'] },
    { name: 'escapes stay', rows: [at('https://a.example/%7Ea/b%20c')], want: ['caldavs 0 a.example:443 /%7Ea/b%20c'] },
    {
      name: 'quotes, blanks and other characters are escaped',
      rows: [at('https://bücher.example/"ü x"')],
      want: ['caldavs 0 xn--bcher-kva.example:443 /%22%C3%BC%20x%22'],
    },
    {
      name: "the domain's placeholder",
      rows: [at('https://dav.%EMAILDOMAIN%/%EMAILDOMAIN%/')],
      want: ['caldavs 0 dav.example.org:443 /example.org/'],
    },
    { name: 'no password', rows: [at('https://u:secret@a.example/c')], want: ['caldavs 0 a.example:443 /c'] },
    { name: 'no query', rows: [at('https://a.example/c?x=1')], want: ['omitted caldavs 1'] },
    {
      name: 'a query that differs by user is below the folder',
      rows: [at('https://a.example/c/?u=%EMAILADDRESS%')],
      want: ['caldavs 0 a.example:443 /c/'],
    },
    {
      name: 'a whole path that differs by user',
      rows: [at('https://a.example/%EMAILADDRESS%')],
      want: ['omitted caldavs 1'],
    },
    {
      name: 'a host that differs by user',
      rows: [at('https://%EMAILLOCALPART%.example/c/')],
      want: ['omitted caldavs 1'],
    },
    { name: 'no clear text', rows: [at('http://a.example/c')], want: ['omitted caldav 1'] },
    {
      name: 'no address',
      rows: [at('https://[::1]/c'), at('https://127.0.0.1/c')],
      want: ['omitted caldavs 1', 'omitted caldavs 1'],
    },
    {
      name: 'the first of two that can be named',
      rows: [at('http://a.example/c'), at('https://b.example/c', { id: 7 }), at('https://c.example/c', { id: 8 })],
      want: ['caldavs 0 b.example:443 /c', 'omitted caldav 1', 'omitted caldavs 8'],
    },
  ]) {
    test(name, () => assert.deepEqual(places({ mailServers: [], davServers: rows }), want));
  }
});

describe('services that are not offered', () => {
  for (const { name, members, want } of [
    {
      name: 'those without a row',
      members: {},
      want: ['imap', 'pop3s', 'pop3', 'submissions'],
    },
    {
      name: 'not those whose rows have no record: other formats name these',
      members: {
        mailServers: [
          { ...imap, hostname: '%EMAILLOCALPART%.example.org' },
          { ...imap, port: 143, socketType: 'plain' as const },
          { ...smtp, port: 25 },
        ],
      },
      want: ['pop3s', 'pop3', 'submissions'],
    },
    {
      name: 'DAV in clear text beside DAV over https',
      members: { davServers: [caldav] },
      want: ['imap', 'pop3s', 'pop3', 'submissions', 'caldav'],
    },
    {
      name: 'not beside a row in clear text',
      members: { davServers: [carddav, { ...carddav, id: 9, url: 'http://dav.example.org/' }] },
      want: ['imap', 'pop3s', 'pop3', 'submissions'],
    },
  ]) {
    test(name, () =>
      assert.deepEqual(unofferedServices(domain({ name: domainName('example.org'), ...members })), want),
    );
  }
});

describe('extras', () => {
  const managesieve = { name: domainName('sieve.example.org'), port: 4190, socketType: 'STARTTLS' } as const;
  for (const { what, extras, want } of [
    {
      what: 'JMAP',
      extras: { jmap: { url: 'https://jmap.example.org/session' } },
      want: ['jmap jmap.example.org:443'],
    },
    {
      what: "JMAP at the URL's port",
      extras: { jmap: { url: 'https://JMAP.example.org:8443' } },
      want: ['jmap jmap.example.org:8443'],
    },
    { what: 'JMAP at an address', extras: { jmap: { url: 'https://192.0.2.1/' } }, want: ['omitted jmap'] },
    { what: 'JMAP at IPv6', extras: { jmap: { url: 'https://[2001:db8::1]/' } }, want: ['omitted jmap'] },
    { what: 'ManageSieve', extras: { managesieve }, want: ['sieve sieve.example.org:4190'] },
    {
      what: 'ManageSieve with TLS from the start',
      extras: { managesieve: { ...managesieve, socketType: 'SSL' } },
      want: ['omitted managesieve'],
    },
    {
      what: 'ManageSieve at one label',
      extras: { managesieve: { ...managesieve, name: domainName('sieve') } },
      want: ['omitted managesieve'],
    },
  ] satisfies readonly { what: string; extras: Partial<Extras>; want: readonly string[] }[]) {
    test(`${what}: ${want}`, () => {
      const members = { extras: { ...NO_EXTRAS, ...extras } };
      const { extra, omittedExtras } = offered(members);
      const found = [
        ...extra.map(({ service, target, port }) => `${service} ${target}:${port}`),
        ...omittedExtras.map(({ kind }) => `omitted ${kind}`),
      ];
      assert.deepEqual(found, want);
    });
  }

  test('nobody is told that there is no JMAP or ManageSieve', () => {
    for (const service of unofferedServices(domain())) assert.doesNotMatch(service, /jmap|sieve/);
  });
});
