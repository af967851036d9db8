import type { Dialect } from './connection.ts';

/** automx2's tables with its columns, widths and defaults; parents before children. */
const TABLES: ReadonlyMap<string, string> = new Map([
  ['provider', 'id INTEGER PRIMARY KEY NOT NULL, name VARCHAR(128) NOT NULL, short_name VARCHAR(32) NOT NULL'],
  [
    'server',
    'id INTEGER PRIMARY KEY NOT NULL, prio INTEGER DEFAULT 10 NOT NULL, name VARCHAR(128) NOT NULL, ' +
      'port INTEGER NOT NULL, type VARCHAR(32) NOT NULL, socket_type VARCHAR(32) NOT NULL, ' +
      'user_name VARCHAR(64) NOT NULL, authentication VARCHAR(32) NOT NULL',
  ],
  [
    'davserver',
    'id INTEGER PRIMARY KEY NOT NULL, url VARCHAR(128) NOT NULL, port INTEGER NOT NULL, type VARCHAR(32) NOT NULL, ' +
      'use_ssl BOOLEAN NOT NULL, domain_required BOOLEAN NOT NULL, user_name VARCHAR(64)',
  ],
  [
    'ldapserver',
    'id INTEGER PRIMARY KEY NOT NULL, name VARCHAR(128) NOT NULL, port INTEGER NOT NULL, use_ssl BOOLEAN NOT NULL, ' +
      'search_base VARCHAR(128) NOT NULL, search_filter VARCHAR(128) NOT NULL, attr_uid VARCHAR(32) NOT NULL, ' +
      'attr_cn VARCHAR(32), bind_password VARCHAR(128), bind_user VARCHAR(128)',
  ],
  [
    'domain',
    'id INTEGER PRIMARY KEY NOT NULL, name VARCHAR(128) NOT NULL UNIQUE, ' +
      'provider_id INTEGER NOT NULL REFERENCES provider (id), ldapserver_id INTEGER REFERENCES ldapserver (id)',
  ],
  [
    'server_domain',
    'server_id INTEGER NOT NULL REFERENCES server (id), domain_id INTEGER NOT NULL REFERENCES domain (id), ' +
      'PRIMARY KEY (server_id, domain_id)',
  ],
  [
    'davserver_domain',
    'davserver_id INTEGER NOT NULL REFERENCES davserver (id), domain_id INTEGER NOT NULL REFERENCES domain (id), ' +
      'PRIMARY KEY (davserver_id, domain_id)',
  ],
]);

export const TABLE_NAMES: readonly string[] = [...TABLES.keys()];

/**
 * What we add to automx2's tables. The primary keys of the link tables begin with the server, and names are compared
 * case-blind: without these indexes a look-up reads three tables from end to end.
 */
const indexes = (dialect: Dialect): ReadonlyMap<string, string> =>
  new Map([
    ['automx2_domain_name', `domain (${dialect.foldedName('name')})`],
    ['automx2_server_domain', 'server_domain (domain_id)'],
    ['automx2_davserver_domain', 'davserver_domain (domain_id)'],
  ]);

export const indexNames = (dialect: Dialect): readonly string[] => [...indexes(dialect).keys()];

/** Statements that create what is missing and leave alone what is there. */
export const creation = (dialect: Dialect): readonly string[] => [
  ...[...TABLES].map(([name, columns]) => `CREATE TABLE IF NOT EXISTS ${name} (${columns})`),
  ...[...indexes(dialect)].map(([name, on]) => `CREATE INDEX IF NOT EXISTS ${name} ON ${on}`),
];
