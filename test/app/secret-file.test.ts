import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { configured } from '../support/in-process.ts';

const PASSWORD = /"bind_password": "s3cret"/;

/** A document whose directory has its password in this file. */
const naming = (file: string): string =>
  JSON.stringify({
    version: 3,
    directories: [{ name: 'ldap.example', search_base: 'dc=example', bind_password_file: file }],
  });

/** A document and a secret in a folder that is not the current one. */
function prepared(t: TestContext, secret: string) {
  const each = configured(t, (sqlite) => `db_uri = ${sqlite}`);
  mkdirSync(`${each.folder}/etc`);
  return { ...each, secret: each.write('etc/secret', secret), document: each.write('etc/a.json', naming('secret')) };
}

for (const words of [['init'], ['apply', '--yes']]) {
  test(`${words[0]} FILE: a relative path begins in the folder of the file`, async (t) => {
    const { run, document } = prepared(t, 's3cret\n');
    if (words[0] !== 'init') await run('init');
    const { status, err } = await run(...words, document);
    assert.deepEqual([status, err], [0, '']);
    assert.match((await run('export', '--secrets')).out, PASSWORD);
  });
}

test('settings_file: a relative path begins in its folder', async (t) => {
  const { document } = prepared(t, 's3cret\n');
  // A secret beside the document, which is elsewhere than the configuration.
  const { run } = configured(t, `settings_file = ${document}`);
  assert.match((await run('export', '--secrets')).out, PASSWORD);
});

test('standard input: a relative path begins in the current folder', async (t) => {
  const { run, start, secret } = prepared(t, 's3cret\n');
  await run('init');
  const applying = start('apply', '-', '--yes');
  applying.stdin.end(naming(relative(process.cwd(), secret)));
  assert.equal((await applying.ended).status, 0);
  assert.match((await run('export', '--secrets')).out, PASSWORD);
});

for (const secret of ['', '\n', '\r\n']) {
  test(`a file with ${JSON.stringify(secret)} is no secret: status 2, and the member`, async (t) => {
    const { run, secret: file, write } = prepared(t, secret);
    const document = write('a.json', naming(file));
    for (const words of [['init'], ['apply', '--yes']]) {
      const { status, err } = await run(...words, document);
      assert.equal(status, 2);
      assert.match(err, /a\.json: directories\[0\]\.bind_password_file: /);
    }
    const { run: runOther } = configured(t, `settings_file = ${document}`);
    assert.equal((await runOther('--check')).status, 2);
  });
}
