import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Authentication, SocketType } from '../../../src/domain/connection-words.ts';
import { parseEmailAddress } from '../../../src/domain/email-address.ts';
import { THUNDERBIRD_QR } from '../../../src/domain/formats/thunderbird-qr.ts';
import type { MailDomain, MailServer } from '../../../src/domain/mail-domain.ts';
import { directory, failure, imap, pop, smtp, user } from '../samples.ts';

/** [protocol, host name, port, security, authentication, user name]: what may follow, the password, never does. */
type Server = readonly [number, string, number, number, number, string];

const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

function assertServer(server: unknown, isOutgoing: boolean): void {
  assert.ok(Array.isArray(server) && server.length === 6, 'six members, and no password');
  const [protocol, host, port, security, authentication, name] = server;
  assert.ok(isWhole(protocol, 0, isOutgoing ? 0 : 1), `protocol ${protocol}`);
  assert.match(String(host), /^[\w.-]+$/);
  assert.ok(isWhole(port, 1, 65_535) && isWhole(authentication, 0, 6), `${port} ${authentication}`);
  assert.ok([0, 2, 3].includes(security), `security ${security}`);
  assert.equal(typeof name, 'string');
}

/** Reads a code by the format's grammar (thunderbird-android, "QR code format", version 1). */
function read(text: string): { incoming: Server; outgoing: Server; identity: readonly [string, string] } {
  assert.match(text, /^[\x20-\x7e]+$/);
  const [version, part, incoming, group, ...more] = JSON.parse(text);
  assert.deepEqual([version, part, more], [1, [1, 1], []]);
  assertServer(incoming, false);
  assert.equal(group.length, 1);
  const [outgoing, identity, ...others] = group[0];
  assertServer(outgoing, true);
  assert.deepEqual(others, []);
  assert.ok(identity.length === 2 && identity.every((each: unknown) => typeof each === 'string'));
  return { incoming, outgoing, identity };
}

type Options = NonNullable<Parameters<typeof user>[1]>;
const code = (members: Partial<MailDomain> = {}, options: Options & { readonly name?: string } = {}) =>
  read(user(members, options).named(options.name).document(THUNDERBIRD_QR));

test('the octets', () =>
  assert.equal(
    user().named('Ann').document(THUNDERBIRD_QR),
    '[1,[1,1],[0,"imap.example.org",993,3,1,"ann@example.org"],' +
      '[[[0,"smtp.example.org",587,2,1,"ann@example.org"],["ann@example.org","Ann"]]]]',
  ));

const SOCKETS: Readonly<Record<SocketType, readonly number[]>> = {
  // At port 993 and at port 587.
  SSL: [3, 3],
  STARTTLS: [2, 2],
  plain: [0, 0],
  auto: [3, 2],
};
for (const [socketType, want] of Object.entries(SOCKETS) as [SocketType, readonly number[]][]) {
  test(`security: ${socketType}`, () => {
    const { incoming, outgoing } = code({ mailServers: [imap, smtp].map((server) => ({ ...server, socketType })) });
    assert.deepEqual([incoming[3], outgoing[3]], want);
  });
}

const WAYS: Readonly<Record<Authentication, number | undefined>> = {
  none: 0,
  'password-cleartext': 1,
  'password-encrypted': 2,
  GSSAPI: 3,
  NTLM: 4,
  'TLS-client-cert': 5,
  OAuth2: 6,
  'client-IP-address': undefined,
};
test('authentication: of several ways, the column names the one', () => {
  const mailServers = [imap, smtp].map((server) => ({
    ...server,
    authentications: ['OAuth2', 'password-cleartext'] as const,
  }));
  const { incoming, outgoing } = code({ mailServers });
  assert.deepEqual([incoming[4], outgoing[4]], [WAYS['password-cleartext'], WAYS['password-cleartext']]);
});

for (const [authentication, want] of Object.entries(WAYS) as [Authentication, number | undefined][]) {
  test(`authentication: ${authentication}`, () => {
    const servers = (which: MailServer) =>
      [imap, smtp].map((each) => (each === which ? { ...each, authentication } : each));
    if (want === undefined) {
      for (const which of [imap, smtp])
        assert.throws(() => code({ mailServers: servers(which) }), failure('domain_unusable'));
      return;
    }
    assert.equal(code({ mailServers: servers(imap) }).incoming[4], want);
    assert.equal(code({ mailServers: servers(smtp) }).outgoing[4], want);
  });
}

describe('the servers', () => {
  const clear = { ...imap, id: 11, hostname: 'clear.example.org', port: 143, socketType: 'plain' } as const;
  const unknown = { ...imap, id: 12, hostname: 'unknown.example.org', authentication: 'client-IP-address' } as const;
  const secondSmtp = { ...smtp, id: 13, hostname: 'second.example.org' };
  for (const { name, mailServers, want } of [
    { name: 'IMAP before POP3', mailServers: [pop, imap, smtp], want: [0, 'imap.example.org'] },
    { name: 'POP3 alone', mailServers: [pop, smtp], want: [1, 'pop.example.org'] },
    { name: 'an encrypted one before another', mailServers: [clear, imap, smtp], want: [0, 'imap.example.org'] },
    { name: 'one that is not encrypted, alone', mailServers: [clear, smtp], want: [0, 'clear.example.org'] },
    { name: 'one that the format can name', mailServers: [unknown, clear, smtp], want: [0, 'clear.example.org'] },
    { name: 'POP3, if it can name no IMAP', mailServers: [unknown, pop, smtp], want: [1, 'pop.example.org'] },
  ] as const) {
    test(name, () => assert.deepEqual(code({ mailServers }).incoming.slice(0, 2), want));
  }

  test('the first of two for sending', () =>
    assert.equal(code({ mailServers: [imap, smtp, secondSmtp] }).outgoing[1], 'smtp.example.org'));

  for (const mailServers of [[], [smtp], [imap], [imap, pop], [unknown, smtp]]) {
    test(`none of ${mailServers.map(({ hostname }) => hostname)}`, () =>
      assert.throws(() => code({ mailServers }), failure('domain_unusable')));
  }

  test('a host name with the domain in it, in A-labels', () => {
    const address = parseEmailAddress('ann@bücher.example');
    const mailServers = [{ ...imap, hostname: 'imap.%EMAILDOMAIN%' }, smtp];
    const { incoming, identity } = code({ mailServers }, { address });
    assert.equal(incoming[1], 'imap.xn--bcher-kva.example');
    assert.equal(identity[0], 'ann@xn--bcher-kva.example');
  });
});

describe('the user', () => {
  test('a login of the directory, with its name, stays literal', () => {
    const entry = { login: 'DOM\\%EMAILADDRESS%', displayName: 'Ann Example' };
    const { incoming, outgoing, identity } = code({ directory }, { entry, name: 'Somebody Else' });
    assert.deepEqual([incoming[5], outgoing[5], identity[1]], [entry.login, entry.login, 'Ann Example']);
  });

  test('a login by a pattern', () => {
    const mailServers = [{ ...imap, userName: '%EMAILLOCALPART%' }, smtp];
    assert.equal(code({ mailServers }).incoming[5], 'ann');
  });

  for (const name of ['Ann "Q" Example\\', 'Jörg', '日本😀', 'a\0b\nc\x7f\u2028', '\ud83d', '</script>']) {
    test(`the name ${JSON.stringify(name)} comes back, out of ASCII`, () =>
      assert.equal(code({}, { name }).identity[1], name));
  }

  test('without a name, the address', () => {
    for (const options of [{}, { name: '' }]) assert.equal(code({}, options).identity[1], 'ann@example.org');
  });

  for (const address of ['jörg@example.org', '日本@example.org', '"a b"@example.org']) {
    test(`${address}: no code, for the app does not take such addresses`, () =>
      assert.throws(() => code({}, { address: parseEmailAddress(address) }), failure('domain_unusable')));
  }
});
