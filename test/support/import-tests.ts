import { globSync } from 'node:fs';
import { before } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const TESTS = fileURLToPath(new URL('..', import.meta.url));

/** The test files of a folder of test/, with those of its folders; of `FOLDER/*`, its own alone. */
export const testsIn = (folder: string): readonly string[] =>
  globSync(folder.endsWith('/*') ? `${folder}.test.ts` : `${folder}/**/*.test.ts`, { cwd: TESTS }).sort();

/**
 * Runs all tests of some folders in this process, one after the other. To start a process and load the program into it costs
 * more processor time than the tests of most files do; a process for each of them took twice as much for all.
 */
export async function importTests(...folders: readonly string[]): Promise<void> {
  // Loading blocks the event loop: a test that ran meanwhile would meet its deadlines late.
  const loaded = Promise.withResolvers<void>();
  before(() => loaded.promise);
  try {
    for (const file of folders.flatMap(testsIn)) await import(pathToFileURL(`${TESTS}/${file}`).href);
  } finally {
    loaded.resolve();
  }
}
