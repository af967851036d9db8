import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEmailAddress } from '../../src/domain/email-address.ts';
import { ann, caldav, directory, imap, user } from './samples.ts';

test('a user has the servers of the domain, filled in', () => {
  const { mailServers, davServers } = user({ mailServers: [imap], davServers: [caldav] });
  assert.deepEqual(mailServers, [{ ...imap, loginName: 'ann@example.org' }]);
  assert.deepEqual(davServers, [
    { ...caldav, url: 'https://dav.example.org/calendars/ann@example.org/', loginName: 'ann@example.org' },
  ]);
});

test('the servers keep their order', () => {
  const ids = [3, 1, 2];
  const { mailServers, davServers } = user({
    mailServers: ids.map((id) => ({ ...imap, id })),
    davServers: ids.map((id) => ({ ...caldav, id })),
  });
  assert.deepEqual([mailServers.map(({ id }) => id), davServers.map(({ id }) => id)], [ids, ids]);
});

for (const { what, entry, want } of [
  { what: 'no entry', entry: undefined, want: [undefined, '%EMAILADDRESS%', 'ann@example.org'] },
  {
    what: 'an entry without attributes',
    entry: { login: undefined, displayName: undefined },
    want: [undefined, '%EMAILADDRESS%', 'ann@example.org'],
  },
  {
    what: 'an entry, whose login is not a pattern',
    entry: { login: '%EMAILADDRESS%$&', displayName: 'Ann' },
    want: ['Ann', '%EMAILADDRESS%$&', '%EMAILADDRESS%$&'],
  },
  {
    what: 'a login that the pattern gives as well, as if it did not know the user',
    entry: { login: 'ann@example.org', displayName: undefined },
    want: [undefined, '%EMAILADDRESS%', 'ann@example.org'],
  },
]) {
  test(`a directory with ${what}`, () => {
    const davServers = [{ ...caldav, userName: '%EMAILLOCALPART%' }];
    const account = user({ davServers, directory }, { entry });
    const [server] = account.mailServers;
    assert.deepEqual([account.displayName, server?.userName, server?.loginName], want);
    assert.equal(account.davServers[0]?.loginName, entry?.login ?? 'ann');
  });
}

for (const { what, entry, want } of [
  { what: 'what the user says, without a directory', entry: undefined, want: ['Ann', 'ann@example.org'] },
  {
    what: 'what the directory says',
    entry: { login: 'a', displayName: 'Annette' },
    want: ['Annette', 'a'],
  },
  {
    what: 'what the user says where the directory knows the login only',
    entry: { login: 'a', displayName: undefined },
    want: ['Ann', 'a'],
  },
]) {
  test(`the name is ${what}`, () => {
    const account = user({}, { entry }).named('Ann');
    assert.deepEqual([account.displayName, account.mailServers[0]?.loginName], want);
  });
}

const hostile = parseEmailAddress('%EMAILDOMAIN%$&@example.org');
for (const { name, pattern, address = ann, userName, loginName } of [
  {
    name: 'one placeholder stays, filled beside',
    pattern: '%EMAILDOMAIN%',
    userName: '%EMAILDOMAIN%',
    loginName: 'example.org',
  },
  {
    name: 'a composed pattern is filled',
    pattern: 'EXAMPLE\\%EMAILLOCALPART%',
    userName: 'EXAMPLE\\ann',
    loginName: 'EXAMPLE\\ann',
  },
  { name: 'a fixed name', pattern: 'shared', userName: 'shared', loginName: 'shared' },
  {
    name: 'two placeholders are filled',
    pattern: '%EMAILLOCALPART%%EMAILDOMAIN%',
    userName: 'annexample.org',
    loginName: 'annexample.org',
  },
  {
    name: 'client text is not expanded, one placeholder',
    pattern: '%EMAILLOCALPART%',
    address: hostile,
    userName: '%EMAILLOCALPART%',
    loginName: '%EMAILDOMAIN%$&',
  },
  {
    name: 'client text is not expanded, composed',
    pattern: 'x-%EMAILLOCALPART%',
    address: hostile,
    userName: 'x-%EMAILDOMAIN%$&',
    loginName: 'x-%EMAILDOMAIN%$&',
  },
]) {
  test(`the login: ${name}`, () => {
    const { mailServers, davServers } = user(
      { mailServers: [{ ...imap, userName: pattern }], davServers: [{ ...caldav, userName: pattern }] },
      { address },
    );
    for (const server of [...mailServers, ...davServers]) {
      assert.deepEqual({ userName: server.userName, loginName: server.loginName }, { userName, loginName });
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
]) {
  test(`host names are filled: ${name}`, () =>
    assert.equal(user({ mailServers: [{ ...imap, hostname }] }, { address }).mailServers[0]?.hostname, want));
}

for (const { name, url, address = ann, want } of [
  {
    name: 'a placeholder in the path',
    url: 'https://dav.example/%EMAILLOCALPART%',
    want: ['https://dav.example/ann'],
  },
  { name: 'a placeholder as host', url: 'https://%EMAILDOMAIN%/dav', want: ['https://example.org/dav'] },
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
]) {
  test(`DAV URLs are filled: ${name}`, () =>
    assert.deepEqual(
      user({ davServers: [{ ...caldav, url }] }, { address }).davServers.map((server) => server.url),
      want,
    ));
}
