import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { DnsResolver } from '../../../src/adapters/dns/dns-resolver.ts';
import { createGate } from '../../../src/app/gate.ts';
import type { Gate } from '../../../src/ports/gate.ts';
import type { HostAnswer } from '../../../src/ports/resolver.ts';
import { freePort } from '../../support/database-server.ts';
import { BROKEN_ZONE, loopbackAddress, nsdMissing, port53Missing, startNsd } from '../../support/nsd-server.ts';
import { watchedGate } from '../../support/watched-gate.ts';

const MANY = 60;
const CHAIN = Array.from({ length: 9 }, (_value, index) => `long${index} CNAME long${index + 1}`);
const ZONE = `
host 300 A 192.0.2.2
host 300 A 192.0.2.1
host 300 AAAA 2001:db8::2
six AAAA 2001:db8::6
empty.part A 192.0.2.3
alias CNAME host
first CNAME Second
second CNAME host
dangling CNAME missing
out CNAME host.example.org.
away CNAME nowhere.example.org.
refused CNAME host.example.net.
loop1 CNAME loop2
loop2 CNAME loop1
self CNAME self
${CHAIN.join('\n')}
long9 A 192.0.2.9
_imaps._tcp SRV 10 1 993 b
_imaps._tcp SRV 0 1 993 Mail.Example.COM.
_imaps._tcp SRV 10 9 993 c
_pop3s._tcp SRV 0 0 0 .
_alias._tcp CNAME _imaps._tcp
@ MX 20 mx2
@ MX 10 MX1
null MX 0 .
text TXT "one " "two" " \\195\\164\\027"
text TXT "a"
${Array.from({ length: MANY }, (_value, index) => `many TXT "${String(index).padStart(3, '0')} ${'x'.repeat(60)}"`).join('\n')}
@ CAA 0 issue "ca.example"
@ CAA 0 issue ";"
@ CAA 0 iodef "mailto:a@example.com"
iodef CAA 0 iodef "mailto:a@example.com"
`;

const OTHER_ZONE = `
host A 192.0.2.1
once CNAME target
again CNAME target
target A 192.0.2.1
*.wild TXT "here"
`;

const ADDRESS = { address: '192.0.2.1', ttl: 300 };
const HOST: HostAnswer['addresses'] = {
  state: 'found',
  records: [ADDRESS, { address: '192.0.2.2', ttl: 300 }, { address: '2001:db8::2', ttl: 300 }],
};
const ABSENT = { state: 'absent' } as const;
const unknown = (reason: string) => ({ state: 'unknown', reason }) as const;

const gate = createGate(16);
const resolverFor = (server: string): DnsResolver => new DnsResolver({ server, authoritative: false, gate });

test('DNS, asked at one name server', { skip: nsdMissing }, async (t) => {
  const zones = { 'example.com': ZONE, 'example.org': OTHER_ZONE, 'broken.example': BROKEN_ZONE };
  const { server } = await startNsd(t, zones);
  const resolver = resolverFor(server);

  for (const { name, aliases = [], addresses } of [
    { name: 'host.example.com', addresses: HOST },
    { name: 'HOST.example.COM.', addresses: HOST },
    { name: 'six.example.com', addresses: { state: 'found', records: [{ address: '2001:db8::6', ttl: 3600 }] } },
    { name: 'missing.example.com', addresses: ABSENT },
    { name: 'part.example.com', addresses: ABSENT },
    { name: `${'x'.repeat(64)}.example.com`, addresses: ABSENT },
    { name: 'alias.example.com', aliases: ['host.example.com'], addresses: HOST },
    { name: 'first.example.com', aliases: ['second.example.com', 'host.example.com'], addresses: HOST },
    { name: 'dangling.example.com', aliases: ['missing.example.com'], addresses: ABSENT },
    {
      name: 'out.example.com',
      aliases: ['host.example.org'],
      addresses: { state: 'found', records: [{ address: '192.0.2.1', ttl: 3600 }] },
    },
    { name: 'away.example.com', aliases: ['nowhere.example.org'], addresses: ABSENT },
    { name: 'refused.example.com', aliases: ['host.example.net'], addresses: unknown('EREFUSED') },
    { name: 'loop1.example.com', aliases: ['loop2.example.com', 'loop1.example.com'], addresses: ABSENT },
    { name: 'self.example.com', aliases: ['self.example.com'], addresses: ABSENT },
    {
      name: 'long0.example.com',
      aliases: CHAIN.slice(0, 8).map((_line, index) => `long${index + 1}.example.com`),
      addresses: unknown('ELOOP'),
    },
    { name: 'host.broken.example', addresses: unknown('ESERVFAIL') },
    { name: 'host.example.net', addresses: unknown('EREFUSED') },
  ] satisfies readonly { name: string; aliases?: readonly string[]; addresses: HostAnswer['addresses'] }[]) {
    await t.test(`host: ${name}`, async () => assert.deepEqual(await resolver.host(name), { aliases, addresses }));
  }

  await t.test('SRV records by priority, the larger weight first, and through an alias', async () => {
    const [base, target] = [{ weight: 1, port: 993 }, 'mail.example.com'];
    const records = [
      { ...base, priority: 0, target },
      { ...base, priority: 10, weight: 9, target: 'c.example.com' },
      { ...base, priority: 10, target: 'b.example.com' },
    ];
    assert.deepEqual(await resolver.srv('_imaps._tcp.example.com'), { state: 'found', records });
    assert.deepEqual(await resolver.srv('_alias._tcp.example.com'), { state: 'found', records });
  });

  await t.test('SRV: a service that is not offered, none, and nobody who knows', async () => {
    const records = [{ priority: 0, weight: 0, port: 0, target: '' }];
    assert.deepEqual(await resolver.srv('_pop3s._tcp.example.com'), { state: 'found', records });
    assert.deepEqual(await resolver.srv('_imap._tcp.example.com'), ABSENT);
    assert.deepEqual(await resolver.srv('_imap._tcp.broken.example'), unknown('ESERVFAIL'));
  });

  await t.test('MX records by preference, and one that says "no mail"', async () => {
    const records = [
      { preference: 10, exchange: 'mx1.example.com' },
      { preference: 20, exchange: 'mx2.example.com' },
    ];
    assert.deepEqual(await resolver.mx('example.com'), { state: 'found', records });
    const none = { state: 'found', records: [{ preference: 0, exchange: '' }] };
    assert.deepEqual(await resolver.mx('null.example.com'), none);
  });

  await t.test('TXT strings are joined, and their octets kept', async () => {
    const answer = { state: 'found', records: ['a', 'one two \u00c3\u00a4\u001b'] };
    assert.deepEqual(await resolver.txt('text.example.com'), answer);
    assert.deepEqual(await resolver.txt('host.example.com'), ABSENT);
  });

  await t.test('an answer too large for UDP', async () => {
    const answer = await resolver.txt('many.example.com');
    assert.equal(answer.state === 'found' && answer.records.length, MANY);
  });

  await t.test('CAA: issuers; records about other things; none', async () => {
    assert.deepEqual(await resolver.caa('example.com'), { state: 'found', records: [';', 'ca.example'] });
    assert.deepEqual(await resolver.caa('iodef.example.com'), { state: 'found', records: [] });
    assert.deepEqual(await resolver.caa('host.example.com'), ABSENT);
  });

  await t.test('a name is asked once, whoever asks, and each question through the gate', async () => {
    let asked = 0;
    const counting: Gate = (work) => {
      asked += 1;
      return work();
    };
    const counted = new DnsResolver({ server, authoritative: false, gate: counting });
    const names = ['once.example.org', 'ONCE.EXAMPLE.ORG', 'again.example.org', 'target.example.org.'];
    await Promise.all(names.map((name) => counted.host(name)));
    assert.equal(asked, 9); // CNAME, A, AAAA at once, again and target
    await Promise.all(names.map((name) => counted.host(name)));
    assert.equal(asked, 9);
  });

  await t.test('many names at once pass a narrow gate', async () => {
    const watched = watchedGate(16);
    const bounded = new DnsResolver({ server, authoritative: false, gate: watched.gate });
    const names = Array.from({ length: 200 }, (_value, index) => `n${index}.wild.example.org`);
    const answers = await Promise.all(names.map((name) => bounded.txt(name)));
    assert.deepEqual(new Set(answers.map(({ state }) => state)), new Set(['found']));
    assert.equal(watched.most(), 16);
  });
});

test('nobody listens', async () => {
  const resolver = resolverFor(`127.0.0.1:${await freePort()}`);
  assert.deepEqual(await resolver.host('example.com'), { aliases: [], addresses: unknown('ECONNREFUSED') });
});

test('the end of the run is the end of questions, and of later ones', async (t) => {
  const mute = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => mute.close());
  await once(mute, 'listening');
  const end = new AbortController();
  mute.once('message', () => end.abort());
  const server = `127.0.0.1:${mute.address().port}`;
  const resolver = new DnsResolver({ server, authoritative: false, gate, signal: end.signal });
  assert.deepEqual(await resolver.txt('example.com'), unknown('ECANCELLED'));
  assert.deepEqual(await resolver.txt('example.org'), unknown('ECANCELLED'));
});

describe('DNS, asked where it is published', { skip: nsdMissing || port53Missing }, () => {
  test('each name of a chain at the servers of its zone, not at the server that knows these', async (t) => {
    const [com, org] = [loopbackAddress(), loopbackAddress()];
    const place = (address: string) => ({ address, port: 53 });
    // What is in caches: old.
    const cached = {
      'example.com': `@ NS ns\nns A ${com}\nwww A 192.0.2.99\nauto CNAME example.org.\n_a._tcp CNAME _b._tcp.example.org.`,
      'example.org': `@ NS ns\nns A ${org}\nlame NS ns.lame\nns.lame A 127.0.0.1`,
      'lone.example': '@ NS ns',
      'broken.example': BROKEN_ZONE,
    };
    const ofCom = 'www A 192.0.2.1\nauto CNAME example.org.\n_a._tcp CNAME _b._tcp.example.org.';
    const ofOrg = '@ A 192.0.2.7\n_b._tcp SRV 0 1 443 example.org.\nloop1 CNAME loop2\nloop2 CNAME loop1';
    const [{ server }] = await Promise.all([
      startNsd(t, cached),
      startNsd(t, { 'example.com': ofCom }, place(com)),
      startNsd(t, { 'example.org': ofOrg }, place(org)),
    ]);
    const resolver = new DnsResolver({ server, authoritative: true, gate });
    const found = (address: string) => ({ state: 'found', records: [{ address, ttl: 3600 }] });
    assert.deepEqual(await resolver.host('www.example.com'), { aliases: [], addresses: found('192.0.2.1') });
    const auto = { aliases: ['example.org'], addresses: found('192.0.2.7') };
    assert.deepEqual(await resolver.host('auto.example.com'), auto);
    const srv = { state: 'found', records: [{ priority: 0, weight: 1, port: 443, target: 'example.org' }] };
    assert.deepEqual(await resolver.srv('_a._tcp.example.com'), srv);
    assert.deepEqual(await resolver.txt('missing.example.com'), ABSENT);
    assert.deepEqual(await resolver.txt('loop1.example.org'), unknown('ELOOP'));
    assert.deepEqual(await resolver.txt('www.lone.example'), unknown('ENOZONE'));
    assert.deepEqual(await resolver.txt('www.broken.example'), unknown('ESERVFAIL'));
  });

  test('a name that no zone holds is asked at the root', async (t) => {
    const root = loopbackAddress();
    const [{ server }] = await Promise.all([
      startNsd(t, { '.': `@ NS ns.example\nns.example A ${root}` }),
      startNsd(t, { '.': 'top.example TXT "of the root"' }, { address: root, port: 53 }),
    ]);
    const resolver = new DnsResolver({ server, authoritative: true, gate });
    assert.deepEqual(await resolver.txt('top.example'), { state: 'found', records: ['of the root'] });
    assert.deepEqual(await resolver.txt('a.local'), ABSENT);
  });
});
