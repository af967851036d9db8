import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { SettingsDatabase } from '../../src/adapters/database/settings-database.ts';
import { SqliteConnection } from '../../src/adapters/database/sqlite/connection.ts';
import { lintAll } from '../../src/app/lint.ts';
import { SAMPLE_SEED } from '../../src/app/sample-seed.ts';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { configured } from '../support/in-process.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { SCHEMA } from '../support/schema.ts';
import { execute } from '../support/sqlite-file.ts';
import { EXAMPLE_ROWS } from '../support/test-daemon.ts';

/** Five domains that share two servers without TLS, the last with a row that makes no sense and a name that is taken. */
const ROWS = `
INSERT INTO provider (id, name, short_name) VALUES (1, 'Provider', 'Prov');
INSERT INTO domain (id, name, provider_id) VALUES
  (1, 'a.example', 1), (2, 'B.example', 1), (3, 'bücher.example', 1), (4, 'd.example', 1), (5, 'e.example', 1),
  (6, 'A.Example.', 1), (7, 'no name', 1);
INSERT INTO server (id, prio, type, name, port, socket_type, user_name, authentication) VALUES
  (1, 10, 'imap', 'imap.host.example', 143, 'plain', '', 'plain'),
  (2, 10, 'smtp', 'smtp.host.example', 587, 'plain', '', 'plain'),
  (3, 10, 'nntp', 'nntp.host.example', 563, 'SSL', '', 'plain');
INSERT INTO server_domain (server_id, domain_id) SELECT server.id, domain.id FROM server, domain
  WHERE server.id < 3 OR domain.id = 5;
`;
const PLAIN =
  'Thunderbird for Android: it drops the whole answer if an IMAP or SMTP server has no TLS. Remedy: set socket_type to SSL or STARTTLS (server 1, 2).';

const PACC =
  'clients of PACC (Evolution, Himalaya): they get no document, because it can name only servers with TLS from the start at port 993 (IMAP), 995 (POP3) and 465 (SMTP). Remedy: if they listen there, too, set port to that and socket_type to SSL, rather than link another row (server 1, 2).';

/** The usual rows, with what PACC can name: SMTP with TLS from the start, a DAV server at port 443. */
const GOOD_ROWS = `${EXAMPLE_ROWS}
UPDATE server SET port = 465, socket_type = 'SSL' WHERE id = 3;
UPDATE davserver SET url = 'https://dav.example.com/card/' WHERE id = 2;
`;

function prepare(t: TestContext, rows: string | undefined) {
  const { file, run } = configured(t, (sqlite) => `db_uri = ${sqlite}`);
  execute(file, rows === undefined ? '' : SCHEMA + rows);
  return { file, run: (...words: string[]) => run('lint', ...words) };
}

describe('automx2 lint', () => {
  for (const { what, rows, words = [], status, out = [], err = '' } of [
    {
      what: 'equal mistakes are one line, with three domains by name',
      rows: ROWS,
      status: 1,
      out: [
        `5 domains (a.example, b.example, xn--bcher-kva.example, ...): ${PLAIN}`,
        `5 domains (a.example, b.example, xn--bcher-kva.example, ...): ${PACC}`,
        '1 domain (e.example): every client: an unusable row is skipped: its type must be one of imap, pop, smtp. Remedy: correct the row, or delete it (server 3).',
        '1 domain (a.example): every client: an unusable row is skipped: duplicate of another row, which is used. Remedy: correct the row, or delete it (domain 6).',
        '1 domain (domain 7): every client: an unusable row is skipped: its name is not a valid domain name. Remedy: correct the row, or delete it (domain 7).',
        '5 findings in 7 of 7 domains.',
      ],
    },
    {
      what: 'one domain',
      rows: ROWS,
      words: ['D.example.'],
      status: 1,
      out: [`1 domain (d.example): ${PLAIN}`, `1 domain (d.example): ${PACC}`, '2 findings in 1 of 1 domain.'],
    },
    {
      what: 'one domain that is stored twice',
      rows: ROWS,
      words: ['a.example'],
      status: 1,
      out: [
        `1 domain (a.example): ${PLAIN}`,
        `1 domain (a.example): ${PACC}`,
        '1 domain (a.example): every client: an unusable row is skipped: duplicate of another row, which is used. Remedy: correct the row, or delete it (domain 6).',
        '3 findings in 2 of 2 domains.',
      ],
    },
    {
      what: 'nothing found in one domain',
      rows: GOOD_ROWS,
      words: ['example.com'],
      status: 0,
      out: ['No problems found in 1 domain.'],
    },
    { what: 'no domain at all', rows: '', status: 0, out: ['There is no domain yet.'] },
    {
      what: 'an unknown domain',
      rows: ROWS,
      words: ['nowhere.example'],
      status: 1,
      err: 'automx2: nowhere.example: not served here\n',
    },
    {
      what: 'no tables',
      rows: undefined,
      status: 2,
      err: 'automx2: the database has no tables yet; to prepare it, run: automx2 init\n',
    },
    { what: 'no name', rows: '', words: ['a b'], status: 2, err: 'automx2: lint: "a b" is not a valid domain name\n' },
    {
      what: 'two names',
      rows: '',
      words: ['a.example', 'b.example'],
      status: 2,
      err: 'automx2: lint: unexpected argument "b.example"; see automx2 --help\n',
    },
  ]) {
    test(what, async (t) => {
      const result = await prepare(t, rows).run(...words);
      assert.deepEqual(result, { status, out: out.map((line) => `${line}\n`).join(''), err });
    });
  }

  test('rows that belong nowhere are named by table, where all domains are looked at', async (t) => {
    const { run } = prepare(
      t,
      `${EXAMPLE_ROWS}
       INSERT INTO provider (id, name, short_name) VALUES (70, 'Twice', 'a'), (71, 'Twice', 'b');
       INSERT INTO domain (id, name, provider_id, ldapserver_id) VALUES (72, 'lost.example', 70, 99);
       INSERT INTO server (id, prio, type, name, port, socket_type, user_name, authentication)
         VALUES (73, 10, 'imap', 'imap.host.example', 993, 'SSL', '', 'plain');
       INSERT INTO server_domain (server_id, domain_id) VALUES (80, 1), (1, 81);
       INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (82, 83);`,
    );
    const { status, out } = await run();
    assert.equal(status, 1);
    const lines = out.split('\n').filter((line) => line.startsWith('table '));
    assert.deepEqual(
      lines.map((line) => [/^table (\w+)/.exec(line)?.[1], /\(([^()]*)\)\.$/.exec(line)?.[1]]),
      [
        ['domain', '72'],
        ['davserver_domain', 'davserver_id 82, domain_id 83'],
        ['server_domain', 'server_id 1, domain_id 81; server_id 80, domain_id 1'],
        ['provider', '71'],
        ['server', '73'],
        ['provider', '70; 71'],
      ],
    );
    assert.doesNotMatch((await run('example.com')).out, /^table /m);
  });

  for (const [what, seed] of [
    ['the sample data', SAMPLE_SEED],
    ...['seed-v1.json', 'seed-v2.json'].map(
      (name) =>
        [
          `contrib/${name}`,
          readDocument(JSON.parse(readFileSync(new URL(`../../contrib/${name}`, import.meta.url), 'utf8'))),
        ] as const,
    ),
  ] as const) {
    test(`${what} have no mistake`, async (t) => {
      const store = new SettingsDatabase(new SqliteConnection(Database, undefined), new MemoryLog());
      t.after(() => store.close());
      await store.seed(seed);
      const { checked, lines } = await lintAll(store);
      assert.ok(checked > 1);
      assert.deepEqual(lines, []);
    });
  }

  test('PostgreSQL without TLS: a warning, which holds no password', async (t) => {
    const { run } = configured(t, 'db_uri = postgresql://u:geheim@0.0.0.0:1/d?sslmode=disable');
    const { status, err } = await run('lint');
    assert.equal(status, 1);
    assert.equal(err.match(/ WARNING PostgreSQL without TLS/g)?.length, 1, err);
    assert.doesNotMatch(err, /geheim/);
  });

  test('1,000 domains with servers of their own: the line does not grow with them', async (t) => {
    const ids = Array.from({ length: 1_000 }, (_value, index) => index + 1);
    const { file } = prepare(
      t,
      `INSERT INTO provider VALUES (1, 'P', 'P');
      ${ids
        .map(
          (id) => `INSERT INTO domain (id, name, provider_id) VALUES (${id}, 'd${id}.example', 1);
        INSERT INTO server VALUES (${id}, 10, 'mail.example', 465, 'smtp', 'SSL', '', '');
        INSERT INTO server_domain VALUES (${id}, ${id});`,
        )
        .join('\n')}`,
    );
    const store = new SettingsDatabase(new SqliteConnection(Database, file), new MemoryLog());
    t.after(() => store.close());
    const none = await lintAll(store);
    assert.deepEqual([none.checked, none.faulty, none.lines.length], [1_000, 1_000, 1]);
    assert.match(
      none.lines[0] ?? '',
      /^1000 domains \(d1\.example, d2\.example, d3\.example, \.\.\.\): every client: there is neither an IMAP nor a POP3 server/,
    );
    new Database(file).exec("UPDATE server SET name = 'mail'").close();
    const { lines } = await lintAll(store);
    assert.match(lines[1] ?? '', /\(server 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, \.\.\.\)\.$/);
  });
});
