import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../src/adapters/database/connect.ts';
import { parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../src/adapters/database/deadlines.ts';
import { SettingsDatabase } from '../../src/adapters/database/settings-database.ts';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { makePlan } from '../../src/domain/plan/plan.ts';
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

test(`${server.engine} knows of many rows as soon as they are stored`, { skip: skipOf(server) }, async (t) => {
  const url = await server.database(t);
  const store = new SettingsDatabase(await connect(parseDatabaseUrl(url), DEADLINES), new MemoryLog());
  t.after(() => store.close());
  await store.create();
  const counted = async () =>
    (await server.administer("SELECT reltuples::int AS count FROM pg_class WHERE relname = 'domain'", url))[0]?.[
      'count'
    ];
  const domains = Array.from({ length: 1_200 }, (_value, index) => `d${index}.example`);
  const wanted = (some: readonly string[]) =>
    readDocument({ version: 3, providers: [{ name: 'P', domains: some, servers: [] }] });
  await store.seed(wanted(domains.slice(0, 1_000)));
  assert.equal(await counted(), 1_000);
  await store.change((rows) => makePlan(rows, wanted(domains)).rows);
  assert.equal(await counted(), 1_000, 'a small change is not worth it');
  await store.change((rows) => makePlan(rows, wanted(domains.slice(0, 100)), { prune: true }).rows);
  assert.equal(await counted(), 100);
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
