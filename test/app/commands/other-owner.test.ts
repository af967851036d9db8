import assert from 'node:assert/strict';
import { chownSync } from 'node:fs';
import { describe, test } from 'node:test';
import { configured } from '../../support/in-process.ts';

const NOBODY = 65_534;
const cannotChown = process.getuid?.() === 0 ? false : 'only root can give a folder to another user';

describe('a database in the folder of another user', { skip: cannotChown }, () => {
  for (const { words, isNoticed } of [
    { words: ['init'], isNoticed: true },
    { words: ['init', '--sample'], isNoticed: true },
    { words: ['migrate'], isNoticed: true },
    { words: ['migrate', '--check'], isNoticed: false },
    { words: ['lookup', 'a@example.com'], isNoticed: false },
    { words: ['lint'], isNoticed: false },
  ]) {
    test(`${words.join(' ')} ${isNoticed ? 'warns of it' : 'writes nothing, and says nothing of it'}`, async (t) => {
      const { folder, run } = configured(t, (sqlite) => `db_uri = ${sqlite}`);
      if (words[0] !== 'init') await run('init', '--sample');
      assert.equal((await run(...words)).err, '');
      chownSync(folder, NOBODY, NOBODY);
      const { err } = await run(...words);
      assert.equal(err.includes(`user ${NOBODY}`), isNoticed, err);
      assert.equal(err.includes(folder), isNoticed, err);
    });
  }
});
