import assert from 'node:assert/strict';
import { cpSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { configured } from '../support/in-process.ts';
import { launchProgram } from '../support/program.ts';
import { SCHEMA } from '../support/schema.ts';
import { EXAMPLE_ROWS } from '../support/test-daemon.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

// As during an upgrade of the package: only domains with a directory are affected, and only while the file is missing.
test('the daemon lives through the absence of the code for directories', async (t) => {
  const { folder, config } = configured(t, 'db_uri = sqlite:///db.sqlite\nloglevel = INFO');
  const database = new Database(join(folder, 'db.sqlite'));
  database.exec(`${SCHEMA}${EXAMPLE_ROWS}
    INSERT INTO ldapserver (id, name, port, use_ssl, search_base, search_filter, attr_uid)
      VALUES (1, '127.0.0.1', 1, 0, 'dc=example', '(mail={0})', 'uid');
    UPDATE domain SET ldapserver_id = 1 WHERE name = 'example.net';`);
  database.close();
  for (const part of ['src', 'package.json']) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const code = join(folder, 'src/adapters/ldap/ldap-directory.ts');
  renameSync(code, `${code}.gone`);
  const { child, said, ended } = launchProgram(t, folder, ['--config', config, '--port', '0'], {
    main: join(folder, 'src/app/main.ts'),
  });
  const [, port] = await said(/ listening .* port=(\d+)\n/);
  const ask = async (domain: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/mobileconfig/?emailaddress=a@${domain}`)).status;
  assert.deepEqual([await ask('example.net'), await ask('example.com')], [503, 200]);
  child.kill('SIGHUP');
  await said(/configuration reloaded/);
  assert.deepEqual([await ask('example.net'), await ask('example.com')], [503, 200]);
  child.kill('SIGTERM');
  const { status, err } = await ended;
  assert.equal(status, 0, err);
  assert.doesNotMatch(err, /unforeseen/);
});
