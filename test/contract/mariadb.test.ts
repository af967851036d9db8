import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettingsDatabase } from '../../src/adapters/database/settings-database.ts';
import { readStatements } from '../../src/adapters/database/statements.ts';
import { findStrays } from '../../src/adapters/database/strays.ts';
import type { DomainName } from '../../src/domain/domain-name.ts';
import { apply } from '../support/apply.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { mariadb } from '../support/server-database.ts';
import { connectTo, serverContract, skipOf } from './server.ts';

const server = await mariadb();

serverContract(server);

test(`${server.engine} finds links by their domain, whatever it knows of the tables`, {
  skip: skipOf(server),
}, async (t) => {
  const connection = await connectTo(t, server);
  const store = new SettingsDatabase(connection, new MemoryLog());
  await store.create();
  // Straight after an import: many domains, one server.
  const ids = Array.from({ length: 5_000 }, (_value, index) => index + 1);
  const rows = (row: (id: number) => string): string => ids.map(row).join(', ');
  await apply(
    connection,
    [
      "INSERT INTO provider (id, name, short_name) VALUES (1, 'P', 'P')",
      "INSERT INTO server (id, name, port, type, socket_type, user_name, authentication) VALUES (1, 'mail.example', 993, 'imap', 'SSL', '', '')",
      `INSERT INTO domain (id, name, provider_id) VALUES ${rows((id) => `(${id}, 'd${id}.example', 1)`)}`,
      `INSERT INTO server_domain (server_id, domain_id) VALUES ${rows((id) => `(1, ${id})`)}`,
    ].map((sql) => ({ sql, parameters: [] })),
  );
  const { byIds, lookUp } = readStatements(connection.dialect, 'asked', 'read');
  for (const { sql, parameters } of [
    byIds(ids.slice(0, 100), []),
    lookUp(['d7.example', 'd7.example.'], 'd7.example' as DomainName),
  ]) {
    const plan = await connection.query({ sql: `EXPLAIN ${sql}`, parameters });
    const link = plan.find((step) => step['table'] === 'link');
    assert.deepEqual([link?.['type'], link?.['key']], ['ref', 'domain_id'], JSON.stringify(plan));
  }
});

test(`${server.engine} does not compare each provider with all others to find those of one name`, {
  skip: skipOf(server),
}, async (t) => {
  const connection = await connectTo(t, server);
  const store = new SettingsDatabase(connection, new MemoryLog());
  await store.create();
  const providers = Array.from({ length: 5_000 }, (_value, index) => `(${index + 1}, 'P${index % 4_999}', 'P')`);
  const sql = `INSERT INTO provider (id, name, short_name) VALUES ${providers.join(', ')}`;
  await apply(connection, [{ sql, parameters: [] }]);
  const strays = await findStrays(async (statement) => {
    const plan = await connection.query({ ...statement, sql: `EXPLAIN ${statement.sql}` });
    // What it joins without an index, it compares pairwise.
    assert.ok(!plan.some((step) => /join buffer/.test(String(step['Extra']))), JSON.stringify(plan));
    return connection.query(statement);
  });
  assert.deepEqual(
    strays.find(({ kind }) => kind === 'same name'),
    { kind: 'same name', table: 'provider', rows: ['1', '5000'] },
  );
});
