import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Connection, Statement } from '../../src/adapters/database/connection.ts';
import { type DomainName, parseDomainName } from '../../src/domain/domain-name.ts';
import { Failure } from '../../src/domain/failure.ts';
import type { SettingsReader, StoredDomain } from '../../src/ports/settings-reader.ts';
import { apply } from '../support/apply.ts';
import type { MemoryLog } from '../support/memory-log.ts';
import { wildcardContract } from './wildcards.ts';

export const name = (text: string): DomainName => {
  const domain = parseDomainName(text);
  assert.ok(domain, text);
  return domain;
};

/** Rows in SQL that every engine reads. */
export const provider = (id: number, title = 'Provider', short = 'Prov'): string =>
  `INSERT INTO provider (id, name, short_name) VALUES (${id}, '${title}', '${short}')`;
export const domain = (id: number, stored: string, providerId = 1): string =>
  `INSERT INTO domain (id, name, provider_id) VALUES (${id}, '${stored}', ${providerId})`;
export const server = (id: number, columns: Partial<Record<string, string | number>> = {}): string => {
  const row = {
    id,
    prio: 10,
    name: `host${id}.example.com`,
    port: 993,
    type: 'imap',
    socket_type: 'SSL',
    user_name: '%EMAILADDRESS%',
    authentication: 'plain',
    ...columns,
  };
  const values = Object.values(row).map((value) => (typeof value === 'number' ? value : `'${value}'`));
  return `INSERT INTO server (${Object.keys(row).join(', ')}) VALUES (${values.join(', ')})`;
};
export const link = (serverId: number, domainId: number): string =>
  `INSERT INTO server_domain (server_id, domain_id) VALUES (${serverId}, ${domainId})`;

/** SQL, with parameters or without. */
export type Sql = string | Statement;

/** Runs statements as one transaction. */
export const run = (connection: Connection, statements: readonly Sql[]): Promise<void> =>
  apply(
    connection,
    statements.map((sql) => (typeof sql === 'string' ? { sql, parameters: [] } : sql)),
  );

/** A reader with tables behind it. */
export interface OpenReader {
  readonly store: SettingsReader;
  /** The same, with the names of the provider's other domains. */
  readonly namingAll: SettingsReader;
  /** Where unusable rows are reported; undefined: nowhere. */
  readonly log: MemoryLog | undefined;
  /** Stores more rows; rejects with data_exist. */
  add(...statements: readonly Sql[]): Promise<void>;
}

/** What everything does that settings are read from. `open` gives it with rows, in SQL, and cleans up after the test. */
export function settingsReaderContract(
  what: string,
  open: (t: TestContext, ...rows: readonly string[]) => Promise<OpenReader>,
  skip: string | false = false,
): void {
  describe(`reading settings from ${what}`, { skip }, () => {
    wildcardContract(open);

    test('a ping says whether a domain is stored', async (t) => {
      const { store, add } = await open(t, provider(1));
      assert.equal(await store.ping(), false);
      await add(domain(1, 'example.com'));
      assert.equal(await store.ping(), true);
    });

    test('once something has been stored it is found, and the version is another one, if there is one', async (t) => {
      const { store, add } = await open(t, provider(1));
      const before = store.version();
      assert.equal(await store.find(name('example.com')), undefined);
      await add(domain(1, 'example.com'));
      await setImmediate();
      if (before !== undefined) assert.notEqual(store.version(), before);
      assert.equal((await store.find(name('example.com')))?.provider.name, 'Provider');
      assert.deepEqual(
        (await store.walk({ afterId: 0 })).map(({ name: stored }) => stored),
        ['example.com'],
      );
    });

    test('other domains of the provider are named where all are to be, up to 99, in order of id', async (t) => {
      const { store, namingAll } = await open(
        t,
        provider(1),
        provider(2),
        ...Array.from({ length: 105 }, (_value, index) => domain(200 - index, `n${200 - index}.example`)),
        domain(1, 'other.example', 2),
        domain(2, 'Two.Example.'),
        domain(3, 'no name'),
      );
      const asked = name('n150.example');
      assert.deepEqual((await store.find(asked))?.siblings, []);
      const siblings = (await namingAll.find(asked))?.siblings ?? [];
      // One of the 99 rows holds no name.
      const numbers = Array.from({ length: 98 }, (_value, index) => index + 96).filter((id) => id !== 150);
      assert.deepEqual(siblings, ['two.example', ...numbers.map((id) => `n${id}.example`)]);
      assert.deepEqual((await namingAll.find(name('other.example')))?.siblings, []);
    });

    for (const { stored, asked, found } of [
      { stored: 'example.com', asked: 'example.com', found: true },
      { stored: 'EXAMPLE.Com', asked: 'example.com', found: true },
      { stored: 'example.com.', asked: 'example.com', found: true },
      { stored: 'Example.COM.', asked: 'example.com', found: true },
      { stored: 'xn--bcher-kva.example', asked: 'bücher.example', found: true },
      { stored: 'XN--BCHER-KVA.example', asked: 'bücher.example', found: true },
      { stored: 'bücher.example', asked: 'xn--bcher-kva.example', found: true },
      { stored: 'BÜCHER.example', asked: 'bücher.example', found: true },
      { stored: 'Bücher.Example.', asked: 'bücher.example', found: true },
      { stored: 'Österreich.example', asked: 'österreich.example', found: true },
      { stored: 'bu\u0308cher.example', asked: 'bücher.example', found: true },
      { stored: 'a_b.example', asked: 'a_b.example', found: true },
      { stored: 'localhost', asked: 'localhost', found: true },
      { stored: 'strasse.example', asked: 'straße.example', found: false },
      { stored: 'sub.example.com', asked: 'example.com', found: false },
      { stored: 'example.com', asked: 'sub.example.com', found: false },
      { stored: 'example.com ', asked: 'example.com', found: true },
      { stored: '%.example', asked: 'x.example', found: false },
    ]) {
      test(`stored ${JSON.stringify(stored)} is ${found ? '' : 'not '}${asked}`, async (t) => {
        const { store } = await open(t, provider(1), domain(1, stored));
        const result = await store.find(name(asked));
        assert.equal(result?.name, found ? name(asked) : undefined);
      });
    }

    for (const { what, spellings, provider: wanted } of [
      { what: 'the canonical spelling', spellings: ['Twice.Example.', 'twice.example'], provider: 2 },
      { what: 'else the lowest id', spellings: ['twice.example.', 'TWICE.example.'], provider: 1 },
    ]) {
      test(`two stored names for one domain: ${what}`, async (t) => {
        const [first = '', second = ''] = spellings;
        const rows = [provider(1, 'First'), provider(2, 'Second'), domain(1, first, 1)];
        // An engine that compares case-blind refuses the second spelling: then there are no two.
        const { store, add } = await open(t, ...rows);
        try {
          await add(domain(2, second, 2));
        } catch (error) {
          assert.ok(error instanceof Failure && error.code === 'data_exist');
          return;
        }
        assert.equal((await store.find(name('twice.example')))?.provider.id, wanted);
      });
    }

    test('servers come by priority, then id; DAV servers by id', async (t) => {
      const { store } = await open(
        t,
        provider(1),
        domain(1, 'example.com'),
        ...[server(5, { prio: 20 }), server(4), server(3, { prio: -1 }), server(2), server(1, { prio: 20 })],
        ...[5, 4, 3, 2, 1].map((id) => link(id, 1)),
        ...[2, 1].flatMap((id) => [
          `INSERT INTO davserver (id, url, port, type, use_ssl, domain_required, user_name) VALUES (${id}, 'https://dav.example.com/', 0, 'caldav', ${id === 1}, ${id === 2}, NULL)`,
          `INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (${id}, 1)`,
        ]),
      );
      const found = await store.find(name('example.com'));
      assert.deepEqual(
        found?.mailServers.map(({ id }) => id),
        [3, 2, 4, 1, 5],
      );
      assert.deepEqual(
        found.davServers.map(({ id, port, useSsl, domainRequired, userName }) => [
          id,
          port,
          useSsl,
          domainRequired,
          userName,
        ]),
        [
          [1, undefined, true, false, '%EMAILADDRESS%'],
          [2, undefined, false, true, '%EMAILADDRESS%'],
        ],
      );
    });

    for (const { what, columns, reason } of [
      { what: 'type', columns: { type: 'nntp' }, reason: / type / },
      { what: 'prototype name as type', columns: { type: 'constructor' }, reason: / type / },
      { what: 'socket type', columns: { socket_type: 'constructor' }, reason: /socket_type/ },
      { what: 'authentication', columns: { authentication: '__proto__' }, reason: /authentication/ },
      { what: 'port 0', columns: { port: 0 }, reason: /port/ },
      { what: 'port 65536', columns: { port: 65_536 }, reason: /port/ },
      { what: 'empty host name', columns: { name: '' }, reason: / name must be a host name/ },
      { what: 'host name with a blank', columns: { name: 'a b.example' }, reason: / name must be a host name/ },
    ]) {
      test(`an unusable row is skipped with one warning: ${what}`, async (t) => {
        const { store, log } = await open(
          t,
          ...[provider(1), domain(1, 'example.com'), server(1), server(77, columns), link(1, 1), link(77, 1)],
        );
        for (let look = 0; look < 2; look++) {
          const found = await store.find(name('example.com'));
          assert.deepEqual(
            found?.mailServers.map(({ id }) => id),
            [1],
          );
        }
        if (log === undefined) return;
        assert.equal(log.entries.length, 1);
        assert.equal(log.entries[0]?.level, 'WARNING');
        assert.match(log.entries[0]?.message ?? '', reason);
        assert.deepEqual(log.entries[0]?.fields, { table: 'server', id: 77 });
      });
    }

    test('a domain with more than 1,000 servers has none, with one warning, and others have theirs', async (t) => {
      const ids = Array.from({ length: 1_001 }, (_, index) => index + 1);
      const { store, log } = await open(
        t,
        ...[provider(1), domain(1, 'many.example'), domain(2, 'most.example'), ...ids.map((id) => server(id))],
        ...ids.map((id) => link(id, 1)),
        ...ids.slice(1).map((id) => link(id, 2)),
      );
      const counts = async (): Promise<readonly unknown[]> =>
        Promise.all(['many', 'most'].map(async (n) => (await store.find(name(`${n}.example`)))?.mailServers.length));
      assert.deepEqual(
        [await counts(), await counts()],
        [
          [0, 1_000],
          [0, 1_000],
        ],
      );
      const walked = await store.walk({ afterId: 0 });
      assert.deepEqual(
        walked.map(({ mailDomain }) => mailDomain?.mailServers.length),
        [0, 1_000],
      );
      if (log === undefined) return;
      assert.deepEqual(
        log.entries.map(({ level, fields }) => ({ level, fields })),
        [{ level: 'WARNING', fields: { table: 'domain', id: 1 } }],
      );
    });

    test('a DAV server whose URL cannot be read is left out', async (t) => {
      const dav = (id: number, url: string, port: number): string[] => [
        `INSERT INTO davserver (id, url, port, type, use_ssl, domain_required) VALUES (${id}, '${url}', ${port}, 'carddav', TRUE, FALSE)`,
        `INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (${id}, 1)`,
      ];
      const { store, log } = await open(
        t,
        ...[provider(1), domain(1, 'example.com'), ...dav(1, 'https://ok.example/', 8443), ...dav(2, 'not a url', 0)],
        ...[...dav(3, 'ftp://x.example/', 0), ...dav(4, 'https://x.example:99999/', 0)],
        ...[...dav(5, 'https://x.example/', 65_536), ...dav(6, 'http://minus.example/', -1)],
      );
      const found = await store.find(name('example.com'));
      assert.deepEqual(
        found?.davServers.map(({ id, port }) => [id, port]),
        [
          [1, 8443],
          [6, undefined],
        ],
      );
      if (log === undefined) return;
      assert.deepEqual(
        log.entries.map(({ fields }) => fields['id']),
        [2, 3, 4, 5],
      );
    });

    test('stored domains come in pages, in order of id, each with what it comes to', async (t) => {
      const ids = Array.from({ length: 250 }, (_value, index) => 3 * index + 1);
      const { store, log } = await open(
        t,
        ...[provider(1), server(1), server(2, { type: 'smtp' }), server(3)],
        ...ids.toReversed().map((id) => domain(id, `d${id}.example`)),
        ...ids.flatMap((id) => [link(1, id), ...(id % 2 === 0 ? [link(2, id)] : [])]),
        link(3, 4),
      );
      const walked: StoredDomain[] = [];
      const sizes: number[] = [];
      for (let afterId = 0; ; ) {
        const page = await store.walk({ afterId });
        if (page.length === 0) break;
        walked.push(...page);
        sizes.push(page.length);
        afterId = page.at(-1)?.id ?? 0;
      }
      assert.deepEqual(sizes, [100, 100, 50]);
      assert.deepEqual(
        walked.map((stored) => [stored.id, stored.name, stored.mailDomain?.mailServers.map(({ id }) => id)]),
        ids.map((id) => [id, `d${id}.example`, id === 4 ? [1, 2, 3] : id % 2 === 0 ? [1, 2] : [1]]),
      );
      // What a look-up says, in whole.
      assert.deepEqual(walked[1]?.mailDomain, await store.find(name('d4.example')));
      assert.deepEqual(await store.walk(name('d4.example')), [walked[1]]);
      assert.deepEqual(await store.walk(name('d5.example')), []);
      assert.deepEqual(log?.entries ?? [], []);
    });

    for (const { what, rows, want } of [
      {
        what: 'a name that is none',
        rows: [domain(1, 'not a name'), domain(2, 'a..example')],
        want: [
          { id: 1, name: undefined, unusable: ['domain 1: its name is not a valid domain name'] },
          { id: 2, name: undefined, unusable: ['domain 2: its name is not a valid domain name'] },
        ],
      },
      {
        what: 'rows with blanks around their texts',
        rows: [
          domain(1, 'one.example '),
          server(5, { name: ' a.example\t', type: ' imap', socket_type: 'SSL ', authentication: ' plain ' }),
          link(5, 1),
        ],
        want: [{ id: 1, name: 'one.example', servers: [5] }],
      },
      {
        what: 'unusable rows',
        rows: [
          ...[domain(1, 'One.Example'), server(5, { port: 0 }), server(6), server(7, { type: 'nntp' })],
          ...[5, 6, 7].map((id) => link(id, 1)),
          "INSERT INTO davserver (id, url, port, type, use_ssl, domain_required) VALUES (8, 'nowhere', 0, 'caldav', TRUE, FALSE)",
          'INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (8, 1)',
          "INSERT INTO ldapserver (id, name, port, use_ssl, search_base, search_filter, attr_uid) VALUES (9, '', 389, FALSE, '', '', '')",
          'UPDATE domain SET ldapserver_id = 9',
        ],
        want: [
          {
            id: 1,
            name: 'one.example',
            servers: [6],
            unusable: [
              'davserver 8: its url must be a URL with https: or http:',
              'ldapserver 9: its name must be a host, HOST:PORT, or a URL with ldap: or ldaps:',
              'server 5: its port must be a number from 1 to 65535',
              'server 7: its type must be one of imap, pop, smtp',
            ],
          },
        ],
      },
      {
        what: 'one domain in three spellings, the canonical one last',
        rows: [domain(1, 'xn--bcher-kva.example.'), domain(2, 'bücher.example'), domain(3, 'xn--bcher-kva.example')],
        want: [
          { id: 1, name: 'xn--bcher-kva.example', unusable: ['domain 1: duplicate of another row, which is used'] },
          { id: 2, name: 'xn--bcher-kva.example', unusable: ['domain 2: duplicate of another row, which is used'] },
          { id: 3, name: 'xn--bcher-kva.example', servers: [] },
        ],
      },
      {
        what: 'one domain in two spellings, neither canonical',
        rows: [domain(7, 'bücher.example'), domain(3, 'xn--bcher-kva.example.')],
        want: [
          { id: 3, name: 'xn--bcher-kva.example', servers: [] },
          { id: 7, name: 'xn--bcher-kva.example', unusable: ['domain 7: duplicate of another row, which is used'] },
        ],
      },
    ]) {
      test(`a stored domain says why it comes to nothing, or to less: ${what}`, async (t) => {
        const { store, log } = await open(t, provider(1), ...rows);
        const page = await store.walk({ afterId: 0 });
        const simplified = page.map(({ id, name: stored, mailDomain, unusable }) => ({
          id,
          name: stored,
          ...(mailDomain === undefined ? {} : { servers: mailDomain.mailServers.map((each) => each.id) }),
          ...(unusable.length === 0
            ? {}
            : { unusable: unusable.map((row) => `${row.table} ${row.id}: ${row.reason}`).sort() }),
        }));
        assert.deepEqual(simplified, want);
        for (const { name: stored } of want) {
          if (stored === undefined) continue;
          const alike = page.filter((each) => each.name === stored);
          assert.deepEqual(await store.walk(name(stored)), alike);
        }
        assert.deepEqual(log?.entries ?? [], [], 'lint prints them');
      });
    }

    test('the same domain on two pages is seen', async (t) => {
      const { store } = await open(
        t,
        provider(1),
        domain(1, 'twice.example.'),
        ...Array.from({ length: 150 }, (_value, index) => domain(index + 2, `d${index}.Example.`)),
        domain(200, 'twice.example'),
      );
      const [first, ...others] = await store.walk({ afterId: 0 });
      assert.deepEqual(first?.unusable, [
        { table: 'domain', id: 1, reason: 'duplicate of another row, which is used' },
      ]);
      assert.equal(others.length, 99);
      assert.ok(others.every(({ mailDomain }) => mailDomain !== undefined));
      const last = (await store.walk({ afterId: 199 }))[0];
      assert.equal(last?.mailDomain?.name, 'twice.example');
    });

    test('texts come back as they were stored: 128 characters, four-byte ones, quotes, backslashes', async (t) => {
      const title = `${'ü🚀"\\'.repeat(31)}\u0010xyz`;
      assert.equal([...title].length, 128);
      const host = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(6)}`;
      assert.equal(host.length, 128);
      const { store, add } = await open(t);
      await add(
        { sql: 'INSERT INTO provider (id, name, short_name) VALUES (?, ?, ?)', parameters: [1, title, 'k🚀'] },
        domain(1, 'example.com'),
        server(1, { name: host }),
        { sql: 'UPDATE server SET user_name = ?', parameters: ['DOM\\%EMAILLOCALPART%'] },
        link(1, 1),
      );
      const found = await store.find(name('example.com'));
      assert.deepEqual(found?.provider, { id: 1, name: title, shortName: 'k🚀' });
      assert.equal(found.mailServers[0]?.hostname, host);
      assert.equal(found.mailServers[0]?.userName, 'DOM\\%EMAILLOCALPART%');
    });

    for (const count of [0, 1, 1_000]) {
      test(`${count} servers on a domain`, async (t) => {
        const ids = Array.from({ length: count }, (_value, index) => index + 1);
        const { store } = await open(
          t,
          provider(1),
          domain(1, 'example.com'),
          ...ids.flatMap((id) => [server(id), link(id, 1)]),
        );
        const found = await store.find(name('example.com'));
        assert.deepEqual(
          found?.mailServers.map(({ id }) => id),
          ids,
        );
      });
    }

    test('a domain of one provider does not see the servers of another domain', async (t) => {
      const { store } = await open(
        t,
        ...[provider(1), provider(2), domain(1, 'one.example', 1), domain(2, 'two.example', 2)],
        ...[server(1), server(2), link(1, 1), link(2, 2)],
      );
      const found = await store.find(name('two.example'));
      assert.deepEqual([found?.provider.id, found?.mailServers.map(({ id }) => id)], [2, [2]]);
    });

    test('hostile names are parameters, never SQL', async (t) => {
      const { store } = await open(t, provider(1), domain(1, 'example.com'));
      for (const asked of ['_xample.com', 'example_com', 'or1-1.example']) {
        assert.equal(await store.find(name(asked)), undefined);
      }
    });
  });
}
