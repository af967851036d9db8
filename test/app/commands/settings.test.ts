import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type Configured, configured } from '../../support/in-process.ts';
import type { Result } from '../../support/process.ts';
import { contents, execute } from '../../support/sqlite-file.ts';

const imap = { type: 'imap', name: 'mail.host.example', port: 993, socket_type: 'SSL' };
const smtp = { type: 'smtp', name: 'mail.host.example', port: 465, socket_type: 'SSL' };
const caldav = { type: 'caldav', url: 'https://dav.host.example/dav/', domains: ['a.example'] };
const DOCUMENT = {
  version: 3,
  providers: [
    { name: 'A Inc.', domains: ['a.example', 'b.example', 'c.example'], servers: [imap, smtp, caldav] },
    { name: 'D Inc.', domains: ['d.example'], servers: [{ ...imap, name: 'd.host.example' }, smtp] },
  ],
};
const json = (document: unknown): string => JSON.stringify(document);

interface Prepared extends Configured {
  /** Runs a command with this text on standard input, which is a terminal if `isTerminal`. */
  typed(text: string, words: readonly string[], isTerminal?: boolean): Promise<Result>;
}

/** A database that says what the document says. */
async function prepared(t: TestContext, document: unknown = DOCUMENT): Promise<Prepared> {
  const each = configured(t, (sqlite) => `db_uri = ${sqlite}`);
  const result = await each.run('init', each.write('init.json', json(document)));
  assert.equal(result.status, 0, result.err);
  return {
    ...each,
    typed(text, words, isTerminal = false) {
      const running = each.start(...words);
      if (isTerminal) Object.assign(running.stdin, { isTTY: true });
      running.stdin.end(text);
      return running.ended;
    },
  };
}

const serversIn = async ({ run }: Pick<Configured, 'run'>, name: string): Promise<readonly string[]> =>
  (await run('domain', 'show', name)).out
    .split('\n')
    .filter((line) => / [\w.:/]+ /.test(line) && !/^(domain|provider) /.test(line));

const names = async ({ run }: Pick<Configured, 'run'>): Promise<readonly string[]> =>
  (await run('domain', 'list')).out
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '');

describe('automx2 export', () => {
  test('prints what apply finds nothing to change about, byte for byte the same each time', async (t) => {
    const { run, typed } = await prepared(t);
    const { status, out, err } = await run('export');
    assert.deepEqual([status, err], [0, '']);
    assert.equal((await run('export')).out, out);
    assert.deepEqual(await typed(out, ['apply', '-', '--expect-no-changes']), {
      status: 0,
      out: 'No changes.\n',
      err: '',
    });
    const other = configured(t, (sqlite) => `db_uri = ${sqlite}`);
    assert.equal((await other.run('init', other.write('a.json', out))).status, 0);
    assert.equal((await other.run('export')).out, out);
  });

  test('names what it leaves out, with status 1', async (t) => {
    const { run, file } = await prepared(t);
    execute(file, "UPDATE server SET port = 0 WHERE id = 1; INSERT INTO domain VALUES (9, 'no name', 1, NULL)");
    const { status, err } = await run('export');
    assert.equal(status, 1);
    assert.match(err, /^automx2: domain 9: .*\nautomx2: server 1: .*\n$/);
  });

  test('prints one provider', async (t) => {
    const { run } = await prepared(t);
    const { out } = await run('export', '--provider', 'D Inc.');
    assert.deepEqual(
      (JSON.parse(out) as typeof DOCUMENT).providers.map(({ name }) => name),
      ['D Inc.'],
    );
    const { status, err } = await run('export', '--provider', 'X');
    assert.equal(status, 1);
    assert.match(err, /"X"/);
  });

  test('writes seeds that init takes, and replaces no file', async (t) => {
    const { run, folder } = await prepared(t);
    const { status, out, err } = await run('export', '--seeds', `${folder}/seeds`);
    assert.equal(status, 0);
    const files = out.trimEnd().split('\n');
    assert.deepEqual(
      files.map((file) => file.slice(folder.length)),
      ['/seeds/a-inc-1.json', '/seeds/a-inc-2.json', '/seeds/d-inc.json'],
    );
    assert.match(err, /one seed/);
    const other = configured(t, (sqlite) => `db_uri = ${sqlite}`);
    assert.equal((await other.run('init', files[1] ?? '')).status, 0);
    assert.deepEqual(await names(other), ['b.example', 'c.example']);
    assert.equal((await run('export', '--seeds', `${folder}/seeds`)).status, 1);
  });

  test('prints passwords on demand only, and apply keeps those that are not printed', async (t) => {
    const { run, write } = await prepared(t, {
      ...DOCUMENT,
      directories: [{ name: 'ldap.example', search_base: 'dc=example', bind_user: 'cn=a', bind_password: 's3cret' }],
    });
    const { out } = await run('export');
    assert.doesNotMatch(out, /s3cret/);
    assert.match((await run('export', '--secrets')).out, /"bind_password": "s3cret"/);
    const other = JSON.parse(out) as { directories: { port: number }[] };
    for (const directory of other.directories) directory.port = 1636;
    const plan = await run('apply', write('a.json', json(other)), '--yes');
    assert.deepEqual([plan.status, plan.err], [0, '']);
    assert.match((await run('export', '--secrets')).out, /"port": 1636,[\s\S]*"bind_password": "s3cret"/);
  });
});

describe('automx2 apply', () => {
  const [a, d] = DOCUMENT.providers;
  const CHANGED = {
    version: 3,
    providers: [{ ...a, domains: ['a.example', 'b.example', 'new.example'], servers: [{ ...imap, prio: 5 }, smtp] }],
  };
  /** Without and with --prune. */
  const PLAN = [
    '+ domain new.example of A Inc.',
    '~ server imap mail.host.example:993 of A Inc. for a.example, b.example: prio 10 -> 5',
    '! not in the document, and left as they are without --prune: 2 domains, 1 server',
    '1 to add, 1 to change, 0 to remove.',
  ];
  const PRUNED = [
    '+ domain new.example of A Inc.',
    '~ server imap mail.host.example:993 of A Inc.: prio 10 -> 5',
    '- provider D Inc.',
    '- domain c.example',
    '- domain d.example',
    '- server imap d.host.example:993 of D Inc.',
    '- server smtp mail.host.example:465 of D Inc.',
    '- server caldav https://dav.host.example/dav/ of A Inc.',
    '! records of DNS change for 1 domain (a.example): publish what automx2 dns prints then; keep an old digest of PACC beside the new one until its TTL is over',
    '1 to add, 1 to change, 6 to remove.',
  ];
  const lines = (text: string): readonly string[] => text.trimEnd().split('\n');

  test('--dry-run shows the changes and makes none', async (t) => {
    const { run, file, write } = await prepared(t);
    const before = contents(file);
    const { status, out, err } = await run('apply', write('a.json', json(CHANGED)), '--dry-run');
    assert.deepEqual([status, lines(out), err], [0, PLAN, '']);
    assert.deepEqual(contents(file), before);
  });

  test('--expect-no-changes says by its status whether there are some', async (t) => {
    const { run, file, write } = await prepared(t);
    const before = contents(file);
    const { status, out } = await run('apply', write('a.json', json(CHANGED)), '--expect-no-changes');
    assert.deepEqual([status, lines(out)], [3, PLAN]);
    assert.deepEqual(contents(file), before);
    assert.equal((await run('apply', write('b.json', json(DOCUMENT)), '--expect-no-changes')).status, 0);
  });

  test('--yes makes them, and a second time there are none', async (t) => {
    const { run, write } = await prepared(t);
    const path = write('a.json', json(CHANGED));
    const { status, out, err } = await run('apply', path, '--yes');
    assert.deepEqual([status, lines(out), err], [0, [...PLAN, 'Applied.'], '']);
    assert.match((await run('apply', path)).out, /\nNo changes\.\n$/);
    assert.deepEqual(await names({ run }), ['a.example', 'b.example', 'c.example', 'd.example', 'new.example']);
  });

  test('--prune removes what the document does not name, many domains only with --force', async (t) => {
    const { run, file, write } = await prepared(t);
    const path = write('a.json', json(CHANGED));
    const before = contents(file);
    const planned = await run('apply', path, '--prune', '--dry-run');
    assert.deepEqual([planned.status, lines(planned.out).slice(0, 8)], [0, PRUNED.slice(0, 8)]);
    assert.match(planned.out, /^! 2 of 4 domains .*--force$/m);
    const refused = await run('apply', path, '--prune', '--yes');
    assert.equal(refused.status, 1);
    assert.match(refused.err, /^automx2: 2 of 4 domains .*--force\n$/);
    assert.deepEqual(contents(file), before);
    const { status, out } = await run('apply', path, '--prune', '--force', '--yes');
    assert.deepEqual([status, lines(out)], [0, [...PRUNED, 'Applied.']]);
    const { out: exported } = await run('export');
    assert.deepEqual(
      (JSON.parse(exported) as typeof DOCUMENT).providers.map(({ name, domains }) => [name, domains]),
      [['A Inc.', ['a.example', 'b.example', 'new.example']]],
    );
  });

  for (const [answer, status] of [
    ['y', 0],
    ['Yes', 0],
    ['n', 1],
    ['', 1],
    ['yellow', 1],
  ] as const) {
    test(`"${answer}" typed on a terminal: status ${status}`, async (t) => {
      const { typed, file, write } = await prepared(t);
      const before = contents(file);
      const result = await typed(`${answer}\n`, ['apply', write('a.json', json(CHANGED))], true);
      assert.equal(result.status, status, result.err);
      assert.match(result.out, /Apply\? \[y\/N\] /);
      assert.equal(JSON.stringify(contents(file)) === JSON.stringify(before), status === 1);
    });
  }

  test('without a terminal and without --yes nothing is changed, and the status is 2', async (t) => {
    const { typed, file, write } = await prepared(t);
    const before = contents(file);
    const { status, err } = await typed('y\n', ['apply', write('a.json', json(CHANGED))]);
    assert.equal(status, 2);
    assert.match(err, /--yes/);
    assert.deepEqual(contents(file), before);
  });

  test('--json says the same for programs', async (t) => {
    const { run, write } = await prepared(t);
    const path = write('a.json', json(CHANGED));
    const read = async (...words: readonly string[]) => {
      const { status, out } = await run('apply', path, '--json', ...words);
      assert.equal(status, 0);
      const { add, change, remove, applied, changes } = JSON.parse(out) as {
        add: number;
        change: number;
        remove: number;
        applied: boolean;
        changes: { action: string; kind: string; name: string; details: string[] }[];
      };
      return { totals: [add, change, remove], applied, changes };
    };
    const planned = await read('--dry-run');
    assert.deepEqual([planned.totals, planned.applied], [[1, 1, 0], false]);
    assert.deepEqual(planned.changes[1], {
      action: 'change',
      kind: 'server',
      name: 'imap mail.host.example:993 of A Inc. for a.example, b.example',
      details: ['prio 10 -> 5'],
      rows: 1,
    });
    assert.deepEqual(await read('--yes'), { ...planned, applied: true });
    assert.deepEqual(await read('--yes'), { totals: [0, 0, 0], applied: false, changes: [] });
  });

  test('links of rows that are gone go with --yes, even where nothing else changes', async (t) => {
    const { run, file, write } = await prepared(t);
    execute(file, 'DELETE FROM domain WHERE id = 4; INSERT INTO server_domain VALUES (90, 1)');
    const path = write('a.json', (await run('export')).out);
    const dry = await run('apply', path, '--dry-run');
    assert.match(dry.out, /^! links .*: 3; .*\nNo changes\.\n$/m);
    assert.equal((await run('apply', path, '--expect-no-changes')).status, 0);
    assert.equal((await run('apply', path, '--yes')).status, 0);
    execute(file, "INSERT INTO domain (id, name, provider_id) VALUES (4, 'next.example', 1)");
    assert.deepEqual(await serversIn({ run }, 'next.example'), []);
  });

  test('a domain that changes its provider, and a directory without a password, are pointed out', async (t) => {
    const { run, write } = await prepared(t);
    const moved = {
      version: 3,
      providers: [{ ...d, domains: [{ name: 'a.example', directory: 'ldap.example' }] }],
      directories: [{ name: 'ldap.example', search_base: 'dc=example', bind_user: 'cn=reader' }],
    };
    const { out } = await run('apply', write('a.json', json(moved)), '--dry-run');
    assert.match(out, /^! domain a\.example leaves .*A Inc\./m);
    assert.match(out, /^! directory ldap\.example dc=example .*password$/m);
  });

  test('a domain that loses its mail servers is pointed out', async (t) => {
    const { run, write } = await prepared(t);
    const { out } = await run(
      'apply',
      write('a.json', json({ version: 3, providers: [a, { ...d, servers: [] }] })),
      '--prune',
      '--dry-run',
    );
    assert.match(out, /^! 1 domain \(d\.example\): every client: there is no mail server/m);
  });

  for (const words of [['--force'], ['--json']]) {
    test(`${words.join(' ')} alone: status 2`, async (t) => {
      const { run, write } = await prepared(t);
      assert.equal((await run('apply', write('a.json', json(CHANGED)), ...words)).status, 2);
    });
  }

  test('a seed that names a server twice cannot be planned', async (t) => {
    const { run, write } = await prepared(t);
    const seed = { provider: 'A Inc.', domains: ['a.example'], servers: [imap, { ...imap, user_name: 'x' }] };
    const { status, err } = await run('apply', write('a.json', json(seed)), '--yes');
    assert.equal(status, 2);
    assert.match(err, /twice/);
  });

  test('what clients stumble over afterwards is said before', async (t) => {
    const { run, write } = await prepared(t);
    const plain = {
      version: 3,
      providers: [{ ...d, servers: [{ ...imap, name: 'd.host.example', socket_type: 'plain' }, smtp] }],
    };
    const { out } = await run('apply', write('a.json', json(plain)), '--dry-run');
    assert.match(out, /^! 1 domain \(d\.example\): .*TLS/m);
    assert.doesNotMatch((await run('apply', write('b.json', json(DOCUMENT)), '--dry-run')).out, /^!/m);
  });

  for (const { name, text, place } of [
    {
      name: 'no JSON',
      text: '{\n  "version": 3,\n}',
      place: /a\.json: the document: not valid JSON at line 3, column 1\n$/,
    },
    { name: 'a member of no meaning', text: json({ version: 3, provider: [] }), place: /a\.json: provider: / },
    {
      name: 'a wrong port',
      text: json({ version: 3, providers: [{ ...a, servers: [imap, { ...smtp, port: 0 }] }] }),
      place: /a\.json: providers\[0\]\.servers\[1\]\.port: /,
    },
    {
      name: 'a secret in no file',
      text: json({ version: 3, directories: [{ name: 'a', search_base: 'b', bind_password_file: '/nowhere/secret' }] }),
      place: /a\.json: directories\[0\]\.bind_password_file: /,
    },
  ]) {
    test(`${name}: status 2, and the place`, async (t) => {
      const { run, file, write } = await prepared(t);
      const before = contents(file);
      const { status, out, err } = await run('apply', write('a.json', text), '--yes');
      assert.deepEqual([status, out], [2, '']);
      assert.match(err, place);
      assert.deepEqual(contents(file), before);
    });
  }

  test('two rows of one name: status 1, and their ids', async (t) => {
    const { run, file, write } = await prepared(t);
    execute(file, "INSERT INTO provider VALUES (9, 'A Inc.', 'A')");
    const { status, err } = await run('apply', write('a.json', json(CHANGED)), '--yes');
    assert.equal(status, 1);
    assert.match(err, /\b1, 9\b/);
  });

  test('a database in memory, or none: status 2', async (t) => {
    for (const options of ['db_uri = sqlite:///:memory:', 'settings_file = nowhere']) {
      const { run, write } = configured(t, options);
      assert.equal((await run('apply', write('a.json', json(DOCUMENT)), '--yes')).status, 2);
      assert.equal((await run('domain', 'remove', 'a.example', '--yes')).status, 2);
    }
  });
});

describe('automx2 domain', () => {
  const serversOf = async ({ run }: Pick<Configured, 'run'>, name: string): Promise<readonly string[]> => {
    const { status, out, err } = await run('domain', 'show', name);
    assert.equal(status, 0, err);
    return out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').slice(0, 2).join(' '));
  };

  test('list prints names and providers', async (t) => {
    const { run } = await prepared(t);
    assert.equal(
      (await run('domain', 'list')).out,
      'a.example\tA Inc.\nb.example\tA Inc.\nc.example\tA Inc.\nd.example\tD Inc.\n',
    );
    assert.deepEqual((JSON.parse((await run('domain', 'list', '--json')).out) as unknown[])[3], {
      name: 'd.example',
      provider: 'D Inc.',
    });
  });

  test('show prints what is stored for a domain', async (t) => {
    const { run } = await prepared(t);
    assert.deepEqual(await serversOf({ run }, 'A.example.'), [
      'domain a.example',
      'provider A',
      'imap mail.host.example:993',
      'smtp mail.host.example:465',
      'caldav https://dav.host.example/dav/',
    ]);
    assert.equal((await run('domain', 'show', 'x.example')).status, 1);
  });

  test('add --like takes what the other domain has, without any new server', async (t) => {
    const { run, file } = await prepared(t);
    const { status, out } = await run('domain', 'add', 'x.example', 'bücher.example', '--like', 'a.example', '--yes');
    assert.equal(status, 0);
    assert.equal(
      out,
      '+ domain x.example of A Inc.\n+ domain xn--bcher-kva.example of A Inc.\n! servers of each new domain: imap mail.host.example:993, smtp mail.host.example:465, caldav https://dav.host.example/dav/\n2 to add, 0 to change, 0 to remove.\nApplied.\n\nTo see what to publish in DNS, run: automx2 dns x.example xn--bcher-kva.example --service HOST (or set public_host)\n',
    );
    assert.deepEqual(
      (await serversOf({ run }, 'bücher.example')).slice(1),
      (await serversOf({ run }, 'a.example')).slice(1),
    );
    assert.equal(contents(file).rows['server']?.length, 4);
  });

  test('add --provider takes what all domains of the provider have', async (t) => {
    const { run } = await prepared(t);
    assert.equal((await run('domain', 'add', 'x.example', '--provider', 'A Inc.', '--yes')).status, 0);
    assert.deepEqual(await serversOf({ run }, 'x.example'), [
      'domain x.example',
      'provider A',
      'imap mail.host.example:993',
      'smtp mail.host.example:465',
    ]);
  });

  test('add --provider knows rows that say the same as one server', async (t) => {
    const { run, file } = await prepared(t);
    execute(
      file,
      `INSERT INTO server (id, prio, name, port, type, socket_type, user_name, authentication)
         SELECT 90, prio, name, port, type, socket_type, user_name, authentication FROM server WHERE id = 2;
       UPDATE server_domain SET server_id = 90 WHERE server_id = 2 AND domain_id = 2`,
    );
    assert.equal((await run('domain', 'add', 'x.example', '--provider', 'A Inc.', '--yes')).status, 0);
    assert.equal((await serversOf({ run }, 'x.example')).length, 4);
  });

  test('add says whose servers differ', async (t) => {
    const { run, file } = await prepared(t);
    execute(file, "UPDATE server SET user_name = 'x' WHERE id = 1; DELETE FROM server_domain WHERE domain_id = 2");
    const { status, err } = await run('domain', 'add', 'x.example', '--provider', 'A Inc.', '--yes');
    assert.equal(status, 1);
    assert.match(err, /all domains of A Inc\./);
    assert.match(
      (await run('domain', 'add', 'x.example', '--like', 'b.example', '--yes')).err,
      /the domain b\.example/,
    );
  });

  test('add takes two spellings as one domain', async (t) => {
    const { run } = await prepared(t);
    const { status, out } = await run('domain', 'add', 'X.example', 'x.example.', '--like', 'a.example', '--yes');
    assert.deepEqual([status, /^1 to add, /m.test(out)], [0, true]);
  });

  test('remove takes the servers with it that nobody else has', async (t) => {
    const { run } = await prepared(t);
    const { status, out } = await run('domain', 'remove', 'd.example', '--yes');
    assert.equal(status, 0);
    assert.equal(
      out,
      [
        '- domain d.example',
        '- server imap d.host.example:993 of D Inc.',
        '- server smtp mail.host.example:465 of D Inc.',
        '! provider D Inc. is left without a domain',
        '0 to add, 0 to change, 3 to remove.',
        'Applied.\n',
      ].join('\n'),
    );
    assert.deepEqual(await names({ run }), ['a.example', 'b.example', 'c.example']);
    assert.equal((await run('export')).err, '');
  });

  for (const { words, status } of [
    { words: ['add', 'x.example', '--like', 'nowhere.example'], status: 1 },
    { words: ['add', 'x.example', '--provider', 'Nobody'], status: 1 },
    { words: ['add', 'a.example', '--like', 'b.example'], status: 1 },
    { words: ['remove', 'a.example', 'x.example'], status: 1 },
    { words: ['add', 'x.example'], status: 2 },
    { words: ['add', 'x.example', '--like', 'a.example', '--provider', 'A Inc.'], status: 2 },
    { words: ['add', '--like', 'a.example'], status: 2 },
    { words: ['add', 'x y', '--like', 'a.example'], status: 2 },
    { words: ['remove', 'a.example', '--like', 'b.example'], status: 2 },
    { words: ['remove'], status: 2 },
    { words: ['show'], status: 2 },
    { words: ['show', 'a.example', 'b.example'], status: 2 },
    { words: ['list', 'a.example'], status: 2 },
    { words: ['rename', 'a.example'], status: 2 },
    { words: ['list'], status: 2 },
    { words: ['show', 'a.example'], status: 2 },
  ]) {
    test(`${words.join(' ')}: status ${status}, and nothing is changed`, async (t) => {
      const { run, file } = await prepared(t);
      const before = contents(file);
      const result = await run('domain', ...words, '--yes');
      assert.equal(result.status, status, result.err);
      assert.match(result.err, /^automx2: .*\n$/);
      assert.deepEqual(contents(file), before);
    });
  }
});
