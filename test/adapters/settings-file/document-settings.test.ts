import Database from 'better-sqlite3';
import { SettingsDatabase } from '../../../src/adapters/database/settings-database.ts';
import { SqliteConnection } from '../../../src/adapters/database/sqlite/connection.ts';
import { DocumentSettings } from '../../../src/adapters/settings-file/document-settings.ts';
import { run, settingsReaderContract } from '../../contract/settings-reader.ts';
import { MemoryLog } from '../../support/memory-log.ts';

// The raw rows of a database: a document holds no unusable ones, and names domains canonically.
settingsReaderContract('rows in memory', async (t, ...statements) => {
  const connection = new SqliteConnection(Database, undefined);
  t.after(() => connection.close());
  const database = new SettingsDatabase(connection, new MemoryLog());
  await database.create();
  await run(connection, statements);
  const rows = await database.rows();
  const [store, namingAll] = [new DocumentSettings(rows), new DocumentSettings(rows, true)];
  return {
    store,
    namingAll,
    log: undefined,
    async add(...more) {
      await run(connection, more);
      for (const each of [store, namingAll]) each.replace(await database.rows());
    },
  };
});
