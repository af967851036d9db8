import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readDocument } from '../../src/domain/documents/read-document.ts';
import { document, ldap } from '../domain/documents/samples.ts';
import { configured } from '../support/in-process.ts';
import { launchProgram } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { autodiscoverRequest, startTestDaemon } from '../support/test-daemon.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SRC = join(ROOT, 'src');

/** What the daemon imports when it runs; of these only the modules that a settings file needs. */
const IMPORTED_LATER = ['app/command-line.ts', 'app/commands/serve.ts', 'app/settings-file-home.ts'];
/** The others are for other commands, for a database, for domains with a directory, for metrics, for signing, and for QR codes. */
const NOT_IMPORTED = [
  ...['apply', 'check', 'dns', 'domain', 'export', 'health', 'import', 'init', 'lint', 'lookup', 'migrate'].map(
    (name) => `app/commands/${name}.ts`,
  ),
  'app/database-home.ts',
  'app/metrics.ts',
  'adapters/ldap/ldap-directory.ts',
  'adapters/signing/material.ts',
  'adapters/signing/signed-data.ts',
  'adapters/qr/qr',
];

/** Files of src that are loaded with `entries`, and packages; imports of types alone load nothing. */
function loadedWith(entries: readonly string[]): { readonly files: Set<string>; readonly packages: Set<string> } {
  const [files, packages] = [new Set(entries), new Set<string>()];
  for (const file of files) {
    const text = readFileSync(join(SRC, file), 'utf8');
    for (const [, target = ''] of text.matchAll(/^(?:import|export)\b(?! type\b)[^;]*?\bfrom\s*'([^']+)'/gm)) {
      if (target.startsWith('.')) files.add(relative(SRC, resolve(SRC, dirname(file), target)));
      else if (!target.startsWith('node:')) packages.add(target);
    }
  }
  return { files, packages };
}

const importedLater = (files: Iterable<string>): readonly string[] =>
  [...files].flatMap((file) =>
    [...readFileSync(join(SRC, file), 'utf8').matchAll(/\bimport\s*\(\s*'([^']+)'/g)].map(([, target = '']) =>
      relative(SRC, resolve(SRC, dirname(file), target)),
    ),
  );

describe('a daemon with settings_file', () => {
  const { files, packages } = loadedWith(['app/main.ts', ...IMPORTED_LATER]);

  test('loads two packages', () => assert.deepEqual([...packages].sort(), ['ini', 'sax']));

  test('loads of what is for databases and directories only what reads the option db_uri', () =>
    assert.deepEqual([...files].filter((file) => /^adapters\/(?:database|ldap)\//.test(file)).sort(), [
      'adapters/database/database-url.ts',
      'adapters/database/pem.ts',
    ]));

  test('loads of what signs only the error', () =>
    assert.deepEqual(
      [...files].filter((file) => file.startsWith('adapters/signing/')),
      ['adapters/signing/signing-error.ts'],
    ));

  test('loads nothing of metrics', () =>
    assert.deepEqual(
      [...files].filter((file) => /metrics/.test(file)),
      [],
    ));

  test('loads nothing that asks DNS or other servers, nor what changes settings', () =>
    assert.deepEqual(
      [...files].filter((file) => /^(?:adapters\/(?:dns|probe)|app\/check|domain\/(?:dns|plan))\//.test(file)),
      [],
    ));

  test('each module that is imported while the program runs is known here', () =>
    assert.deepEqual([...new Set(importedLater(files))].sort(), [...IMPORTED_LATER, ...NOT_IMPORTED].sort()));
});

test('automx2 health loads one package, and nothing that opens a database', () => {
  const { files, packages } = loadedWith(['app/main.ts', 'app/command-line.ts', 'app/commands/health.ts']);
  assert.deepEqual([...packages], ['ini']);
  assert.deepEqual([...files].filter((file) => /^adapters\/(?:database|ldap|settings-file)\//.test(file)).sort(), [
    'adapters/database/database-url.ts',
    'adapters/database/pem.ts',
  ]);
  assert.deepEqual(
    importedLater(files).filter((file) => !file.startsWith('app/command')),
    [],
  );
});

/** The program with no other packages than these, and a configuration. */
function install(t: TestContext, options: (folder: string) => string) {
  const folder = temporaryFolder(t);
  cpSync(SRC, join(folder, 'src'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['ini', 'sax']) {
    cpSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
  assert.deepEqual(readdirSync(join(folder, 'node_modules')), ['ini', 'sax']);
  const config = join(folder, 'automx2.conf');
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(document()));
  writeFileSync(config, `[automx2]\nloglevel = INFO\nlisten = 127.0.0.1:0\n${options(folder)}\n`);
  const main = join(folder, 'src/app/main.ts');
  return { folder, launch: (...words: string[]) => launchProgram(t, folder, ['--config', config, ...words], { main }) };
}

describe('the program with no other packages than ini and sax', () => {
  test('serves a settings file to every kind of client, and reads it again', async (t) => {
    const { folder, launch } = install(t, (here) => `settings_file = ${here}/settings.json`);
    const daemon = launch();
    const [, port] = await daemon.said(/ listening .* port=(\d+)\n/);
    const base = `http://127.0.0.1:${port}`;
    const text = async (path: string, init?: RequestInit): Promise<string> =>
      (await fetch(`${base}${path}`, { headers: { Connection: 'close' }, ...init })).text();
    const autodiscover = { method: 'POST', body: autodiscoverRequest('jane@example.net') };
    assert.match(
      await text('/mail/config-v1.1.xml?emailaddress=jane@example.com'),
      /<hostname>mail\.example\.com<\/hostname>/,
    );
    assert.match(await text('/autodiscover/autodiscover.xml', autodiscover), /<Server>mail\.example\.com<\/Server>/);
    assert.match(await text('/mobileconfig/?emailaddress=jane@example.com'), /<string>mail\.example\.com<\/string>/);
    const page = await text('/?emailaddress=jane@example.com');
    assert.match(page, /<a class="button" href="\/mobileconfig/);
    assert.doesNotMatch(page, /<svg|<figure/);
    await daemon.said(/ INFO the package qr is not installed/);
    assert.equal((await fetch(`${base}/mail/config-v1.1.xml?emailaddress=jane@new.example`)).status, 404);
    assert.equal((await fetch(`${base}/initdb/`)).status, 403);
    assert.equal((await fetch(`${base}/healthz`)).status, 200);
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(document({ domains: ['new.example'] })));
    daemon.child.kill('SIGHUP');
    await daemon.said(/ configuration reloaded\n/);
    assert.match(await text('/mail/config-v1.1.xml?emailaddress=jane@new.example'), /<domain>new\.example<\/domain>/);
    daemon.child.kill('SIGTERM');
    const { status, err } = await daemon.ended;
    assert.equal(status, 0, err);
    assert.doesNotMatch(err, / (?:ERROR|CRITICAL) /);
  });

  test('looks up, exports and reports with one', async (t) => {
    const { launch } = install(t, (here) => `settings_file = ${here}/settings.json`);
    const [lookup, exported, lint] = await Promise.all(
      [['lookup', 'jane@example.com', '--format', 'autoconfig'], ['export'], ['lint']].map(
        (words) => launch(...words).ended,
      ),
    );
    assert.match(lookup?.out ?? '', /<clientConfig/);
    assert.deepEqual(readDocument(JSON.parse(exported?.out ?? '')), readDocument(document()));
    assert.deepEqual([lookup?.status, exported?.status, lint?.err], [0, 0, '']);
  });

  test('asks a running daemon for its health, whatever the database is', async (t) => {
    const daemon = install(t, (here) => `settings_file = ${here}/settings.json`).launch();
    const [, port] = await daemon.said(/ listening .* port=(\d+)\n/);
    for (const uri of ['sqlite:////nowhere.sqlite', 'postgresql://automx2@127.0.0.1:1/automx2']) {
      const { launch } = install(t, () => `db_uri = ${uri}`);
      const { status, err } = await launch('health', '--url', `http://127.0.0.1:${port}`).ended;
      assert.deepEqual([status, err], [0, '']);
    }
  });

  test('needs another one for a database', async (t) => {
    const { launch } = install(t, (here) => `db_uri = sqlite:///${here}/db.sqlite`);
    const { status, err } = await launch('--check').ended;
    assert.equal(status, 2);
    assert.match(err, /better-sqlite3/);
  });
});

describe('a settings file', () => {
  /** Lines of the log that say this, without their time. */
  const saying = (log: readonly string[], pattern: RegExp): readonly string[] =>
    log.filter((line) => pattern.test(line)).map((line) => line.trimEnd().replace(/^.*? (INFO|WARNING) /, '$1 '));
  const written = (t: TestContext, content: unknown): string => {
    const file = join(temporaryFolder(t), 'settings.json');
    writeFileSync(file, JSON.stringify(content));
    return file;
  };

  test('that is no regular file is refused, and not waited for', (t) => {
    const folder = temporaryFolder(t);
    assert.equal(spawnSync('mkfifo', [join(folder, 'fifo')]).status, 0);
    const config = join(folder, 'automx2.conf');
    writeFileSync(config, `[automx2]\nsettings_file = ${folder}/fifo\n`);
    // A timeout leaves no status.
    const { status } = spawnSync(process.execPath, [join(SRC, 'app/main.ts'), '--config', config, '--check'], {
      timeout: 60_000,
    });
    assert.equal(status, 2);
  });

  test('says how much is in it, at the start, at a reload and to --check', async (t) => {
    const file = written(t, document());
    const { daemon, settings, log } = await startTestDaemon(t, { settings: { settingsFile: file } });
    const [filled, empty] = [`${file}: 1 provider, 2 domains`, `${file}: 0 providers, 0 domains`];
    assert.deepEqual(saying(log, / domain/), [`INFO ${filled}`]);
    assert.match((await configured(t, `settings_file = ${file}`).run('--check')).out, new RegExp(`^${filled}\n`));
    writeFileSync(file, '{"version": 3}');
    await daemon.reload(settings);
    const lines = saying(log, / domain/);
    assert.equal(lines[1], `INFO ${empty}`);
    assert.match(lines[2] ?? '', /^WARNING .* has no domain/);
    const { status, err } = await configured(t, `settings_file = ${file}`).run('--check');
    assert.equal(status, 0);
    assert.match(err, /WARNING .* has no domain/);
  });

  test('with a relative path has one warning', async (t) => {
    const file = written(t, document());
    const { status, err } = await configured(t, `settings_file = ${relative(process.cwd(), file)}`).run('--check');
    assert.equal(status, 0);
    assert.match(err, new RegExp(`^[^\n]* WARNING [^\n]* relative [^\n]*file=${file}\n$`));
  });

  test('may not show a password to everybody, nor may a file that it names', async (t) => {
    const file = written(t, {});
    const secret = join(dirname(file), 'secret');
    writeFileSync(secret, 's3cret');
    for (const [members, holder, other] of [
      [{ bind_password: 's3cret' }, file, secret],
      [{ bind_password_file: 'secret' }, secret, file],
    ] as const) {
      writeFileSync(file, JSON.stringify(document({}, { directories: [{ ...ldap, ...members }] })));
      chmodSync(other, 0o644);
      chmodSync(holder, 0o640);
      const { daemon, settings, log } = await startTestDaemon(t, { settings: { settingsFile: file } });
      assert.deepEqual(saying(log, /any user can/), []);
      chmodSync(holder, 0o644);
      await daemon.reload(settings);
      const warning = `any user can read ${holder}, which holds a password: chmod o-r`;
      assert.deepEqual(saying(log, /any user can/), [`WARNING ${warning}`]);
      assert.ok((await configured(t, `settings_file = ${file}`).run('--check')).err.endsWith(`${warning}\n`));
    }
  });

  test('is changed by no request, and a daemon without a database does not warn of that', async (t) => {
    const settingsFile = written(t, document());
    const { base, log } = await startTestDaemon(t, { settings: { settingsFile, initdb: 'purge' } });
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
      assert.equal((await fetch(`${base}/initdb/`, { method })).status, 403, method);
    }
    assert.deepEqual(saying(log, /purge/), []);
  });

  test('is called no database by /healthz', async (t) => {
    const file = written(t, document());
    const health = async (): Promise<string> => {
      const { base } = await startTestDaemon(t, { settings: { settingsFile: file } });
      return (await fetch(`${base}/healthz`)).text();
    };
    assert.equal(await health(), 'ok\n');
    writeFileSync(file, '{"version": 3}');
    assert.match(await health(), /^ok: .*no domain/);
  });
});
