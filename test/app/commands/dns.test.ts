import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { type Configured, configured } from '../../support/in-process.ts';
import { launchProgram } from '../../support/program.ts';
import { execute } from '../../support/sqlite-file.ts';
import { checkZone, noZoneCheck } from '../../support/zone-check.ts';

const SERVICE = 'mx.host.example';
const imap = { type: 'imap', name: 'mail.host.example', port: 993, socket_type: 'SSL' };
const smtp = { type: 'smtp', name: 'mail.host.example', port: 465, socket_type: 'SSL' };
/** As long as documents take them. */
const LONG = `${'a'.repeat(60)}.${'a'.repeat(59)}.example`;
const DOCUMENT = {
  version: 3,
  providers: [
    {
      name: 'A Inc.',
      domains: ['a.example', 'bücher.example', 'autoconfig.example', LONG],
      servers: [
        imap,
        smtp,
        { type: 'caldav', url: 'https://dav.host.example/calendars/%EMAILADDRESS%/', domains: ['a.example'] },
        { type: 'carddav', url: `https://bücher.example/"a\\b"/${'ü'.repeat(60)}/?`, domains: ['bücher.example'] },
      ],
    },
    {
      name: 'Odd Ltd.',
      domains: ['odd.example'],
      servers: [
        { ...imap, type: 'pop', socket_type: 'plain', port: 110 },
        { ...imap, socket_type: 'STARTTLS', port: 143 },
        { ...smtp, port: 587, socket_type: 'STARTTLS' },
        { ...smtp, port: 25, socket_type: 'STARTTLS' },
        { type: 'caldav', url: 'http://dav.host.example/' },
      ],
    },
    { name: 'None', domains: ['none.example'], servers: [] },
  ],
};
const SERVED = ['a.example', 'xn--bcher-kva.example', 'autoconfig.example', LONG, 'odd.example'];

const TEXT = `; a.example: mx.host.example must have addresses (A, AAAA; no CNAME), and a certificate for each of
; mx.host.example, autoconfig.a.example, autodiscover.a.example, ua-auto-config.a.example
; --- required
; Thunderbird, FairEmail, Evolution, KMail and others (Autoconfig); profiles for iPhone, iPad and Mac
autoconfig.a.example. 3600 IN CNAME mx.host.example.
; Outlook, eM Client, Delta Chat (Autodiscover)
autodiscover.a.example. 3600 IN CNAME mx.host.example.
; --- recommended: more clients find their settings, or find them without asking
; Outlook, where a certificate for the name above is impossible; it asks its user once. May stand beside it
_autodiscover._tcp.a.example. 3600 IN SRV 0 0 443 mx.host.example.
; Evolution, Himalaya (PACC); the host, and the digest of the document
ua-auto-config.a.example. 3600 IN CNAME mx.host.example.
_ua-auto-config.a.example. 3600 IN TXT "v=UAAC1; a=sha256; d=DIGEST"
; FairEmail, SnappyMail, aerc and Himalaya look for mail servers here (SRV)
_imaps._tcp.a.example. 3600 IN SRV 0 1 993 mail.host.example.
_submissions._tcp.a.example. 3600 IN SRV 0 1 465 mail.host.example.
; Thunderbird, DAVx5, iPhone, iPad and Mac look for calendars and contacts here
_caldavs._tcp.a.example. 3600 IN SRV 0 1 443 dav.host.example.
_caldavs._tcp.a.example. 3600 IN TXT "path=/calendars/"
; --- may be left out: these say that a service is not offered
_imap._tcp.a.example. 3600 IN SRV 0 0 0 .
_pop3s._tcp.a.example. 3600 IN SRV 0 0 0 .
_pop3._tcp.a.example. 3600 IN SRV 0 0 0 .
_submission._tcp.a.example. 3600 IN SRV 0 0 0 .
_caldav._tcp.a.example. 3600 IN SRV 0 0 0 .
`;
/** The digest is that of PACC's own tests. */
const withoutDigest = (text: string): string => text.replace(/ d=[\w+/]{43}=/g, ' d=DIGEST');

interface Shown {
  readonly domain: string;
  readonly service: string;
  readonly records: readonly { name: string; type: string; ttl: number; data: unknown; required: boolean }[];
}

/** Settings in a database. */
async function inDatabase(t: TestContext, options = `public_host = ${SERVICE}`): Promise<Configured> {
  const each = configured(t, (sqlite) => `db_uri = ${sqlite}\n${options}`);
  const result = await each.run('init', each.write('init.json', JSON.stringify(DOCUMENT)));
  assert.equal(result.status, 0, result.err);
  return each;
}

/** The same in a file. */
function inFile(t: TestContext, document: unknown = DOCUMENT): Configured {
  const each = configured(t, '');
  const path = each.write('settings.json', JSON.stringify(document));
  writeFileSync(each.config, `[automx2]\nsettings_file = ${path}\npublic_host = ${SERVICE}\n`);
  return each;
}

describe('automx2 dns', () => {
  test('prints lines of a zone file', async (t) => {
    const { run } = await inDatabase(t);
    const { status, out, err } = await run('dns', 'A.Example.');
    assert.deepEqual([status, err], [0, '']);
    assert.equal(withoutDigest(out), TEXT);
  });

  test('names the rows that no record describes', async (t) => {
    const { run } = await inDatabase(t);
    const { out } = await run('dns', 'odd.example');
    const rows = [...out.matchAll(/^; no record for the row of type (\w+) with id \d+: ./gm)].map(([, type]) => type);
    assert.deepEqual(rows, ['pop', 'smtp', 'caldav']);
    assert.match(out, /^_imap\._tcp\.odd\.example\. 3600 IN SRV 0 1 143 mail\.host\.example\.$/m);
  });

  test('says so where a server has one of the names', async (t) => {
    const { run } = inFile(t, {
      version: 3,
      providers: [{ name: 'A', domains: ['a.example'], servers: [{ ...imap, name: 'autodiscover.a.example' }, smtp] }],
    });
    const { out } = await run('dns');
    assert.match(out, /^; no CNAME for autodiscover\.a\.example: /m);
    assert.doesNotMatch(out, /^autodiscover\.a\.example\./m);
  });

  test('prints the same as JSON, bare: no quotes, no final dots', async (t) => {
    const { run } = await inDatabase(t);
    const { status, out } = await run('dns', 'a.example', '--json', '--ttl', '300');
    const [shown, ...others] = JSON.parse(out) as Shown[];
    assert.deepEqual([status, others], [0, []]);
    assert.deepEqual([shown?.domain, shown?.service], ['a.example', SERVICE]);
    const records = shown?.records ?? [];
    assert.ok(records.every(({ ttl }) => ttl === 300));
    const by = (name: string, type: string) => {
      const record = records.find((each) => each.name === name && each.type === type);
      return [record?.data, record?.required];
    };
    assert.deepEqual(by('autoconfig.a.example', 'CNAME'), [SERVICE, true]);
    assert.deepEqual(by('_caldavs._tcp.a.example', 'TXT'), ['path=/calendars/', false]);
    const imaps = { priority: 0, weight: 1, port: 993, target: 'mail.host.example' };
    assert.deepEqual(by('_imaps._tcp.a.example', 'SRV'), [imaps, false]);
    const none = { priority: 0, weight: 0, port: 0, target: '.' };
    assert.deepEqual(by('_imap._tcp.a.example', 'SRV'), [none, false]);
    const lines = (await run('dns', 'a.example')).out.split('\n').filter((line) => !/^(;|$)/.test(line));
    assert.deepEqual(
      records.map(({ name, type }) => `${name}. 3600 IN ${type}`),
      lines.map((line) => line.split(' ').slice(0, 4).join(' ')),
    );
  });

  for (const [home, prepare] of [
    ['a database', inDatabase],
    ['a settings file', (t: TestContext) => Promise.resolve(inFile(t))],
  ] as const) {
    test(`${home}: all domains, and status 1 for one that is not served`, async (t) => {
      const { run } = await prepare(t);
      const { status, out, err } = await run('dns', '--json');
      const all = JSON.parse(out) as Shown[];
      assert.deepEqual([status, all.map(({ domain }) => domain)], [1, SERVED]);
      assert.match(err, /^automx2: none\.example: .+\n$/);
      assert.equal(`${JSON.stringify(all, null, 2)}\n`, out);
      const each = await Promise.all(SERVED.map((name) => run('dns', name)));
      assert.equal((await run('dns')).out, each.map(({ out: text }) => text).join('\n'));
      assert.deepEqual(new Set(each.map((result) => result.status)), new Set([0]));
    });
  }

  test('more domains than are written at once', async (t) => {
    const domains = Array.from({ length: 200 }, (_, index) => `d${index}.example`);
    const { run } = inFile(t, { version: 3, providers: [{ name: 'A', domains, servers: [imap, smtp] }] });
    const { status, out } = await run('dns', '--json');
    assert.deepEqual([status, (JSON.parse(out) as Shown[]).map(({ domain }) => domain)], [0, domains]);
    const { out: text } = await run('dns');
    assert.equal(text.match(/^autoconfig\./gm)?.length, 200);
  });

  test('a reader that has seen enough is no failure', async (t) => {
    const domains = Array.from({ length: 2_000 }, (_, index) => `d${index}.example`);
    const { folder, config } = inFile(t, { version: 3, providers: [{ name: 'A', domains, servers: [imap, smtp] }] });
    const script = '{ "$@"; echo "status $?" >&2; } | head -n 1';
    const wrap = ['sh', '-c', script, 'sh'];
    const { status, out, err } = await launchProgram(t, folder, ['--config', config, 'dns'], { wrap }).ended;
    assert.deepEqual([status, err, out.split('\n').length], [0, 'status 0\n', 2]);
  });

  for (const { words, want } of [
    { words: ['x.example'], want: '' },
    { words: ['x.example', '--json'], want: '[]\n' },
    { words: ['none.example', '--json'], want: '[]\n' },
  ]) {
    test(`status 1: ${words.join(' ')}`, async (t) => {
      const { run } = await inDatabase(t);
      const { status, out, err } = await run('dns', ...words);
      assert.deepEqual([status, out], [1, want]);
      assert.match(err, new RegExp(`^automx2: ${words[0]}: .+\n$`));
    });
  }

  test('an unknown domain does not hide the others', async (t) => {
    const { run } = await inDatabase(t);
    const { status, out } = await run('dns', 'x.example', 'a.example', 'a.example');
    assert.deepEqual([status, withoutDigest(out)], [1, TEXT]);
  });

  test('a domain that is stored twice is printed once', async (t) => {
    const { run, file } = await inDatabase(t);
    execute(file, "INSERT INTO domain (id, name, provider_id) VALUES (90, 'A.example', 1)");
    const { out, err } = await run('dns');
    assert.equal(out.match(/^autoconfig\.a\.example\. /gm)?.length, 1);
    assert.match(err, /^automx2: a\.example: .*another row/m);
  });

  for (const words of [
    ['a..example'],
    ['a b.example'],
    ['--ttl', ''],
    ['--ttl=-1'],
    ['--ttl', '604801'],
    ['--ttl', '1h'],
    ['--service', ''],
    ['--service', 'localhost'],
    ['--service', '192.0.2.1'],
    ['--service', 'mx.host.example:443'],
    ['--service', 'https://mx.host.example/'],
    ['--service', '*.host.example'],
    ['--format', 'x'],
  ]) {
    test(`status 2: ${JSON.stringify(words)}`, async (t) => {
      const { run } = inFile(t);
      const { status, out } = await run('dns', ...words);
      assert.deepEqual([status, out], [2, '']);
    });
  }

  for (const [ttl, want] of [
    ['0', 0],
    ['604800', 604_800],
  ] as const) {
    test(`--ttl ${ttl}`, async (t) => {
      const { out } = await inFile(t).run('dns', 'a.example', '--ttl', ttl, '--json');
      assert.equal((JSON.parse(out) as Shown[])[0]?.records[0]?.ttl, want);
    });
  }

  test('the name of the service: --service, before public_host; without both, status 2', async (t) => {
    const { run } = await inDatabase(t);
    const { out } = await run('dns', 'a.example', '--service', 'Bücher.example.');
    assert.match(out, /^autoconfig\.a\.example\. 3600 IN CNAME xn--bcher-kva\.example\.$/m);
    const without = await inDatabase(t, '');
    const { status, err } = await without.run('dns', 'a.example');
    assert.equal(status, 2);
    assert.match(err, /public_host.*--service/);
    assert.equal((await without.run('dns', 'a.example', '--service', SERVICE)).status, 0);
  });

  test('a database in memory: status 2', async (t) => {
    assert.equal((await configured(t, `public_host = ${SERVICE}`).run('dns')).status, 2);
  });
});

describe('a name server reads what is printed', { skip: noZoneCheck }, () => {
  test('of each domain, whatever the service is called', async (t) => {
    const { run } = await inDatabase(t);
    const services = [SERVICE, 'autoconfig.a.example', 'a.example', 'x.ua-auto-config.a.example'];
    const checks = services.flatMap((service) =>
      SERVED.map(async (name) => {
        const { status, out } = await run('dns', name, '--service', service);
        assert.equal(status, 0);
        await checkZone(t, name, out);
      }),
    );
    await Promise.all(checks);
  });

  test('with a path of more than 255 octets, quotes, a backslash and other characters', async (t) => {
    const { run } = await inDatabase(t);
    const { out } = await run('dns', 'bücher.example');
    const [, first = '', second = ''] = /^_carddavs\._tcp\..* TXT "(.*)" "(.*)"$/m.exec(out) ?? [];
    assert.equal(first.length, 255);
    assert.equal(first + second, `path=/%22a/b%22/${'%C3%BC'.repeat(60)}/`);
  });
});

describe('automx2 domain add', () => {
  const ADD = ['domain', 'add', 'new.example', 'b.example', '--like', 'a.example'];
  const owners = (text: string): readonly (string | undefined)[] =>
    [...text.matchAll(/^autoconfig\.(\S+)\. 3600 IN CNAME mx\.host\.example\.$/gm)].map(([, name]) => name);

  for (const how of ['--dry-run', '--yes']) {
    test(`${how}: ends with what to publish`, async (t) => {
      const { run } = await inDatabase(t);
      const { status, out } = await run(...ADD, how);
      assert.equal(status, 0);
      const [plan = '', ...domains] = out.split('\n\n');
      assert.match(plan, how === '--yes' ? /\nApplied\.$/ : /\n2 to add, .*\.$/);
      assert.equal(domains[0]?.split(':')[0], '; new.example');
      assert.deepEqual(owners(out), ['new.example', 'b.example']);
      if (how === '--yes') {
        assert.equal(out.endsWith(`\n\n${(await run('dns', 'new.example', 'b.example')).out}`), true);
      }
    });

    test(`${how} --json: in the member "dns"`, async (t) => {
      const { run } = await inDatabase(t);
      const { out } = await run(...ADD, how, '--json');
      const { dns } = JSON.parse(out) as { dns: Shown[] };
      assert.deepEqual(
        dns.map(({ domain, service }) => [domain, service]),
        [
          ['new.example', SERVICE],
          ['b.example', SERVICE],
        ],
      );
    });

    test(`${how} without public_host: how to see it`, async (t) => {
      const { run } = await inDatabase(t, '');
      const { out } = await run(...ADD, how);
      assert.match(out, /\n\n.*automx2 dns new\.example b\.example --service HOST.*public_host.*\n$/);
      const { out: json } = await (await inDatabase(t, '')).run(...ADD, how, '--json');
      assert.equal(Object.hasOwn(JSON.parse(json) as object, 'dns'), false);
    });
  }
});

describe('automx2 apply', () => {
  const [first, ...others] = DOCUMENT.providers;
  for (const { name, servers, changed } of [
    { name: 'another host', servers: [{ ...imap, name: 'new.host.example' }, smtp], changed: true },
    { name: 'SMTP that PACC cannot name', servers: [imap, { ...smtp, port: 587 }], changed: true },
    { name: 'another priority', servers: [{ ...imap, prio: 7 }, smtp], changed: false },
  ]) {
    test(`${name}: ${changed ? 'names' : 'does not name'} the domains whose digest changes`, async (t) => {
      const { run, write } = await inDatabase(t);
      const document = {
        version: 3,
        providers: [{ ...first, servers: [...servers, ...(first?.servers.slice(2) ?? [])] }, ...others],
      };
      const { out } = await run('apply', write('a.json', JSON.stringify(document)), '--prune', '--dry-run', '--json');
      const { notes } = JSON.parse(out) as { notes: readonly string[] };
      const remarks = notes.filter((note) => /digest/.test(note));
      assert.equal(remarks.length, changed ? 1 : 0, notes.join());
      if (changed) assert.match(remarks[0] ?? '', /4 domains \(a\.example, .*automx2 dns/);
    });
  }
});
