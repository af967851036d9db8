import { type Connection, inOrder, type Statement } from '../../src/adapters/database/connection.ts';

/** Runs statements as one transaction. */
export const apply = (connection: Connection, statements: readonly Statement[]): Promise<void> =>
  connection.transact('write', () => inOrder(statements));
