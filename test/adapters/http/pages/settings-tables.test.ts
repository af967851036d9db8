import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TEXTS } from '../../../../src/adapters/http/pages/languages.ts';
import {
  davTables,
  extraTables,
  mailTables,
  type Subject,
} from '../../../../src/adapters/http/pages/settings-tables.ts';
import { parseEmailAddress } from '../../../../src/domain/email-address.ts';
import { type Extras, NO_EXTRAS } from '../../../../src/domain/extras.ts';
import { type HtmlElement, html, writeHtml } from '../../../../src/domain/formats/html.ts';
import type { MailDomain, MailServer } from '../../../../src/domain/mail-domain.ts';
import { elementsOf, type HtmlTree, readHtml, textIn } from '../../../domain/formats/read-html.ts';
import { caldav, carddav, directory, domain, domainName, imap, pop, smtp, user } from '../../../domain/samples.ts';

const texts = TEXTS.en;
const { manual, dav, login, addressFirst } = texts;

/** A page of these elements, read again. */
const pageOf = (elements: readonly HtmlElement[]): HtmlTree => readHtml(writeHtml(html('html', {}, ...elements)));

/** Each table as its caption, and the values of its rows; the headings are checked. */
const tablesIn = (page: HtmlTree, headings: readonly string[]): readonly (readonly string[])[] =>
  elementsOf(page, 'table').map((table) => {
    assert.deepEqual(elementsOf(table, 'th').map(textIn), headings);
    for (const heading of elementsOf(table, 'th')) assert.equal(heading.attributes.get('scope'), 'row');
    return [...elementsOf(table, 'caption'), ...elementsOf(table, 'td')].map(textIn);
  });

const MAIL = [manual.server, manual.port, manual.encryption, manual.userName, manual.login];
const mail = (subject: Subject) => tablesIn(pageOf(mailTables(subject, texts)), MAIL);

const ofAnn = (members: Partial<MailDomain>, options?: Parameters<typeof user>[1]): Subject => {
  const ann = user(members, options);
  return { domain: ann.domain, user: ann };
};
const ofAll = (members: Partial<MailDomain>): Subject => ({ domain: domain(members), user: undefined });

describe('the mail servers', () => {
  const ANN = 'ann@example.org';
  const IMAP = [manual.imap, 'imap.example.org', '993', 'SSL/TLS', ANN, login.password];
  const SMTP = [manual.smtp, 'smtp.example.org', '587', 'STARTTLS', ANN, login.password];
  const POP = ['pop.example.org', '110', manual.notEncrypted, ANN, login.password];
  const clear = { ...imap, id: 11, hostname: 'clear.example.org', port: 143, socketType: 'plain' } as const;
  const second = { ...imap, id: 12, hostname: 'second.example.org' };
  for (const { name, mailServers, want } of [
    { name: 'IMAP and SMTP', mailServers: [imap, smtp], want: [IMAP, SMTP] },
    { name: 'the order is ours', mailServers: [smtp, imap], want: [IMAP, SMTP] },
    { name: 'POP3 last, beside IMAP', mailServers: [pop, imap, smtp], want: [IMAP, SMTP, [manual.popInstead, ...POP]] },
    { name: 'POP3 first, without IMAP', mailServers: [smtp, pop], want: [[manual.pop, ...POP], SMTP] },
    { name: 'the first of two', mailServers: [imap, second, smtp], want: [IMAP, SMTP] },
    { name: 'an encrypted one before another', mailServers: [clear, imap, smtp], want: [IMAP, SMTP] },
    {
      name: 'one that is not encrypted, alone',
      mailServers: [clear],
      want: [[manual.imap, clear.hostname, '143', manual.notEncrypted, ANN, login.password]],
    },
    {
      name: '"auto" by the port',
      mailServers: [
        { ...imap, socketType: 'auto' },
        { ...smtp, socketType: 'auto' },
      ],
      want: [IMAP, SMTP],
    },
    { name: 'none', mailServers: [], want: [] },
  ] as const) {
    test(name, () => assert.deepEqual(mail(ofAnn({ mailServers })), want));
  }

  test('how one logs in', () => {
    const words = (authentication: MailServer['authentication']) =>
      mail(ofAnn({ mailServers: [{ ...imap, authentication }] }))[0]?.[5];
    for (const each of ['password-cleartext', 'password-encrypted', 'NTLM'] as const)
      assert.equal(words(each), login.password);
    for (const each of ['none', 'client-IP-address'] as const) assert.equal(words(each), login.nothing);
    assert.equal(words('OAuth2'), login.oauth2);
    assert.equal(words('GSSAPI'), login.kerberos);
    assert.equal(words('TLS-client-cert'), login.certificate);
  });
});

describe('host and user name', () => {
  for (const { hostname = imap.hostname, userName = imap.userName, options, forAnn, forAll } of [
    { forAnn: ['imap.example.org', 'ann@example.org'], forAll: ['imap.example.org', manual.wholeAddress] },
    {
      userName: '%EMAILLOCALPART%',
      forAnn: ['imap.example.org', 'ann'],
      forAll: ['imap.example.org', manual.localPart],
    },
    {
      userName: 'DOM\\%EMAILLOCALPART%',
      forAnn: ['imap.example.org', 'DOM\\ann'],
      forAll: ['imap.example.org', addressFirst],
    },
    { userName: 'shared', forAnn: ['imap.example.org', 'shared'], forAll: ['imap.example.org', 'shared'] },
    {
      hostname: 'imap.%EMAILDOMAIN%',
      forAnn: ['imap.example.org', 'ann@example.org'],
      forAll: ['imap.example.org', manual.wholeAddress],
    },
    {
      hostname: '%EMAILLOCALPART%.example.org',
      forAnn: ['ann.example.org', 'ann@example.org'],
      forAll: [addressFirst, manual.wholeAddress],
    },
    {
      options: { entry: { login: 'a17', displayName: undefined } },
      forAnn: ['imap.example.org', 'a17'],
      forAll: ['imap.example.org', addressFirst],
    },
  ]) {
    test(`${hostname} ${userName}${options === undefined ? '' : ' with a directory'}`, () => {
      const members = {
        mailServers: [{ ...imap, hostname, userName }],
        ...(options === undefined ? {} : { directory }),
      };
      const values = (subject: Subject) => mail(subject).map(([, host, , , name]) => [host, name]);
      assert.deepEqual(values(ofAnn(members, options)), [forAnn]);
      assert.deepEqual(values(ofAll(members)), [forAll]);
    });
  }

  test('a directory that only knows names changes nothing', () =>
    assert.equal(mail(ofAll({ directory: { ...directory, loginAttribute: '' } }))[0]?.[4], manual.wholeAddress));
});

describe('calendars and contacts', () => {
  const DAV = [dav.url, manual.userName];
  const tables = (subject: Subject) => tablesIn(pageOf(davTables(subject, texts)), DAV);
  const links = (subject: Subject) =>
    elementsOf(pageOf(davTables(subject, texts)), 'a').map((link) => [link.attributes.get('href'), textIn(link)]);

  test('for an address, with links for DAVx5', () => {
    const subject = ofAnn({ davServers: [caldav, carddav] });
    assert.deepEqual(tables(subject), [
      [dav.calendar, 'https://dav.example.org/calendars/ann@example.org/', 'ann@example.org'],
      [dav.contacts, 'https://dav.example.org/contacts/ann@example.org/', 'ann@example.org'],
    ]);
    assert.deepEqual(links(subject), [
      ['caldavs://ann%40example.org@dav.example.org/calendars/ann@example.org/', dav.davx5],
      ['carddavs://ann%40example.org@dav.example.org/contacts/ann@example.org/', dav.davx5],
    ]);
  });

  test('for everybody, without', () => {
    const subject = ofAll({
      davServers: [caldav, { ...carddav, url: 'https://dav.example.org/card/', userName: 'all' }],
    });
    assert.deepEqual(tables(subject), [
      [dav.calendar, addressFirst, manual.wholeAddress],
      [dav.contacts, 'https://dav.example.org/card/', 'all'],
    ]);
    assert.deepEqual(links(subject), []);
  });

  for (const { url, userName = 'u', want } of [
    { url: 'http://dav.example.org/', want: 'caldav://u@dav.example.org/' },
    { url: 'https://dav.example.org:8443/a/?b=c#d', want: 'caldavs://u@dav.example.org:8443/a/?b=c' },
    { url: 'https://[2001:db8::1]/', want: 'caldavs://u@[2001:db8::1]/' },
    // What the URL itself logs in with is not the visitor's.
    { url: 'https://name:secret@dav.example.org/', want: 'caldavs://u@dav.example.org/' },
    {
      url: 'https://dav.example.org/',
      userName: 'a@b/c?d#e:f"<',
      want: 'caldavs://a%40b%2Fc%3Fd%23e%3Af%22%3C@dav.example.org/',
    },
  ]) {
    test(`${url} for ${JSON.stringify(userName)}`, () =>
      assert.deepEqual(links(ofAnn({ davServers: [{ ...caldav, url, userName }] })), [[want, dav.davx5]]));
  }

  test('an address that makes an invalid URL: that server is left out', () => {
    const davServers = [{ ...caldav, url: 'https://%EMAILLOCALPART%.example.org/' }, carddav];
    const subject = ofAnn({ davServers }, { address: parseEmailAddress('a|b@example.org') });
    assert.deepEqual(
      tables(subject).map(([caption]) => caption),
      [dav.contacts],
    );
  });
});

describe('what else there is', () => {
  const managesieve = { name: domainName('sieve.example.org'), port: 4190, socketType: 'STARTTLS' } as const;
  const url = 'https://eas.example.org/Microsoft-Server-ActiveSync';
  const jmap = { url: 'https://jmap.example.org/session' };
  const ANN = 'ann@example.org';

  /** Each table with its headings. */
  const tables = (subject: Subject) =>
    elementsOf(pageOf(extraTables(subject, texts)), 'table').map((each) => [
      elementsOf(each, 'caption').map(textIn).join(),
      ...elementsOf(each, 'tr').map((row) =>
        [...elementsOf(row, 'th'), ...elementsOf(row, 'td')].map(textIn).join(': '),
      ),
    ]);

  for (const { name, extras, want } of [
    { name: 'nothing', extras: {}, want: [] },
    {
      name: 'ActiveSync',
      extras: { activesync: { url } },
      want: [[manual.activeSync, `${manual.server}: eas.example.org`, `${manual.userName}: ${ANN}`]],
    },
    {
      name: 'ActiveSync at a place of its own',
      extras: { activesync: { url: 'https://eas.example.org:444/push' } },
      want: [[manual.activeSync, `${manual.server}: https://eas.example.org:444/push`, `${manual.userName}: ${ANN}`]],
    },
    {
      name: 'ActiveSync at another domain',
      extras: { activesync: { redirect: domainName('other.example') } },
      want: [],
    },
    {
      name: 'JMAP',
      extras: { jmap },
      want: [[manual.jmap, `${dav.url}: ${jmap.url}`, `${manual.userName}: ${ANN}`]],
    },
    {
      name: 'ManageSieve',
      extras: { managesieve },
      want: [
        [
          manual.manageSieve,
          `${manual.server}: sieve.example.org`,
          `${manual.port}: 4190`,
          `${manual.encryption}: STARTTLS`,
          `${manual.userName}: ${ANN}`,
        ],
      ],
    },
  ] as readonly { name: string; extras: Partial<Extras>; want: readonly (readonly string[])[] }[]) {
    test(name, () => assert.deepEqual(tables(ofAnn({ extras: { ...NO_EXTRAS, ...extras } })), want));
  }

  test('ManageSieve with TLS from the start', () => {
    const extras = { ...NO_EXTRAS, managesieve: { ...managesieve, socketType: 'SSL' as const } };
    assert.equal(tables(ofAnn({ extras }))[0]?.[3], `${manual.encryption}: SSL/TLS`);
  });

  test('all, with the login of the mailbox', () => {
    const extras = { ...NO_EXTRAS, managesieve, jmap, activesync: { url } };
    const members = { extras, mailServers: [smtp, { ...imap, userName: '%EMAILLOCALPART%' }] };
    const captions = [manual.activeSync, manual.jmap, manual.manageSieve];
    for (const [subject, login] of [
      [ofAnn(members), 'ann'],
      [ofAll(members), manual.localPart],
      [ofAll({ ...members, directory }), addressFirst],
      [ofAnn({ ...members, directory }, { entry: { login: 'a17', displayName: undefined } }), 'a17'],
    ] as const) {
      assert.deepEqual(
        tables(subject).map((each) => [each[0], each.at(-1)]),
        captions.map((caption) => [caption, `${manual.userName}: ${login}`]),
      );
    }
  });
});
