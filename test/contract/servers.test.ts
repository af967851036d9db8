import { connect } from '../../src/adapters/database/connect.ts';
import { parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../src/adapters/database/deadlines.ts';
import { mariadb, postgresql } from '../support/server-database.ts';
import { settingsStoreContract } from './settings-store.ts';

for (const { engine, server, missing, database } of [await postgresql(), await mariadb()]) {
  settingsStoreContract(
    engine,
    async (t) => {
      const connection = await connect(parseDatabaseUrl(await database(t)), DEADLINES);
      t.after(() => connection.close());
      return connection;
    },
    server === undefined ? missing : false,
  );
}
