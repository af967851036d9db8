import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import type { ResultRow } from '../../../src/adapters/database/connection.ts';
import { findStrays } from '../../../src/adapters/database/strays.ts';
import { SCHEMA } from '../../support/schema.ts';
import { execute } from '../../support/sqlite-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const PROVIDERS =
  "INSERT INTO provider VALUES (1, 'A', 'A'), (2, 'B', 'B'), (3, 'A', 'A'), (4, 'C', 'C'), (5, 'C', 'C')";

test('providers of one name, each of them', async (t) => {
  const file = join(temporaryFolder(t), 'db.sqlite');
  execute(file, SCHEMA + PROVIDERS);
  const database = new Database(file, { readonly: true });
  t.after(() => database.close());
  const strays = await findStrays(async ({ sql }) => database.prepare(sql).all() as ResultRow[]);
  assert.deepEqual(
    strays.filter(({ kind }) => kind === 'same name'),
    [{ kind: 'same name', table: 'provider', rows: ['1', '3', '4', '5'] }],
  );
});
