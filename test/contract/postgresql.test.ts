import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettingsDatabase } from '../../src/adapters/database/settings-database.ts';
import { apply } from '../support/apply.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { postgresql } from '../support/server-database.ts';
import { connectTo, serverContract, skipOf } from './server.ts';

const server = await postgresql();

serverContract(server);

test(`${server.engine}: a materialized view is a view`, { skip: skipOf(server) }, async (t) => {
  const connection = await connectTo(t, server);
  const store = new SettingsDatabase(connection, new MemoryLog());
  await store.create();
  const statements = [
    'ALTER TABLE provider RENAME TO stored',
    'CREATE MATERIALIZED VIEW provider AS SELECT * FROM stored',
  ];
  await apply(
    connection,
    statements.map((sql) => ({ sql, parameters: [] })),
  );
  const { state, missing: lacking, views } = await store.report();
  assert.deepEqual({ state, lacking, views }, { state: 'empty', lacking: [], views: ['provider'] });
  await assert.rejects(store.purge(), { code: 'store_unprepared' });
});

test(`${server.engine}: a lent connection goes back without our listener`, {
  skip: skipOf(server),
}, async (t) => {
  const connection = await connectTo(t, server);
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  // Node.js warns at the eleventh listener.
  for (let change = 0; change < 12; change++) await apply(connection, [{ sql: 'SELECT 1', parameters: [] }]);
  assert.deepEqual(warnings, []);
});
