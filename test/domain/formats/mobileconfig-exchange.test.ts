import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NO_EXTRAS } from '../../../src/domain/extras.ts';
import { MOBILECONFIG_EXCHANGE } from '../../../src/domain/formats/mobileconfig-exchange.ts';
import type { DirectoryEntry, MailDomain } from '../../../src/domain/mail-domain.ts';
import { caldav, directory, imap, pop, smtp, user } from '../samples.ts';
import { plain, readPlist } from './read-plist.ts';

const extras = { ...NO_EXTRAS, activesync: { url: 'https://EAS.example.org/Microsoft-Server-ActiveSync/' } };

// The UUIDs were made with Python's uuid.uuid5 in the project's namespace, as those of the other profile.
test('Apple: a whole profile of an Exchange account, whatever else the domain has', () => {
  const document = MOBILECONFIG_EXCHANGE.write(user({ extras, davServers: [caldav] }).named('Ann Other'));
  assert.deepEqual(plain(readPlist(document)), {
    PayloadContent: [
      {
        EmailAddress: 'ann@example.org',
        Host: 'eas.example.org',
        PayloadDisplayName: 'example.org',
        PayloadIdentifier: 'org.example.automx2.abd6d4b3-81cb-5a2a-bfbf-21f2fb3d3d95.exchange.eas',
        PayloadType: 'com.apple.eas.account',
        PayloadUUID: 'ABD6D4B3-81CB-5A2A-BFBF-4223931C4323',
        PayloadVersion: 1,
        SSL: true,
        UserName: 'ann@example.org',
      },
    ],
    PayloadDescription: 'Mail settings of ann@example.org',
    PayloadDisplayName: 'example.org Exchange account',
    PayloadIdentifier: 'org.example.automx2.abd6d4b3-81cb-5a2a-bfbf-21f2fb3d3d95.exchange',
    PayloadOrganization: 'Example Inc.',
    PayloadRemovalDisallowed: false,
    PayloadType: 'Configuration',
    PayloadUUID: 'ABD6D4B3-81CB-5A2A-BFBF-9A351188187B',
    PayloadVersion: 1,
  });
});

describe('Apple: the login of an Exchange account', () => {
  const loginOf = (members: Partial<MailDomain>, entry?: DirectoryEntry): unknown => {
    const document = MOBILECONFIG_EXCHANGE.write(user({ extras, ...members }, { entry }));
    return /<key>UserName<\/key>\s*<string>([^<]*)</.exec(document)?.[1];
  };
  const local = { userName: '%EMAILLOCALPART%' };
  for (const { name, login, entry, ...members } of [
    { name: 'the address', login: 'ann@example.org' },
    { name: 'that of IMAP', mailServers: [smtp, { ...imap, ...local }], login: 'ann' },
    {
      name: 'that of POP3, without IMAP',
      mailServers: [smtp, { ...pop, userName: 'DOM\\%EMAILLOCALPART%' }],
      login: 'DOM\\ann',
    },
    { name: 'that of SMTP alone', mailServers: [{ ...smtp, ...local }], login: 'ann' },
    { name: "a directory's", directory, entry: { login: 'a1', displayName: undefined }, login: 'a1' },
    {
      name: 'a directory that does not know it',
      directory,
      entry: { login: undefined, displayName: 'Ann' },
      login: 'ann@example.org',
    },
  ]) {
    test(name, () => assert.equal(loginOf(members, entry), login));
  }
});
