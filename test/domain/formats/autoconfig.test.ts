import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAuthentication, readSocketType } from '../../../src/domain/connection-words.ts';
import { parseEmailAddress } from '../../../src/domain/email-address.ts';
import { type Extras, NO_EXTRAS } from '../../../src/domain/extras.ts';
import { AUTOCONFIG } from '../../../src/domain/formats/autoconfig.ts';
import type { MailDomain } from '../../../src/domain/mail-domain.ts';
import {
  ALL_EXTRAS,
  caldav,
  carddav,
  directory,
  domain,
  domainName,
  imap,
  pop,
  provider,
  smtp,
  user,
} from '../samples.ts';
import { childTexts, descendants, readXml, type XmlNode } from './read-xml.ts';
import { AUTHENTICATIONS, SOCKET_TYPES } from './spellings.ts';

const read = (members: Partial<MailDomain>): XmlNode => readXml(AUTOCONFIG.write(user(members)));
const incoming = (members: Partial<MailDomain>): Readonly<Record<string, string>> =>
  childTexts(descendants(read(members), 'incomingServer')[0]);

test('Autoconfig: a whole document', () =>
  assert.equal(
    AUTOCONFIG.write(user({ mailServers: [imap, pop, smtp], davServers: [caldav, carddav] })),
    `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.2">
  <emailProvider id="automx2-7">
    <domain>example.org</domain>
    <displayName>Example Inc.</displayName>
    <displayShortName>Example</displayShortName>
    <incomingServer type="imap">
      <hostname>imap.example.org</hostname>
      <port>993</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <incomingServer type="pop3">
      <hostname>pop.example.org</hostname>
      <port>110</port>
      <socketType>plain</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>smtp.example.org</hostname>
      <port>587</port>
      <socketType>STARTTLS</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </outgoingServer>
  </emailProvider>
  <calendar type="caldav">
    <url>https://dav.example.org/calendars/ann@example.org/</url>
    <authentication system="http">Basic</authentication>
    <username>%EMAILADDRESS%</username>
  </calendar>
  <addressbook type="carddav">
    <url>https://dav.example.org/contacts/ann@example.org/</url>
    <authentication system="http">Basic</authentication>
    <username>%EMAILADDRESS%</username>
  </addressbook>
</clientConfig>
`,
  ));

for (const { word, port, autoconfig } of SOCKET_TYPES) {
  test(`Autoconfig: socket type ${word || '(empty)'} on port ${port} is ${autoconfig}`, () => {
    const socketType = readSocketType(word, port);
    assert.ok(socketType !== undefined);
    assert.equal(incoming({ mailServers: [{ ...imap, port, socketType }] })['socketType'], autoconfig);
  });
}

for (const { word, autoconfig } of AUTHENTICATIONS) {
  test(`Autoconfig: authentication ${word || '(empty)'} is ${autoconfig}`, () => {
    const authentication = readAuthentication(word);
    assert.ok(authentication !== undefined);
    assert.equal(incoming({ mailServers: [{ ...imap, authentication }] })['authentication'], autoconfig);
  });
}

test('Autoconfig: the servers keep their order', () => {
  const mailServers = [smtp, { ...pop, hostname: 'b.example' }, { ...imap, hostname: 'a.example' }, pop];
  const section = descendants(read({ mailServers }), 'emailProvider')[0];
  assert.deepEqual(
    section?.children.slice(3).map((server) => [server.attributes.get('type'), childTexts(server)['hostname']]),
    [
      ['smtp', 'smtp.example.org'],
      ['pop3', 'b.example'],
      ['imap', 'a.example'],
      ['pop3', 'pop.example.org'],
    ],
  );
});

// draft-ietf-mailmaint-autoconfig: at most 60 and 20 characters.
for (const { name, names, want } of [
  {
    name: 'names at the limit',
    names: { name: 'x'.repeat(60), shortName: 'y'.repeat(20) },
    want: ['x'.repeat(60), 'y'.repeat(20)],
  },
  {
    name: 'longer names are cut',
    names: { name: 'x'.repeat(61), shortName: 'y'.repeat(21) },
    want: ['x'.repeat(60), 'y'.repeat(20)],
  },
  {
    name: 'names are cut between characters',
    names: { name: '😀'.repeat(61), shortName: '😀'.repeat(21) },
    want: ['😀'.repeat(60), '😀'.repeat(20)],
  },
  {
    name: 'names are cut before a blank',
    names: { name: `${'x'.repeat(59)} y`, shortName: `${'x'.repeat(19)} y` },
    want: ['x'.repeat(59), 'x'.repeat(19)],
  },
  {
    name: 'without names the domain stands in',
    names: { name: '', shortName: '' },
    want: ['example.org', 'example.org'],
  },
  { name: 'each for itself', names: { name: 'Example Inc.', shortName: '' }, want: ['Example Inc.', 'example.org'] },
  { name: 'hostile names', names: { name: '</displayName>&\0', shortName: '<!--' }, want: ['</displayName>&', '<!--'] },
]) {
  test(`Autoconfig: ${name}`, () => {
    const { displayName, displayShortName } = childTexts(
      read({ provider: { ...provider, ...names }, mailServers: [imap] }).children[0],
    );
    assert.deepEqual([displayName, displayShortName], want);
  });
}

test('Autoconfig: a domain that is longer than a name may be is cut only as a name', () => {
  const name = domainName(`${'a'.repeat(63)}.example`);
  const texts = childTexts(read({ name, provider: { ...provider, name: '', shortName: '' } }).children[0]);
  assert.deepEqual(texts['domain'], name);
  assert.equal(texts['displayName']?.length, 60);
});

for (const { name, userName, want } of [
  { name: 'a pattern stays for the client to fill', userName: '%EMAILLOCALPART%', want: '%EMAILLOCALPART%' },
  { name: 'what the client sent is not expanded', userName: 'x-%EMAILLOCALPART%', want: 'x-%EMAILDOMAIN%$&' },
  { name: 'markup', userName: '"<b>&amp;]]>"@example.org', want: '"<b>&amp;]]>"@example.org' },
]) {
  test(`Autoconfig: user name: ${name}`, () => {
    const address = parseEmailAddress('%EMAILDOMAIN%$&@example.org');
    const members = { mailServers: [{ ...imap, userName }], davServers: [{ ...caldav, userName }] };
    assert.deepEqual(
      descendants(readXml(AUTOCONFIG.write(user(members, { address }))), 'username').map(({ text }) => text),
      [want, want],
    );
  });
}

test('Autoconfig: without an address the document is the same where nothing was filled in', () =>
  assert.equal(AUTOCONFIG.writeForDomain(domain()), AUTOCONFIG.write(user())));

test('Autoconfig: without an address placeholders stay', () => {
  const root = readXml(
    AUTOCONFIG.writeForDomain(
      domain({ mailServers: [{ ...imap, hostname: 'imap.%EMAILDOMAIN%' }], davServers: [caldav] }),
    ),
  );
  assert.equal(descendants(root, 'hostname')[0]?.text, 'imap.%EMAILDOMAIN%');
  assert.equal(descendants(root, 'url')[0]?.text, caldav.url);
});

test('Autoconfig: all domains of the provider that are to be named, the asked one first', () => {
  const siblings = ['a.example', 'b.example'].map(domainName);
  assert.deepEqual(
    descendants(readXml(AUTOCONFIG.writeForDomain(domain({ siblings }))), 'domain').map(({ text }) => text),
    ['example.org', 'a.example', 'b.example'],
  );
});

test('Autoconfig: mail sections have no attribute but type, and leaves have none (Thunderbird, Evolution)', () => {
  const root = read({ mailServers: [imap, pop, smtp] });
  for (const server of [...descendants(root, 'incomingServer'), ...descendants(root, 'outgoingServer')]) {
    assert.deepEqual([...server.attributes.keys()], ['type']);
    for (const leaf of server.children) assert.equal(leaf.attributes.size, 0);
  }
  assert.equal(descendants(root, 'domain')[0]?.attributes.size, 0);
});

const { jmap: JMAP, activesync: ACTIVESYNC, managesieve: SIEVE } = ALL_EXTRAS as Required<Extras>;
const withExtras = (extras: Partial<Extras>, members: Partial<MailDomain> = {}): Partial<MailDomain> => ({
  ...members,
  extras: { ...NO_EXTRAS, ...extras },
});

test('Autoconfig: a whole document of a domain that offers more than mail', () =>
  assert.equal(
    AUTOCONFIG.write(
      user(
        withExtras(ALL_EXTRAS, {
          mailServers: [{ ...imap, authentications: ['OAuth2', 'password-cleartext'] }, smtp],
          davServers: [carddav],
        }),
      ),
    ),
    `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.2">
  <emailProvider id="automx2-7">
    <domain>example.org</domain>
    <displayName>Example Inc.</displayName>
    <displayShortName>Example</displayShortName>
    <incomingServer type="imap">
      <hostname>imap.example.org</hostname>
      <port>993</port>
      <socketType>SSL</socketType>
      <authentication>OAuth2</authentication>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <incomingServer type="jmap">
      <url>https://jmap.example.org/session</url>
      <authentication>OAuth2</authentication>
      <authentication system="http">Basic</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <incomingServer type="activeSync">
      <url>https://eas.example.org/Microsoft-Server-ActiveSync</url>
      <authentication>OAuth2</authentication>
      <authentication system="http">Basic</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>smtp.example.org</hostname>
      <port>587</port>
      <socketType>STARTTLS</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </outgoingServer>
    <documentation url="https://help.example.org/mail?a=1&amp;b=2">
      <descr lang="en">Help</descr>
      <descr lang="de">Hilfe &amp; Rat</descr>
    </documentation>
    <documentation url="https://help.example.org/more"/>
    <enable visiturl="https://help.example.org/imap">
      <instruction lang="en">Switch IMAP on first</instruction>
      <instruction lang="de">Erst IMAP einschalten</instruction>
    </enable>
    <enable visiturl="https://help.example.org/app">
      <instruction lang="en">You need an app password</instruction>
    </enable>
  </emailProvider>
  <addressbook type="carddav">
    <url>https://dav.example.org/contacts/ann@example.org/</url>
    <authentication system="http">Basic</authentication>
    <username>%EMAILADDRESS%</username>
  </addressbook>
  <setupServer type="managesieve">
    <hostname>sieve.example.org</hostname>
    <port>4190</port>
    <socketType>STARTTLS</socketType>
    <authentication>OAuth2</authentication>
    <authentication>password-cleartext</authentication>
    <username>%EMAILADDRESS%</username>
  </setupServer>
  <oAuth2>
    <authURL>https://login.example.org/auth?a=1&amp;b=2</authURL>
    <tokenURL>https://login.example.org/token</tokenURL>
    <issuer>https://login.example.org/realms/mail</issuer>
    <scope>urn:ietf:params:oauth:scope:mail offline_access</scope>
    <clientID>public</clientID>
  </oAuth2>
  <webMail>
    <loginPage url="https://webmail.example.org/"/>
  </webMail>
</clientConfig>
`,
  ));

const attribute = (name: string, nodes: readonly XmlNode[]) => nodes.map(({ attributes }) => attributes.get(name));

for (const { name, mailServers, want } of [
  {
    name: 'behind IMAP and POP3',
    mailServers: [imap, pop, smtp],
    want: ['imap', 'pop3', 'jmap', 'activeSync', 'smtp'],
  },
  {
    name: 'behind the last of them',
    mailServers: [imap, smtp, pop],
    want: ['imap', 'smtp', 'pop3', 'jmap', 'activeSync'],
  },
  { name: 'behind POP3 alone', mailServers: [smtp, pop, smtp], want: ['smtp', 'pop3', 'jmap', 'activeSync', 'smtp'] },
  { name: 'before SMTP alone', mailServers: [smtp], want: ['jmap', 'activeSync', 'smtp'] },
  { name: 'alone', mailServers: [], want: ['jmap', 'activeSync'] },
]) {
  test(`Autoconfig: JMAP and ActiveSync stand ${name}`, () => {
    const root = read(withExtras({ jmap: JMAP, activesync: ACTIVESYNC }, { mailServers }));
    const servers = descendants(root, 'emailProvider')[0]?.children.filter((child) => child.name.endsWith('Server'));
    assert.deepEqual(attribute('type', servers ?? []), want);
  });
}

test('Autoconfig: a redirect of ActiveSync is no server', () => {
  const root = read(withExtras({ activesync: { redirect: domainName('new.example') } }));
  assert.deepEqual(attribute('type', descendants(root, 'incomingServer')), ['imap']);
});

for (const { name, ways, http } of [
  { name: 'a password', ways: ['password-cleartext'], http: ['Basic'] },
  { name: 'OAuth2 first', ways: ['OAuth2', 'password-cleartext', 'GSSAPI'], http: ['OAuth2', 'Basic'] },
  { name: 'OAuth2 last', ways: ['password-encrypted', 'password-cleartext', 'OAuth2'], http: ['Basic', 'OAuth2'] },
  { name: 'OAuth2 alone, passwords being off', ways: ['OAuth2'], http: ['OAuth2'] },
] as const) {
  test(`Autoconfig: JMAP and ManageSieve take the ways of IMAP to log in: ${name}`, () => {
    const mailServers = [{ ...pop, authentication: 'NTLM' as const }, { ...imap, authentications: ways }, smtp];
    const root = read(withExtras({ jmap: JMAP, managesieve: SIEVE }, { mailServers }));
    const waysOf = (node: XmlNode | undefined) =>
      node?.children.filter((child) => child.name === 'authentication').map(({ text }) => text);
    const [, imapSection, jmap] = descendants(root, 'incomingServer');
    assert.deepEqual([imapSection, jmap, descendants(root, 'setupServer')[0]].map(waysOf), [ways, http, ways]);
  });
}

const local = { userName: '%EMAILLOCALPART%' };
for (const { name, want, entry, ...members } of [
  { name: 'of IMAP', mailServers: [pop, smtp, { ...imap, ...local }], want: '%EMAILLOCALPART%' },
  { name: 'of POP3 without IMAP', mailServers: [smtp, { ...pop, ...local }], want: '%EMAILLOCALPART%' },
  { name: 'of SMTP alone', mailServers: [{ ...smtp, ...local }], want: '%EMAILLOCALPART%' },
  { name: 'composed', mailServers: [{ ...imap, userName: 'DOM\\%EMAILLOCALPART%' }, smtp], want: 'DOM\\ann' },
  { name: 'from a directory', directory, entry: { login: 'u<17>', displayName: undefined }, want: 'u<17>' },
  { name: 'of a user whom the directory does not know', directory, want: '%EMAILADDRESS%' },
  { name: 'the address, without any server', mailServers: [], want: '%EMAILADDRESS%' },
]) {
  test(`Autoconfig: the login of JMAP, ActiveSync and ManageSieve: ${name}`, () => {
    const extras = { jmap: JMAP, activesync: ACTIVESYNC, managesieve: SIEVE };
    const root = readXml(AUTOCONFIG.write(user(withExtras(extras, members), { entry })));
    const logins = [...descendants(root, 'incomingServer'), ...descendants(root, 'setupServer')]
      .filter(({ attributes }) => ['jmap', 'activeSync', 'managesieve'].includes(attributes.get('type') ?? ''))
      .map((section) => childTexts(section)['username']);
    assert.deepEqual(logins, [want, want, want]);
  });
}

test('Autoconfig: of OAuth2 only what is given', () => {
  const root = read(withExtras({ oauth2: { issuer: 'https://login.example.org', scope: 'mail' } }));
  assert.deepEqual(childTexts(descendants(root, 'oAuth2')[0]), { issuer: 'https://login.example.org', scope: 'mail' });
});

test('Autoconfig: a text that XML cannot carry is left out', () => {
  const page = { url: 'https://help.example.org/', descr: { en: '\ufffe', de: ' Hilfe\uffff ' } };
  const root = read(withExtras({ documentation: [page], instructions: [page] }));
  const texts = [...descendants(root, 'descr'), ...descendants(root, 'instruction')];
  assert.deepEqual(
    texts.map(({ attributes, text }) => [attributes.get('lang'), text]),
    [
      ['de', 'Hilfe'],
      ['de', 'Hilfe'],
    ],
  );
});
