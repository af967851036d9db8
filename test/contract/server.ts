import type { TestContext } from 'node:test';
import { connect } from '../../src/adapters/database/connect.ts';
import type { Connection } from '../../src/adapters/database/connection.ts';
import { parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../src/adapters/database/deadlines.ts';
import type { TestServer } from '../support/server-database.ts';
import { settingsStoreContract } from './settings-store.ts';

/** Why tests of this server are skipped, if they are. */
export const skipOf = ({ server, missing }: TestServer): string | false => (server === undefined ? missing : false);

/** A connection to a new database; closed when the test ends. */
export async function connectTo(t: TestContext, { database }: TestServer): Promise<Connection> {
  const connection = await connect(parseDatabaseUrl(await database(t)), DEADLINES);
  t.after(() => connection.close());
  return connection;
}

export function serverContract(server: TestServer): void {
  settingsStoreContract(server.engine, (t) => connectTo(t, server), skipOf(server));
}
