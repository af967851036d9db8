import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { SettingsDatabase } from '../../src/adapters/database/settings-database.ts';
import { SqliteConnection } from '../../src/adapters/database/sqlite/connection.ts';
import { SAMPLE_SEED } from '../../src/app/sample-seed.ts';
import type { DomainName } from '../../src/domain/domain-name.ts';
import { EXTRA_KINDS, type ExtraKind, isListKind, readExtra } from '../../src/domain/extras.ts';
import { columnsOf } from '../../src/domain/tables.ts';
import { apply } from '../support/apply.ts';
import { MemoryLog } from '../support/memory-log.ts';

const PAGE = readFileSync(new URL('../../doc/extras.md', import.meta.url), 'utf8');

/** Cells of the table whose first column has this title, code without its marks. */
const tableOf = (title: string): readonly (readonly string[])[] => {
  const [, body = ''] = new RegExp(`^\\| ${title} \\|.*\\n\\| ---.*\\n((?:\\|.*\\n)*)`, 'm').exec(PAGE) ?? [];
  return body
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(2, -2).split(' | '))
    .map((cells) => cells.map((cell) => cell.replace(/^`(.*)`$/, '$1')));
};

describe('doc/extras.md', () => {
  test('has the columns of the table with their types', () => {
    const types = Object.entries(columnsOf('automx2_extra')).map(([name, column]) => [
      name,
      column.kind === 'text' ? `VARCHAR(${column.width})` : `INTEGER, ${column.byDefault} by default`,
    ]);
    assert.deepEqual(
      tableOf('column').map(([name, type]) => [name, type]),
      types,
    );
  });

  test('has every kind, with data that can be read', () => {
    const kinds = tableOf('kind');
    assert.deepEqual(
      kinds.map(([kind, , rows]) => [kind, rows]),
      EXTRA_KINDS.map((kind) => [kind, isListKind(kind) ? 'several' : 'one']),
    );
    for (const [kind, data = ''] of kinds) assert.ok(readExtra(kind as ExtraKind, JSON.parse(data), 'data'), kind);
  });

  test('its statements do what it says', async (t) => {
    const connection = new SqliteConnection(Database, undefined);
    t.after(() => connection.close());
    const log = new MemoryLog();
    const store = new SettingsDatabase(connection, log);
    await store.create();
    await store.seed(SAMPLE_SEED);
    const [, sql = ''] = /^```sql\n(.*?)^```/ms.exec(PAGE) ?? [];
    const statements = sql.split(/;\n/).filter((statement) => statement !== '');
    const extrasAfter = async (count: number) => {
      await apply(
        connection,
        statements.splice(0, count).map((statement) => ({ sql: statement, parameters: [] })),
      );
      const { extras } = (await store.find('example.com' as DomainName)) ?? {};
      return [extras?.webmail?.url, extras?.jmap?.url, extras?.documentation.map(({ descr }) => descr['en'])];
    };
    const webmail = 'https://webmail.example.com/';
    assert.deepEqual(await extrasAfter(3), [webmail, 'https://jmap.example.com/session', ['Help', 'Questions']]);
    assert.deepEqual(await extrasAfter(1), [webmail, 'https://jmap.example.net/session', ['Help', 'Questions']]);
    assert.deepEqual(await extrasAfter(1), [undefined, 'https://jmap.example.net/session', ['Help', 'Questions']]);
    assert.deepEqual([statements, log.entries], [[], []]);
  });
});
