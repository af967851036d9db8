import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { freePort } from '../support/database-server.ts';
import { mariadb, postgresql } from '../support/server-database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const MAIN = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));
const CONTRIB = fileURLToPath(new URL('../../contrib/', import.meta.url));

const layoutSql = (layout: string): string =>
  readFileSync(new URL(`../testdata/legacy/${layout}.sql`, import.meta.url), 'utf8');

interface Result {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the program in a folder of its own, which is its home, too; its standard input stays open. */
function launch(folder: string, program: string, words: readonly string[]) {
  const { PATH, NODE_V8_COVERAGE } = process.env;
  const env = { PATH, HOME: folder, ...(NODE_V8_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE }) };
  const child = spawn(program, words, { cwd: folder, env });
  child.stdin.on('error', () => undefined); // who does not ask does not read
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  // A program that should have ended must not hold the tests up.
  const limit = setTimeout(() => child.kill('SIGKILL'), 20_000);
  child.once('close', () => clearTimeout(limit));
  const ended: Promise<Result> = once(child, 'close').then(([status]) => ({ status, out, err }));
  const said = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(err + out);
      if (match !== null) return match;
      await Promise.race([once(child.stderr, 'data'), once(child.stdout, 'data'), once(child, 'exit')]);
      if (child.exitCode !== null) assert.fail(`ended with ${child.exitCode}: ${err}`);
    }
  };
  return { child, ended, said };
}

/** A configuration file in a new folder, and the program run with it. */
function configured(t: TestContext, databaseUrl = 'sqlite:///db.sqlite') {
  const folder = temporaryFolder(t);
  const config = join(folder, 'automx2.conf');
  writeFileSync(config, `[automx2]\ndb_uri = ${databaseUrl}\n`);
  const start = (...words: string[]) => launch(folder, process.execPath, [MAIN, '--config', config, ...words]);
  return {
    folder,
    file: join(folder, 'db.sqlite'),
    start,
    run: (...words: string[]) => start(...words).ended,
    write(name: string, text: string | Uint8Array) {
      writeFileSync(join(folder, name), text);
      return name;
    },
    /** A daemon on a free port, stopped when the test ends. */
    async serve() {
      const port = await freePort();
      const { child, ended } = start('--port', String(port));
      t.after(() => child.exitCode ?? child.kill('SIGKILL'));
      const base = `http://127.0.0.1:${port}`;
      const status = async (path: string) => (await fetch(base + path)).status;
      while ((await status('/').catch(() => undefined)) === undefined) {
        if (child.exitCode !== null) assert.fail((await ended).err);
        await delay(20);
      }
      return {
        status,
        lookUp: (address: string) => status(`/mail/config-v1.1.xml?emailaddress=${address}`),
        async stop() {
          child.kill('SIGTERM');
          return ended;
        },
      };
    },
  };
}

function execute(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

/** The rows of each table of an SQLite file, and how it was created. */
function contents(file: string) {
  const database = new Database(file, { readonly: true });
  const made = database
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name",
    )
    .all();
  const rows = Object.fromEntries(
    made.map(({ name }) => {
      const order = name.endsWith('_domain') ? '1, 2' : '1';
      return [name, database.prepare<[], unknown[]>(`SELECT * FROM ${name} ORDER BY ${order}`).raw().all()];
    }),
  );
  database.close();
  return { made, rows };
}

const SAMPLE_ROWS = {
  provider: [[1, 'Example Inc.', 'Example']],
  ldapserver: [],
  domain: [
    [1, 'example.com', 1, null],
    [2, 'example.net', 1, null],
    [3, 'example.org', 1, null],
  ],
  server: [
    [1, 10, 'mail.example.com', 993, 'imap', 'SSL', '%EMAILADDRESS%', 'plain'],
    [2, 10, 'mail.example.com', 110, 'pop', 'STARTTLS', '%EMAILADDRESS%', 'plain'],
    [3, 10, 'mail.example.com', 587, 'smtp', 'STARTTLS', '%EMAILADDRESS%', 'plain'],
  ],
  server_domain: [1, 2, 3].flatMap((server) => [1, 2, 3].map((domain) => [server, domain])),
  davserver_domain: [
    [1, 1],
    [2, 1],
  ],
};

const SEED = {
  version: 2,
  provider: 'Ünï Provider GmbH',
  domains: [{ name: 'One.Example.' }, { name: 'bücher.example', ldapserver_id: 7 }],
  ldapservers: [{ id: 7, name: 'ldap.example', search_base: 'dc=example', bind_user: 'u', bind_password: 'geheim' }],
  servers: [
    { type: 'smtp', name: 'smtp.example', port: 587, prio: 3, user_name: '%EMAILLOCALPART%', authentication: 'NTLM' },
    { type: 'imap', name: 'imap.example' },
    { type: 'caldav', url: 'https://dav.example/', port: 1 },
    { type: 'carddav', url: 'http://dav.example/' },
  ],
};
const SEED_TEXT = JSON.stringify(SEED);
const SEED_ROWS = {
  provider: [[1, 'Ünï Provider GmbH', 'Ünï']],
  ldapserver: [[7, 'ldap.example', 636, 1, 'dc=example', '(mail={0})', 'uid', 'cn', 'geheim', 'u']],
  domain: [
    [1, 'one.example', 1, null],
    [2, 'xn--bcher-kva.example', 1, 7],
  ],
  server: [
    [1, 3, 'smtp.example', 587, 'smtp', 'STARTTLS', '%EMAILLOCALPART%', 'NTLM'],
    [2, 10, 'imap.example', 993, 'imap', 'SSL', '%EMAILADDRESS%', 'plain'],
  ],
  server_domain: [
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
  ],
  davserver: [
    [1, 'https://dav.example/', 1, 'caldav', 1, 1, '%EMAILADDRESS%'],
    [2, 'http://dav.example/', 0, 'carddav', 0, 1, '%EMAILADDRESS%'],
  ],
  davserver_domain: [
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
  ],
};

const TABLES = ['provider', 'server', 'davserver', 'ldapserver', 'domain', 'server_domain', 'davserver_domain'];
const INDEXES = ['automx2_domain_name', 'automx2_server_domain', 'automx2_davserver_domain', 'automx2_domain_provider'];

// Each test is mostly a wait for a process of its own.
const ABREAST = { concurrency: 4 };

describe('automx2 init', ABREAST, () => {
  test('creates tables and indexes, says so, and does nothing the second time', async (t) => {
    const { file, run } = configured(t);
    const first = await run('init');
    assert.deepEqual([first.status, first.err], [0, '']);
    for (const name of TABLES) assert.match(first.out, new RegExp(`^table ${name} created$`, 'm'));
    for (const name of INDEXES) assert.match(first.out, new RegExp(`^index ${name} created$`, 'm'));
    assert.match(first.out, /^The database is prepared\.$/m);
    const { rows } = contents(file);
    assert.deepEqual(rows, Object.fromEntries(TABLES.map((name) => [name, []])));
    const octets = readFileSync(file);
    assert.deepEqual(await run('init'), { status: 0, out: 'Nothing was missing.\n', err: '' });
    assert.deepEqual(readFileSync(file), octets);
  });

  test('adds indexes to a database of automx2 and leaves its rows alone', async (t) => {
    const { file, run } = configured(t);
    execute(file, layoutSql('create-all'));
    const before = contents(file);
    const { status, out } = await run('init');
    assert.equal(status, 0);
    for (const name of INDEXES) assert.match(out, new RegExp(`^index ${name} created$`, 'm'));
    assert.doesNotMatch(out, /table/);
    assert.deepEqual(contents(file), before);
  });

  test('--sample stores the sample data once', async (t) => {
    const { file, run } = configured(t);
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
      const { file, run, write } = configured(t);
      if (first.length > 0) assert.equal((await run(...first)).status, 0);
      const { status, out, err } = await run('init', write('seed.json', SEED_TEXT));
      assert.deepEqual([status, err], [0, '']);
      assert.match(out, /seed/);
      assert.deepEqual(contents(file).rows, SEED_ROWS);
    }
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
      const { file, run, write } = configured(t);
      const { status, err } = await run('init', seed === undefined ? '--sample' : write('seed.json', seed));
      assert.deepEqual([status, err], [0, '']);
      assert.deepEqual(contents(file), contents(daemon.file));
    });
  }

  const server = { type: 'imap', name: 'imap.example' };
  for (const { name, seed, member } of [
    { name: 'no JSON', seed: '{', member: /seed\.json: the seed: must be JSON/ },
    { name: 'an empty file', seed: '', member: /seed\.json: the seed: must be JSON/ },
    {
      name: 'text in Latin-1',
      seed: Buffer.from(
        '{"provider": "Söhne", "domains": ["a.example"], "servers": [{"type": "imap", "name": "i"}]}',
        'latin1',
      ),
      member: /seed\.json: the seed: must be JSON/,
    },
    { name: 'null', seed: 'null', member: /the seed: / },
    { name: 'an array', seed: '[1]', member: /the seed: / },
    { name: 'an empty object', seed: '{}', member: /the seed: / },
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
    test(`SEED.json, ${name}: exit status 1, the place is named, nothing is stored`, async (t) => {
      const { file, run, write } = configured(t);
      const text = typeof seed === 'string' || seed instanceof Uint8Array ? seed : JSON.stringify(seed);
      const { status, out, err } = await run('init', write('seed.json', text));
      assert.deepEqual([status, out], [1, ''], err);
      assert.match(err, /^automx2: .*\n$/);
      assert.match(err, member);
      assert.doesNotMatch(err, /geheim/);
      assert.equal(existsSync(file), false);
    });
  }

  test('SEED.json that is missing, or a folder: exit status 1, the file is named, nothing is stored', async (t) => {
    const { file, run } = configured(t);
    for (const name of ['nowhere.json', '.']) {
      const { status, out, err } = await run('init', name);
      assert.deepEqual([status, out], [1, '']);
      assert.match(err, /^automx2: .*\n$/);
      if (name !== '.') assert.match(err, /nowhere\.json/);
      assert.equal(existsSync(file), false);
    }
  });

  test('SEED.json on a database with data: exit status 1, nothing is changed', async (t) => {
    const { file, run, write } = configured(t);
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
      const { folder, run, write } = configured(t);
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
    ['init', 'seed.json'],
    ['init', '--purge', '--yes'],
    ['migrate'],
    ['migrate', '--check'],
  ]) {
    test(`a database in memory: ${words.join(' ')} is refused`, async (t) => {
      const { run, write, folder } = configured(t, 'sqlite:///:memory:');
      write('seed.json', SEED_TEXT);
      for (const result of [await run(...words), await launch(folder, process.execPath, [MAIN, ...words]).ended]) {
        assert.deepEqual([result.status, result.out], [2, '']);
        assert.match(result.err, /^automx2: .*memory.*\n$/);
      }
    });
  }

  test('a database server that is away: exit status 1 in one line without its password', async (t) => {
    for (const url of ['postgresql://u:geheim@127.0.0.1:1/d', 'mysql://u:geheim@127.0.0.1:1/d']) {
      for (const words of [['init'], ['init', '--sample'], ['init', '--purge', '--yes'], ['migrate']]) {
        const { status, out, err } = await configured(t, url).run(...words);
        assert.deepEqual([status, out], [1, ''], err);
        assert.match(err, /^automx2: .*ECONNREFUSED.*\n$/);
        assert.doesNotMatch(err, /geheim/);
      }
    }
  });

  for (const layout of ['f62e64b43d2f', '5334f8a8282c', 'foreign']) {
    const sql = layout === 'foreign' ? 'CREATE TABLE domain (domain TEXT)' : layoutSql(layout);
    test(`a database of layout ${layout} is left alone`, async (t) => {
      const { file, run, write } = configured(t);
      execute(file, sql);
      write('seed.json', SEED_TEXT);
      const octets = readFileSync(file);
      for (const words of [[], ['--sample'], ['seed.json'], ['--purge', '--yes']]) {
        const { status, out, err } = await run('init', ...words);
        assert.ok(status === 1 || status === 2, `${words} ${status}`);
        assert.equal(out, '');
        assert.match(err, layout === 'foreign' ? /^automx2: .*table domain.*\n$/ : new RegExp(`^automx2: .*${layout}`));
        assert.deepEqual(readFileSync(file), octets);
      }
    });
  }
});

describe('automx2 init --purge', ABREAST, () => {
  /** A filled database, and what remained of it. */
  async function filled(t: TestContext, databaseUrl?: string) {
    const it = configured(t, databaseUrl);
    assert.equal((await it.run('init', it.write('seed.json', SEED_TEXT))).status, 0);
    return { ...it, remains: () => Object.values(contents(it.file).rows).flat().length };
  }
  const ALL = Object.values(SEED_ROWS).flat().length;

  test('--yes deletes all rows, keeps the tables, and may be said again', async (t) => {
    const { file, run, remains } = await filled(t);
    const { made } = contents(file);
    for (const _round of [1, 2]) {
      const { status, out, err } = await run('init', '--purge', '--yes');
      assert.deepEqual([status, err], [0, '']);
      assert.match(out, /deleted/);
      assert.equal(remains(), 0);
    }
    assert.deepEqual(contents(file).made, made);
    assert.equal((await run('init', 'seed.json')).status, 0);
    assert.deepEqual(contents(file).rows, SEED_ROWS);
  });

  test('--yes without a database is no mistake, and makes none', async (t) => {
    const { file, run } = configured(t);
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
      const { child, said, ended } = start('init', '--purge');
      await said(/db\.sqlite/);
      assert.equal(remains(), ALL);
      child.stdin.end(answer);
      const { status, out, err } = await ended;
      assert.equal(status, isRight ? 0 : 1, err);
      assert.equal(remains(), isRight ? 0 : ALL);
      if (isRight) assert.match(out, /deleted/);
      else assert.match(err, /^automx2: nothing was deleted\n$/);
    });
  }

  test('the name of an absolute path is the path as it is configured', async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const { start, run, write } = configured(t, `sqlite:///${file}`);
    assert.equal((await run('init', write('seed.json', SEED_TEXT))).status, 0);
    const { child, said, ended } = start('init', '--purge');
    await said(new RegExp(file));
    child.stdin.end(`${file}\n`);
    assert.equal((await ended).status, 0);
    assert.equal(Object.values(contents(file).rows).flat().length, 0);
  });

  for (const [what, redirection] of [
    ['closed', '<&-'],
    ['empty', '</dev/null'],
  ] as const) {
    test(`standard input is ${what}: nothing is deleted`, async (t) => {
      const { folder, remains } = await filled(t);
      const words = [process.execPath, MAIN, '--config', 'automx2.conf', 'init', '--purge'];
      const { status, err } = await launch(folder, 'sh', ['-c', `exec "$@" ${redirection}`, 'sh', ...words]).ended;
      assert.equal(status, 1, err);
      assert.match(err, /^automx2: nothing was deleted\n$/);
      assert.equal(remains(), ALL);
    });
  }
});

describe('automx2 migrate', ABREAST, () => {
  for (const { layout, steps } of [
    { layout: 'f62e64b43d2f', steps: ['prio', 'davserver', 'davserver_domain', ...INDEXES, '43ebb40d0578'] },
    { layout: '5334f8a8282c', steps: ['davserver', 'davserver_domain', ...INDEXES, '43ebb40d0578'] },
    { layout: '43ebb40d0578', steps: INDEXES },
    { layout: 'create-all', steps: INDEXES },
  ]) {
    test(`${layout}: --check only reports; then what was reported is done, once`, async (t) => {
      const { file, run, serve } = configured(t);
      execute(file, layoutSql(layout));
      const before = contents(file);
      const octets = readFileSync(file);

      const check = await run('migrate', '--check');
      assert.deepEqual([check.status, check.err], [1, '']);
      const [, ...lines] = check.out.trimEnd().split('\n');
      assert.equal(lines.length, steps.length);
      for (const [index, step] of steps.entries()) assert.match(lines[index] ?? '', new RegExp(`\\b${step}\\b`));
      assert.deepEqual(readFileSync(file), octets);

      const done = await run('migrate');
      assert.deepEqual([done.status, done.err], [0, '']);
      for (const line of lines) assert.ok(done.out.includes(`${line.replace(/^- /, '')}\n`), `${line}\n${done.out}`);
      const after = contents(file);
      for (const [table, rows] of Object.entries(before.rows)) {
        if (table === 'alembic_version') assert.deepEqual(after.rows[table], [['43ebb40d0578']]);
        else if (table === 'server' && layout === 'f62e64b43d2f') {
          assert.deepEqual(
            after.rows[table],
            rows.map((row) => [...row, 10]),
          );
        } else assert.deepEqual(after.rows[table], rows, table);
      }
      assert.deepEqual(
        Object.keys(after.rows).filter((table) => table !== 'alembic_version'),
        [...TABLES].sort(),
      );

      const migrated = readFileSync(file);
      for (const words of [['migrate'], ['migrate', '--check'], ['init']]) {
        const { status, out, err } = await run(...words);
        assert.deepEqual([status, err], [0, '']);
        assert.match(out, /^(?:The database is up to date|Nothing was missing)\.\n$/);
        assert.deepEqual(readFileSync(file), migrated);
      }
      const { status, lookUp, stop } = await serve();
      assert.deepEqual([await status('/'), await status('/healthz')], [200, 200]);
      assert.deepEqual([await lookUp('a@altbau.example'), await lookUp('a@example.com')], [200, 404]);
      assert.doesNotMatch((await stop()).err, /automx2 (?:init|migrate)/);
    });
  }

  for (const { what, sql } of [
    { what: 'no database', sql: undefined },
    { what: 'an empty database', sql: 'CREATE TABLE t (x); DROP TABLE t' },
    { what: 'a database of another program', sql: 'CREATE TABLE recipes (id INTEGER)' },
    { what: 'a foreign database', sql: 'CREATE TABLE domain (domain TEXT)' },
    {
      what: 'a database of a newer automx2',
      sql: `${layoutSql('43ebb40d0578')}UPDATE alembic_version SET version_num = 'ffffffffffff'`,
    },
  ]) {
    test(`${what}: exit status 2, and nothing is changed`, async (t) => {
      const { file, run } = configured(t);
      if (sql !== undefined) execute(file, sql);
      const octets = sql === undefined ? undefined : readFileSync(file);
      for (const words of [['migrate'], ['migrate', '--check']]) {
        const { status, out, err } = await run(...words);
        assert.deepEqual([status, out], [2, ''], err);
        assert.match(err, /^automx2: .*\n$/);
        if (octets === undefined) assert.equal(existsSync(file), false);
        else assert.deepEqual(readFileSync(file), octets);
      }
    });
  }
});

describe('the daemon and the layout of its database', () => {
  for (const { what, sql, message } of [
    ...['f62e64b43d2f', '5334f8a8282c'].map((layout) => ({
      what: layout,
      sql: layoutSql(layout),
      message: new RegExp(`^automx2: .*${layout}.*\\bautomx2 migrate\\b`, 'm'),
    })),
    {
      what: 'f62e64b43d2f without alembic_version',
      sql: `${layoutSql('f62e64b43d2f')}DROP TABLE alembic_version`,
      message: /^automx2: .*\bautomx2 migrate\b/m,
    },
    { what: 'foreign', sql: 'CREATE TABLE domain (domain TEXT)', message: /^automx2: .*table domain/m },
    {
      what: 'newer',
      sql: `${layoutSql('43ebb40d0578')}UPDATE alembic_version SET version_num = 'ffffffffffff'`,
      message: /^automx2: .*newer/m,
    },
  ]) {
    test(`${what}: does not start, exit status 2`, async (t) => {
      const { file, run } = configured(t);
      execute(file, sql);
      const octets = readFileSync(file);
      const port = await freePort();
      const { status, out, err } = await run('--port', String(port));
      assert.deepEqual([status, out], [2, '']);
      assert.match(err, message);
      assert.doesNotMatch(err, /^\s+at /m);
      for (const path of ['/', '/healthz']) await assert.rejects(fetch(`http://127.0.0.1:${port}${path}`), path);
      assert.deepEqual(readFileSync(file), octets);
    });
  }

  for (const layout of ['43ebb40d0578', 'create-all']) {
    test(`${layout}: serves at once, with one warning that names the command`, async (t) => {
      const { file, serve } = configured(t);
      execute(file, layoutSql(layout));
      const octets = readFileSync(file);
      const { status, lookUp, stop } = await serve();
      assert.deepEqual([await status('/healthz'), await lookUp('a@altbau.example')], [200, 200]);
      const { err } = await stop();
      assert.equal(err.match(/WARNING .*automx2 (?:init|migrate)\b/g)?.length, 1, err);
      assert.deepEqual(readFileSync(file), octets);
    });
  }

  test('a running daemon sees at once what init does', async (t) => {
    const { run, write, serve } = configured(t);
    write('seed.json', SEED_TEXT);
    const { status, lookUp, stop } = await serve();
    assert.deepEqual([await status('/healthz'), await lookUp('a@example.com')], [503, 503]);
    assert.equal((await run('init')).status, 0);
    // In this order: after a failure, health is known again by the first look-up that is answered.
    assert.deepEqual([await lookUp('a@example.com'), await status('/healthz')], [404, 200]);
    assert.equal((await run('init', '--sample')).status, 0);
    assert.deepEqual([await lookUp('a@example.com'), await lookUp('a@one.example')], [200, 404]);
    assert.equal((await run('init', '--purge', '--yes')).status, 0);
    assert.equal(await lookUp('a@example.com'), 404);
    assert.equal((await run('init', 'seed.json')).status, 0);
    assert.deepEqual([await lookUp('a@example.com'), await lookUp('a@one.example')], [404, 200]);
    assert.match((await stop()).err, /WARNING .*automx2 init\b/);
  });
});

const SERVERS = [await postgresql(), await mariadb()];

for (const server of SERVERS) {
  describe(`automx2 init on ${server.engine}`, { skip: server.server === undefined ? server.missing : false }, () => {
    /** The rows as `contents` has them of the SQLite file that is to be equal. */
    async function rowsOf(url: string, file: string) {
      const reference = new Database(file, { readonly: true });
      const rows: Record<string, unknown[][]> = {};
      for (const table of TABLES) {
        const columns = reference.pragma(`table_info(${table})`) as { name: string }[];
        const names = columns.map(({ name }) => name).join(', ');
        const found = await server.administer(`SELECT ${names} FROM ${table} ORDER BY 1, 2`, url);
        rows[table] = found.map((row) =>
          Object.values(row).map((value) => (typeof value === 'boolean' ? Number(value) : value)),
        );
      }
      reference.close();
      return rows;
    }

    for (const { what, words } of [
      { what: 'the sample data', words: ['init', '--sample'] },
      { what: 'a seed', words: ['init', 'seed.json'] },
    ]) {
      test(`${what}: the same rows as on SQLite, and they are served`, async (t) => {
        const url = await server.database(t, 'tcp');
        const [here, there] = [configured(t, url), configured(t)];
        for (const { run, write } of [here, there]) {
          write('seed.json', SEED_TEXT);
          const { status, err } = await run(...words);
          assert.deepEqual([status, err], [0, '']);
        }
        const wanted = contents(there.file).rows;
        assert.deepEqual(await rowsOf(url, there.file), wanted);
        const { lookUp, status } = await here.serve();
        assert.equal(await lookUp(what === 'a seed' ? 'a@one.example' : 'a@example.com'), 200);
        assert.equal(await status('/healthz'), 200);
        assert.match((await here.run('migrate')).out, /up to date/);
        assert.equal((await here.run(...words)).status, 1);
        assert.deepEqual(await rowsOf(url, there.file), wanted);
      });
    }

    test('tables only, then nothing; --purge asks for the name of the database', async (t) => {
      const url = await server.database(t);
      const name = /test_\w+/.exec(url)?.[0] ?? '';
      const { run, start } = configured(t, url);
      const { status, out } = await run('init');
      assert.equal(status, 0);
      for (const table of TABLES) assert.match(out, new RegExp(`^table ${table} created$`, 'm'));
      assert.deepEqual(await run('init'), { status: 0, out: 'Nothing was missing.\n', err: '' });
      assert.equal((await run('init', '--sample')).status, 0);
      const count = async () =>
        Number((await server.administer('SELECT count(*) AS n FROM server_domain', url))[0]?.['n']);
      for (const { answer, left } of [
        { answer: 'automx2\n', left: 9 },
        { answer: `${name}\n`, left: 0 },
      ]) {
        const { child, said, ended } = start('init', '--purge');
        await said(new RegExp(`\\b${name}\\b`));
        child.stdin.end(answer);
        assert.equal((await ended).status, left === 0 ? 0 : 1);
        assert.equal(await count(), left);
      }
    });
  });
}

const [onPostgresql] = SERVERS;
const skip = onPostgresql?.server === undefined ? (onPostgresql?.missing ?? true) : false;

describe('PostgreSQL, a database that db_uri leaves to the name of the user', { skip }, () => {
  for (const { what, redirection } of [
    { what: 'empty standard input', redirection: '</dev/null' },
    { what: 'closed standard input', redirection: '<&-' },
    { what: 'an empty answer', redirection: '<<!\n\n!' },
    { what: 'the name', redirection: `<<!\n${userInfo().username}\n!` },
  ]) {
    test(`init --purge asks for that name, and gets ${what}`, async (t) => {
      assert.ok(onPostgresql?.server);
      const { username } = userInfo();
      await onPostgresql.administer(`CREATE ROLE "${username}" SUPERUSER LOGIN`);
      await onPostgresql.administer(`CREATE DATABASE "${username}"`);
      t.after(async () => {
        await onPostgresql.administer(`DROP DATABASE "${username}" WITH (FORCE)`);
        await onPostgresql.administer(`DROP ROLE "${username}"`);
      });
      const { folder, port } = onPostgresql.server;
      const { run, folder: home } = configured(t, `postgresql://:${port}/?host=${folder}`);
      assert.equal((await run('init', '--sample')).status, 0);
      const words = [process.execPath, MAIN, '--config', 'automx2.conf', 'init', '--purge'];
      const { status, out } = await launch(home, 'sh', ['-c', `exec "$@" ${redirection}`, 'sh', ...words]).ended;
      assert.deepEqual([status, /deleted/.test(out)], what === 'the name' ? [0, true] : [1, false]);
      assert.match(out, new RegExp(`\\b${username}\\b`));
    });
  }
});
