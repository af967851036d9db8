import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readAuthentication, readSocketType } from '../../../src/domain/connection-words.ts';
import { parseEmailAddress } from '../../../src/domain/email-address.ts';
import { AUTODISCOVER, writeAutodiscoverError } from '../../../src/domain/formats/autodiscover.ts';
import type { MailDomain } from '../../../src/domain/mail-domain.ts';
import { caldav, carddav, domain, imap, pop, smtp, user } from '../samples.ts';
import { childTexts, descendants, readXml } from './read-xml.ts';
import { AUTHENTICATIONS, SOCKET_TYPES } from './spellings.ts';

const protocols = (members: Partial<MailDomain>): Readonly<Record<string, string>>[] =>
  descendants(readXml(AUTODISCOVER.write(user(members))), 'Protocol').map(childTexts);

test('Autodiscover: a whole document', () =>
  assert.equal(
    AUTODISCOVER.write(user({ davServers: [{ ...caldav, port: 8443 }] })),
    `<?xml version="1.0" encoding="UTF-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
    <User>
      <DisplayName>ann@example.org</DisplayName>
    </User>
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
      <Protocol>
        <Type>IMAP</Type>
        <Server>imap.example.org</Server>
        <Port>993</Port>
        <DomainRequired>off</DomainRequired>
        <LoginName>ann@example.org</LoginName>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>SSL</Encryption>
        <AuthRequired>on</AuthRequired>
      </Protocol>
      <Protocol>
        <Type>SMTP</Type>
        <Server>smtp.example.org</Server>
        <Port>587</Port>
        <DomainRequired>off</DomainRequired>
        <LoginName>ann@example.org</LoginName>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>TLS</Encryption>
        <AuthRequired>on</AuthRequired>
      </Protocol>
      <Protocol>
        <Type>CalDAV</Type>
        <Server>https://dav.example.org/calendars/ann@example.org/</Server>
        <Port>8443</Port>
        <DomainRequired>off</DomainRequired>
        <LoginName>ann@example.org</LoginName>
        <SSL>on</SSL>
      </Protocol>
    </Account>
  </Response>
</Autodiscover>
`,
  ));

for (const { word, port, autodiscover } of SOCKET_TYPES) {
  test(`Autodiscover: socket type ${word || '(empty)'} on port ${port} is ${JSON.stringify(autodiscover)}`, () => {
    const socketType = readSocketType(word, port);
    assert.ok(socketType !== undefined);
    for (const server of [imap, pop, smtp]) {
      const [protocol] = protocols({ mailServers: [{ ...server, port, socketType }] });
      assert.deepEqual({ SSL: protocol?.['SSL'], Encryption: protocol?.['Encryption'] }, autodiscover);
    }
  });
}

for (const { word, spa, authRequired } of AUTHENTICATIONS) {
  test(`Autodiscover: authentication ${word || '(empty)'} is SPA ${spa}, AuthRequired ${authRequired}`, () => {
    const authentication = readAuthentication(word);
    assert.ok(authentication !== undefined);
    for (const server of [imap, pop, smtp]) {
      const [protocol] = protocols({ mailServers: [{ ...server, authentication }] });
      assert.deepEqual([protocol?.['SPA'], protocol?.['AuthRequired']], [spa, authRequired]);
    }
  });
}

test('Autodiscover: the servers keep their order, DAV behind mail', () =>
  assert.deepEqual(
    protocols({ mailServers: [smtp, pop, imap], davServers: [carddav, caldav] }).map((protocol) => protocol['Type']),
    ['SMTP', 'POP3', 'IMAP', 'CardDAV', 'CalDAV'],
  ));

for (const { name, server, want } of [
  { name: 'on port 65535', server: { port: 65_535 }, want: { Port: '65535', DomainRequired: 'off', SSL: 'on' } },
  { name: 'where the URL says the port', server: { port: undefined }, want: { DomainRequired: 'off', SSL: 'on' } },
  { name: 'in clear text', server: { useSsl: false }, want: { DomainRequired: 'off', SSL: 'off' } },
  { name: 'that wants the domain', server: { domainRequired: true }, want: { DomainRequired: 'on', SSL: 'on' } },
]) {
  test(`Autodiscover: a DAV server ${name}`, () => {
    const { Type, Server, LoginName, ...rest } = protocols({ davServers: [{ ...carddav, ...server }] })[2] ?? {};
    assert.deepEqual(
      [Type, Server, LoginName],
      ['CardDAV', 'https://dav.example.org/contacts/ann@example.org/', 'ann@example.org'],
    );
    assert.deepEqual(rest, want);
  });
}

describe('Autodiscover where only the domain is known', () => {
  test('there is neither User nor LoginName', () => {
    const root = readXml(AUTODISCOVER.writeForDomain(domain()));
    assert.deepEqual([descendants(root, 'User'), descendants(root, 'LoginName')], [[], []]);
    assert.equal(descendants(root, 'Protocol').length, 2);
  });

  for (const { name, server, want } of [
    { name: 'with the same URL for all', server: { url: 'https://dav.example/' }, want: ['https://dav.example/'] },
    {
      name: 'with the domain in its URL',
      server: { url: 'https://%EMAILDOMAIN%/dav' },
      want: ['https://example.org/dav'],
    },
    { name: 'with the address in its URL', server: {}, want: [] },
    { name: 'with the local part in its URL', server: { url: 'https://dav.example/%EMAILLOCALPART%/' }, want: [] },
    {
      name: 'whose login is not the address',
      server: { url: 'https://dav.example/', userName: '%EMAILLOCALPART%' },
      want: [],
    },
  ]) {
    test(`a DAV server ${name} is ${want.length === 0 ? 'left out' : 'named'}`, () => {
      const root = readXml(AUTODISCOVER.writeForDomain(domain({ davServers: [{ ...caldav, ...server }] })));
      assert.deepEqual(
        descendants(root, 'Server')
          .slice(2)
          .map(({ text }) => text),
        want,
      );
    });
  }
});

for (const { name, localPart } of [
  { name: 'letter case', localPart: 'Ann.Other' },
  { name: 'placeholders', localPart: '%EMAILDOMAIN%' },
  { name: 'replacement patterns', localPart: '$&' },
  { name: 'markup', localPart: '"<b>&amp;]]>"' },
  { name: 'a prototype name', localPart: '__proto__' },
]) {
  test(`Autodiscover: what the client sent comes back as it was: ${name}`, () => {
    const loginName = `${localPart}@example.org`;
    const root = readXml(AUTODISCOVER.write(user({}, { address: parseEmailAddress(loginName) })));
    assert.equal(descendants(root, 'DisplayName')[0]?.text, loginName);
    assert.equal(descendants(root, 'LoginName')[0]?.text, loginName);
  });
}

test('writeAutodiscoverError: a whole document', () =>
  assert.equal(
    writeAutodiscoverError(600, 'Invalid Request', new Date('2027-01-31T01:02:03.004Z')),
    `<?xml version="1.0" encoding="UTF-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
    <Error Time="01:02:03.0040000" Id="1">
      <ErrorCode>600</ErrorCode>
      <Message>Invalid Request</Message>
      <DebugData/>
    </Error>
  </Response>
</Autodiscover>
`,
  ));

for (const { code, message, time, want } of [
  {
    code: 500,
    message: 'a<b',
    time: '2027-01-31T00:00:00Z',
    want: { ErrorCode: '500', Message: 'a<b', Time: '00:00:00.0000000' },
  },
  {
    code: 601,
    message: '&\0',
    time: '2027-12-31T23:59:59.999Z',
    want: { ErrorCode: '601', Message: '&', Time: '23:59:59.9990000' },
  },
] as const) {
  test(`writeAutodiscoverError: ${code}`, () => {
    const [error] = descendants(readXml(writeAutodiscoverError(code, message, new Date(time))), 'Error');
    const { ErrorCode, Message } = childTexts(error);
    assert.deepEqual({ ErrorCode, Message, Time: error?.attributes.get('Time') }, want);
  });
}
