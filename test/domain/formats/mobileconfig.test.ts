import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAuthentication, readSocketType } from '../../../src/domain/connection-words.ts';
import { type EmailAddress, parseEmailAddress } from '../../../src/domain/email-address.ts';
import { MOBILECONFIG } from '../../../src/domain/formats/mobileconfig.ts';
import type { MailDomain, MailServer } from '../../../src/domain/mail-domain.ts';
import { ann, caldav, carddav, failure, imap, pop, provider, smtp, user } from '../samples.ts';
import { type PlistPlain, plain, readPlist } from './read-plist.ts';
import { AUTHENTICATIONS, SOCKET_TYPES } from './spellings.ts';

type Dictionary = Record<string, PlistPlain>;

interface Asked {
  readonly address?: EmailAddress;
  readonly name?: string;
}
const profile = (members: Partial<MailDomain> = {}, { address = ann, name }: Asked = {}): Dictionary =>
  plain(readPlist(MOBILECONFIG.write(user(members, { address }).named(name)))) as Dictionary;
const payloads = (members?: Partial<MailDomain>, asked?: Asked): Dictionary[] =>
  profile(members, asked)['PayloadContent'] as Dictionary[];
const mail = (members?: Partial<MailDomain>, asked?: Asked): Dictionary => payloads(members, asked)[0] ?? {};

// The UUIDs were made with Python's uuid.uuid5 in the project's namespace: those of the payloads begin as that of the
// address and end as that of their own type and place.
test('Apple: a whole profile', () =>
  assert.equal(
    MOBILECONFIG.write(user({ davServers: [caldav] }).named('Ann Other')),
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
  <dict>
    <key>PayloadContent</key>
    <array>
      <dict>
        <key>EmailAccountDescription</key>
        <string>ann@example.org</string>
        <key>EmailAccountName</key>
        <string>Ann Other</string>
        <key>EmailAccountType</key>
        <string>EmailTypeIMAP</string>
        <key>EmailAddress</key>
        <string>ann@example.org</string>
        <key>IncomingMailServerAuthentication</key>
        <string>EmailAuthPassword</string>
        <key>IncomingMailServerHostName</key>
        <string>imap.example.org</string>
        <key>IncomingMailServerPortNumber</key>
        <integer>993</integer>
        <key>IncomingMailServerUseSSL</key>
        <true/>
        <key>IncomingMailServerUsername</key>
        <string>ann@example.org</string>
        <key>OutgoingMailServerAuthentication</key>
        <string>EmailAuthPassword</string>
        <key>OutgoingMailServerHostName</key>
        <string>smtp.example.org</string>
        <key>OutgoingMailServerPortNumber</key>
        <integer>587</integer>
        <key>OutgoingMailServerUseSSL</key>
        <true/>
        <key>OutgoingMailServerUsername</key>
        <string>ann@example.org</string>
        <key>OutgoingPasswordSameAsIncomingPassword</key>
        <true/>
        <key>PayloadDisplayName</key>
        <string>example.org</string>
        <key>PayloadIdentifier</key>
        <string>org.example.automx2.abd6d4b3-81cb-5a2a-bfbf-21f2fb3d3d95.mail</string>
        <key>PayloadType</key>
        <string>com.apple.mail.managed</string>
        <key>PayloadUUID</key>
        <string>ABD6D4B3-81CB-5A2A-BFBF-0C68FBA57628</string>
        <key>PayloadVersion</key>
        <integer>1</integer>
      </dict>
      <dict>
        <key>CalDAVAccountDescription</key>
        <string>ann@example.org</string>
        <key>CalDAVHostName</key>
        <string>dav.example.org</string>
        <key>CalDAVPrincipalURL</key>
        <string>https://dav.example.org/calendars/ann@example.org/</string>
        <key>CalDAVUseSSL</key>
        <true/>
        <key>CalDAVUsername</key>
        <string>ann@example.org</string>
        <key>PayloadDisplayName</key>
        <string>example.org</string>
        <key>PayloadIdentifier</key>
        <string>org.example.automx2.abd6d4b3-81cb-5a2a-bfbf-21f2fb3d3d95.caldav.1</string>
        <key>PayloadType</key>
        <string>com.apple.caldav.account</string>
        <key>PayloadUUID</key>
        <string>ABD6D4B3-81CB-5A2A-BFBF-CC2E59F4B685</string>
        <key>PayloadVersion</key>
        <integer>1</integer>
      </dict>
    </array>
    <key>PayloadDescription</key>
    <string>Mail settings of ann@example.org</string>
    <key>PayloadDisplayName</key>
    <string>example.org accounts</string>
    <key>PayloadIdentifier</key>
    <string>org.example.automx2.abd6d4b3-81cb-5a2a-bfbf-21f2fb3d3d95</string>
    <key>PayloadOrganization</key>
    <string>Example Inc.</string>
    <key>PayloadRemovalDisallowed</key>
    <false/>
    <key>PayloadType</key>
    <string>Configuration</string>
    <key>PayloadUUID</key>
    <string>ABD6D4B3-81CB-5A2A-BFBF-72653B79140E</string>
    <key>PayloadVersion</key>
    <integer>1</integer>
  </dict>
</plist>
`,
  ));

for (const { word, port, useSsl } of SOCKET_TYPES) {
  test(`Apple: socket type ${word || '(empty)'} on port ${port} is UseSSL ${useSsl}`, () => {
    const socketType = readSocketType(word, port);
    assert.ok(socketType !== undefined);
    const keys = mail({ mailServers: [imap, smtp].map((server) => ({ ...server, port, socketType })) });
    assert.deepEqual(
      ['Incoming', 'Outgoing'].map((way) => [keys[`${way}MailServerUseSSL`], keys[`${way}MailServerPortNumber`]]),
      [
        [useSsl, port],
        [useSsl, port],
      ],
    );
  });
}

test('Apple: of several ways to log in, the column names the one', () => {
  const mailServers = [imap, smtp].map((server): MailServer => {
    return { ...server, authentications: ['OAuth2', 'GSSAPI', 'password-cleartext'] };
  });
  const keys = mail({ mailServers });
  assert.equal(keys['IncomingMailServerAuthentication'], 'EmailAuthPassword');
  assert.equal(keys['OutgoingMailServerAuthentication'], 'EmailAuthPassword');
});

for (const { word, apple } of AUTHENTICATIONS) {
  test(`Apple: authentication ${word || '(empty)'} is ${apple ?? 'none that a profile can name'}`, () => {
    const authentication = readAuthentication(word);
    assert.ok(authentication !== undefined);
    for (const [way, mailServers] of [
      ['Incoming', [{ ...imap, authentication }, smtp]],
      ['Outgoing', [imap, { ...smtp, authentication }]],
    ] as const) {
      if (apple === undefined) assert.throws(() => mail({ mailServers }), failure('domain_unusable'));
      else assert.equal(mail({ mailServers })[`${way}MailServerAuthentication`], apple);
    }
  });
}

const server = (
  type: MailServer['type'],
  hostname: string,
  socketType: MailServer['socketType'],
  authentication: MailServer['authentication'] = 'password-cleartext',
): MailServer => ({ ...imap, type, hostname, socketType, authentication });

// The servers stand in order of priority, the lowest first.
for (const { name, servers, want } of [
  { name: 'the first of several', servers: [server('imap', 'a', 'SSL'), server('imap', 'b', 'SSL')], want: 'a' },
  {
    name: 'IMAP before POP, whatever their order',
    servers: [server('pop', 'a', 'SSL'), server('imap', 'b', 'SSL')],
    want: 'b',
  },
  {
    name: 'IMAP before POP, even in clear text',
    servers: [server('pop', 'a', 'SSL'), server('imap', 'b', 'plain')],
    want: 'b',
  },
  { name: 'POP without IMAP', servers: [server('pop', 'a', 'SSL'), server('pop', 'b', 'SSL')], want: 'a' },
  { name: 'SSL before clear text', servers: [server('imap', 'a', 'plain'), server('imap', 'b', 'SSL')], want: 'b' },
  {
    name: 'STARTTLS before clear text',
    servers: [server('imap', 'a', 'plain'), server('imap', 'b', 'STARTTLS')],
    want: 'b',
  },
  { name: 'Auto before clear text', servers: [server('imap', 'a', 'plain'), server('imap', 'b', 'auto')], want: 'b' },
  {
    name: 'SSL is not better than STARTTLS',
    servers: [server('imap', 'a', 'STARTTLS'), server('imap', 'b', 'SSL')],
    want: 'a',
  },
  { name: 'nor than Auto', servers: [server('imap', 'a', 'auto'), server('imap', 'b', 'SSL')], want: 'a' },
  {
    name: 'the first of those in clear text',
    servers: [server('imap', 'a', 'plain'), server('imap', 'b', 'plain')],
    want: 'a',
  },
  {
    name: 'encrypted POP before POP in clear text',
    servers: [server('pop', 'a', 'plain'), server('pop', 'b', 'STARTTLS')],
    want: 'b',
  },
  {
    name: 'one that a profile can name',
    servers: [server('imap', 'a', 'SSL', 'GSSAPI'), server('imap', 'b', 'SSL')],
    want: 'b',
  },
  {
    name: 'one in clear text, if the encrypted one cannot be named',
    servers: [server('imap', 'a', 'SSL', 'TLS-client-cert'), server('imap', 'b', 'plain')],
    want: 'b',
  },
  {
    name: 'POP, if no IMAP server can be named',
    servers: [server('imap', 'a', 'SSL', 'client-IP-address'), server('pop', 'b', 'plain')],
    want: 'b',
  },
]) {
  test(`Apple takes ${name}`, () => {
    const chosen = mail({ mailServers: [...servers, smtp] });
    assert.equal(chosen['IncomingMailServerHostName'], want);
    const type = servers.find(({ hostname }) => hostname === want)?.type;
    assert.equal(chosen['EmailAccountType'], type === 'imap' ? 'EmailTypeIMAP' : 'EmailTypePOP');
  });
}

for (const { name, servers, want } of [
  { name: 'the first SMTP server', servers: [server('smtp', 'a', 'SSL'), server('smtp', 'b', 'SSL')], want: 'a' },
  { name: 'an encrypted SMTP server', servers: [server('smtp', 'a', 'plain'), server('smtp', 'b', 'auto')], want: 'b' },
  { name: 'an SMTP server in clear text, if need be', servers: [server('smtp', 'a', 'plain')], want: 'a' },
  {
    name: 'an SMTP server without login',
    servers: [server('smtp', 'a', 'SSL', 'GSSAPI'), server('smtp', 'b', 'SSL', 'none')],
    want: 'b',
  },
]) {
  test(`Apple takes ${name}`, () =>
    assert.equal(mail({ mailServers: [...servers, imap] })['OutgoingMailServerHostName'], want));
}

for (const { name, mailServers } of [
  { name: 'SMTP', mailServers: [imap, pop] },
  { name: 'IMAP and POP', mailServers: [smtp] },
  { name: 'any server', mailServers: [] },
]) {
  test(`Apple: a domain without ${name} has no profile`, () =>
    assert.throws(() => profile({ mailServers }), failure('domain_unusable')));
}

for (const { name, server: members, want } of [
  {
    name: 'the port of the row',
    server: { port: 8443 },
    want: { CalDAVHostName: 'dav.example.org', CalDAVPort: 8443 },
  },
  {
    name: 'the port of the row before that of the URL',
    server: { port: 8443, url: 'https://dav.example.org:444/' },
    want: { CalDAVHostName: 'dav.example.org', CalDAVPort: 8443 },
  },
  {
    name: 'the port of the URL',
    server: { url: 'https://dav.example.org:444/' },
    want: { CalDAVHostName: 'dav.example.org', CalDAVPort: 444 },
  },
  {
    name: 'a host in letters beyond ASCII',
    server: { url: 'https://DAV.bücher.example/' },
    want: { CalDAVHostName: 'dav.xn--bcher-kva.example' },
  },
  {
    name: 'clear text',
    server: { url: 'http://dav.example.org/', useSsl: false },
    want: { CalDAVHostName: 'dav.example.org', CalDAVUseSSL: false },
  },
]) {
  test(`Apple: a DAV payload with ${name}`, () => {
    const dav = { ...caldav, ...members };
    const found = payloads({ davServers: [dav] })[1] ?? {};
    assert.deepEqual(
      {
        CalDAVPort: found['CalDAVPort'],
        CalDAVUseSSL: found['CalDAVUseSSL'],
        CalDAVUsername: found['CalDAVUsername'],
        CalDAVHostName: found['CalDAVHostName'],
      },
      { CalDAVPort: undefined, CalDAVUseSSL: true, CalDAVUsername: 'ann@example.org', ...want },
    );
    assert.equal(found['CalDAVPrincipalURL'], dav.url.replace('%EMAILADDRESS%', 'ann@example.org'));
  });
}

test('Apple: CardDAV keys have their own prefix', () =>
  assert.deepEqual(
    Object.keys(payloads({ davServers: [carddav] })[1] ?? {}).filter((key) => key.includes('DAV')),
    ['CardDAVAccountDescription', 'CardDAVHostName', 'CardDAVPrincipalURL', 'CardDAVUseSSL', 'CardDAVUsername'],
  ));

for (const { name, asked, want } of [
  { name: 'the user is called as they say', asked: 'Ann Other', want: 'Ann Other' },
  { name: 'placeholders in the name stay', asked: '%EMAILADDRESS% $&', want: '%EMAILADDRESS% $&' },
  {
    name: 'markup in the name',
    asked: '</string><key>IncomingPassword</key>',
    want: '</string><key>IncomingPassword</key>',
  },
  { name: 'control characters in the name go', asked: 'A\0\ud800nn', want: 'Ann' },
  { name: 'an empty name is none', asked: '', want: undefined },
]) {
  test(`Apple: ${name}`, () => assert.equal(mail({}, { name: asked })['EmailAccountName'], want));
}

for (const { name, localPart } of [
  { name: 'placeholders', localPart: '%EMAILDOMAIN%' },
  { name: 'replacement patterns', localPart: '$&' },
  { name: 'markup', localPart: '"<b>&amp;]]>"' },
  { name: 'a prototype name', localPart: '__proto__' },
]) {
  test(`Apple: what the client sent comes back as it was: ${name}`, () => {
    const text = `${localPart}@example.org`;
    const keys = mail({}, { address: parseEmailAddress(text) });
    assert.deepEqual([keys['EmailAddress'], keys['IncomingMailServerUsername']], [text, text]);
  });
}

test('Apple: what is not known is left out, so that the device asks or shows nothing', () => {
  const top = profile({ provider: { ...provider, name: '' } });
  assert.equal(top['PayloadOrganization'], undefined);
  const [keys] = top['PayloadContent'] as Dictionary[];
  assert.ok(keys !== undefined && !Object.hasOwn(keys, 'EmailAccountName'));
});

const identity = (found: Dictionary): unknown[] => [found['PayloadIdentifier'], found['PayloadUUID']];

test('Apple: the same address gives the same identifiers, whatever else changes', () => {
  const first = profile({ davServers: [caldav, carddav] });
  const second = profile(
    {
      mailServers: [
        { ...pop, id: 9 },
        { ...smtp, id: 8 },
      ],
      davServers: [carddav, { ...caldav, url: 'https://other.example/' }],
      provider: { id: 99, name: 'Other', shortName: 'Other' },
    },
    { name: 'Ann Other' },
  );
  assert.deepEqual(identity(second), identity(first));
  const inner = (found: Dictionary): unknown[][] =>
    (found['PayloadContent'] as Dictionary[]).map((payload) => [payload['PayloadType'], ...identity(payload)]).sort();
  assert.deepEqual(inner(second), inner(first));
});

test('Apple: other addresses and other payloads have other identifiers of letters, digits, "-" and "."', () => {
  const found = [
    'ann@example.org',
    'ben@example.org',
    'ann@example.net',
    'ann@ex-ample.org',
    'ann@ex_ample.org',
    '"<&>"@example.org',
    'jörg@bücher.example',
  ].flatMap((text) => {
    const address = parseEmailAddress(text);
    const davServers = [caldav, carddav, { ...caldav, id: 5 }];
    const top = profile({ davServers }, { address });
    return [top, ...(top['PayloadContent'] as Dictionary[])].map(identity);
  });
  for (const [identifier, uuid] of found) {
    assert.match(String(identifier), /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/);
    assert.match(String(uuid), /^[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
  }
  assert.equal(new Set(found.map(([identifier]) => identifier)).size, found.length);
  assert.equal(new Set(found.map(([, uuid]) => uuid)).size, found.length);
});

test('Apple: no profile carries a password', () =>
  assert.ok(
    !/<key>[A-Za-z]*Password<\/key>/.test(
      MOBILECONFIG.write(user({ davServers: [caldav, carddav] }).named('x')).replaceAll(
        '<key>OutgoingPasswordSameAsIncomingPassword</key>',
        '',
      ),
    ),
  ));
