import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { configured } from '../../support/in-process.ts';
import { contents, execute, INDEXES, layoutSql, TABLES } from '../../support/sqlite-file.ts';
import { startTestDaemon } from '../../support/test-daemon.ts';

const TABLES_TO_COME = ['davserver', 'automx2_extra', 'davserver_domain'];

describe('automx2 migrate', () => {
  for (const { layout, steps } of [
    { layout: 'f62e64b43d2f', steps: ['prio', ...TABLES_TO_COME, ...INDEXES, '43ebb40d0578'] },
    { layout: '5334f8a8282c', steps: [...TABLES_TO_COME, ...INDEXES, '43ebb40d0578'] },
    { layout: '43ebb40d0578', steps: ['automx2_extra', ...INDEXES] },
    { layout: 'create-all', steps: ['automx2_extra', ...INDEXES] },
  ]) {
    test(`${layout}: --check only reports; then what was reported is done, once`, async (t) => {
      const { file, run } = configured(t, (sqlite) => `db_uri = ${sqlite}`);
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
        assert.match(out, /^(?:The database is up to date|All tables and indexes exist)\.\n$/);
        assert.deepEqual(readFileSync(file), migrated);
      }
      const { daemon, base, log } = await startTestDaemon(t, { file });
      const statusOf = async (path: string) => (await fetch(base + path)).status;
      assert.deepEqual([await statusOf('/'), await statusOf('/healthz')], [200, 200]);
      const lookUp = (address: string) => statusOf(`/mail/config-v1.1.xml?emailaddress=${address}`);
      assert.deepEqual([await lookUp('a@altbau.example'), await lookUp('a@example.com')], [200, 404]);
      await daemon.stop();
      assert.doesNotMatch(log.join(''), /automx2 (?:init|migrate)/);
    });
  }

  for (const { what, sql } of [
    { what: 'no database', sql: undefined },
    { what: 'an empty database', sql: 'CREATE TABLE t (x); DROP TABLE t' },
    { what: 'a database of another program', sql: 'CREATE TABLE recipes (id INTEGER)' },
    { what: 'a foreign database', sql: layoutSql('foreign') },
    {
      what: 'a database of a newer automx2',
      sql: `${layoutSql('43ebb40d0578')}UPDATE alembic_version SET version_num = 'ffffffffffff'`,
    },
  ]) {
    test(`${what}: exit status 2, and nothing is changed`, async (t) => {
      const { file, run } = configured(t, (sqlite) => `db_uri = ${sqlite}`);
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
