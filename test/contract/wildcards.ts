import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { domain, link, name, type OpenReader, provider, server } from './settings-reader.ts';

/** A row of automx2_extra, in SQL. */
const extra = (domainName: string, kind: string, value: unknown): string =>
  `INSERT INTO automx2_extra (domain_name, kind, n, data) VALUES ('${domainName}', '${kind}', 0, '${JSON.stringify(value)}')`;

/** A domain with one server, whose number is the domain's. */
const served = (id: number, stored: string, providerId = 1): readonly string[] => [
  domain(id, stored, providerId),
  server(id),
  link(id, id),
];

/** What everything does that settings are read from: rows that serve more domains than one, and domains like another one. */
export function wildcardContract(open: (t: TestContext, ...rows: readonly string[]) => Promise<OpenReader>): void {
  test('a domain is served by its own row, else by the wildcard with the longest parent', async (t) => {
    const { store } = await open(
      t,
      provider(1),
      ...served(1, '*'),
      ...served(2, '*.Example.com'),
      ...served(3, '*.b.example.com'),
      ...served(4, 'a.example.com'),
      ...served(5, '*.xn--bcher-kva.example'),
      // None of these is a wildcard.
      ...served(6, '*x.example.org'),
      ...served(7, 'x.*.example.org'),
      ...served(8, '*.'),
    );
    for (const { asked, id, wildcard } of [
      { asked: 'a.example.com', id: 4, wildcard: undefined },
      { asked: 'c.example.com', id: 2, wildcard: '*.example.com' },
      { asked: 'a.b.example.com', id: 3, wildcard: '*.b.example.com' },
      { asked: 'x.a.example.com', id: 2, wildcard: '*.example.com' },
      { asked: 'example.com', id: 1, wildcard: '*' },
      { asked: 'b.example.com', id: 2, wildcard: '*.example.com' },
      { asked: 'x.bücher.example', id: 5, wildcard: '*.xn--bcher-kva.example' },
      { asked: 'y.x.example.org', id: 1, wildcard: '*' },
      { asked: 'xx.example.org', id: 1, wildcard: '*' },
      { asked: 'com', id: 1, wildcard: '*' },
      { asked: `${'a.'.repeat(100)}example.com`, id: 2, wildcard: '*.example.com' },
    ]) {
      const found = await store.find(name(asked));
      assert.deepEqual([found?.name, found?.mailServers[0]?.id, found?.wildcard], [name(asked), id, wildcard], asked);
    }
  });

  test('without a wildcard that fits, other domains are not served', async (t) => {
    const { store } = await open(t, provider(1), ...served(1, '*.example.com'));
    for (const asked of ['example.com', 'aexample.com', 'example.org', 'com']) {
      assert.equal(await store.find(name(asked)), undefined, asked);
    }
  });

  test('a walk meets wildcards, each with the settings of a sample', async (t) => {
    const { store } = await open(
      t,
      provider(1),
      ...served(1, '*'),
      ...served(2, '*.example.com'),
      ...served(3, 'b.example'),
    );
    const found = await store.walk({ afterId: 0 });
    assert.deepEqual(
      found.map(({ name: stored, mailDomain, unusable }) => [
        stored,
        mailDomain?.wildcard,
        mailDomain?.mailServers.length,
        unusable,
      ]),
      [
        ['*', '*', 1, []],
        ['*.example.com', '*.example.com', 1, []],
        ['b.example', undefined, 1, []],
      ],
    );
    assert.deepEqual(
      [found[0]?.mailDomain?.name, found[1]?.mailDomain?.name],
      ['sample.example', 'sample.example.com'],
    );
  });

  test('other domains of the provider are those of the row that serves', async (t) => {
    const { namingAll } = await open(
      t,
      provider(1),
      provider(2),
      ...served(1, '*'),
      ...served(2, 'a.example', 2),
      ...served(3, 'b.example', 2),
      ...served(4, 'c.example', 1),
    );
    assert.deepEqual((await namingAll.find(name('a.example')))?.siblings, ['b.example']);
    assert.deepEqual((await namingAll.find(name('x.example')))?.siblings, ['c.example']);
  });

  test('a wildcard has the extras of its own name, and then those of all', async (t) => {
    const jmap = { url: 'https://jmap.example.net/' };
    const webmail = { url: 'https://webmail.example.net/' };
    const { store } = await open(
      t,
      provider(1),
      ...served(1, '*.example.com'),
      extra('*.example.com', 'jmap', jmap),
      extra('*', 'webmail', webmail),
      extra('a.example.com', 'webmail', jmap),
    );
    const { extras } = (await store.find(name('a.example.com'))) ?? {};
    assert.deepEqual([extras?.jmap, extras?.webmail], [jmap, webmail]);
  });

  test('ways to log in of the wildcard of all domains are its own', async (t) => {
    const ways = { type: 'imap', name: 'host1.example.com', port: 993, authentication: ['OAuth2', 'plain'] };
    const { store } = await open(
      t,
      provider(1),
      ...served(1, '*'),
      domain(2, 'a.example'),
      link(1, 2),
      extra('*', 'authentication', ways),
    );
    const waysOf = async (text: string) => (await store.find(name(text)))?.mailServers[0]?.authentications;
    assert.deepEqual(await waysOf('x.example'), ['OAuth2', 'password-cleartext']);
    assert.equal(await waysOf('a.example'), undefined);
  });

  test('a domain takes the settings of another one, and has extras of its own before the others', async (t) => {
    const [one, two, three] = ['one', 'two', 'three'].map((path) => ({ url: `https://www.example.net/${path}` }));
    const { store } = await open(
      t,
      provider(1),
      provider(2, 'Other'),
      ...served(1, 'a.example', 2),
      domain(2, 'B.example'),
      extra('b.example', 'same_as', 'A.Example.'),
      extra('b.example', 'jmap', one),
      extra('a.example', 'jmap', two),
      extra('a.example', 'webmail', two),
      extra('*', 'webmail', three),
      extra('*', 'support', three),
    );
    const [found, walked] = [await store.find(name('b.example')), (await store.walk(name('b.example')))[0]];
    assert.deepEqual(found, walked?.mailDomain);
    assert.deepEqual(walked?.unusable, []);
    assert.deepEqual([found?.name, found?.provider.name, found?.mailServers[0]?.id], ['b.example', 'Other', 1]);
    assert.deepEqual([found?.extras.jmap, found?.extras.webmail, found?.extras.support], [one, two, three]);
  });

  test('what a wildcard and all domains have goes with the settings of another domain, too', async (t) => {
    const { store } = await open(
      t,
      provider(1),
      ...served(1, 'a.example'),
      domain(2, '*'),
      extra('*', 'same_as', 'a.example'),
    );
    const found = await store.find(name('x.example'));
    assert.deepEqual([found?.name, found?.wildcard, found?.mailServers[0]?.id], ['x.example', '*', 1]);
    const own = await store.walk(name('a.example'));
    assert.deepEqual([own[0]?.mailDomain?.extras.same_as, own[0]?.unusable], [undefined, []]);
  });

  for (const { what, rows } of [
    { what: 'is not stored', rows: [extra('b.example', 'same_as', 'gone.example')] },
    { what: 'is itself', rows: [extra('b.example', 'same_as', 'b.example')] },
    { what: 'is a wildcard', rows: [...served(3, '*.a.example'), extra('b.example', 'same_as', 'x.a.example')] },
  ]) {
    test(`a domain that takes settings of one that ${what} has its own, and the row is reported`, async (t) => {
      const { store } = await open(t, provider(1), ...served(2, 'b.example'), ...rows);
      assert.equal((await store.find(name('b.example')))?.mailServers[0]?.id, 2);
      const [walked] = await store.walk(name('b.example'));
      assert.deepEqual(
        walked?.unusable.map(({ table, id }) => [table, id]),
        [['automx2_extra', 'b.example same_as 0']],
      );
    });
  }

  test('rows are those of one domain alone in a walk, too', async (t) => {
    const page = [{ url: 'https://www.example.net/' }];
    const { store } = await open(
      t,
      provider(1),
      ...served(1, 'a.example'),
      domain(2, 'b.example'),
      extra('b.example', 'same_as', 'a.example'),
      extra('a.example', 'documentation', page[0]),
    );
    const walked = await store.walk({ afterId: 0 });
    for (const { mailDomain } of walked) assert.equal(mailDomain?.extras.documentation.length, 1);
    assert.deepEqual(walked[1]?.mailDomain, await store.find(name('b.example')));
  });

  test('a wildcard may be stored in other spellings', async (t) => {
    const { store } = await open(t, provider(1), ...served(1, '*.Bücher.example'));
    assert.equal((await store.find(name('x.xn--bcher-kva.example')))?.wildcard, '*.xn--bcher-kva.example');
  });

  test('settings are not taken over two corners', async (t) => {
    const { store } = await open(
      t,
      provider(1),
      ...served(1, 'a.example'),
      domain(2, 'b.example'),
      domain(3, 'c.example'),
      extra('b.example', 'same_as', 'a.example'),
      extra('c.example', 'same_as', 'b.example'),
    );
    const [walked] = await store.walk(name('c.example'));
    assert.deepEqual([walked?.mailDomain?.mailServers, walked?.unusable.length], [[], 1]);
  });
}
