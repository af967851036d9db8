import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Extras, NO_EXTRAS } from '../../../src/domain/extras.ts';
import { PACC, paccDigest } from '../../../src/domain/formats/pacc.ts';
import { readPaccDigest } from '../../../src/domain/formats/pacc-digest.ts';
import type { MailDomain, MailServer } from '../../../src/domain/mail-domain.ts';
import {
  caldav,
  carddav,
  directory,
  domain,
  domainName,
  failure,
  imap,
  pop as plainPop,
  smtp as startTls,
  user,
} from '../samples.ts';

const pop = { ...plainPop, port: 995, socketType: 'SSL' } as const;
const smtp = { ...startTls, port: 465, socketType: 'SSL' } as const;

type Members = Partial<MailDomain>;

/** Settings of which a document can be made, with these changes. */
const usable = (members: Members): ReturnType<typeof domain> => domain({ mailServers: [imap, smtp], ...members });
const text = (members: Members): string => PACC.writeForDomain(usable(members));

interface Document {
  readonly info: { readonly provider: { readonly name: string; readonly shortName?: string } };
  readonly protocols: Readonly<Record<string, { readonly host?: string; readonly url?: string }>>;
}
const read = (members: Members): Document => JSON.parse(text(members)) as Document;

/** What the document names, in few words: member and host or URL. */
const named = (members: Members): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(read(members).protocols).map(([name, { host, url }]) => [name, host ?? url]));

const withName = (name: string, shortName: string): Members => ({ provider: { id: 7, name, shortName } });

describe('PACC: the octets', () => {
  const members = {
    name: domainName('example.com'),
    ...withName('Example Mail Services', 'Example'),
    mailServers: [
      { ...imap, hostname: 'imap.example.com' },
      { ...smtp, hostname: 'smtp.example.com' },
    ],
  };

  test('a document and its digest, as it stands in DNS', () => {
    const octets =
      '{"authentication":{"password":true},"info":{"provider":{"name":"Example Mail Services","shortName":"Example"}},' +
      '"protocols":{"imap":{"host":"imap.example.com"},"smtp":{"host":"smtp.example.com"},"submit":{"host":"smtp.example.com"}}}';
    assert.equal(text(members), octets);
    const digest = createHash('sha256').update(text(members)).digest('base64');
    assert.equal(digest, 'rg0LeRkgKKCDQEKHfb3C3XCuc0mYcm6NdbNtQsOcQcg=');
  });

  test('all kinds of servers, in order of the members whatever the order of the rows', () => {
    const protocols =
      '"protocols":{"caldav":{"url":"https://dav.example.org/calendars/"},"carddav":{"url":"https://dav.example.org/contacts/"},' +
      '"imap":{"host":"imap.example.org"},"pop3":{"host":"pop.example.org"},' +
      '"smtp":{"host":"smtp.example.org"},"submit":{"host":"smtp.example.org"}}}';
    const servers = { mailServers: [smtp, pop, imap], davServers: [carddav, caldav] };
    assert.ok(text(servers).endsWith(protocols), text(servers));
  });

  test('the user gets what the domain gets', () => {
    assert.equal(PACC.write(user({ ...members })), text({ ...members, name: domainName('example.org') }));
  });

  test('beyond ASCII the text is UTF-8, not escaped', () => {
    assert.ok(text(withName('Bücher 書 😀', '')).includes('"name":"Bücher 書 😀"'));
  });
});

describe('PACC: names', () => {
  for (const { what, name = 'Example', shortName = '', want } of [
    { what: 'no name: the domain', name: '', want: ['example.org', undefined] },
    { what: 'blanks alone', name: ' \t\u00a0', shortName: '\u3000', want: ['example.org', undefined] },
    {
      what: 'control characters and double blanks',
      name: '\0 A\r\nB\u0085\u007f  C\u001b',
      want: ['A B C', undefined],
    },
    { what: 'line separators', name: 'A\u2028B', shortName: 'a\nb', want: ['A B', 'a b'] },
    { what: 'half a character', name: 'A\ud83d', want: ['A\ufffd', undefined] },
    { what: '60 characters', name: 'x'.repeat(60), want: ['x'.repeat(60), undefined] },
    { what: '61 characters', name: 'x'.repeat(61), want: ['x'.repeat(60), undefined] },
    { what: '60 characters of two units', name: '😀'.repeat(60), want: ['😀'.repeat(60), undefined] },
    { what: 'a blank where it is cut', name: `${'x'.repeat(59)} y`, want: ['x'.repeat(59), undefined] },
    { what: 'a short name of 20 characters', shortName: '😀'.repeat(20), want: ['Example', '😀'.repeat(20)] },
    { what: 'a short name of 21 is left out', shortName: 'x'.repeat(21), want: ['Example', undefined] },
  ]) {
    test(what, () => {
      const { provider } = read(withName(name, shortName)).info;
      assert.deepEqual([provider.name, provider.shortName], want);
    });
  }
});

const LOGIN = '%EMAILLOCALPART%';

describe('PACC: what is named', () => {
  const mail = { imap: 'imap.example.org', smtp: 'smtp.example.org', submit: 'smtp.example.org' };
  for (const { what, want, ...members } of [
    { what: 'the first of two', mailServers: [imap, smtp, { ...imap, id: 8, hostname: 'b.example' }], want: mail },
    {
      what: 'the first that it can say',
      mailServers: [{ ...imap, port: 143, socketType: 'STARTTLS', hostname: 'b.example' }, imap, startTls, smtp],
      want: mail,
    },
    {
      what: 'Auto at the implied ports',
      mailServers: [
        { ...imap, socketType: 'auto' },
        { ...smtp, socketType: 'auto' },
      ],
      want: mail,
    },
    {
      what: 'the domain in a host name, in small letters',
      mailServers: [{ ...imap, hostname: 'IMAP.%EMAILDOMAIN%.' }, smtp],
      want: mail,
    },
    {
      what: 'the domain as host',
      mailServers: [{ ...imap, hostname: '%EMAILDOMAIN%' }, smtp],
      want: { ...mail, imap: 'example.org' },
    },
    {
      what: 'an IDN domain in A-labels',
      name: domainName('bücher.example'),
      mailServers: [{ ...imap, hostname: 'imap.%EMAILDOMAIN%' }, smtp],
      want: { ...mail, imap: 'imap.xn--bcher-kva.example' },
    },
    {
      what: 'POP3 alone, where there is no IMAP',
      mailServers: [pop, smtp],
      want: { pop3: 'pop.example.org', smtp: mail.smtp, submit: mail.submit },
    },
    { what: 'POP3 with STARTTLS is left out', mailServers: [imap, plainPop, smtp], want: mail },
    { what: 'POP3 with another login is left out', mailServers: [imap, { ...pop, userName: LOGIN }, smtp], want: mail },
    ...(['password-encrypted', 'NTLM'] as const).map((authentication) => ({
      what: authentication,
      mailServers: [{ ...imap, authentication }, smtp],
      want: mail,
    })),
    { what: 'a directory that says no login', directory: { ...directory, loginAttribute: '' }, want: mail },
  ] satisfies readonly (Members & { what: string; want: object })[]) {
    test(what, () => assert.deepEqual(named(members), want));
  }
});

describe('PACC: URLs of calendars and contacts', () => {
  for (const { url, want, ...columns } of [
    { url: 'https://dav.example.org/dav/', want: 'https://dav.example.org/dav/' },
    { url: 'HTTPS://DAV.example.org:443/dav', want: 'https://dav.example.org/dav' },
    { url: 'https://dav.%EMAILDOMAIN%/%EMAILDOMAIN%/', want: 'https://dav.example.org/example.org/' },
    { url: 'https://dav.example.org/dav/%EMAILADDRESS%/', want: 'https://dav.example.org/dav/' },
    {
      url: 'https://dav.example.org/dav/u-%EMAILLOCALPART%/home?x=%EMAILADDRESS%',
      want: 'https://dav.example.org/dav/',
    },
    { url: 'https://dav.example.org/dav/', port: 443, want: 'https://dav.example.org/dav/' },
    { url: 'https://dav.example.org' },
    { url: 'https://dav.example.org//' },
    { url: 'https://dav.example.org/a/..' },
    { url: 'https://dav.example.org/%EMAILADDRESS%/' },
    { url: 'https://dav.example.org:8443/dav/' },
    { url: 'https://dav.example.org/dav/', port: 8443 },
    { url: 'https://dav.example.org/dav/', useSsl: false },
    { url: 'http://dav.example.org/dav/', useSsl: false },
    { url: 'https://user@dav.example.org/dav/' },
    { url: 'https://user:secret@dav.example.org/dav/' },
    { url: 'https://%EMAILLOCALPART%@dav.example.org/dav/' },
    { url: 'https://%EMAILLOCALPART%.example.org/dav/' },
    { url: 'https://dav.example.org/dav/?x=y' },
    { url: 'https://dav.example.org/dav/?' },
    { url: 'https://dav.example.org/dav/#x' },
    { url: 'https://dav.example.org/dav/#' },
    { url: 'https://192.0.2.1/dav/' },
    { url: 'https://[2001:db8::1]/dav/' },
    { url: 'https://dav/dav/' },
    { url: 'https://dav.example.org./dav/' },
    { url: 'https://dav.example.org/dav/', userName: LOGIN },
  ] satisfies readonly { url: string; want?: string; port?: number; useSsl?: boolean; userName?: string }[]) {
    const beside = Object.keys(columns).length === 0 ? '' : ` with ${JSON.stringify(columns)}`;
    test(`${url}${beside}: ${want ?? 'left out'}`, () =>
      assert.equal(named({ davServers: [{ ...caldav, url, ...columns }] })['caldav'], want));
  }

  test('the first that it can say', () => {
    const first = { ...caldav, url: 'https://dav.example.org/' };
    const members = { davServers: [first, caldav, { ...caldav, url: 'https://other.example/dav/' }] };
    assert.equal(named(members)['caldav'], 'https://dav.example.org/calendars/');
  });
});

/** A word of each rule. */
const WORDS = [
  ...['no SMTP', 'TLS', 'calendars', 'told of JMAP', 'host name for all', 'from a directory', 'login'],
  ...['all servers take', 'password'],
];

/** Which of its rules a domain breaks: the word of the rule, and the rows. */
const broken = (members: Members): readonly string[] =>
  PACC.rules.flatMap(({ reason, broken: rowsOf }) => {
    const rows = rowsOf(usable(members));
    const word = WORDS.find((each) => reason.includes(each));
    return rows === undefined ? [] : [[`${word}:`, ...rows.map(({ table, id }) => `${table} ${id}`)].join(' ')];
  });

/** Each rule with rows that it finds, and rows next to these that it does not; whether there is a document. */
describe('PACC: what keeps the document from being made', () => {
  for (const { what, want, ...members } of [
    { what: 'nothing', want: [] },
    {
      what: 'nothing, with all kinds of servers',
      mailServers: [imap, pop, smtp],
      davServers: [caldav, carddav],
      want: [],
    },
    { what: 'SMTP with STARTTLS alone', mailServers: [imap, startTls], want: ['TLS: server 3'] },
    { what: 'the same beside a row that it can name', mailServers: [imap, startTls, { ...smtp, id: 9 }], want: [] },
    {
      what: 'TLS from the start at another port',
      mailServers: [{ ...imap, port: 1993 }, smtp],
      want: ['TLS: server 1'],
    },
    {
      what: 'STARTTLS at the port of TLS',
      mailServers: [{ ...imap, socketType: 'STARTTLS' }, smtp],
      want: ['TLS: server 1'],
    },
    {
      what: 'Auto at the port of STARTTLS',
      mailServers: [imap, { ...startTls, socketType: 'auto' }],
      want: ['TLS: server 3'],
    },
    { what: 'the port of another kind', mailServers: [{ ...imap, port: 995 }, smtp], want: ['TLS: server 1'] },
    {
      what: 'IMAP with STARTTLS, though it can name POP3',
      mailServers: [{ ...imap, port: 143, socketType: 'STARTTLS' }, pop, smtp],
      want: ['TLS: server 1'],
    },
    {
      what: 'two rows of a kind',
      mailServers: [imap, startTls, { ...startTls, id: 9 }],
      want: ['TLS: server 3 server 9'],
    },
    { what: 'POP3 in clear text, where there is IMAP', mailServers: [imap, plainPop, smtp], want: [] },
    { what: 'POP3 in clear text, where there is no IMAP', mailServers: [plainPop, smtp], want: ['TLS: server 2'] },
    ...['mail', '192.0.2.1', '%EMAILLOCALPART%.example.org', 'x%EMAILLOCALPART%.example.org', 'imap.%EMAILDOMIAN%'].map(
      (hostname) => ({
        what: `a server named ${hostname}`,
        mailServers: [{ ...imap, hostname }, smtp],
        want: ['host name for all: server 1'],
      }),
    ),
    { what: 'a directory that says logins', directory, want: ['from a directory: ldapserver 5'] },
    {
      what: 'the same, whatever the patterns say',
      directory,
      mailServers: [{ ...imap, userName: LOGIN }, smtp],
      want: ['from a directory: ldapserver 5'],
    },
    { what: 'another login', mailServers: [{ ...imap, userName: LOGIN }, smtp], want: ['login: server 1'] },
    ...(['OAuth2', 'GSSAPI', 'none', 'TLS-client-cert', 'client-IP-address'] as const).map((authentication) => ({
      what: authentication,
      mailServers: [imap, { ...smtp, authentication }],
      want: ['password: server 3'],
    })),
    {
      what: 'OAuth2 beside a password',
      mailServers: [{ ...imap, id: 8, authentication: 'OAuth2' }, imap, smtp],
      want: [],
    },
    {
      what: 'several faults of one row',
      mailServers: [{ ...imap, port: 143, userName: LOGIN, authentication: 'OAuth2' }, smtp],
      want: ['TLS: server 1', 'login: server 1', 'password: server 1'],
    },
    { what: 'no SMTP', mailServers: [imap], want: ['no SMTP:'] },
  ] satisfies readonly (Members & { what: string; want: readonly string[] })[]) {
    test(`${what}: ${want.join(', ') || 'there is a document'}`, () => {
      assert.deepEqual(broken(members), want);
      if (want.length === 0) assert.doesNotThrow(() => text(members));
      else assert.throws(() => text(members), failure('domain_unusable'));
    });
  }

  // These are every client's: see client-rules.ts.
  for (const { what, mailServers } of [
    { what: 'no server', mailServers: [] },
    { what: 'no incoming server', mailServers: [smtp] },
  ]) {
    test(`${what}: a mistake for every client, and no document`, () => {
      assert.deepEqual(broken({ mailServers }), []);
      assert.throws(() => text({ mailServers }), failure('domain_unusable'));
    });
  }
});

describe('PACC: calendars and contacts that are left out', () => {
  const bare = { ...caldav, id: 4, url: 'https://dav.example.org/' };
  for (const { what, davServers, want } of [
    {
      what: 'each row of a kind',
      davServers: [bare, { ...bare, id: 5 }, carddav],
      want: ['calendars: davserver 4 davserver 5'],
    },
    { what: 'none, where one of the kind is named', davServers: [bare, caldav], want: [] },
    { what: 'one of another kind does not help', davServers: [bare, carddav], want: ['calendars: davserver 4'] },
  ]) {
    test(what, () => {
      assert.deepEqual(broken({ davServers }), want);
      assert.doesNotThrow(() => text({ davServers }));
    });
  }
});

const ISSUER = 'https://login.example.org/realm/';
const oauth2 = { issuer: ISSUER, scope: 'mail' };
const jmap = { url: 'https://jmap.example.org/session' };
const extras = (given: Partial<Extras>): Pick<MailDomain, 'extras'> => ({ extras: { ...NO_EXTRAS, ...given } });
const both = ['OAuth2', 'password-cleartext'] as const;

describe('PACC: how users log in', () => {
  const withIssuer = extras({ oauth2 });
  const byOAuth2 = (server: MailServer): MailServer => ({ ...server, authentication: 'OAuth2' });
  const either = (server: MailServer): MailServer => ({ ...server, authentications: both });
  for (const { what, want, ...members } of [
    { what: 'an issuer, and no server that takes OAuth2', ...withIssuer, want: { password: true } },
    {
      what: 'servers that take both',
      ...withIssuer,
      mailServers: [either(imap), either(smtp)],
      want: { 'oauth-public': { issuer: ISSUER }, password: true },
    },
    {
      what: 'servers that take OAuth2 only',
      ...withIssuer,
      mailServers: [byOAuth2(imap), byOAuth2(smtp)],
      want: { 'oauth-public': { issuer: ISSUER }, password: false },
    },
    {
      what: 'servers that take both, and no issuer',
      mailServers: [either(imap), either(smtp)],
      want: { password: true },
    },
    {
      what: 'JMAP alone, and an issuer',
      ...extras({ oauth2, jmap }),
      mailServers: [],
      want: { 'oauth-public': { issuer: ISSUER }, password: true },
    },
    {
      what: 'JMAP beside servers that it cannot name, with OAuth2 only',
      ...extras({ oauth2, jmap }),
      mailServers: [byOAuth2(imap), byOAuth2(startTls)],
      want: { 'oauth-public': { issuer: ISSUER }, password: false },
    },
  ] satisfies readonly (Members & { what: string; want: object })[]) {
    test(what, () => {
      const { authentication } = JSON.parse(text(members)) as { authentication: object };
      assert.deepEqual(authentication, want);
      assert.deepEqual(
        broken(members).filter((each) => each.startsWith('all servers')),
        [],
      );
    });
  }

  test('servers that differ in it are reported, and without an issuer OAuth2 alone is no way', () => {
    const mailServers = [byOAuth2(imap), smtp];
    assert.deepEqual(broken({ ...withIssuer, mailServers }), ['all servers take: server 1 server 3']);
    assert.deepEqual(broken({ mailServers }), ['password: server 1']);
  });
});

describe('PACC: JMAP', () => {
  const mail = { imap: 'imap.example.org', smtp: 'smtp.example.org', submit: 'smtp.example.org' };
  const withJmap = (url: string): Members => extras({ jmap: { url } });
  for (const { url, want } of [
    { url: jmap.url, want: jmap.url },
    { url: 'https://JMAP.example.org:443', want: 'https://jmap.example.org/' },
    { url: 'https://jmap.example.org:8443/session' },
    { url: 'https://jmap.example.org/?x' },
    { url: 'https://jmap.example.org/#x' },
    { url: 'https://192.0.2.1/session' },
    { url: 'https://jmap/session' },
  ] satisfies readonly { url: string; want?: string }[]) {
    test(`${url}: ${want ?? 'left out'}`, () => {
      assert.deepEqual(named(withJmap(url)), want === undefined ? mail : { ...mail, jmap: want });
      assert.deepEqual(broken(withJmap(url)), want === undefined ? ['told of JMAP: automx2_extra jmap'] : []);
    });
  }

  for (const { what, mailServers, want, faults } of [
    { what: 'no mail server', mailServers: [], want: { jmap: jmap.url }, faults: [] },
    {
      what: 'no SMTP: IMAP without a way to send is not named',
      mailServers: [imap],
      want: { jmap: jmap.url },
      faults: [],
    },
    {
      what: 'SMTP with STARTTLS',
      mailServers: [imap, startTls],
      want: { jmap: jmap.url },
      faults: ['TLS: server 3'],
    },
  ] satisfies readonly {
    what: string;
    mailServers: readonly MailServer[];
    want: object;
    faults: readonly string[];
  }[]) {
    test(`${what}: JMAP stands for both`, () => {
      const members = { ...extras({ jmap }), mailServers };
      assert.deepEqual(named(members), want);
      assert.deepEqual(broken(members), faults);
    });
  }

  for (const { what, ...members } of [
    { what: 'logins from a directory', directory, mailServers: [imap, smtp] },
    {
      what: 'another login',
      mailServers: [
        { ...imap, userName: LOGIN },
        { ...smtp, userName: LOGIN },
      ],
    },
  ] satisfies readonly (Members & { what: string })[]) {
    test(`not with ${what}`, () => {
      assert.throws(() => text({ ...extras({ jmap }), ...members }), failure('domain_unusable'));
      assert.ok(broken({ ...extras({ jmap }), ...members }).includes('told of JMAP: automx2_extra jmap'));
    });
  }
});

test('PACC: all extras, members in order', () => {
  const page = (url: string) => ({ url, descr: {} });
  const all = extras({
    ...{ oauth2, jmap, managesieve: { name: domainName('imap.example.org'), port: 4190, socketType: 'STARTTLS' } },
    documentation: [page('https://www.example.org/help'), page('https://www.example.org/faq')],
    support: { url: 'mailto:help@example.org' },
    logo: { url: 'https://www.example.org/logo.png', contentType: 'image/png', width: 64, height: 32 },
  });
  const take = (server: MailServer): MailServer => ({ ...server, authentications: both });
  assert.equal(
    text({ ...all, mailServers: [take(imap), take(smtp)] }),
    `{"authentication":{"oauth-public":{"issuer":"${ISSUER}"},"password":true},` +
      '"info":{"help":{"documentation":"https://www.example.org/help"},"provider":{' +
      '"logo":[{"content-type":"image/png","height":32,"url":"https://www.example.org/logo.png","width":64}],' +
      '"name":"Example Inc.","shortName":"Example"}},"protocols":{"imap":{"host":"imap.example.org"},' +
      `"jmap":{"url":"${jmap.url}"},"smtp":{"host":"smtp.example.org"},"submit":{"host":"smtp.example.org"}}}`,
  );
});

describe('PACC: digests that are read', () => {
  const digest = `${'A'.repeat(42)}E=`;
  for (const { what, record, want = undefined } of [
    { what: 'as it is written', record: `v=UAAC1; a=sha256; d=${digest}`, want: digest },
    { what: 'without blanks', record: `v=UAAC1;a=sha256;d=${digest}`, want: digest },
    { what: 'with blanks everywhere', record: `v\t= UAAC1 ;\ta = sha256 ; d = ${digest} ; `, want: digest },
    { what: 'in another order, with other tags', record: `x=1; d=${digest}; a=sha256; x=2; v=UAAC1`, want: digest },
    { what: 'another version', record: `v=UAAC2; a=sha256; d=${digest}` },
    { what: 'another hash', record: `v=UAAC1; a=sha1; d=${digest}` },
    { what: 'a version in lower case', record: `v=uaac1; a=sha256; d=${digest}` },
    { what: 'no version', record: `a=sha256; d=${digest}` },
    { what: 'no digest', record: 'v=UAAC1; a=sha256' },
    { what: 'two digests', record: `v=UAAC1; a=sha256; d=${digest}; d=${digest}` },
    { what: 'two versions', record: `v=UAAC1; v=UAAC1; a=sha256; d=${digest}` },
    { what: 'a digest that is too short', record: `v=UAAC1; a=sha256; d=${digest.slice(1)}` },
    { what: 'one that is too long', record: `v=UAAC1; a=sha256; d=A${digest}` },
    { what: 'one whose last bits say something', record: `v=UAAC1; a=sha256; d=${'A'.repeat(42)}B=` },
    { what: 'one in hexadecimal', record: `v=UAAC1; a=sha256; d=${'a'.repeat(64)}` },
    { what: 'a blank before it', record: ` v=UAAC1; a=sha256; d=${digest}` },
    { what: 'a part that is no tag', record: `v=UAAC1; a=sha256; d=${digest}; x` },
    { what: 'an empty part', record: `v=UAAC1;; a=sha256; d=${digest}` },
    { what: 'a blank in a value', record: `v=UAAC1; a=sha256; d=${digest.slice(0, 9)} ${digest.slice(9)}` },
    { what: 'another text', record: 'v=spf1 -all' },
    { what: 'nothing', record: '' },
  ] satisfies readonly { what: string; record: string; want?: string }[]) {
    test(`${what}: ${want === undefined ? 'unusable' : 'usable'}`, () => assert.equal(readPaccDigest(record), want));
  }

  test('ours', () => {
    const octets = createHash('sha256').update(text({})).digest('base64');
    assert.equal(readPaccDigest(paccDigest(usable({})) ?? ''), octets);
    assert.equal(paccDigest(usable({ mailServers: [] })), undefined);
  });
});
