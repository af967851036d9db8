import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, describe, type TestContext, test } from 'node:test';
import { type DirectoryOptions, LdapDirectory } from '../../../src/adapters/ldap/ldap-directory.ts';
import { parseEmailAddress } from '../../../src/domain/email-address.ts';
import type { DirectoryServer } from '../../../src/domain/mail-domain.ts';
import { searchFilter } from '../../domain/samples.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { reportMissing } from '../../support/server-database.ts';
import { READER, type SlapdServer, slapdServer } from '../../support/slapd-server.ts';
import { autodiscoverRequest, EXAMPLE_ROWS, startTestDaemon } from '../../support/test-daemon.ts';

const slapd = await slapdServer();
const clearSlapd = await slapdServer({ tls: false });
for (const server of [slapd, clearSlapd]) {
  after(() => server?.remove());
  await server?.start();
}
const MISSING = 'OpenLDAP (Debian: slapd) is not installed';
reportMissing(MISSING, slapd === undefined);
const skip = slapd === undefined ? MISSING : false;
const { port, securePort, ca } = slapd ?? ({ port: 0, securePort: 0, ca: '' } as SlapdServer);

const SERVER: DirectoryServer = {
  id: 1,
  hostname: '127.0.0.1',
  port,
  useSsl: false,
  searchBase: 'dc=example,dc=com',
  searchFilter: searchFilter('(mail={0})'),
  loginAttribute: 'uid',
  nameAttribute: 'cn',
  bindUser: READER.user,
  bindPassword: READER.password,
};

function open(t: TestContext, options: Partial<DirectoryOptions> = {}) {
  const log = new MemoryLog();
  const standard = { ca: undefined, verify: true, bindPassword: undefined, requestMs: 2_000, restMs: 0 };
  const directory = new LdapDirectory({ ...standard, ...options }, log);
  t.after(() => directory.close());
  return { directory, log };
}

const ann = parseEmailAddress('ann@example.com');
const ANN = { login: 'ann-login', displayName: 'Ann Example' };

describe('LDAP directory', { skip }, () => {
  for (const { address, want, server = {} } of [
    { address: 'ann@example.com', want: ANN },
    { address: 'two@example.com', want: { login: 'first', displayName: 'Two & <Names>' } },
    { address: 'nouid@example.com', want: { login: undefined, displayName: 'No Uid' } },
    { address: 'nobody@example.com', want: undefined },
    { address: 'double@example.com', want: undefined },
    { address: 'blanks@example.com', want: { login: 'dan', displayName: 'Dan' } },
    { address: '*@example.com', want: { login: 'star-login', displayName: 'Star' } },
    { address: '"(a\\b)"@example.com', want: { login: 'paren-login', displayName: 'P' } },
    { address: '"x)(mail=ann"@example.com', want: undefined },
    { address: '$&@example.com', want: undefined },
    { address: 'ann@example.com', server: { nameAttribute: undefined }, want: { ...ANN, displayName: undefined } },
    { address: 'ann@example.com', server: { loginAttribute: 'UID', nameAttribute: 'CN' }, want: ANN },
    { address: 'ann@example.com', server: { bindUser: undefined, bindPassword: undefined }, want: undefined },
  ]) {
    test(`${address} ${JSON.stringify(server)}`, async (t) => {
      const { directory } = open(t);
      assert.deepEqual(await directory.find({ ...SERVER, ...server }, parseEmailAddress(address)), want);
    });
  }

  // Each kind of assertion as a real server understands it.
  for (const { text, want } of [
    { text: '(&(objectClass=inetOrgPerson)(|(mail={0})(uid={0})))', want: ANN },
    { text: ' (& (objectClass=inetOrgPerson) ( mail = {0} ) ) ', want: ANN },
    { text: '(|(mail={0})(mail;lang-de={0}))', want: ANN },
    { text: '(&(mail={0})(!(uid=nobody)))', want: ANN },
    { text: '(&(mail=*{0}*)(uid=ann-*)(cn=*))', want: ANN },
    { text: '(&(mail={1}@{2})(uid={1}-login))', want: ANN },
    { text: '(|(uid={1})(mail={1}@*)(uid={1}-other))', want: ANN },
    { text: '(mail~={0})', want: ANN },
    { text: '(&(mail={})(uid>=ann))', want: undefined }, // uid has no order
    { text: '(mail:caseIgnoreIA5Match:={0})', want: ANN },
    { text: '(&(mail={0})(dc:dn:=example))', want: ANN },
    { text: '(&(mail={0})(uid=\\61nn-login))', want: ANN },
    { text: 'mail={0}', want: ANN },
  ]) {
    test(`search_filter ${text}`, async (t) => {
      const { directory } = open(t);
      assert.deepEqual(await directory.find({ ...SERVER, searchFilter: searchFilter(text) }, ann), want);
    });
  }

  for (const { what, server = {}, options = {}, message } of [
    {
      what: 'a wrong password',
      server: { bindPassword: 'wrong' },
      message: /refuses bind_user or its password \(ldapserver 1\)/,
    },
    {
      what: 'a name without password',
      server: { bindPassword: undefined },
      message: /bind_user .*password.*ldapserver 1/,
    },
    { what: 'a base that does not exist', server: { searchBase: 'dc=nowhere' }, message: /no such search_base/ },
    { what: 'a port where nothing listens', server: { port: 1 }, message: /ECONNREFUSED/ },
    { what: 'LDAPS without the authority', server: { port: securePort, useSsl: true }, message: /ldap_ca_file/ },
    {
      what: 'LDAPS under another name',
      server: { hostname: '127.0.0.2', port: securePort, useSsl: true },
      options: { ca: ca && readFileSync(ca, 'utf8') },
      message: /altnames/,
    },
    { what: 'StartTLS without the authority', server: { hostname: '0.0.0.0' }, message: /ldap_ca_file/ },
  ]) {
    test(`${what}: directory_unavailable`, async (t) => {
      const { directory, log } = open(t, options);
      await assert.rejects(directory.find({ ...SERVER, ...server }, ann), { code: 'directory_unavailable', message });
      assert.deepEqual(log.entries, []);
    });
  }

  for (const { what, server, options } of [
    {
      what: 'LDAPS, verified',
      server: { hostname: 'localhost', port: securePort, useSsl: true },
      options: { ca: ca && readFileSync(ca, 'utf8') },
    },
    {
      what: 'LDAPS at an address, verified',
      server: { port: securePort, useSsl: true },
      options: { ca: ca && readFileSync(ca, 'utf8') },
    },
    { what: 'LDAPS, not verified', server: { port: securePort, useSsl: true }, options: { verify: false } },
    {
      what: 'StartTLS where the host is not this machine by its name',
      server: { hostname: '0.0.0.0' },
      options: { ca: ca && readFileSync(ca, 'utf8') },
    },
    { what: 'the password from a file', server: { bindPassword: 'wrong' }, options: { bindPassword: READER.password } },
  ]) {
    test(what, async (t) => {
      const { directory, log } = open(t, options);
      assert.deepEqual(await directory.find({ ...SERVER, ...server }, ann), ANN);
      assert.deepEqual(log.entries, []);
    });
  }

  test('a refusal of StartTLS, by whomever: no bind', async (t) => {
    const received: Buffer[] = [];
    const refusing = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        received.push(data);
        // The identifier of the request, and an ExtendedResponse with protocolError.
        socket.write(
          Buffer.concat([
            Buffer.from('300c0201', 'hex'),
            data.subarray(4, 5),
            Buffer.from('78070a010204000400', 'hex'),
          ]),
        );
      });
    }).listen(0, '0.0.0.0');
    t.after(() => refusing.close());
    await once(refusing, 'listening');
    const { directory, log } = open(t);
    const server = { ...SERVER, hostname: '0.0.0.0', port: (refusing.address() as { port: number }).port };
    await assert.rejects(directory.find(server, ann), {
      code: 'directory_unavailable',
      message: /StartTLS.*ldapserver 1/,
    });
    assert.doesNotMatch(Buffer.concat(received).toString('latin1'), /reader|geheim/);
    assert.deepEqual(log.entries, []);
  });

  test('a server without TLS is asked in clear text if nothing is verified, with one warning', async (t) => {
    const { directory, log } = open(t, { verify: false });
    const server = { ...SERVER, hostname: '0.0.0.0', port: clearSlapd?.port ?? 0 };
    assert.deepEqual(await directory.find(server, ann), ANN);
    await clearSlapd?.stop();
    await clearSlapd?.start();
    assert.deepEqual(await directory.find(server, ann), ANN);
    assert.deepEqual(
      log.entries.map(({ level, fields }) => [level, fields]),
      [['WARNING', { ldapserver: 1 }]],
    );
  });

  test('many look-ups at once share a connection, and a restart of the server is survived', async (t) => {
    const { directory } = open(t);
    const ask = () => Promise.all(Array.from({ length: 50 }, () => directory.find(SERVER, ann)));
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(new Set((await ask()).map((entry) => entry?.login)), new Set(['ann-login']));
      await slapd?.stop();
      await assert.rejects(directory.find(SERVER, ann), { code: 'directory_unavailable' });
      await slapd?.start();
    }
    assert.deepEqual(await directory.find(SERVER, ann), ANN);
  });

  test('more directories than connections that are kept', async (t) => {
    const { directory } = open(t);
    for (let id = 1; id <= 70; id++) assert.deepEqual(await directory.find({ ...SERVER, id }, ann), ANN);
    assert.deepEqual(await directory.find(SERVER, ann), ANN);
  });

  test('a server that never answers is given up', async (t) => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    t.after(() => silent.close());
    await once(silent, 'listening');
    const { directory } = open(t, { requestMs: 100 });
    const server = { ...SERVER, port: (silent.address() as { port: number }).port };
    await assert.rejects(directory.find(server, ann), { code: 'directory_unavailable', message: /timed out/ });
  });
});

describe('a domain whose users a directory knows', { skip }, () => {
  const rows = (directoryPort: number): string => `${EXAMPLE_ROWS}
    INSERT INTO ldapserver (id, name, port, use_ssl, search_base, search_filter, attr_uid, attr_cn, bind_user, bind_password)
      VALUES (7, '127.0.0.1', ${directoryPort}, 0, 'dc=example,dc=com', '(mail={0})', 'uid', 'cn', '${READER.user}', '${READER.password}');
    UPDATE domain SET ldapserver_id = 7 WHERE id = 1;`;

  test('its login and name are used in every format; others get the pattern', async (t) => {
    const { base } = await startTestDaemon(t, { rows: rows(port) });
    const autoconfig = async (address: string) =>
      (await fetch(`${base}/mail/config-v1.1.xml?emailaddress=${address}`)).text();
    assert.match(await autoconfig('ann@example.com'), /<calendar [\s\S]*<username>ann-login<[\s\S]*<addressbook/);
    assert.doesNotMatch(await autoconfig('ann@example.com'), /<username>%EMAIL/);
    assert.match(await autoconfig('nobody@example.com'), /<username>%EMAILADDRESS%</);
    const profile = await (await fetch(`${base}/mobileconfig/?emailaddress=ann@example.com&name=Given`)).text();
    assert.match(profile, /<key>EmailAccountName<\/key>\s*<string>Ann Example</);
    assert.match(profile, /<key>CalDAVUsername<\/key>\s*<string>ann-login</);
    const post = { method: 'POST', body: autodiscoverRequest('ann@example.com') };
    const settings = await (await fetch(`${base}/autodiscover/autodiscover.xml`, post)).text();
    assert.match(
      settings,
      /<DisplayName>Ann Example<[\s\S]*<LoginName>ann-login<[\s\S]*<Type>CardDAV<[\s\S]*<LoginName>ann-login</,
    );
  });

  test('unreachable directory: 503 with Retry-After for its domains, others are served, one log line', async (t) => {
    const daemon = await startTestDaemon(t, { rows: rows(1) });
    const ask = (address: string) => fetch(`${daemon.base}/mail/config-v1.1.xml?emailaddress=${address}`);
    for (let round = 0; round < 3; round++) {
      const response = await ask('ann@example.com');
      assert.equal(response.status, 503);
      assert.match(response.headers.get('retry-after') ?? '', /^\d+$/);
      assert.match(await response.text(), /^[^\n]+\n$/);
      assert.equal((await ask('ann@example.net')).status, 200);
    }
    assert.equal(
      daemon.log.filter((line) => / ERROR look-ups in ldapserver 7 fail: directory: .*ECONNREFUSED/.test(line)).length,
      1,
    );
    assert.doesNotMatch(daemon.log.join(''), /ann|geheim/);
    // Without an address there is no login to look up; with GET, Autodiscover's is not known.
    const get = (path: string) => daemon.raw(`GET ${path} HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n`);
    assert.match(await get('/mail/config-v1.1.xml'), /^HTTP\/1\.1 200 /);
    assert.match(await get('/autodiscover/autodiscover.xml'), /^HTTP\/1\.1 404 /);
  });
});
