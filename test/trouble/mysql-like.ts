import type { TestServer } from '../support/server-database.ts';
import { serverTroubles } from './server-troubles.ts';

/** Of MariaDB and MySQL, which are asked in the same words. */
export const mysqlLikeTroubles = (server: TestServer): void =>
  serverTroubles({
    server,
    scheme: 'mysql',
    endings: { ordered: 'SIGTERM', sudden: 'SIGKILL' },
    sql: {
      createUser: (user, password) => `CREATE USER '${user}'@'127.0.0.1' IDENTIFIED BY '${password}'`,
      setPassword: (user, password) => `ALTER USER '${user}'@'127.0.0.1' IDENTIFIED BY '${password}'`,
      refuseLogin: (user) => `ALTER USER '${user}'@'127.0.0.1' ACCOUNT LOCK`,
      permitLogin: (user) => `ALTER USER '${user}'@'127.0.0.1' ACCOUNT UNLOCK`,
      grantSelect: (user, database, table) => `GRANT SELECT ON ${database}.${table} TO '${user}'@'127.0.0.1'`,
      revokeSelect: (user, database, table) => `REVOKE SELECT ON ${database}.${table} FROM '${user}'@'127.0.0.1'`,
      grantAll: (user, database) => `GRANT ALL ON ${database}.* TO '${user}'@'127.0.0.1'`,
      lockForWriters: (table) => `LOCK TABLES ${table} READ`,
      lock: (table) => `LOCK TABLES ${table} WRITE`,
      unlock: 'UNLOCK TABLES',
      makeDurable: 'SET GLOBAL innodb_flush_log_at_trx_commit = 2',
      waiting: (user) =>
        `SELECT COUNT(*) AS n FROM information_schema.processlist WHERE user = '${user}' AND state LIKE 'Waiting for%lock'`,
      connections: (user) => `SELECT id FROM information_schema.processlist WHERE user = '${user}'`,
      cut: (id) => `KILL CONNECTION ${id}`,
    },
    words: {
      stopped: /mysql: connect ECONNREFUSED <host>:\d+\n$/,
      killed: /mysql: connect ECONNREFUSED <host>:\d+\n$/,
      frozen: /mysql: .*(?:time|ETIMEDOUT)/,
      'wrong password': /mysql: Access denied for user '<user>'@'[^']+' \(using password: YES\)\n$/,
      'login refused': /mysql: Access denied(?:, this account is locked| for user .* Account is locked\.)\n$/,
      'database missing': /mysql: Unknown database '<database>'\n$/,
      'table missing': /mysql: Table '<database>\.domain' doesn't exist\n$/,
      'permission denied': /mysql: .*denied/,
      'permission denied for a table': /mysql: SELECT command denied to user .* for table .*domain.*\n$/,
      'table locked': /mysql: .*(?:max_statement_time|maximum statement execution time exceeded)/,
      'connection cut': /mysql: .*/,
    },
  });
