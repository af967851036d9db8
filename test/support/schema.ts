/** automx2's tables as its documentation lays them out, written down apart from src/ to be compared with it. */
export const SCHEMA = `
CREATE TABLE provider (id INTEGER PRIMARY KEY NOT NULL, name VARCHAR(128) NOT NULL, short_name VARCHAR(32) NOT NULL);
CREATE TABLE server (
  id INTEGER PRIMARY KEY NOT NULL, prio INTEGER DEFAULT 10 NOT NULL, name VARCHAR(128) NOT NULL, port INTEGER NOT NULL,
  type VARCHAR(32) NOT NULL, socket_type VARCHAR(32) NOT NULL, user_name VARCHAR(64) NOT NULL,
  authentication VARCHAR(32) NOT NULL);
CREATE TABLE davserver (
  id INTEGER PRIMARY KEY NOT NULL, url VARCHAR(128) NOT NULL, port INTEGER NOT NULL, type VARCHAR(32) NOT NULL,
  use_ssl BOOLEAN NOT NULL, domain_required BOOLEAN NOT NULL, user_name VARCHAR(64));
CREATE TABLE ldapserver (
  id INTEGER PRIMARY KEY NOT NULL, name VARCHAR(128) NOT NULL, port INTEGER NOT NULL, use_ssl BOOLEAN NOT NULL,
  search_base VARCHAR(128) NOT NULL, search_filter VARCHAR(128) NOT NULL, attr_uid VARCHAR(32) NOT NULL,
  attr_cn VARCHAR(32), bind_password VARCHAR(128), bind_user VARCHAR(128));
CREATE TABLE domain (
  id INTEGER PRIMARY KEY NOT NULL, name VARCHAR(128) NOT NULL UNIQUE,
  provider_id INTEGER NOT NULL REFERENCES provider (id), ldapserver_id INTEGER REFERENCES ldapserver (id));
CREATE TABLE server_domain (
  server_id INTEGER NOT NULL REFERENCES server (id), domain_id INTEGER NOT NULL REFERENCES domain (id),
  PRIMARY KEY (server_id, domain_id));
CREATE TABLE davserver_domain (
  davserver_id INTEGER NOT NULL REFERENCES davserver (id), domain_id INTEGER NOT NULL REFERENCES domain (id),
  PRIMARY KEY (davserver_id, domain_id));
`;
