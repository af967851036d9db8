import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { postgresql } from '../support/server-database.ts';
import { serverTroubles } from './server-troubles.ts';

const server = await postgresql();
if (server.server !== undefined) {
  // Over the network a password is needed; the administrator comes through the socket.
  const rules = 'local all all trust\nhost all automx2 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n';
  writeFileSync(join(server.server.folder, 'data', 'pg_hba.conf'), rules);
  await server.administer("ALTER SYSTEM SET authentication_timeout = '6s'");
  await server.administer('SELECT pg_reload_conf()');
}

serverTroubles({
  server,
  scheme: 'postgresql',
  endings: { ordered: 'SIGINT', sudden: 'SIGQUIT' }, // "fast" and "immediate" of pg_ctl
  sql: {
    createUser: (user, password) => `CREATE ROLE ${user} LOGIN PASSWORD '${password}'`,
    setPassword: (user, password) => `ALTER ROLE ${user} PASSWORD '${password}'`,
    refuseLogin: (user) => `ALTER ROLE ${user} NOLOGIN`,
    permitLogin: (user) => `ALTER ROLE ${user} LOGIN`,
    grantSelect: (user, _database, table) => `GRANT SELECT ON ${table} TO ${user}`,
    revokeSelect: (user, _database, table) => `REVOKE SELECT ON ${table} FROM ${user}`,
    grantAll: (user) =>
      `GRANT ALL ON ALL TABLES IN SCHEMA public TO ${user}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${user}`,
    lockForWriters: (table) => `BEGIN; LOCK TABLE ${table} IN SHARE MODE`,
    lock: (table) => `BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`,
    unlock: 'ROLLBACK',
    makeDurable: 'SET synchronous_commit = on', // as it is anyway
    waiting: (user) =>
      `SELECT count(*) AS n FROM pg_stat_activity WHERE usename = '${user}' AND wait_event_type = 'Lock'`,
    connections: (user) => `SELECT pid AS id FROM pg_stat_activity WHERE usename = '${user}'`,
    cut: (id) => `SELECT pg_terminate_backend(${id})`,
  },
  words: {
    stopped: /postgresql: connect ECONNREFUSED <host>:\d+\n$/,
    killed: /postgresql: connect ECONNREFUSED <host>:\d+\n$/,
    frozen: /postgresql: .*time/,
    'wrong password': /postgresql: password authentication failed for user "<user>"\n$/,
    'login refused': /postgresql: role "<user>" is not permitted to log in\n$/,
    'database missing': /postgresql: database "<database>" does not exist\n$/,
    'table missing': /postgresql: relation "domain" does not exist\n$/,
    'permission denied': /postgresql: permission denied for table \w+\n$/,
    'permission denied for a table': /postgresql: permission denied for table \w+\n$/,
    'table locked': /postgresql: canceling statement due to statement timeout\n$/,
    'connection cut': /postgresql: terminating connection due to administrator command\n$/,
  },
});
