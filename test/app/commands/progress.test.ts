import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { withProgress } from '../../../src/app/commands/progress.ts';

for (const { isTTY, afterMs, want } of [
  { isTTY: true, afterMs: 999, want: '' },
  { isTTY: true, afterMs: 1_000, want: 'planning ...\n' },
  { isTTY: false, afterMs: 1_000, want: '' },
]) {
  test(`${isTTY ? 'a terminal' : 'no terminal'}: what takes ${afterMs} ms is ${want === '' ? 'not ' : ''}named`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const stderr = Object.assign(new PassThrough().setEncoding('utf8'), { isTTY });
    await withProgress({ stderr }, async (progress) => {
      progress.stage('reading');
      progress.stage('planning');
      t.mock.timers.tick(afterMs);
    });
    t.mock.timers.tick(10_000);
    assert.equal(stderr.read() ?? '', want);
  });
}
