import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountOf } from '../../src/domain/account.ts';
import { type EmailAddress, parseEmailAddress } from '../../src/domain/email-address.ts';
import type { DavServer, DirectoryServer, MailDomain, MailServer } from '../../src/domain/mail-domain.ts';
import { ann, domainName, failure, provider } from './samples.ts';

const imap: MailServer = {
  id: 1,
  priority: 10,
  type: 'imap',
  hostname: 'imap.example.org',
  port: 993,
  socketType: 'SSL',
  userName: '%EMAILADDRESS%',
  authentication: 'password-cleartext',
};
const caldav: DavServer = {
  id: 4,
  type: 'caldav',
  url: 'https://dav.example.org/%EMAILADDRESS%/',
  port: 8443,
  useSsl: true,
  domainRequired: true,
  userName: '%EMAILLOCALPART%',
};
const mailDomain = (members: Partial<MailDomain> = {}): MailDomain => ({
  name: domainName('example.org'),
  siblings: [],
  provider,
  mailServers: [imap],
  davServers: [],
  directory: undefined,
  ...members,
});

test('accountOf carries over what a format needs and nothing else', () =>
  assert.deepEqual(accountOf(mailDomain({ davServers: [caldav] }), ann), {
    domain: 'example.org',
    domains: ['example.org'],
    address: ann,
    dependsOnAddress: false,
    provider,
    usesDirectory: false,
    displayName: undefined,
    mailServers: [
      {
        id: 1,
        type: 'imap',
        hostname: 'imap.example.org',
        port: 993,
        socketType: 'SSL',
        authentication: 'password-cleartext',
        username: '%EMAILADDRESS%',
        loginName: 'ann@example.org',
      },
    ],
    davServers: [
      {
        id: 4,
        type: 'caldav',
        url: 'https://dav.example.org/ann@example.org/',
        port: 8443,
        useSsl: true,
        domainRequired: true,
        username: '%EMAILLOCALPART%',
        loginName: 'ann',
      },
    ],
  }));

test('accountOf keeps the order of the servers', () => {
  const ids = [3, 1, 2];
  const { mailServers, davServers } = accountOf(
    mailDomain({ mailServers: ids.map((id) => ({ ...imap, id })), davServers: ids.map((id) => ({ ...caldav, id })) }),
    ann,
  );
  assert.deepEqual([mailServers.map(({ id }) => id), davServers.map(({ id }) => id)], [ids, ids]);
});

for (const { name, members } of [
  { name: 'without any server', members: { mailServers: [] } },
  { name: 'with DAV servers only', members: { mailServers: [], davServers: [caldav] } },
]) {
  for (const address of [ann, undefined]) {
    test(`accountOf refuses a domain ${name}, ${address ? 'with' : 'without'} an address`, () =>
      assert.throws(() => accountOf(mailDomain(members), address), failure('domain_unusable')));
  }
}

const directoryServer: DirectoryServer = {
  id: 3,
  hostname: 'ldap.example.org',
  port: 636,
  useSsl: true,
  searchBase: 'dc=example',
  searchFilter: '(mail={0})',
  loginAttribute: 'uid',
  nameAttribute: 'cn',
  bindUser: undefined,
  bindPassword: undefined,
};

for (const { what, members, entry, want } of [
  {
    what: 'no directory',
    members: {},
    entry: undefined,
    want: [false, undefined, '%EMAILADDRESS%', 'ann@example.org'],
  },
  {
    what: 'a directory without an entry',
    members: { directory: directoryServer },
    entry: undefined,
    want: [true, undefined, '%EMAILADDRESS%', 'ann@example.org'],
  },
  {
    what: 'an entry without attributes',
    members: { directory: directoryServer },
    entry: { login: undefined, displayName: undefined },
    want: [true, undefined, '%EMAILADDRESS%', 'ann@example.org'],
  },
  {
    what: 'an entry, whose login is no pattern',
    members: { directory: directoryServer },
    entry: { login: '%EMAILADDRESS%$&', displayName: 'Ann' },
    want: [true, 'Ann', '%EMAILADDRESS%$&', '%EMAILADDRESS%$&'],
  },
]) {
  test(`accountOf: ${what}`, () => {
    const { usesDirectory, displayName, mailServers, davServers } = accountOf(
      mailDomain({ davServers: [caldav], ...members }),
      ann,
      entry,
    );
    assert.deepEqual([usesDirectory, displayName, mailServers[0]?.username, mailServers[0]?.loginName], want);
    assert.equal(davServers[0]?.loginName, entry?.login ?? 'ann');
  });
}

const hostile = parseEmailAddress('%EMAILDOMAIN%$&@example.org');
for (const { name, userName, address, username, loginName } of [
  {
    name: 'one placeholder stays, filled beside',
    userName: '%EMAILDOMAIN%',
    address: ann,
    username: '%EMAILDOMAIN%',
    loginName: 'example.org',
  },
  {
    name: 'a composed pattern is filled',
    userName: 'EXAMPLE\\%EMAILLOCALPART%',
    address: ann,
    username: 'EXAMPLE\\ann',
    loginName: 'EXAMPLE\\ann',
  },
  { name: 'a fixed name', userName: 'shared', address: ann, username: 'shared', loginName: 'shared' },
  {
    name: 'two placeholders are filled',
    userName: '%EMAILLOCALPART%%EMAILDOMAIN%',
    address: ann,
    username: 'annexample.org',
    loginName: 'annexample.org',
  },
  {
    name: 'client text is not expanded, one placeholder',
    userName: '%EMAILLOCALPART%',
    address: hostile,
    username: '%EMAILLOCALPART%',
    loginName: '%EMAILDOMAIN%$&',
  },
  {
    name: 'client text is not expanded, composed',
    userName: 'x-%EMAILLOCALPART%',
    address: hostile,
    username: 'x-%EMAILDOMAIN%$&',
    loginName: 'x-%EMAILDOMAIN%$&',
  },
  {
    name: 'the pattern without an address',
    userName: '%EMAILADDRESS%',
    address: undefined,
    username: '%EMAILADDRESS%',
    loginName: undefined,
  },
  {
    name: 'a composed pattern without an address',
    userName: 'x-%EMAILLOCALPART%',
    address: undefined,
    username: 'x-%EMAILLOCALPART%',
    loginName: undefined,
  },
] satisfies { address: EmailAddress | undefined; [member: string]: unknown }[]) {
  test(`accountOf decides the login: ${name}`, () => {
    const { mailServers, davServers } = accountOf(
      mailDomain({ mailServers: [{ ...imap, userName }], davServers: [{ ...caldav, userName }] }),
      address,
    );
    for (const server of [...mailServers, ...davServers]) {
      assert.deepEqual({ username: server.username, loginName: server.loginName }, { username, loginName });
    }
  });
}

for (const { name, hostname, address, want } of [
  { name: 'a placeholder', hostname: 'imap.%EMAILDOMAIN%', address: ann, want: 'imap.example.org' },
  {
    name: 'the domain as A-label',
    hostname: '%EMAILDOMAIN%',
    address: parseEmailAddress('ann@bücher.example'),
    want: 'xn--bcher-kva.example',
  },
  {
    name: 'without an address it stays',
    hostname: 'imap.%EMAILDOMAIN%',
    address: undefined,
    want: 'imap.%EMAILDOMAIN%',
  },
]) {
  test(`accountOf fills host names: ${name}`, () =>
    assert.equal(
      accountOf(mailDomain({ mailServers: [{ ...imap, hostname }] }), address).mailServers[0]?.hostname,
      want,
    ));
}

for (const { name, url, address, want } of [
  {
    name: 'a placeholder in the path',
    url: 'https://dav.example/%EMAILLOCALPART%',
    address: ann,
    want: ['https://dav.example/ann'],
  },
  { name: 'a placeholder as host', url: 'https://%EMAILDOMAIN%/dav', address: ann, want: ['https://example.org/dav'] },
  {
    name: 'client text in the path is encoded',
    url: 'https://dav.example/%EMAILLOCALPART%',
    address: hostile,
    want: ['https://dav.example/%25EMAILDOMAIN%25%24%26'],
  },
  {
    name: 'client text that is no host leaves the server out',
    url: 'https://%EMAILLOCALPART%.example/',
    address: parseEmailAddress('a/b@example.org'),
    want: [],
  },
  {
    name: 'without an address it stays',
    url: 'https://dav.example/%EMAILADDRESS%',
    address: undefined,
    want: ['https://dav.example/%EMAILADDRESS%'],
  },
  {
    name: 'without an address a placeholder stays as host',
    url: 'https://%EMAILDOMAIN%/',
    address: undefined,
    want: ['https://%EMAILDOMAIN%/'],
  },
]) {
  test(`accountOf fills DAV URLs: ${name}`, () =>
    assert.deepEqual(
      accountOf(mailDomain({ davServers: [{ ...caldav, url }] }), address).davServers.map((server) => server.url),
      want,
    ));
}

for (const { name, servers = {}, dav = [], directory, want } of [
  { name: 'logins that are one placeholder', want: false },
  { name: 'a login without placeholder', servers: { userName: 'all' }, want: false },
  { name: 'a login with the local part in it', servers: { userName: 'x-%EMAILLOCALPART%' }, want: true },
  { name: 'a login with the domain in it', servers: { userName: 'x-%EMAILDOMAIN%' }, want: true },
  { name: 'a host name with the domain in it', servers: { hostname: 'imap.%EMAILDOMAIN%' }, want: true },
  { name: 'a DAV URL with the address in it', dav: [caldav], want: true },
  { name: 'a DAV URL without', dav: [{ ...caldav, url: 'https://dav.example.org/' }], want: false },
  { name: 'a directory', directory: directoryServer, want: true },
] as const) {
  test(`accountOf, ${name}: ${want ? 'depends' : 'does not depend'} on the address`, () => {
    const domain = mailDomain({ mailServers: [{ ...imap, ...servers }], davServers: dav, directory });
    assert.equal(accountOf(domain, undefined).dependsOnAddress, want);
    assert.equal(accountOf(domain, ann).dependsOnAddress, false); // it is known then
  });
}
