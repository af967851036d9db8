import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { SettingsDatabase } from '../src/adapters/database/settings-database.ts';
import { SqliteConnection } from '../src/adapters/database/sqlite/connection.ts';
import type { DomainName } from '../src/domain/domain-name.ts';
import { readSeed } from '../src/domain/settings-document.ts';
import { MemoryLog } from './support/memory-log.ts';
import { OPTION_DEFAULTS } from './support/option-defaults.ts';

const contrib = (name: string): string => fileURLToPath(new URL(`../contrib/${name}`, import.meta.url));

test('the sample configuration names every option with its default, and no other', () => {
  const sample = readFileSync(contrib('automx2.conf'), 'utf8');
  const named = [...sample.matchAll(/^#(\w+) =(?: (.*))?$/gm)].map(([, name, value = '']) => [name, value]);
  assert.deepEqual(named, [...OPTION_DEFAULTS]);
});

for (const name of ['seed-v1.json', 'seed-v2.json']) {
  test(`${name} is a seed`, () => {
    assert.ok(readSeed(JSON.parse(readFileSync(contrib(name), 'utf8'))).domain.length > 1);
  });
}

describe('generate-sql.sh', () => {
  const generate = (environment: Readonly<Record<string, string>>): string =>
    execFileSync(contrib('generate-sql.sh'), { env: { PATH: process.env['PATH'], ...environment }, encoding: 'utf8' });

  test('what it prints for two providers is served', async (t) => {
    const connection = new SqliteConnection(Database, undefined);
    t.after(() => connection.close());
    const log = new MemoryLog();
    const store = new SettingsDatabase(connection, log);
    await store.create();
    const apply = (sql: string): Promise<void> => {
      const statements = sql.split(';\n').filter((statement) => statement.trim() !== '');
      assert.deepEqual([statements[0], statements.at(-1)], ['BEGIN', 'COMMIT']);
      return connection.apply(statements.slice(1, -1).map((statement) => ({ sql: statement, parameters: [] })));
    };
    await apply(generate({}));
    await apply(
      generate({
        PROVIDER: "O'Brien & Co",
        DOMAINS: 'one.example two.example',
        IMAP: 'imap.one.example',
        POP: 'pop.one.example',
        SMTP: 'smtp.one.example',
        SMTP_PORT: '587',
        SMTP_SOCKET: 'STARTTLS',
        CALDAV_URL: 'https://dav.one.example/',
        CARDDAV_URL: 'http://dav.one.example/',
      }),
    );
    const found = await store.find('two.example' as DomainName);
    assert.deepEqual(found?.provider, { id: 2, name: "O'Brien & Co", shortName: "O'Brien" });
    assert.deepEqual(
      found.mailServers.map(({ type, hostname, port, socketType }) => [type, hostname, port, socketType]),
      [
        ['imap', 'imap.one.example', 993, 'SSL'],
        ['pop', 'pop.one.example', 995, 'SSL'],
        ['smtp', 'smtp.one.example', 587, 'STARTTLS'],
      ],
    );
    assert.deepEqual(
      found.davServers.map(({ type, useSsl }) => [type, useSsl]),
      [
        ['caldav', true],
        ['carddav', false],
      ],
    );
    assert.equal((await store.find('example.com' as DomainName))?.mailServers.length, 2);
    assert.deepEqual(log.entries, []);
  });

  test('a port that is none stops it', () => {
    const { status, stderr } = spawnSync(contrib('generate-sql.sh'), {
      env: { PATH: process.env['PATH'], IMAP_PORT: 'x; DROP' },
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stderr, /not a port/);
  });
});
