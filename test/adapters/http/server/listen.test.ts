import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { listen } from '../../../../src/adapters/http/server/listen.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

for (const mode of [0o600, 0o660, 0o666]) {
  test(`a Unix socket has mode ${mode.toString(8)}, and the process keeps its umask`, async (t) => {
    const umask = process.umask();
    const path = join(temporaryFolder(t), 'socket');
    const server = createServer();
    t.after(() => server.close());
    await listen(server, { path, mode });
    assert.equal(statSync(path).mode & 0o777, mode);
    assert.equal(process.umask(), umask);
  });
}
