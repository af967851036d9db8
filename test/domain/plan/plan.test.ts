import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readDocument } from '../../../src/domain/documents/read-document.ts';
import { writeSettings } from '../../../src/domain/documents/write-settings.ts';
import { lineOfChange, makePlan, type PlanOptions } from '../../../src/domain/plan/plan.ts';
import { changedRows } from '../../../src/domain/plan/row-changes.ts';
import type { Row, Rows } from '../../../src/domain/tables.ts';

type Members = Readonly<Record<string, unknown>>;

const imap = { type: 'imap', name: 'mail.example.com', port: 993, socket_type: 'SSL' };
const smtp = { type: 'smtp', name: 'mail.example.com', port: 465, socket_type: 'SSL' };
const caldav = { type: 'caldav', url: 'https://dav.example.com/' };
const directory = { name: 'ldap.example.com', search_base: 'dc=example', bind_password: 's3cret' };
const A = { name: 'A Inc.', domains: ['a.example', 'b.example'], servers: [imap, smtp] };
const B = { name: 'B Inc.', domains: ['c.example'], servers: [{ ...imap, name: 'b.example' }] };

const rowsOf = (...providers: readonly Members[]): Rows => readDocument({ version: 3, providers });
const withDirectory = (members: Members = {}): Rows =>
  readDocument({
    version: 3,
    providers: [{ ...A, domains: ['a.example', { name: 'b.example', directory: 'ldap.example.com' }] }],
    directories: [{ ...directory, ...members }],
  });

/** The lines of a plan, which has been carried out and leads to nothing else to do. */
function linesOf(stored: Rows, wanted: Rows, options: PlanOptions = {}): readonly string[] {
  const plan = makePlan(stored, wanted, options);
  const result = changedRows(stored, plan.rows);
  assert.deepEqual(makePlan(result, wanted, options).changes, [], 'a second time');
  return plan.changes.map(lineOfChange);
}

const stored = rowsOf(A, B);
const EMPTY = { version: 3, providers: [] };

describe('a plan says in domain words', () => {
  for (const { name, from = stored, to, options, want } of [
    { name: 'nothing', to: stored, want: [] },
    { name: 'nothing about what is not named', to: rowsOf(B), want: [] },
    {
      name: 'a new provider',
      to: rowsOf(A, B, { name: 'C Inc.', domains: ['d.example'], servers: [imap, caldav] }),
      want: [
        '+ provider C Inc.',
        '+ domain d.example of C Inc.',
        '+ server imap mail.example.com:993 of C Inc.',
        '+ server caldav https://dav.example.com/ of C Inc.',
      ],
    },
    {
      name: 'another domain, which uses the same servers',
      to: rowsOf({ ...A, domains: [...A.domains, 'new.example'] }),
      want: ['+ domain new.example of A Inc.'],
    },
    {
      name: 'a server for one domain of two',
      to: rowsOf({ ...A, servers: [imap, smtp, { ...caldav, domains: ['b.example'] }] }),
      want: ['+ server caldav https://dav.example.com/ of A Inc.: for b.example'],
    },
    {
      name: 'other values of a server',
      to: rowsOf({ ...A, servers: [{ ...imap, socket_type: 'STARTTLS', prio: 20 }, smtp] }),
      want: ['~ server imap mail.example.com:993 of A Inc.: prio 10 -> 20, socket_type SSL -> STARTTLS'],
    },
    {
      name: 'other values for one domain of two',
      to: rowsOf({
        ...A,
        servers: [smtp, { ...imap, domains: ['a.example'] }, { ...imap, user_name: 'x', domains: ['b.example'] }],
      }),
      want: ['~ server imap mail.example.com:993 of A Inc. for b.example: user_name %EMAILADDRESS% -> x'],
    },
    {
      name: 'a server that a domain gets, which others have',
      from: rowsOf({ ...A, servers: [imap, { ...smtp, domains: ['a.example'] }] }),
      to: rowsOf(A),
      want: ['~ domain b.example: + smtp mail.example.com:465'],
    },
    {
      name: 'a server that a domain loses by name',
      to: rowsOf({ ...A, servers: [imap, { ...smtp, domains: ['a.example'] }] }),
      want: ['~ domain b.example: - smtp mail.example.com:465'],
    },
    {
      name: 'another short name',
      to: rowsOf({ ...A, short_name: 'Short' }),
      want: ['~ provider A Inc.: short_name A -> Short'],
    },
    {
      name: 'a domain that moves, and leaves the servers of its provider',
      to: rowsOf({ ...B, domains: ['c.example', 'b.example'] }),
      want: [
        '~ domain b.example: provider A Inc. -> B Inc., + imap b.example:993, - imap mail.example.com:993, - smtp mail.example.com:465',
      ],
    },
    {
      name: 'a directory, and who uses it',
      from: rowsOf(A),
      to: withDirectory(),
      want: [
        '+ directory ldap.example.com dc=example',
        '~ domain b.example: directory none -> ldap.example.com dc=example',
      ],
    },
    {
      name: 'a password without showing it',
      from: withDirectory(),
      to: withDirectory({ bind_password: 'other', port: 389, use_ssl: true }),
      want: ['~ directory ldap.example.com dc=example: port 636 -> 389, bind_password changed'],
    },
    {
      name: 'no password that is not named',
      from: withDirectory(),
      to: withDirectory({ bind_password: null }),
      want: [],
    },
    {
      name: 'a password that goes',
      from: withDirectory(),
      to: withDirectory({ bind_password: '' }),
      want: ['~ directory ldap.example.com dc=example: bind_password changed'],
    },
    {
      name: 'what goes with prune',
      to: rowsOf({ ...A, domains: ['a.example'], servers: [imap] }),
      options: { prune: true },
      want: [
        '- provider B Inc.',
        '- domain b.example',
        '- domain c.example',
        '- server smtp mail.example.com:465 of A Inc.',
        '- server imap b.example:993 of B Inc.',
      ],
    },
    {
      name: 'all of it',
      from: withDirectory(),
      to: readDocument(EMPTY),
      options: { prune: true },
      want: [
        '- directory ldap.example.com dc=example',
        '- provider A Inc.',
        '- domain a.example',
        '- domain b.example',
        '- server imap mail.example.com:993 of A Inc.',
        '- server smtp mail.example.com:465 of A Inc.',
      ],
    },
    {
      name: 'a domain that is removed, with the servers that only it has',
      to: readDocument(EMPTY),
      options: { remove: ['c.example'] },
      want: ['- domain c.example', '- server imap b.example:993 of B Inc.'],
    },
  ] satisfies { name: string; from?: Rows; to: Rows; options?: PlanOptions; want: readonly string[] }[]) {
    test(name, () => assert.deepEqual(linesOf(from, to, options), want));
  }
});

test('a provider that is left without a domain is noted', () => {
  const { notes } = makePlan(stored, readDocument(EMPTY), { remove: ['c.example'] });
  assert.deepEqual(notes, ['provider B Inc. is left without a domain']);
});

test('a server for no domain is noted and not stored', () => {
  const { notes, rows } = makePlan(stored, rowsOf({ ...A, domains: [], servers: [caldav] }));
  assert.deepEqual(
    [notes, rows.inserted.davserver],
    [['server caldav https://dav.example.com/ belongs to no domain and is not stored'], []],
  );
});

describe('one row for two providers', () => {
  // Whoever wrote the rows by hand may have linked one server with domains of several providers.
  const shared = { ...stored, server_domain: [...stored.server_domain, { server_id: 1, domain_id: 3 }] };

  test('each has it', () => {
    const { document } = writeSettings(shared);
    assert.deepEqual(
      document.providers.map(({ servers }) => servers.length),
      [2, 2],
    );
    assert.deepEqual(linesOf(shared, readDocument(document)), []);
  });

  test('what one changes is not changed for the other', () => {
    const wanted = rowsOf({ ...A, servers: [{ ...imap, user_name: 'x' }, smtp] });
    assert.deepEqual(linesOf(shared, wanted), [
      '~ server imap mail.example.com:993 of A Inc. for a.example, b.example: user_name %EMAILADDRESS% -> x',
    ]);
    const { server, server_domain } = changedRows(shared, makePlan(shared, wanted).rows);
    const ofC = server_domain.filter((link) => link['domain_id'] === 3).map((link) => link['server_id']);
    assert.deepEqual(
      server.filter((row) => ofC.includes(row['id'] ?? null)).map((row) => row['user_name']),
      ['%EMAILADDRESS%', '%EMAILADDRESS%'],
    );
  });
});

test('rows of their own for each domain are one server to people', () => {
  const own = {
    ...stored,
    server: [...stored.server, { ...stored.server[0], id: 9 }],
    server_domain: stored.server_domain.map((link) =>
      link['server_id'] === 1 && link['domain_id'] === 2 ? { server_id: 9, domain_id: 2 } : link,
    ),
  };
  const { document, omitted } = writeSettings(own);
  assert.deepEqual([document, omitted], [writeSettings(stored).document, []]);
  assert.deepEqual(linesOf(own, stored), []);
  assert.deepEqual(linesOf(own, rowsOf({ ...A, servers: [{ ...imap, prio: 1 }, smtp] })), [
    '~ server imap mail.example.com:993 of A Inc. (2 rows): prio 10 -> 1',
  ]);
});

test('a row that changes for one domain is not taken for another one that wants what it was', () => {
  const before = rowsOf({ ...A, domains: ['a.example'], servers: [imap] });
  const tls = { ...imap, socket_type: 'STARTTLS', domains: ['a.example'] };
  const wanted = rowsOf({
    ...A,
    domains: ['a.example', 'b.example'],
    servers: [tls, { ...imap, domains: ['b.example'] }],
  });
  assert.deepEqual(linesOf(before, wanted), [
    '+ domain b.example of A Inc.',
    '+ server imap mail.example.com:993 of A Inc.: for b.example',
    '~ server imap mail.example.com:993 of A Inc.: socket_type SSL -> STARTTLS',
  ]);
});

test('new servers get their ids in the order of the document', () => {
  const servers = [{ ...imap, name: 'new.example', domains: ['b.example'] }, imap, smtp];
  const wanted = rowsOf({ ...A, servers });
  const { server } = changedRows(rowsOf(), makePlan(rowsOf(), wanted).rows);
  assert.deepEqual(
    server.map((row) => row['name']),
    wanted.server.map((row) => row['name']),
  );
});

test('a domain that moves leaves the row of a server to the others', () => {
  const wanted = rowsOf(
    { ...A, domains: ['a.example'] },
    { ...A, name: 'C Inc.', domains: ['b.example', 'd.example'] },
  );
  linesOf(stored, wanted);
  const { domain, server_domain } = changedRows(stored, makePlan(stored, wanted).rows);
  const serversOf = (name: string): readonly unknown[] =>
    server_domain
      .filter((link) => link['domain_id'] === domain.find((row) => row['name'] === name)?.['id'])
      .map((link) => link['server_id']);
  assert.deepEqual(serversOf('a.example'), [1, 2]);
  assert.deepEqual(serversOf('b.example'), serversOf('d.example'));
  assert.deepEqual(
    serversOf('b.example').filter((id) => serversOf('a.example').includes(id)),
    [],
  );
});

test('wanted rows of one name cannot be planned', () => {
  const twice = {
    ...withDirectory(),
    ldapserver: [...withDirectory().ldapserver, { ...withDirectory().ldapserver[0], id: 2 }],
  };
  assert.throws(() => makePlan(stored, twice), { code: 'document_invalid' });
});

describe('two rows of one name', () => {
  const again = (table: 'provider' | 'domain' | 'ldapserver', row: Row): Rows => {
    const rows = withDirectory();
    return { ...rows, [table]: [...rows[table], { ...rows[table][0], ...row, id: 99 }] };
  };
  for (const [table, rows, wanted] of [
    ['provider', again('provider', {}), rowsOf(A)],
    ['domain', again('domain', { name: 'A.example' }), rowsOf(A)],
    ['ldapserver', again('ldapserver', { port: 1 }), withDirectory()],
  ] as const) {
    test(`of the table ${table} are refused by their ids where the name is needed`, () => {
      assert.throws(() => makePlan(rows, wanted), { code: 'rows_ambiguous', message: /\b1, 99\b/ });
      assert.throws(() => makePlan(rows, readDocument(EMPTY), { prune: true }), { code: 'rows_ambiguous' });
      assert.deepEqual(makePlan(rows, readDocument(EMPTY)).changes, []);
    });
  }

  test('of servers of one domain, too', () => {
    const rows = {
      ...stored,
      server: [...stored.server, { ...stored.server[0], id: 99 }],
      server_domain: [...stored.server_domain, { server_id: 99, domain_id: 1 }],
    };
    assert.throws(() => makePlan(rows, rowsOf(A)), { code: 'rows_ambiguous', message: /\b1, 99\b/ });
    assert.deepEqual(linesOf(rows, rowsOf(B)), []);
  });
});

test('other words for the same are no change, and survive others', () => {
  const words = {
    ...stored,
    server: stored.server.map((row) => ({ ...row, socket_type: 'ssl/tls', authentication: '' })),
  };
  assert.deepEqual(linesOf(words, stored), []);
  const { rows } = makePlan(words, rowsOf({ ...A, servers: [{ ...imap, prio: 1 }, smtp] }));
  assert.deepEqual(rows.updated, [{ table: 'server', id: 1, values: { prio: 1 } }]);
});

test('an unusable row is corrected where its server is named', () => {
  const broken = { ...stored, server: stored.server.map((row) => ({ ...row, socket_type: 'bogus' })) };
  assert.deepEqual(linesOf(broken, rowsOf(A)), [
    '~ server imap mail.example.com:993 of A Inc.: socket_type bogus -> SSL',
    '~ server smtp mail.example.com:465 of A Inc.: socket_type bogus -> SSL',
  ]);
});

describe('no id of a link is given to a new row', () => {
  // Domain 2 was deleted by hand, and the links with it stayed.
  const torn = {
    ...stored,
    domain: [
      ...stored.domain.filter((row) => row['id'] === 1),
      { id: 4, name: 'x.example', provider_id: 50, ldapserver_id: 40 },
    ],
    provider: stored.provider.filter((row) => row['id'] === 1),
    server_domain: [...stored.server_domain, { server_id: 70, domain_id: 80 }],
    davserver_domain: [{ davserver_id: 60, domain_id: 90 }],
  };
  const wanted = {
    ...rowsOf({ ...B, servers: [{ ...imap, port: 143 }, caldav] }),
    ldapserver: withDirectory().ldapserver,
  };
  const { inserted } = makePlan(torn, wanted).rows;

  test('be the link one of a row that is there or not', () => {
    const ids = (rows: readonly Row[]): unknown => rows.map((row) => row['id']);
    const added = [inserted.provider, inserted.ldapserver, inserted.domain, inserted.server, inserted.davserver];
    assert.deepEqual(added.map(ids), [[51], [41], [91], [71], [61]]);
  });
});

test('the last id is not exceeded', () => {
  const last = { ...stored, provider: [{ id: 2 ** 31 - 1, name: 'Last', short_name: 'Last' }], domain: [] };
  assert.throws(() => makePlan(last, rowsOf(A)), { code: 'change_failed' });
});

test('the domains are told whose settings change', () => {
  const wanted = rowsOf({ ...A, domains: [...A.domains, 'new.example'], servers: [{ ...imap, prio: 1 }, smtp] });
  const { touched, domains } = makePlan(stored, wanted);
  assert.deepEqual(
    [[...touched].sort(), domains],
    [['a.example', 'b.example', 'new.example'], { stored: 3, removed: 0 }],
  );
});

describe('what no document can say is left alone where its export is applied', () => {
  const unchanged = (rows: Rows): void => {
    const { document, omitted } = writeSettings(rows, { withSecrets: true });
    assert.ok(omitted.length > 0);
    assert.deepEqual(linesOf(rows, readDocument(document)), []);
  };
  const ofTwo = rowsOf({
    ...A,
    servers: [
      { ...imap, domains: ['a.example'] },
      { ...imap, prio: 1, domains: ['b.example'] },
    ],
  });

  test('an unusable row, while another domain has a server of that name', () => {
    const [first = {}, second = {}] = ofTwo.server;
    unchanged({ ...ofTwo, server: [first, { ...second, socket_type: 'bogus' }] });
  });

  test('two rows of one name on a domain, while another has one', () => {
    const links = [...ofTwo.server_domain, { server_id: 3, domain_id: 2 }];
    unchanged({ ...ofTwo, server: [...ofTwo.server, { ...ofTwo.server[1], id: 3 }], server_domain: links });
  });

  test('an unusable directory of a domain, until it is pruned', () => {
    const rows = withDirectory();
    const broken = { ...rows, ldapserver: rows.ldapserver.map((row) => ({ ...row, search_filter: '(' })) };
    unchanged(broken);
    assert.deepEqual(linesOf(broken, rowsOf(A), { prune: true }), [
      '~ domain b.example: directory ldap.example.com dc=example -> none',
      '- directory ldap.example.com dc=example',
    ]);
  });

  test('two directories of one name', () => {
    const rows = withDirectory();
    unchanged({ ...rows, ldapserver: [...rows.ldapserver, { ...rows.ldapserver[0], id: 9 }] });
  });
});

test('a port of less than 0 is none, and stays', () => {
  const rows = rowsOf({ ...A, servers: [caldav] });
  const odd = { ...rows, davserver: rows.davserver.map((row) => ({ ...row, port: -1 })) };
  assert.deepEqual(writeSettings(odd), writeSettings(rows));
  assert.deepEqual(linesOf(odd, rows), []);
});

for (const attr_cn of [null, '']) {
  test(`a directory without a name attribute (${JSON.stringify(attr_cn)}) stays without`, () => {
    const rows = withDirectory();
    const without = { ...rows, ldapserver: rows.ldapserver.map((row) => ({ ...row, attr_cn })) };
    const { document, omitted } = writeSettings(without);
    assert.deepEqual([document.directories?.[0]?.['attr_cn'], omitted], ['', []]);
    assert.deepEqual(readDocument(document).ldapserver[0]?.['attr_cn'], null);
    assert.deepEqual(linesOf(without, readDocument(document)), []);
  });
}
