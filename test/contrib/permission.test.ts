import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { document } from '../domain/documents/samples.ts';
import { startProcess } from '../support/process.ts';
import { mariadb, postgresql, type TestServer } from '../support/server-database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MANUAL = readFileSync(new URL('../../doc/permissions.md', import.meta.url), 'utf8');
const MAJOR = process.versions.node.split('.', 1)[0];

/** The words of a command line of the manual: of the section, for the Node.js that runs this. */
function commandLine(section: string): readonly string[] {
  const text = MANUAL.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  for (const [, versions = '', lines = ''] of text.matchAll(/Node\.js ([\d and]+):\n\n((?: {4}.*\n)+)/g)) {
    if (versions.split(' and ').includes(MAJOR ?? '')) return lines.replaceAll('\\\n', ' ').trim().split(/\s+/);
  }
  return [];
}

/** The places of the manual, and what stands for them here: a checkout instead of an installed package. */
function places(folder: string): ReadonlyMap<string, string> {
  return new Map([
    ['/usr/bin/node', process.execPath],
    ['/usr/bin/automx2', join(ROOT, 'src/app/main.ts')],
    ['/usr/lib/automx2', ROOT.replace(/\/$/, '')],
    ['/etc/automx2', join(folder, 'etc')],
    ['/var/lib/automx2', join(folder, 'data')],
  ]);
}

/** Runs the manual's command line; `home`: the option that says where settings are, `config`: further ones. */
function start(t: TestContext, section: string, home: (folder: string) => string, config = '') {
  const folder = temporaryFolder(t);
  for (const name of ['etc', 'data', 'elsewhere']) mkdirSync(join(folder, name));
  const notify = join(folder, 'elsewhere/systemd-notify');
  // Stands in for systemd's, and writes down what it is called with.
  writeFileSync(notify, `#!/bin/sh\necho "$*" >>${folder}/told\n`, { mode: 0o755 });
  writeFileSync(
    join(folder, 'etc/automx2.conf'),
    `[automx2]\nloglevel = INFO\nlisten = 127.0.0.1:0\n${home(folder)}\n${config.replaceAll('FOLDER', folder)}\n`,
  );
  writeFileSync(join(folder, 'elsewhere/secret'), 'geheim');
  const here = places(folder);
  const words = commandLine(section).map((word) =>
    word.replace(/(?<=^|=)\/[^=]*$/, (path) => {
      const [outside, inside] = [...here].find(([place]) => path === place || path.startsWith(`${place}/`)) ?? [];
      assert.ok(outside !== undefined, `no place is known for ${path}`);
      return inside + path.slice(outside.length);
    }),
  );
  const environment = { PATH: dirname(notify), HOME: folder, NOTIFY_SOCKET: join(folder, 'notify') };
  return {
    ...startProcess(t, words, { folder, environment }),
    told: () => readFileSync(join(folder, 'told'), 'utf8'),
  };
}

const WITHOUT_ADDON = 'A settings file, PostgreSQL, MySQL, MariaDB';

interface TestHome {
  readonly name: string;
  readonly section: string;
  readonly skip: string | false;
  /** The option that says where settings are, once the folder `etc` is there. */
  option(t: TestContext): Promise<(folder: string) => string>;
  /** What /initdb/ answers. */
  readonly initdb: RegExp;
}

const onServer = (server: TestServer): TestHome => ({
  name: server.engine,
  section: WITHOUT_ADDON,
  skip: server.server === undefined && server.missing,
  initdb: /sample data/,
  async option(t) {
    const url = await server.database(t, 'tcp');
    return () => `db_uri = ${url}`;
  },
});

const HOMES: readonly TestHome[] = [
  {
    name: 'SQLite',
    section: 'SQLite',
    skip: false,
    initdb: /sample data/,
    option: async () => (folder) => `db_uri = sqlite:///${folder}/data/db.sqlite`,
  },
  {
    name: 'a settings file',
    section: WITHOUT_ADDON,
    skip: false,
    initdb: /file/,
    option: async () => (folder) => {
      writeFileSync(join(folder, 'etc/settings.json'), JSON.stringify(document()));
      return `settings_file = ${folder}/etc/settings.json`;
    },
  },
  onServer(await postgresql()),
  onServer(await mariadb()),
];

const noCommandLine = commandLine('SQLite').length === 0 && `doc/permissions.md does not know Node.js ${MAJOR}`;

for (const { name, section, skip, option, initdb } of HOMES) {
  describe(`the command line for ${name}`, { skip: skip || noCommandLine }, () => {
    test('starts, prepares, answers, reloads and ends, and systemd-notify is run', async (t) => {
      const daemon = start(t, section, await option(t));
      const [, port] = await daemon.said(/ listening .* port=(\d+)\n/);
      const prepared = await fetch(`http://127.0.0.1:${port}/initdb/`);
      assert.match(await prepared.text(), initdb);
      const response = await fetch(`http://127.0.0.1:${port}/mail/config-v1.1.xml?emailaddress=jane@example.com`);
      assert.match(await response.text(), /<hostname>mail\.example\.com</);
      daemon.child.kill('SIGHUP');
      await daemon.said(/ configuration reloaded\n/);
      daemon.child.kill('SIGTERM');
      const { status, err } = await daemon.ended;
      assert.equal(status, 0, err);
      assert.doesNotMatch(err, / (?:ERROR|CRITICAL) |ERR_|cannot be notified/);
      assert.match(daemon.told(), /^READY=1\nRELOADING=1 MONOTONIC_USEC=\d+\nREADY=1\nSTOPPING=1\n$/);
    });

    test('is no more than that: another file cannot be read', async (t) => {
      const config = 'ldap_bind_password_file = FOLDER/elsewhere/secret';
      const { status, err } = await start(t, section, await option(t), config).ended;
      assert.equal(status, 2, err);
      assert.match(
        err,
        /ldap_bind_password_file: the file cannot be read: Node's permission model does not allow it\n$/,
      );
    });
  });
}

describe('a settings file', { skip: noCommandLine }, () => {
  const config = (folder: string, path: string): string => {
    writeFileSync(join(folder, path), JSON.stringify(document()));
    return `settings_file = ${folder}/${path}`;
  };

  test('outside the folder of the configuration cannot be read', async (t) => {
    const option = (folder: string): string => config(folder, 'elsewhere/settings.json');
    const { status, err } = await start(t, WITHOUT_ADDON, option).ended;
    assert.equal(status, 2, err);
    assert.match(err, /settings\.json: cannot be read: Node's permission model does not allow it\n$/);
  });

  test('is read again on reload; one that cannot be used changes nothing', async (t) => {
    let file = '';
    const daemon = start(t, WITHOUT_ADDON, (folder) => {
      file = join(folder, 'etc/settings.json');
      return config(folder, 'etc/settings.json');
    });
    const [, port] = await daemon.said(/ listening .* port=(\d+)\n/);
    const statusOf = async (domain: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${port}/mail/config-v1.1.xml?emailaddress=jane@${domain}`)).status;
    writeFileSync(file, JSON.stringify(document({ domains: ['new.example'] })));
    daemon.child.kill('SIGHUP');
    await daemon.said(/ configuration reloaded\n/);
    assert.deepEqual([await statusOf('new.example'), await statusOf('example.com')], [200, 404]);
    writeFileSync(file, JSON.stringify(document({ prodivers: [] })));
    daemon.child.kill('SIGHUP');
    await daemon.said(/ ERROR configuration not reloaded.*providers\[0\]\.prodivers: /);
    assert.equal(await statusOf('new.example'), 200);
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.ended).status, 0);
  });
});
