import assert from 'node:assert/strict';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { writeSettings } from '../../src/domain/documents/write-settings.ts';
import { lineOfChange, makePlan } from '../../src/domain/plan/plan.ts';
import type { Rows } from '../../src/domain/tables.ts';

interface Changed {
  rows(): Promise<Rows>;
  change(decide: (rows: Rows) => ReturnType<typeof makePlan>['rows']): Promise<void>;
}

/** Applies a store's export to it, which changes nothing; resolves with the lines for what the export leaves out. */
export async function applyOwnExport(store: Changed): Promise<readonly string[]> {
  const before = await store.rows();
  const { document, omitted } = writeSettings(before, { withSecrets: true });
  const wanted = readDocument(JSON.parse(JSON.stringify(document)));
  await store.change((rows) => {
    const plan = makePlan(rows, wanted);
    assert.deepEqual(plan.changes.map(lineOfChange), []);
    return plan.rows;
  });
  assert.deepEqual(await store.rows(), before);
  return omitted;
}
