import { connect } from '../../src/adapters/database/connect.ts';
import { parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../src/adapters/database/deadlines.ts';
import { postgresql } from '../support/server-database.ts';
import { settingsStoreContract } from './settings-store.ts';

const server = await postgresql();

settingsStoreContract(
  server.engine,
  async (t) => {
    const connection = await connect(parseDatabaseUrl(await server.database(t)), DEADLINES);
    t.after(() => connection.close());
    return connection;
  },
  server.server === undefined ? server.missing : false,
);
