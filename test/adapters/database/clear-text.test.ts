import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connect } from '../../../src/adapters/database/connect.ts';
import { plain } from '../../../src/adapters/database/connection.ts';
import { parseDatabaseUrl } from '../../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../../src/adapters/database/deadlines.ts';
import { hostileServer } from '../../support/hostile-database.ts';

describe('PostgreSQL without TLS', () => {
  for (const { uri, warnings } of [
    { uri: 'postgresql://u:p@db.example.org/d?sslmode=disable', warnings: 1 },
    { uri: 'postgresql://u:p@db.example.org/d?sslmode=require', warnings: 0 },
    { uri: 'postgresql://u:p@db.example.org/d', warnings: 0 },
    { uri: 'postgresql://u@db.example.org/d?sslmode=disable', warnings: 0 },
    { uri: 'postgresql://u:p@localhost/d?sslmode=disable', warnings: 0 },
    { uri: 'postgresql://u:p@[::1]/d?sslmode=disable', warnings: 0 },
    { uri: 'postgresql://u:p@/d', warnings: 0 },
  ]) {
    test(`${uri}: ${warnings} warnings before it is asked`, async (t) => {
      const warned: string[] = [];
      const connection = await connect(parseDatabaseUrl(uri), DEADLINES, (message) => warned.push(message));
      t.after(() => connection.close());
      assert.equal(warned.length, warnings);
    });
  }

  test('a server that has none, where TLS is not demanded: one warning', async (t) => {
    const port = await hostileServer(t, (socket) => {
      // "N": no TLS; then nothing more.
      socket.once('data', () => socket.write('N', () => socket.once('data', () => socket.end())));
    });
    const warned: string[] = [];
    const url = parseDatabaseUrl(`postgresql://u:p@0.0.0.0:${port}/d`);
    const connection = await connect(url, DEADLINES, (message) => warned.push(message));
    t.after(() => connection.close());
    for (let round = 0; round < 2; round++) await assert.rejects(connection.query(plain('SELECT 1')));
    assert.equal(warned.length, 1);
  });
});
