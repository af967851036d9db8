import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { decodeXml, readXml } from '../../../src/adapters/xml/read-xml.ts';
import { importAutoconfig } from '../../../src/domain/documents/import-autoconfig.ts';
import type { Imported } from '../../../src/domain/documents/imported.ts';
import { AUTOCONFIG } from '../../../src/domain/formats/autoconfig.ts';
import { caldav, carddav, domain, domainName, imap, pop, provider, smtp } from '../samples.ts';

/** What is read of a document, and what it loses, as `LINE what`; without line, where it has none. */
function imported(xml: string | Uint8Array): { readonly content: Imported; readonly losses: readonly string[] } {
  const losses: string[] = [];
  const root = readXml(decodeXml(Buffer.from(xml), 'document_invalid'), 'document_invalid');
  const content = importAutoconfig(root, (what, line) => losses.push([line, what].join(' ').trim()));
  return { content, losses };
}

const sample = (name: string) => imported(readFileSync(new URL(`../../testdata/import/${name}.xml`, import.meta.url)));

/** Each server in short: its members without names. */
const inShort = ({ provider }: Imported): readonly string[] =>
  provider.servers.map((server) => Object.values(server).join(' '));

/** Each expression has to match one loss, in this order, and there is no other. */
function assertLosses(losses: readonly string[], expected: readonly RegExp[]): void {
  assert.equal(losses.length, expected.length, losses.join('\n'));
  for (const [index, pattern] of expected.entries()) assert.match(losses[index] ?? '', pattern);
}

const document = (inside: string, version = '1.1'): string =>
  `<clientConfig version="${version}"><emailProvider id="x">${inside}</emailProvider></clientConfig>`;
const server = (members: string, type = 'imap', name = 'incomingServer'): string =>
  `<${name} type="${type}">${members}</${name}>`;
const IMAP = '<hostname>a.example</hostname><port>993</port><socketType>SSL</socketType>';
const LOGIN = '<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication>';
const NAMES = '<domain>a.example</domain><displayName>A</displayName>';

describe('documents as they are found', () => {
  test('a provider file: several servers of a kind, several ways to log in, comments, texts for people', () => {
    const { content, losses } = sample('hosting');
    const { name, short_name, domains } = content.provider;
    assert.deepEqual(
      [name, short_name, domains],
      ['Hosting Example', 'Hosting', ['hosting.example', 'mail.hosting.example']],
    );
    assert.deepEqual(content.provider.servers[0], {
      type: 'imap',
      name: 'imap.hosting.example',
      port: 993,
      socket_type: 'SSL',
      user_name: '%EMAILLOCALPART%.%EMAILDOMAIN%',
      authentication: 'password-encrypted',
      prio: 10,
    });
    assert.deepEqual(inShort(content).slice(1), [
      'imap imap.hosting.example 143 STARTTLS %EMAILLOCALPART%.%EMAILDOMAIN% plain 20',
      'pop pop.hosting.example 995 SSL %EMAILADDRESS% plain 30',
      'smtp smtp.hosting.example 587 STARTTLS %EMAILADDRESS% plain 40',
    ]);
    assert.deepEqual(content.directories, []);
    assertLosses(losses, [
      /^7 domain: .*\bmx\b/,
      /^10 incomingServer: .*: password-cleartext$/,
      /: instruction, enable, documentation \(2\), pop3, restriction, addThisServer, useGlobalPreferredServer$/,
    ]);
  });

  test('a groupware: types of its own, OAuth2, a placeholder without its end', () => {
    const { content, losses } = sample('groupware');
    assert.deepEqual(inShort(content), [
      'imap outlook.groupware.example 993 SSL %EMAILADDRESS% plain 10',
      'smtp smtp.groupware.example 587 STARTTLS %EMAILADDRESS% plain 20',
    ]);
    assertLosses(losses, [
      /^8 incomingServer: .*"exchange"/,
      /^18 incomingServer: .*"ews"/,
      /^23 incomingServer: .*"owa"/,
      /^24 incomingServer: .*"graph"/,
      /^25 incomingServer: username: /,
      /^25 incomingServer: .*: OAuth2$/,
      /^33 outgoingServer: .*: SCRAM-SHA-256-PLUS$/,
      /: oAuth2, webMail, documentation$/,
    ]);
  });

  test("another server's answer: calendars, contacts, placeholders in names of hosts", () => {
    const { content, losses } = sample('server-answer');
    assert.deepEqual(content.provider.servers.at(-3), {
      type: 'caldav',
      url: 'https://dav.answer.example:8443/calendars/%EMAILADDRESS%/',
      port: 8443,
      user_name: '%EMAILADDRESS%',
    });
    assert.deepEqual(inShort(content), [
      'imap mail.%EMAILDOMAIN% 993 SSL %EMAILADDRESS% plain 10',
      'smtp mail.answer.example 465 SSL %EMAILADDRESS% plain 20',
      'caldav https://dav.answer.example:8443/calendars/%EMAILADDRESS%/ 8443 %EMAILADDRESS%',
      'carddav https://dav.answer.example/ 443 %EMAILLOCALPART%',
      'carddav https://dav.answer.example/shared/ 443 %EMAILADDRESS%',
    ]);
    assertLosses(losses, [
      /^13 incomingServer: .*"jmap"/,
      /^18 incomingServer: .*"activesync"/,
      /^32 addressbook: .*: http-digest$/,
      /^41 calendar: .*"jmap"/,
      /^42 calendar: .*\burl\b/,
      /: fileShare$/,
      /: note$/,
    ]);
  });

  test('version 1.0: words of its time, a name in two lines, the mis-spelt short name', () => {
    const { content, losses } = sample('old');
    const { name, short_name } = content.provider;
    assert.deepEqual([name, short_name], ['The Old Company', 'A short name that is far too lon']);
    assert.deepEqual(inShort(content), [
      'pop pop.old.example 110 plain %EMAILLOCALPART% plain 10',
      'imap imap.old.example 143 SSL %EMAILADDRESS% password-encrypted 20',
      'smtp smtp.old.example 25 plain %EMAILADDRESS% client-IP-address 30',
      'smtp relay.old.example 25 plain %EMAILADDRESS% none 40',
      'smtp smtps.old.example 465 SSL %EMAILADDRESS% plain 50',
    ]);
    assertLosses(losses, [/^33 outgoingServer: .*\bplain\b/, /: clientConfigUpdate$/, /^displayShortName\b.*\b32\b/]);
  });

  test('mistakes: what cannot be used is left out, with its line and the reason', () => {
    const { content, losses } = sample('mistakes');
    assert.deepEqual(content.provider.domains, []);
    assert.deepEqual(inShort(content), ['imap good.example 993 SSL %EMAILADDRESS% plain 10']);
    assertLosses(losses, [
      /^31 .*emailProvider/,
      /^4 domain: .*"%EMAILDOMAIN%"/,
      /"domains"/,
      /^7 incomingServer: .*\bhostname\b/,
      /^8 incomingServer: .*\bport\b/,
      /^9 incomingServer: .*\bsocketType\b/,
      /^10 incomingServer: .*\btype\b/,
      /^11 incomingServer: .*"a b"/,
      /^12 incomingServer: .*\bport\b.*"70000"/,
      /^13 incomingServer: .*"TLS 1.3"/,
      /^14 incomingServer: .*"magic"/,
      /^17 incomingServer: .*\buser_name\b.*\b64\b/,
      /^25 incomingServer: .*\bhostname\b/,
      /^29 outgoingServer: .*"imap"/,
      /: logo, quota \(2\)$/,
    ]);
  });
});

describe('names', () => {
  for (const { name, inside, want, losses = [] } of [
    {
      name: 'no short name: the first word',
      inside: '<displayName>Two words</displayName>',
      want: ['Two words', 'Two'],
    },
    {
      name: 'no name: the short one',
      inside: '<displayShortName>Short one</displayShortName>',
      want: ['Short one', 'Short one'],
    },
    { name: 'neither: the domain', inside: '<displayName> </displayName>', want: ['b.example', 'b.example'] },
    {
      name: 'longer than their columns, in characters',
      inside: `<displayName>${'😀'.repeat(129)}</displayName><displayShortName>${'ü'.repeat(33)}</displayShortName>`,
      want: ['😀'.repeat(128), 'ü'.repeat(32)],
      losses: [/^displayName\b/, /^displayShortName\b/],
    },
  ]) {
    test(name, () => {
      const { content, losses: told } = imported(
        document(`<domain>B.example</domain>${inside}${server(IMAP + LOGIN)}`),
      );
      assert.deepEqual([content.provider.name, content.provider.short_name], want);
      assertLosses(told, losses);
    });
  }
});

describe('the whole document is refused', () => {
  for (const { name, xml } of [
    { name: 'another root', xml: '<html/>' },
    { name: 'another version', xml: document(NAMES + server(IMAP + LOGIN), '2.0') },
    { name: 'no version', xml: document(NAMES + server(IMAP + LOGIN)).replace(/ version="1.1"/, '') },
    { name: 'no provider', xml: '<clientConfig version="1.1"/>' },
    { name: 'no mail server', xml: document(NAMES) },
    { name: 'no mail server that can be used', xml: document(NAMES + server(IMAP, 'exchange')) },
    { name: 'neither name nor domain', xml: document(server(IMAP + LOGIN)) },
    { name: 'a document type definition', xml: `<!DOCTYPE clientConfig>${document(NAMES + server(IMAP + LOGIN))}` },
    { name: 'too deep', xml: document(NAMES + server(IMAP + LOGIN) + '<a>'.repeat(15) + '</a>'.repeat(15)) },
    { name: 'an end tag is missing', xml: document(NAMES + server(IMAP + LOGIN)).slice(0, -1) },
  ]) {
    test(name, () => assert.throws(() => imported(xml), { name: 'Failure', code: 'document_invalid' }));
  }
});

test('our own answers: hosts, ports, socket types, logins and their order are those of the domain', () => {
  const own = domain({
    siblings: [domainName('example.net')],
    mailServers: [
      imap,
      {
        ...imap,
        hostname: 'imap.%EMAILDOMAIN%',
        port: 143,
        socketType: 'STARTTLS',
        userName: '%EMAILLOCALPART%',
      },
      { ...pop, authentication: 'NTLM' },
      { ...smtp, port: 465, socketType: 'SSL', authentication: 'OAuth2' },
      { ...smtp, authentication: 'password-encrypted' },
    ],
    davServers: [caldav, carddav],
  });
  const { content, losses } = imported(AUTOCONFIG.writeForDomain(own));
  assert.deepEqual(losses, []);
  const { name, short_name, domains, servers } = content.provider;
  assert.deepEqual([name, short_name, domains], [provider.name, provider.shortName, own.names]);
  const mailServers = own.settings.mailServers.map((server, index) => ({
    type: server.type,
    name: server.hostname,
    port: server.port,
    socket_type: server.socketType,
    user_name: server.userName,
    authentication: server.authentication === 'password-cleartext' ? 'plain' : server.authentication,
    prio: 10 * (index + 1),
  }));
  const davServers = own.settings.davServers.map(({ type, url, userName }) => ({
    type,
    url,
    port: 443,
    user_name: userName,
  }));
  assert.deepEqual(servers, [...mailServers, ...davServers]);
});
