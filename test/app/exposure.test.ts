import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exposuresOf } from '../../src/app/exposure.ts';
import { readSettings } from '../../src/app/options.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const settingsOf = (uri: string) =>
  readSettings({ path: 'x', options: new Map([['db_uri', { value: uri, line: 1 }]]) });
const WITH_PASSWORD = 'postgresql://automx2:geheim@127.0.0.1/automx2';

for (const { mode, uri, want } of [
  { mode: 0o600, uri: WITH_PASSWORD, want: [] },
  { mode: 0o640, uri: WITH_PASSWORD, want: [] },
  { mode: 0o644, uri: WITH_PASSWORD, want: ['read'] },
  { mode: 0o646, uri: WITH_PASSWORD, want: ['write', 'read'] },
  { mode: 0o644, uri: 'postgresql://automx2@/automx2?host=/run/postgresql', want: [] },
  { mode: 0o644, uri: 'sqlite:///:memory:', want: [] },
  { mode: 0o642, uri: 'sqlite:///:memory:', want: ['write'] },
]) {
  test(`a configuration of mode ${mode.toString(8)} with ${uri}`, (t) => {
    const path = join(temporaryFolder(t), 'automx2.conf');
    writeFileSync(path, '');
    chmodSync(path, mode);
    const lines = exposuresOf(path, settingsOf(uri));
    assert.deepEqual(
      lines.map((line) => /^any user can (read|write) /.exec(line)?.[1]),
      want,
    );
    for (const line of lines) {
      assert.ok(line.includes(path), line);
      assert.doesNotMatch(line, /geheim/);
    }
  });
}

test('no file, or one that is gone meanwhile', () => {
  assert.deepEqual(exposuresOf(undefined, settingsOf(WITH_PASSWORD)), []);
  assert.deepEqual(exposuresOf('/nowhere/automx2.conf', settingsOf(WITH_PASSWORD)), []);
});
