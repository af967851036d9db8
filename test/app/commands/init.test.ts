import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { document } from '../../domain/documents/samples.ts';
import { type Configured, configured, runInProcess } from '../../support/in-process.ts';
import { launchProgram } from '../../support/program.ts';
import { contents, execute, INDEXES, layoutSql, rowCount, TABLES } from '../../support/sqlite-file.ts';
import { SAMPLE_ROWS, SEED, SEED_ROWS, SEED_TEXT } from '../../support/stored-seeds.ts';
import { startTestDaemon } from '../../support/test-daemon.ts';

const CONTRIB = fileURLToPath(new URL('../../../contrib/', import.meta.url));

const inFile = (t: TestContext): Configured => configured(t, (sqlite) => `db_uri = ${sqlite}`);
describe('automx2 init', () => {
  test('creates tables and indexes, says so, and does nothing the second time', async (t) => {
    const { file, run } = inFile(t);
    const first = await run('init');
    assert.deepEqual([first.status, first.err], [0, '']);
    for (const name of TABLES) assert.match(first.out, new RegExp(`^table ${name} created$`, 'm'));
    for (const name of INDEXES) assert.match(first.out, new RegExp(`^index ${name} created$`, 'm'));
    assert.match(first.out, /^The database is prepared\.$/m);
    const { rows } = contents(file);
    assert.deepEqual(rows, Object.fromEntries(TABLES.map((name) => [name, []])));
    const octets = readFileSync(file);
    assert.deepEqual(await run('init'), { status: 0, out: 'All tables and indexes exist.\n', err: '' });
    assert.deepEqual(readFileSync(file), octets);
  });

  test('adds indexes and a table of ours to a database of automx2 and leaves its rows alone', async (t) => {
    const { file, run } = inFile(t);
    execute(file, layoutSql('create-all'));
    const before = contents(file);
    const { status, out } = await run('init');
    assert.equal(status, 0);
    for (const name of INDEXES) assert.match(out, new RegExp(`^index ${name} created$`, 'm'));
    assert.deepEqual(out.match(/^.*table.*$/gm), ['table automx2_extra created']);
    const { made, rows } = contents(file);
    assert.deepEqual(
      made.filter(({ name }) => name !== 'automx2_extra'),
      before.made,
    );
    assert.deepEqual(rows, { ...before.rows, automx2_extra: [] });
  });

  for (const words of [['init'], ['init', '--sample']]) {
    test(`${words.join(' ')} on a file of another program: created, and named once`, async (t) => {
      const { file, run } = inFile(t);
      execute(file, 'CREATE TABLE recipes (id INTEGER PRIMARY KEY AUTOINCREMENT)');
      const { status, err } = await run(...words);
      assert.equal(status, 0);
      assert.match(err, /^automx2: [^\n]*recipes[^\n]*\n$/);
      assert.equal((await run('init')).err, '');
    });
  }

  for (const { kind, content } of [
    { kind: 'seed', content: SEED_TEXT },
    { kind: 'document', content: JSON.stringify(document()) },
  ]) {
    test(`FILE is called a ${kind} if it is one`, async (t) => {
      const { run, write } = inFile(t);
      const { status, out } = await run('init', write('a.json', content));
      assert.deepEqual([status, out], [0, `Database ready; ${kind} stored.\n`]);
    });
  }

  test('--sample stores the sample data once', async (t) => {
    const { file, run } = inFile(t);
    const first = await run('init', '--sample');
    assert.deepEqual([first.status, first.err], [0, '']);
    assert.match(first.out, /sample data/);
    const { davserver, ...rows } = contents(file).rows;
    assert.deepEqual(rows, SAMPLE_ROWS);
    assert.deepEqual(
      davserver?.map(([, , , type]) => type),
      ['caldav', 'carddav'],
    );
    const octets = readFileSync(file);
    const second = await run('init', '--sample');
    assert.deepEqual(second, { status: 1, out: '', err: 'automx2: the database holds data already\n' });
    assert.deepEqual(readFileSync(file), octets);
  });

  test('SEED.json stores the seed, in a new file and in one with tables', async (t) => {
    for (const first of [[], ['init']]) {
      const { file, run, write } = inFile(t);
      if (first.length > 0) assert.equal((await run(...first)).status, 0);
      const { status, out, err } = await run('init', write('seed.json', SEED_TEXT));
      assert.deepEqual([status, err], [0, '']);
      assert.match(out, /seed/);
      assert.deepEqual(contents(file).rows, SEED_ROWS);
    }
  });

  test('"-" stores the seed on standard input, which another user may have opened', async (t) => {
    const { file, start } = inFile(t);
    const command = start('init', '-');
    command.stdin.end(SEED_TEXT);
    assert.equal((await command.ended).status, 0);
    assert.deepEqual(contents(file).rows, SEED_ROWS);
  });

  for (const { name, seed } of [
    { name: 'a seed of version 2', seed: SEED_TEXT },
    { name: 'contrib/seed-v1.json', seed: readFileSync(join(CONTRIB, 'seed-v1.json')) },
    { name: 'contrib/seed-v2.json', seed: readFileSync(join(CONTRIB, 'seed-v2.json')) },
    { name: 'a seed with a byte order mark', seed: `\ufeff${SEED_TEXT}` },
    { name: 'the sample data', seed: undefined },
  ]) {
    test(`stores the same rows as /initdb/: ${name}`, async (t) => {
      const daemon = await startTestDaemon(t);
      const response = await fetch(
        `${daemon.base}/initdb/`,
        seed === undefined
          ? {}
          : { method: 'POST', body: new Blob([seed]), headers: { 'Content-Type': 'application/json' } },
      );
      assert.equal(response.status, 200);
      const { file, run, write } = inFile(t);
      const { status, err } = await run('init', seed === undefined ? '--sample' : write('seed.json', seed));
      assert.deepEqual([status, err], [0, '']);
      assert.deepEqual(contents(file), contents(daemon.file));
    });
  }

  const server = { type: 'imap', name: 'imap.example' };
  for (const [path, seed] of [
    ['Domains', { ...SEED, Domains: [] }],
    ['servers[0].Port', { ...SEED, servers: [{ ...server, Port: 587, comment: 'y' }] }],
  ] as const) {
    test(`${path}, which no seed has: exit status 2, and nothing is stored`, async (t) => {
      const { run, write } = inFile(t);
      const file = write('seed.json', JSON.stringify({ ...seed, comment: 'x' }));
      const { status, err } = await run('init', file);
      assert.equal(status, 2);
      assert.ok(err.startsWith(`automx2: ${file}: ${path}: unknown; `), err);
    });
  }

  for (const { name, seed, member } of [
    { name: 'no JSON', seed: '{', member: /seed\.json: the document: not valid JSON at line 1, column 2\n$/ },
    { name: 'an empty file', seed: '', member: /seed\.json: the document: must not be empty\n$/ },
    {
      name: 'text in Latin-1',
      seed: Buffer.from(
        '{"provider": "Söhne", "domains": ["a.example"], "servers": [{"type": "imap", "name": "i"}]}',
        'latin1',
      ),
      member: /seed\.json: the document: must be UTF-8\n$/,
    },
    { name: 'null', seed: 'null', member: /the document: / },
    { name: 'an array', seed: '[1]', member: /the document: / },
    { name: 'an empty object', seed: '{}', member: /the document: / },
    { name: 'an unknown version', seed: { ...SEED, version: '2' }, member: /version: / },
    { name: 'no provider', seed: { ...SEED, provider: undefined }, member: /provider: / },
    { name: 'no domain', seed: { ...SEED, domains: [] }, member: /domains: / },
    {
      name: 'a domain twice',
      seed: { provider: 'P', domains: ['a.example', 'A.example.'], servers: [server] },
      member: /domains\[1\]: /,
    },
    {
      name: 'no domain name',
      seed: { provider: 'P', domains: ['a.example', 'a b'], servers: [server] },
      member: /domains\[1\]: /,
    },
    {
      name: 'an unknown directory',
      seed: { ...SEED, ldapservers: [] },
      member: /domains\[1\]\.ldapserver_id: /,
    },
    {
      name: 'a port as text',
      seed: { ...SEED, servers: [server, { ...server, port: '993' }] },
      member: /servers\[1\]\.port: /,
    },
    {
      name: 'an unknown type',
      seed: { ...SEED, servers: [{ ...server, type: 'nntp' }] },
      member: /servers\[0\]\.type: /,
    },
    {
      name: 'an unreadable URL',
      seed: { ...SEED, servers: [server, { type: 'caldav', url: 'ftp://x' }] },
      member: /servers\[1\]\.url: /,
    },
    {
      name: 'no mail server',
      seed: { ...SEED, servers: [{ type: 'caldav', url: 'https://x.example/' }] },
      member: /servers: /,
    },
    {
      name: 'a password that no database takes',
      seed: { ...SEED, ldapservers: [{ ...SEED.ldapservers[0], bind_password: 'geheim\u0000' }] },
      member: /ldapservers\[0\]\.bind_password: /,
    },
  ]) {
    test(`SEED.json, ${name}: exit status 2, the place is named, nothing is stored`, async (t) => {
      const { file, run, write } = inFile(t);
      const text = typeof seed === 'string' || seed instanceof Uint8Array ? seed : JSON.stringify(seed);
      const { status, out, err } = await run('init', write('seed.json', text));
      assert.deepEqual([status, out], [2, ''], err);
      assert.match(err, /^automx2: .*\n$/);
      assert.match(err, member);
      assert.doesNotMatch(err, /geheim/);
      assert.equal(existsSync(file), false);
    });
  }

  test('SEED.json that is missing, or a folder: exit status 2, the file is named, nothing is stored', async (t) => {
    const { folder, file, run } = inFile(t);
    for (const name of ['nowhere.json', '.']) {
      const { status, out, err } = await run('init', join(folder, name));
      assert.deepEqual([status, out], [2, '']);
      assert.match(err, /^automx2: .*\n$/);
      if (name !== '.') assert.match(err, /nowhere\.json/);
      assert.equal(existsSync(file), false);
    }
  });

  test('SEED.json on a database with data: exit status 1, nothing is changed', async (t) => {
    const { file, run, write } = inFile(t);
    execute(file, layoutSql('create-all'));
    const before = contents(file);
    const { status, err } = await run('init', write('seed.json', SEED_TEXT));
    assert.deepEqual([status, err], [1, 'automx2: the database holds data already\n']);
    assert.deepEqual(contents(file), before);
  });

  for (const words of [
    ['init', 'a.json', 'b.json'],
    ['init', 'a.json', '--sample'],
    ['init', 'a.json', '--purge', '--yes'],
    ['init', '--sample', '--purge', '--yes'],
    ['init', '--check'],
    ['init', '--host', '127.0.0.1'],
    ['init', '--port', '0'],
    ['init', '--force'],
    ['init', '--sample=yes'],
    ['migrate', 'a.json'],
    ['migrate', '--sample'],
    ['migrate', '--purge'],
    ['migrate', '--yes'],
    ['migrate', '--port', '0'],
    ['--sample'],
    ['--purge', '--yes'],
    ['--yes'],
    ['Init'],
  ]) {
    test(`surplus: ${words.join(' ')}`, async (t) => {
      const { folder, run, write } = inFile(t);
      write('a.json', SEED_TEXT);
      write('b.json', SEED_TEXT);
      const { status, out, err } = await run(...words);
      assert.deepEqual([status, out], [2, ''], err);
      assert.match(err, /^automx2: .*\n$/);
      assert.deepEqual(readdirSync(folder).sort(), ['a.json', 'automx2.conf', 'b.json']);
    });
  }

  for (const words of [
    ['init'],
    ['init', '--sample'],
    ['init', join(CONTRIB, 'seed-v2.json')],
    ['init', '--purge', '--yes'],
    ['migrate'],
    ['migrate', '--check'],
  ]) {
    test(`a database in memory: ${words.join(' ')} is refused`, async (t) => {
      const { folder, run } = configured(t, 'db_uri = sqlite:///:memory:');
      for (const result of [await run(...words), await runInProcess(words, { HOME: folder })]) {
        assert.deepEqual([result.status, result.out], [2, '']);
        assert.match(result.err, /^automx2: .*memory.*\n$/);
      }
    });
  }

  test('a database server that is away: exit status 1 in one line without its password', async (t) => {
    for (const url of ['postgresql://u:geheim@127.0.0.1:1/d', 'mysql://u:geheim@127.0.0.1:1/d']) {
      for (const words of [['init'], ['init', '--sample'], ['init', '--purge', '--yes'], ['migrate']]) {
        const { status, out, err } = await configured(t, `db_uri = ${url}`).run(...words);
        assert.deepEqual([status, out], [1, ''], err);
        assert.match(err, /^automx2: .*ECONNREFUSED.*\n$/);
        assert.doesNotMatch(err, /geheim/);
      }
    }
  });
});

describe('automx2 init --purge', () => {
  /** A filled database in the folder where the test is meanwhile, and what remained of it. */
  async function filled(t: TestContext) {
    const before = process.cwd();
    const it = configured(t, 'db_uri = sqlite:///db.sqlite');
    process.chdir(it.folder);
    t.after(() => process.chdir(before));
    const seed = it.write('seed.json', SEED_TEXT);
    assert.equal((await it.run('init', seed)).status, 0);
    return { ...it, seed, remains: () => rowCount(it.file) };
  }
  const ALL = Object.values(SEED_ROWS).flat().length;

  test('--yes deletes all rows, keeps the tables, and may be said again', async (t) => {
    const { file, run, seed, remains } = await filled(t);
    execute(file, "INSERT INTO automx2_extra VALUES ('one.example', 'jmap', 0, '{}')");
    const { made } = contents(file);
    for (const _round of [1, 2]) {
      const { status, out, err } = await run('init', '--purge', '--yes');
      assert.deepEqual([status, err], [0, '']);
      assert.match(out, /deleted/);
      assert.equal(remains(), 0);
    }
    assert.deepEqual(contents(file).made, made);
    assert.equal((await run('init', seed)).status, 0);
    assert.deepEqual(contents(file).rows, SEED_ROWS);
  });

  test('--yes without a database is no mistake, and makes none', async (t) => {
    const { file, run } = inFile(t);
    assert.equal((await run('init', '--purge', '--yes')).status, 0);
    assert.equal(existsSync(file), false);
  });

  for (const { answer, isRight } of [
    { answer: 'db.sqlite\n', isRight: true },
    { answer: 'db.sqlite\r\n', isRight: true },
    { answer: '\n', isRight: false },
    { answer: 'y\n', isRight: false },
    { answer: 'yes\n', isRight: false },
    { answer: 'DB.sqlite\n', isRight: false },
    { answer: 'db.sqlite2\n', isRight: false },
    { answer: 'db\n', isRight: false },
    { answer: 'no\ndb.sqlite\n', isRight: false },
    { answer: '', isRight: false },
  ]) {
    test(`asks for the name of the database, and ${JSON.stringify(answer)} is ${isRight ? 'right' : 'wrong'}`, async (t) => {
      const { start, remains } = await filled(t);
      const { stdin, said, ended } = start('init', '--purge');
      await said(/db\.sqlite/);
      assert.equal(remains(), ALL);
      stdin.end(answer);
      const { status, out, err } = await ended;
      assert.equal(status, isRight ? 0 : 1, err);
      assert.equal(remains(), isRight ? 0 : ALL);
      if (isRight) assert.match(out, /deleted/);
      else assert.match(err, /^automx2: the name of the database, .*; nothing was deleted\n$/);
    });
  }

  test('the name of an absolute path is the path as it is configured', async (t) => {
    const { file, start, run, write } = inFile(t);
    assert.equal((await run('init', write('seed.json', SEED_TEXT))).status, 0);
    const { stdin, said, ended } = start('init', '--purge');
    await said(new RegExp(file));
    stdin.end(`${file}\n`);
    assert.equal((await ended).status, 0);
    assert.equal(rowCount(file), 0);
  });

  for (const [what, redirection, isRight] of [
    ['closed', '<&-', false],
    ['empty', '</dev/null', false],
    ['a file with the name', '<<!\ndb.sqlite\n!', true],
  ] as const) {
    test(`standard input is ${what}: ${isRight ? 'all' : 'nothing'} is deleted`, async (t) => {
      const { folder, remains } = await filled(t);
      const words = ['--config', 'automx2.conf', 'init', '--purge'];
      const wrap = ['sh', '-c', `exec "$@" ${redirection}`, 'sh'];
      const { status, err } = await launchProgram(t, folder, words, { wrap }).ended;
      assert.equal(status, isRight ? 0 : 1, err);
      assert.match(err, isRight ? /^$/ : /^automx2: the name of the database, .*; nothing was deleted\n$/);
      assert.equal(remains(), isRight ? 0 : ALL);
    });
  }
});
