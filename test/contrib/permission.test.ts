import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
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

/** Runs the manual's command line; `config`: further options of the file. */
function start(t: TestContext, section: string, databaseUrl: (folder: string) => string, config = '') {
  const folder = temporaryFolder(t);
  for (const name of ['etc', 'data', 'elsewhere']) mkdirSync(join(folder, name));
  const notify = join(folder, 'elsewhere/systemd-notify');
  // Stands in for systemd's, and writes down what it is called with.
  writeFileSync(notify, `#!/bin/sh\necho "$*" >>${folder}/told\n`, { mode: 0o755 });
  writeFileSync(
    join(folder, 'etc/automx2.conf'),
    `[automx2]\nloglevel = INFO\nlisten = 127.0.0.1:0\ndb_uri = ${databaseUrl(folder)}\n${config.replaceAll('FOLDER', folder)}\n`,
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

const SERVERS = 'PostgreSQL, MySQL, MariaDB';

interface TestDatabase {
  readonly name: string;
  readonly section: string;
  readonly skip: string | false;
  url(t: TestContext): Promise<(folder: string) => string>;
}

const onServer = (server: TestServer): TestDatabase => ({
  name: server.engine,
  section: SERVERS,
  skip: server.server === undefined && server.missing,
  async url(t) {
    const url = await server.database(t, 'tcp');
    return () => url;
  },
});

const DATABASES: readonly TestDatabase[] = [
  {
    name: 'SQLite',
    section: 'SQLite',
    skip: false,
    url: async () => (folder) => `sqlite:///${folder}/data/db.sqlite`,
  },
  onServer(await postgresql()),
  onServer(await mariadb()),
];

const noCommandLine = commandLine('SQLite').length === 0 && `doc/permissions.md does not know Node.js ${MAJOR}`;

for (const { name, section, skip, url } of DATABASES) {
  describe(`the command line for ${name}`, { skip: skip || noCommandLine }, () => {
    test('starts, prepares, answers, reloads and ends, and systemd-notify is run', async (t) => {
      const daemon = start(t, section, await url(t));
      const [, port] = await daemon.said(/ listening .* port=(\d+)\n/);
      const prepared = await fetch(`http://127.0.0.1:${port}/initdb/`);
      assert.match(await prepared.text(), /sample data/);
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
      const { status, err } = await start(t, section, await url(t), config).ended;
      assert.equal(status, 2, err);
      assert.match(
        err,
        /ldap_bind_password_file: the file cannot be read: Node's permission model does not allow it\n$/,
      );
    });
  });
}
