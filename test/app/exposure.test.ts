import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exposuresOf } from '../../src/app/exposure.ts';
import { readSettings } from '../../src/app/options.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Who gets at a file with these options. */
const exposures = (path: string, options: Readonly<Record<string, string>>): readonly string[] => {
  const entries = Object.entries(options).map(([name, value]) => [name, { value, place: name, file: path }] as const);
  const given = new Map(entries);
  return exposuresOf(path, given, readSettings(given));
};
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
    const lines = exposures(path, { db_uri: uri });
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

test('a settings file decides where passwords go', (t) => {
  const folder = temporaryFolder(t);
  const [config, settings] = [join(folder, 'automx2.conf'), join(folder, 'settings.json')];
  writeFileSync(config, '', { mode: 0o644 });
  writeFileSync(settings, '');
  chmodSync(settings, 0o646);
  assert.deepEqual(exposures(config, { settings_file: settings }), [`any user can write ${settings}: chmod o-w`]);
  chmodSync(settings, 0o644);
  assert.deepEqual(exposures(config, { settings_file: settings }), []);
});

test('no file, or one that is gone meanwhile', () => {
  assert.deepEqual(exposuresOf(undefined, new Map(), readSettings()), []);
  assert.deepEqual(exposures('/nowhere/automx2.conf', { db_uri: WITH_PASSWORD }), []);
});

for (const option of ['db_password_file', 'ldap_bind_password_file', 'sign_key', 'sign_key_password_file']) {
  test(`the file of ${option} may not be read by everybody`, (t) => {
    const folder = temporaryFolder(t);
    const config = join(folder, 'automx2.conf');
    const secret = join(folder, 'password');
    writeFileSync(config, '', { mode: 0o644 });
    writeFileSync(secret, 'geheim');
    for (const [mode, count] of [
      [0o600, 0],
      [0o440, 0],
      [0o644, 1],
    ] as const) {
      chmodSync(secret, mode);
      // Neither stands alone; these files are not read yet.
      const beside = option.startsWith('sign_') ? { sign_certificate: '/x.pem', sign_key: '/x.key' } : {};
      const lines = exposures(config, { ...beside, [option]: secret });
      assert.equal(lines.length, count, String(lines));
      for (const line of lines) assert.match(line, new RegExp(`^any user can read ${secret}, `));
    }
  });
}
