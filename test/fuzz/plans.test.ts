import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DocumentSettings } from '../../src/adapters/settings-file/document-settings.ts';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { type WriteOptions, writeSettings } from '../../src/domain/documents/write-settings.ts';
import type { DomainName } from '../../src/domain/domain-name.ts';
import { Failure } from '../../src/domain/failure.ts';
import { lineOfChange, makePlan, type PlanOptions } from '../../src/domain/plan/plan.ts';
import { changedRows } from '../../src/domain/plan/row-changes.ts';
import { idOf, RowIndex, SERVER_TABLES, type ServerTable } from '../../src/domain/row-index.ts';
import { type NamedTable, nameOf } from '../../src/domain/row-names.ts';
import { columnsOf, type Row, type Rows, TABLE_NAMES } from '../../src/domain/tables.ts';
import { ROUNDS, randomFrom, SEED } from './random.ts';

// Whatever is stored and whatever is wanted: a plan leads there and no further. Few words, so that rows meet often.

const random = randomFrom(SEED);
const maybe = (chances: number): boolean => random.below(chances) === 0;
const listOf = <T>(most: number, make: (index: number) => T): T[] =>
  Array.from({ length: random.below(most + 1) }, (_value, index) => make(index));

const DOMAINS = ['a.example', 'b.example', 'c.example', 'd.example', 'xn--bcher-kva.example'];
const PROVIDERS = ['A', 'B', 'C Inc.'];
const HOSTS = ['mail.example', 'imap.%EMAILDOMAIN%'];
const URLS = ['https://dav.example/', 'http://dav.example/%EMAILADDRESS%/'];
const DIRECTORIES = ['ldap.example', '127.0.0.1:1'];

const unlike = <T>(items: readonly T[], most: number): T[] => [...new Set(listOf(most, () => random.pick(items)))];

/** One server by name, with other words for some of the domains: rows of one name meet in each plan. */
function sameServers(domains: readonly string[]): readonly Record<string, unknown>[] {
  const types = Map.groupBy(domains, () => random.pick(['SSL', 'STARTTLS', 'plain']));
  return [...types].map(([socket_type, some]) => ({
    type: 'imap',
    name: 'mail.example',
    port: 993,
    socket_type,
    domains: some,
  }));
}

/** In every other round, there is little but such servers. */
let isDense = false;

/** A document that the reader accepts, or all but; no two words in it mean the same. */
function makeDocument(): Record<string, unknown> {
  const left = new Set(DOMAINS);
  const directories = unlike(DIRECTORIES, 2).map((name) => ({
    name,
    search_base: random.pick(['dc=a', 'dc=b']),
    ...(maybe(2) ? { bind_password: random.pick(['geheim', ' x ', '']) } : {}),
    ...use({ bind_user: ['cn=x', null], attr_cn: ['cn', 'sn', ''] }),
  }));
  const providers = unlike(PROVIDERS, 3).map((name) => {
    const domains = unlike([...left], 3);
    for (const domain of domains) left.delete(domain);
    const some = () => (maybe(2) || domains.length === 0 ? {} : { domains: unlike(domains, 3) });
    const servers = isDense
      ? sameServers(domains)
      : listOf(4, () =>
          maybe(3)
            ? {
                type: random.pick(['caldav', 'carddav']),
                url: random.pick(URLS),
                ...some(),
                ...use({ port: [0, 8443], use_ssl: [true, false], user_name: ['x', '%EMAILLOCALPART%'] }),
              }
            : {
                type: random.pick(['imap', 'smtp']),
                name: random.pick(HOSTS),
                port: random.pick([143, 993]),
                ...some(),
                ...use({
                  socket_type: ['SSL', 'STARTTLS', 'plain'],
                  prio: [10, 20],
                  authentication: ['plain', 'CRAM-MD5'],
                  user_name: ['x'],
                }),
              },
        );
    return {
      name,
      ...(maybe(2) ? { short_name: random.pick(['s', 't']) } : {}),
      domains: domains.map((domain) =>
        maybe(3) && directories.length > 0 ? { name: domain, directory: random.pick(directories).name } : domain,
      ),
      servers,
    };
  });
  return { version: 3, providers, directories };
}

/** Some of the members, each with one of its values. */
const use = (values: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).flatMap(([name, of]) => (maybe(2) ? [[name, random.pick(of)]] : [])));

/** The rows of a document that is accepted; one in a few is not, for it names a server twice. Servers of no domain are left out. */
function wantedRows(): Rows {
  for (;;) {
    try {
      const rows = readDocument(makeDocument());
      const index = new RowIndex(rows);
      const used = (table: ServerTable): readonly Row[] =>
        rows[table].filter((row) => index.domainsOf(table, idOf(row)).length > 0);
      return { ...rows, server: used('server'), davserver: used('davserver') };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      assert.equal(error.code, 'document_invalid');
    }
  }
}

const WORDS: Readonly<Record<string, readonly (string | number | boolean | null)[]>> = {
  name: [
    ...DOMAINS,
    ...PROVIDERS,
    ...HOSTS,
    ...DIRECTORIES,
    'A.Example.',
    ' b.example',
    'bücher.example',
    '',
    'no name',
    ' A ',
  ],
  short_name: ['s', '', ' t ', 'x'.repeat(40)],
  type: ['imap', 'IMAP', 'smtp', 'caldav', ' carddav', 'nntp', ''],
  port: [143, 993, 0, -1, 65_536],
  prio: [10, 20, -3],
  socket_type: ['SSL', 'STARTTLS', 'ssl', '', 'x'],
  user_name: ['', '%EMAILADDRESS%', ' x', null, 'y'.repeat(70), '\u0001'],
  authentication: ['plain', 'Plain ', 'password-cleartext', '', 'x'],
  url: [...URLS, 'no url', ''],
  use_ssl: [0, 1, true, false],
  domain_required: [0, 1],
  search_base: ['dc=a', 'dc=b', ''],
  search_filter: ['(mail={0})', '(', '(a={0})'],
  attr_uid: ['uid', ''],
  attr_cn: ['cn', null, ''],
  bind_password: [null, 'geheim', ''],
  bind_user: [null, '', 'cn=x'],
};

/** Any rows whatever, or those of a document with some of their values changed. */
function storedRows(): Rows {
  isDense = maybe(2);
  if (maybe(3)) return wantedRows();
  const isMade = maybe(2);
  const base = isMade ? undefined : wantedRows();
  const ids = (): number => 1 + random.below(6);
  const rows = TABLE_NAMES.map((table): [string, Row[]] => {
    const made = (base?.[table] ?? listOf(5, () => undefined)).map((row): Row => {
      const values = Object.entries(columnsOf(table)).map(([column, { kind }]) => {
        const value = kind === 'id' || kind === 'reference' ? ids() : random.pick(WORDS[column] ?? [null]);
        return [column, row === undefined || (kind !== 'id' && maybe(12)) ? value : row[column]];
      });
      return Object.fromEntries(values);
    });
    // What every engine sees to: keys, and one row for a spelling of a domain.
    const keys = table.endsWith('_domain') ? Object.keys(columnsOf(table)) : ['id'];
    const unique = new Map(made.map((row) => [keys.map((key) => row[key]).join(' '), row]));
    const rowsOfTable = [...unique.values()];
    return [
      table,
      table === 'domain' ? [...new Map(rowsOfTable.map((row) => [row['name'], row])).values()] : rowsOfTable,
    ];
  });
  return Object.fromEntries(rows) as unknown as Rows;
}

/** The plan; undefined: two rows have a name that is needed. */
function planOf(stored: Rows, wanted: Rows, options: PlanOptions) {
  try {
    return makePlan(stored, wanted, options);
  } catch (error) {
    if (error instanceof Failure && error.code === 'rows_ambiguous') return undefined;
    throw error;
  }
}

/** Links that have both, a server and a domain: a database deletes the others with every change. */
function withoutOrphans(rows: Rows): Rows {
  const ids = (table: NamedTable) => new Set(rows[table].map((row) => row['id']));
  const domains = ids('domain');
  const linked = (table: ServerTable): readonly Row[] => {
    const servers = ids(table);
    return rows[`${table}_domain`].filter(
      (link) => servers.has(link[`${table}_id`] ?? 0) && domains.has(link['domain_id'] ?? 0),
    );
  };
  return { ...rows, server_domain: linked('server'), davserver_domain: linked('davserver') };
}

/** That a database takes the rows: keys are unique, and what was not missing before is not missing now. */
function assertStorable(before: Rows, after: Rows): void {
  for (const table of TABLE_NAMES) {
    const columns = columnsOf(table);
    const keys = table.endsWith('_domain') ? Object.keys(columns) : ['id'];
    const unique = new Set(after[table].map((row) => keys.map((key) => row[key]).join(' ')));
    assert.equal(unique.size, after[table].length, `keys of ${table}`);
    for (const [column, definition] of Object.entries(columns)) {
      if (definition.kind !== 'reference') continue;
      const missing = (rows: Rows): Set<unknown> => {
        const ids = new Set(rows[definition.to as NamedTable].map((row) => row['id']));
        return new Set(rows[table].map((row) => row[column]).filter((id) => id !== null && !ids.has(id ?? null)));
      };
      const known = missing(before);
      for (const id of missing(after)) assert.ok(known.has(id), `${table}.${column} ${id} refers to nothing`);
    }
  }
  const names = after.domain.map((row) => row['name']);
  assert.equal(new Set(names).size, names.length, 'names of domains');
}

/** What a look-up tells clients, without ids. */
async function served(rows: Rows, name: string): Promise<unknown> {
  const found = await new DocumentSettings(rows).find(name as DomainName);
  const without = (server: object): string => JSON.stringify({ ...server, id: 0 });
  return (
    found && {
      provider: { ...found.provider, id: 0 },
      mail: found.mailServers.map(without).sort(),
      dav: found.davServers.map(without).sort(),
      directory: found.directory && { ...found.directory, id: 0, bindPassword: undefined },
    }
  );
}

/** The rows of servers that a domain is linked with. */
const serversOf = (index: RowIndex, domainId: number): string[] =>
  SERVER_TABLES.flatMap((table) =>
    index.serversOf(table, domainId).map((id) => JSON.stringify({ ...index.get(table, id), id: 0 })),
  ).sort();

/** The document, without the order of servers of one priority, which is that in which they were stored. */
function printed(rows: Rows, options: WriteOptions = {}) {
  const { document } = writeSettings(rows, options);
  const sorted = <T>(values: readonly T[]): T[] =>
    values.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return { ...document, providers: document.providers.map((each) => ({ ...each, servers: sorted(each.servers) })) };
}

test('plans', async (t) => {
  const counts = { ambiguous: 0, exact: 0, changes: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const [stored, wanted] = [storedRows(), wantedRows()];
    try {
      // Whatever is stored can be exported, is understood, and asks for nothing else but a short name that can be said.
      const own = readDocument(JSON.parse(JSON.stringify(printed(stored, { withSecrets: maybe(2) }))));
      const lines = makePlan(stored, own).changes.map(lineOfChange);
      const unsayable = writeSettings(stored).omitted.filter((line) =>
        /^provider \d+: without its short_name/.test(line),
      );
      assert.equal(lines.filter((line) => /^~ provider .*: short_name /.test(line)).length, unsayable.length);
      assert.equal(lines.length, unsayable.length, `its own export: ${lines.join('; ')}`);

      for (const prune of [false, true]) {
        const plan = planOf(stored, wanted, { prune });
        if (plan === undefined) {
          counts.ambiguous += 1;
          continue;
        }
        const result = changedRows(stored, plan.rows);
        counts.changes += plan.changes.length;
        assertStorable(stored, changedRows(withoutOrphans(stored), plan.rows));
        const again = makePlan(result, wanted, { prune });
        assert.deepEqual(again.changes.map(lineOfChange), [], `a second time, prune ${prune}`);
        assert.deepEqual(Object.values(again.rows.inserted).flat(), []);
        for (const row of wanted.domain) {
          const name = String(row['name']);
          if (prune) assert.deepEqual(await served(result, name), await served(wanted, name), name);
        }
        if (prune) {
          assert.deepEqual(
            makePlan(wanted, readDocument(printed(result, { withSecrets: true })), { prune })
              .changes.map(lineOfChange)
              .filter((line) => !line.includes('bind_password')),
            [],
            'what is exported then',
          );
          continue;
        }
        const [before, after] = [new RowIndex(stored), new RowIndex(result)];
        const named = new Set(wanted.domain.map((row) => nameOf('domain', row)));
        for (const row of stored.domain) {
          const now = after.get('domain', idOf(row));
          assert.ok(now, `domain ${row['id']}`);
          if (named.has(nameOf('domain', row))) continue;
          assert.deepEqual(now, row);
          const provider = before.providerOf(row);
          const isNamed =
            provider && wanted.provider.some((each) => nameOf('provider', each) === nameOf('provider', provider));
          if (isNamed !== true) assert.deepEqual(after.providerOf(now), provider);
          assert.deepEqual(serversOf(after, idOf(row)), serversOf(before, idOf(row)), `servers of ${row['name']}`);
        }
        for (const table of ['provider', 'ldapserver'] as const) {
          for (const row of stored[table]) assert.ok(after.get(table, idOf(row)), `${table} ${row['id']}`);
        }
      }
      // From one document to another, nothing of the first is left.
      const first = wantedRows();
      const result = changedRows(first, makePlan(first, wanted, { prune: true }).rows);
      const options = { withSecrets: false };
      assert.deepEqual(printed(result, options), printed(wanted, options));
      counts.exact += 1;
    } catch (error) {
      throw new Error(`FUZZ_SEED=${SEED} round ${round}: ${JSON.stringify({ stored, wanted })}`, { cause: error });
    }
  }
  t.diagnostic(`${ROUNDS} rounds, seed ${SEED}: ${JSON.stringify(counts)}`);
});
