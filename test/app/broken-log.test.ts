import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, startService } from '../support/service.ts';

test('the daemon goes on answering when the reader of its log is gone', async (t) => {
  const { child, ended, port } = await startService(t, 'sqlite://');
  assert.ok(child.stderr);
  child.stderr.destroy();
  // Each writes a line of the log, which fails with EPIPE.
  for (let count = 0; count < 3; count++) assert.equal((await ask(port, { path: '/mobileconfig/' })).status, 400);
  child.kill('SIGTERM');
  assert.equal((await ended).status, 0);
});
