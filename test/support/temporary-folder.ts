import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A test, or a file of tests: something that ends. */
export interface Cleanup {
  after(callback: () => unknown): unknown;
}

/** A new folder that goes when the test ends. */
export function temporaryFolder(t: Cleanup): string {
  const folder = mkdtempSync(join(tmpdir(), 'automx2-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
