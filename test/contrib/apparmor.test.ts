import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../support/database-server.ts';
import { reportMissing } from '../support/server-database.ts';

const contrib = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../contrib/${name}`, import.meta.url)), 'utf8');
const PROFILE = contrib('apparmor/automx2');

const missing = findProgram('apparmor_parser') === undefined && 'apparmor_parser (Debian: apparmor) is not installed';
reportMissing(missing || '', missing !== false);

/** Compiles a profile, and neither loads nor caches it: no kernel with AppArmor is needed. */
function parse(profile: string, ...words: readonly string[]) {
  const all = ['--skip-kernel-load', '--skip-cache', ...words];
  const { status, stdout, stderr } = spawnSync('apparmor_parser', all, { input: profile, encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

describe('the AppArmor profile', { skip: missing }, () => {
  test('is understood', () => {
    const { status, err } = parse(PROFILE);
    assert.equal(status, 0, err);
    assert.doesNotMatch(err, /error/i);
  });

  test('a mistake in it would be seen', () => {
    assert.notEqual(parse(PROFILE.replace('mrix,', 'mrxx,')).status, 0);
  });

  test('has the name that the units ask for, and no path', () => {
    assert.equal(parse(PROFILE, '--names').out, 'automx2\n');
    assert.match(PROFILE, /^profile automx2 flags=\([a-z_]+\) \{$/m);
    for (const unit of ['automx2.service', 'automx2@.service']) {
      assert.match(contrib(`systemd/${unit}`), /^AppArmorProfile=-automx2$/m);
    }
  });

  test('allows each program that the unit may execute', () => {
    const [, programs = ''] = /^ExecPaths=(.*)$/m.exec(contrib('systemd/automx2.service')) ?? [];
    const rules = [...PROFILE.matchAll(/^\t(\/\S+) mrix,$/gm)].map(([, path = '']) =>
      path.replace('/{usr/,}', '/usr/'),
    );
    assert.deepEqual(rules.sort(), programs.match(/\/usr\/bin\/\S+/g)?.sort());
  });
});
