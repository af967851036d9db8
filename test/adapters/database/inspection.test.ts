import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { plain } from '../../../src/adapters/database/connection.ts';
import { inspect } from '../../../src/adapters/database/inspection.ts';
import { SqliteConnection } from '../../../src/adapters/database/sqlite/connection.ts';
import { TABLES, type Tables } from '../../../src/domain/tables.ts';
import { apply } from '../../support/apply.ts';
import { SCHEMA } from '../../support/schema.ts';

/** automx2's tables and ours, and one more. */
const EXTENDED: Tables = {
  ...TABLES,
  automx2_test: {
    isAdditive: true,
    columns: { name: { kind: 'text', width: 128 }, n: { kind: 'integer', byDefault: 1 } },
    primaryKey: ['name', 'n'],
  },
};

async function withTables(t: TestContext, sql: string): Promise<SqliteConnection> {
  const connection = new SqliteConnection(Database, undefined);
  t.after(() => connection.close());
  await apply(
    connection,
    sql
      .split(';\n')
      .filter((statement) => statement.trim() !== '')
      .map(plain),
  );
  return connection;
}

test('a database that lacks an additive table is current, and creating the table is a step', async (t) => {
  const connection = await withTables(t, SCHEMA);
  const { layout, steps, existing } = await inspect(connection, EXTENDED);
  assert.deepEqual(layout, { kind: 'current' });
  assert.deepEqual(
    ['automx2_extra', 'automx2_test'].filter((table) => existing.includes(table)),
    [],
  );
  const tableSteps = steps.filter(({ description }) => description.startsWith('table '));
  assert.deepEqual(
    tableSteps.map(({ description }) => description),
    ['table automx2_extra created', 'table automx2_test created'],
  );
  await apply(
    connection,
    tableSteps.map(({ statement }) => statement),
  );
  const after = await inspect(connection, EXTENDED);
  assert.deepEqual(after.layout, { kind: 'current' });
  assert.deepEqual(after.existing, Object.keys(EXTENDED));
  await apply(connection, [plain("INSERT INTO automx2_test (name) VALUES ('a')")]);
  assert.deepEqual(await connection.query(plain('SELECT name, n FROM automx2_test')), [{ name: 'a', n: 1 }]);
});

test('a database with an additive table alone has no tables', async (t) => {
  const connection = await withTables(t, 'CREATE TABLE automx2_test (name TEXT, n INTEGER)');
  const { layout, existing } = await inspect(connection, EXTENDED);
  assert.deepEqual([layout, existing], [{ kind: 'absent' }, ['automx2_test']]);
});

test('a database before DAV servers is outdated, whether the additive table is there or not', async (t) => {
  const withoutDav = SCHEMA.split(';\n')
    .filter((statement) => !statement.includes('TABLE davserver'))
    .join(';\n');
  const connection = await withTables(t, withoutDav);
  const before = await inspect(connection, EXTENDED);
  await apply(connection, [plain('CREATE TABLE automx2_test (name TEXT, n INTEGER)')]);
  const after = await inspect(connection, EXTENDED);
  for (const { layout } of [before, after]) assert.deepEqual(layout, { kind: 'outdated', revision: '5334f8a8282c' });
});
