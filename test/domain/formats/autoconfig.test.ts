import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAuthentication, readSocketType } from '../../../src/domain/connection-words.ts';
import { parseEmailAddress } from '../../../src/domain/email-address.ts';
import { AUTOCONFIG } from '../../../src/domain/formats/autoconfig.ts';
import type { MailDomain } from '../../../src/domain/mail-domain.ts';
import { caldav, carddav, domain, domainName, imap, pop, provider, smtp, user } from '../samples.ts';
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
