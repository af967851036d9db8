import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { type Configured, configured } from '../../support/in-process.ts';
import type { Result } from '../../support/process.ts';
import { launchProgram } from '../../support/program.ts';
import { execute, layoutSql } from '../../support/sqlite-file.ts';
import { SEED_TEXT } from '../../support/stored-seeds.ts';

const inFile = (t: TestContext): Configured =>
  configured(t, (sqlite) => `loglevel = INFO\nlisten = 127.0.0.1:0\ndb_uri = ${sqlite}`);

/** absent: our tables are missing; outdated: of an older automx2; foreign: not ours, or newer than we know. */
type Kind = 'absent' | 'empty' | 'filled' | 'outdated' | 'foreign';

/** What may be in a database: made with SQL or with a command. `names` is in the message of what is refused. */
const LAYOUTS: readonly {
  readonly name: string;
  readonly kind: Kind;
  readonly sql?: string;
  readonly command?: readonly string[];
  /** What the file holds instead. */
  readonly content?: string;
  readonly names?: RegExp;
}[] = [
  { name: 'no database', kind: 'absent' },
  { name: 'tables of another program', kind: 'absent', sql: 'CREATE TABLE recipes (id INTEGER)' },
  { name: 'empty tables', kind: 'empty', command: ['init'] },
  { name: 'sample data', kind: 'filled', command: ['init', '--sample'] },
  ...['f62e64b43d2f', '5334f8a8282c'].map(
    (name) => ({ name, kind: 'outdated', sql: layoutSql(name), names: new RegExp(name) }) as const,
  ),
  {
    name: 'f62e64b43d2f without alembic_version',
    kind: 'outdated',
    sql: `${layoutSql('f62e64b43d2f')}DROP TABLE alembic_version`,
  },
  { name: 'another table domain', kind: 'foreign', sql: layoutSql('foreign'), names: /table domain/ },
  { name: 'a file of another kind', kind: 'foreign', content: 'x'.repeat(5_000), names: /db\.sqlite is not an SQLite/ },
  {
    name: 'a newer automx2',
    kind: 'foreign',
    sql: `${layoutSql('43ebb40d0578')}UPDATE alembic_version SET version_num = 'ffffffffffff'`,
    names: /newer/,
  },
];

/** Exit statuses, as automx2(8) explains them: a layout that a command cannot use is 2, whatever the command. */
const STATUSES: readonly (Readonly<Record<Kind, 0 | 1 | 2>> & { readonly words: readonly string[] })[] = [
  { words: [], absent: 0, empty: 0, filled: 0, outdated: 2, foreign: 2 },
  { words: ['--check'], absent: 0, empty: 0, filled: 0, outdated: 0, foreign: 0 },
  { words: ['init'], absent: 0, empty: 0, filled: 0, outdated: 2, foreign: 2 },
  { words: ['init', '--sample'], absent: 0, empty: 0, filled: 1, outdated: 2, foreign: 2 },
  { words: ['init', 'SEED'], absent: 0, empty: 0, filled: 1, outdated: 2, foreign: 2 },
  { words: ['init', '--purge', '--yes'], absent: 0, empty: 0, filled: 0, outdated: 2, foreign: 2 },
  { words: ['migrate', '--check'], absent: 2, empty: 0, filled: 0, outdated: 1, foreign: 2 },
  { words: ['migrate'], absent: 2, empty: 0, filled: 0, outdated: 0, foreign: 2 },
  { words: ['lookup', 'ann@example.com'], absent: 2, empty: 1, filled: 0, outdated: 2, foreign: 2 },
  { words: ['lint'], absent: 2, empty: 0, filled: 0, outdated: 2, foreign: 2 },
  { words: ['dns', '--service', 'mx.host.example'], absent: 2, empty: 0, filled: 0, outdated: 2, foreign: 2 },
  { words: ['export'], absent: 2, empty: 0, filled: 0, outdated: 2, foreign: 2 },
  { words: ['apply', 'SEED', '--yes'], absent: 2, empty: 0, filled: 0, outdated: 2, foreign: 2 },
  { words: ['domain', 'list'], absent: 2, empty: 0, filled: 0, outdated: 2, foreign: 2 },
  { words: ['domain', 'show', 'example.com'], absent: 2, empty: 1, filled: 0, outdated: 2, foreign: 2 },
  { words: ['domain', 'remove', 'example.com', '--yes'], absent: 2, empty: 1, filled: 0, outdated: 2, foreign: 2 },
];

/** How the message about a layout ends, where a command refuses it. */
const REMEDIES: Readonly<Record<Kind, RegExp>> = {
  absent: /; to prepare it, run: automx2 init$/,
  outdated: /; to upgrade it, run: automx2 migrate$/,
  foreign: /^(?!.*\brun\b)/,
  empty: /^/,
  filled: /^/,
};

/** Runs a command; serving is stopped as soon as it listens. */
async function outcome({ start }: Configured, words: readonly string[]): Promise<Result> {
  const command = start(...words);
  if (words.length === 0) {
    await Promise.race([command.said(/ listening /).then(() => command.signal('SIGTERM')), command.ended]);
  }
  return command.ended;
}

for (const { words, ...statuses } of STATUSES) {
  describe(`exit status of automx2 ${words.join(' ')}`, () => {
    for (const { name, kind, sql, command, content, names = /^/ } of LAYOUTS) {
      const status = statuses[kind];
      test(`${kind}, ${name}: ${status}`, async (t) => {
        const it = inFile(t);
        if (sql !== undefined) execute(it.file, sql);
        if (content !== undefined) writeFileSync(it.file, content);
        if (command !== undefined) assert.equal((await it.run(...command)).status, 0);
        const seed = it.write('seed.json', SEED_TEXT);
        const octets = existsSync(it.file) ? readFileSync(it.file) : undefined;
        const result = await outcome(
          it,
          words.map((word) => (word === 'SEED' ? seed : word)),
        );
        assert.equal(result.status, status, result.err);
        if (status === 2) {
          assert.equal(result.out, '');
          const [line = '', ...others] = result.err.trimEnd().split('\n');
          assert.deepEqual(others, []);
          assert.match(line, /^automx2: /);
          assert.match(line, REMEDIES[kind]);
          assert.match(line, names);
        }
        // What is refused, or only looked at, is not changed.
        if (status === 2 || ['lookup', 'lint', '--check'].some((word) => words.includes(word))) {
          assert.deepEqual(existsSync(it.file) ? readFileSync(it.file) : undefined, octets);
        }
      });
    }
  });
}

describe('the daemon and the layout of its database', () => {
  for (const layout of ['43ebb40d0578', 'create-all']) {
    test(`${layout}: serves at once, with one warning that names the command`, async (t) => {
      const it = inFile(t);
      execute(it.file, layoutSql(layout));
      const octets = readFileSync(it.file);
      const { said, signal, ended } = it.start();
      const [, port] = await said(/ listening address=127\.0\.0\.1 port=(\d+)/);
      const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
      assert.deepEqual(
        [await status('/healthz'), await status('/mail/config-v1.1.xml?emailaddress=a@altbau.example')],
        [200, 200],
      );
      signal('SIGTERM');
      const { err } = await ended;
      assert.equal(err.match(/WARNING .*automx2 (?:init|migrate)\b/g)?.length, 1, err);
      assert.deepEqual(readFileSync(it.file), octets);
    });
  }

  test('a running daemon sees at once what init does in another process', async (t) => {
    const { folder, config, run, write } = inFile(t);
    const seed = write('seed.json', SEED_TEXT);
    const { child, said, ended } = launchProgram(t, folder, ['--config', config]);
    const [, port] = await said(/ listening address=127\.0\.0\.1 port=(\d+)/);
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    const lookUp = (address: string) => status(`/mail/config-v1.1.xml?emailaddress=${address}`);
    assert.deepEqual([await status('/healthz'), await lookUp('a@example.com')], [503, 503]);
    assert.equal((await run('init')).status, 0);
    // In this order: after a failure, health is known again by the first look-up that is answered.
    assert.deepEqual([await lookUp('a@example.com'), await status('/healthz')], [404, 200]);
    assert.equal((await run('init', '--sample')).status, 0);
    assert.deepEqual([await lookUp('a@example.com'), await lookUp('a@one.example')], [200, 404]);
    assert.equal((await run('init', '--purge', '--yes')).status, 0);
    assert.equal(await lookUp('a@example.com'), 404);
    assert.equal((await run('init', seed)).status, 0);
    assert.deepEqual([await lookUp('a@example.com'), await lookUp('a@one.example')], [404, 200]);
    child.kill('SIGTERM');
    assert.match((await ended).err, /WARNING .*automx2 init\b/);
  });
});
