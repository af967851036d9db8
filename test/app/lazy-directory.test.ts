import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lazyDirectory } from '../../src/app/lazy-directory.ts';
import type { Directory } from '../../src/ports/directory.ts';
import { ann, directory as server } from '../domain/samples.ts';

const ENTRY = { login: 'ann', displayName: undefined };

test('the code for directories is loaded once, when the first is asked', async () => {
  let [loaded, closed] = [0, 0];
  const directory = lazyDirectory(async (): Promise<Directory> => {
    loaded += 1;
    return {
      find: async () => ENTRY,
      close: async () => {
        closed += 1;
      },
    };
  });
  await directory.close();
  assert.deepEqual([loaded, closed], [0, 0]);
  for (let round = 0; round < 2; round++) assert.equal(await directory.find(server, ann), ENTRY);
  await directory.close();
  assert.deepEqual([loaded, closed], [1, 1]);
});

test('code that cannot be loaded fails look-ups, can be closed, and is tried again', async () => {
  let isThere = false;
  const directory = lazyDirectory(async (): Promise<Directory> => {
    if (!isThere) throw new Error('Cannot find module');
    return { find: async () => ENTRY, close: async () => undefined };
  });
  for (let round = 0; round < 2; round++) {
    await assert.rejects(directory.find(server, ann), { code: 'directory_unavailable' });
    await directory.close();
  }
  const failing = directory.find(server, ann);
  await Promise.all([directory.close(), assert.rejects(failing, { code: 'directory_unavailable' })]);
  isThere = true;
  assert.equal(await directory.find(server, ann), ENTRY);
});
