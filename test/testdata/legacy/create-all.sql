-- A database that automx2 2021.5 or 2026.2 made by itself (/initdb/), without migrations: narrower columns.
-- Written for SQLite; test/contract/legacy-databases.ts puts the other engines' types in.

CREATE TABLE provider (
  id INTEGER NOT NULL,
  name VARCHAR(128) NOT NULL,
  short_name VARCHAR(32) NOT NULL,
  PRIMARY KEY (id)
);
INSERT INTO provider (id, name, short_name) VALUES (3, 'Altbau & Söhne "Post"', 'Altbau');
INSERT INTO provider (id, name, short_name) VALUES (12, 'O''Neill; Mail', 'O''N');

CREATE TABLE ldapserver (
  id INTEGER NOT NULL,
  name VARCHAR(128) NOT NULL,
  port INTEGER NOT NULL,
  use_ssl BOOLEAN NOT NULL,
  search_base VARCHAR(128) NOT NULL,
  search_filter VARCHAR(128) NOT NULL,
  attr_uid VARCHAR(32) NOT NULL,
  attr_cn VARCHAR(32),
  bind_password VARCHAR(128),
  bind_user VARCHAR(128),
  PRIMARY KEY (id)
);
INSERT INTO ldapserver
  (id, name, port, use_ssl, search_base, search_filter, attr_uid, attr_cn, bind_password, bind_user)
  VALUES (2, 'ldap.altbau.example', 389, FALSE, 'dc=altbau', '(&(objectClass=*)(mail={0}))', 'uid', NULL, NULL, NULL);
INSERT INTO ldapserver
  (id, name, port, use_ssl, search_base, search_filter, attr_uid, attr_cn, bind_password, bind_user)
  VALUES (9, 'ldap.oneill.example', 636, TRUE, 'dc=oneill', '(mail={0})', 'mail', 'cn', 'geheim', 'cn=reader');

CREATE TABLE domain (
  id INTEGER NOT NULL,
  name VARCHAR(128) NOT NULL,
  provider_id INTEGER NOT NULL,
  ldapserver_id INTEGER,
  PRIMARY KEY (id),
  UNIQUE (name),
  FOREIGN KEY (ldapserver_id) REFERENCES ldapserver (id),
  FOREIGN KEY (provider_id) REFERENCES provider (id)
);
INSERT INTO domain (id, name, provider_id, ldapserver_id) VALUES (4, 'altbau.example', 3, NULL);
INSERT INTO domain (id, name, provider_id, ldapserver_id) VALUES (21, 'Keller.Altbau.Example.', 3, 2);
INSERT INTO domain (id, name, provider_id, ldapserver_id) VALUES (22, 'töchter.example', 12, 9);

CREATE TABLE server (
  id INTEGER NOT NULL,
  prio INTEGER DEFAULT '10' NOT NULL,
  name VARCHAR(128) NOT NULL,
  port INTEGER NOT NULL,
  type VARCHAR(32) NOT NULL,
  socket_type VARCHAR(32) NOT NULL,
  user_name VARCHAR(64) NOT NULL,
  authentication VARCHAR(32) NOT NULL,
  PRIMARY KEY (id)
);
INSERT INTO server (id, name, port, type, socket_type, user_name, authentication)
  VALUES (7, 'imap.altbau.example', 993, 'imap', 'SSL', '%EMAILADDRESS%', 'plain');
INSERT INTO server (id, name, port, type, socket_type, user_name, authentication, prio)
  VALUES (8, 'smtp.altbau.example', 587, 'smtp', 'STARTTLS', '%EMAILLOCALPART%', 'plain', -3);
INSERT INTO server (id, name, port, type, socket_type, user_name, authentication, prio)
  VALUES (15, 'pop.altbau.example', 110, 'pop', 'STARTTLS', '', '', 5);
INSERT INTO server (id, name, port, type, socket_type, user_name, authentication)
  VALUES (16, 'nowhere', 0, 'INVALID', 'STARTTLS', '%EMAILADDRESS%', 'plain');

CREATE TABLE server_domain (
  server_id INTEGER NOT NULL,
  domain_id INTEGER NOT NULL,
  PRIMARY KEY (server_id, domain_id),
  FOREIGN KEY (domain_id) REFERENCES domain (id),
  FOREIGN KEY (server_id) REFERENCES server (id)
);
INSERT INTO server_domain (server_id, domain_id) VALUES (7, 4);
INSERT INTO server_domain (server_id, domain_id) VALUES (8, 4);
INSERT INTO server_domain (server_id, domain_id) VALUES (15, 4);
INSERT INTO server_domain (server_id, domain_id) VALUES (16, 4);
INSERT INTO server_domain (server_id, domain_id) VALUES (7, 21);
INSERT INTO server_domain (server_id, domain_id) VALUES (8, 22);

CREATE TABLE davserver (
  id INTEGER NOT NULL,
  url VARCHAR(128) NOT NULL,
  port INTEGER NOT NULL,
  type VARCHAR(32) NOT NULL,
  use_ssl BOOLEAN NOT NULL,
  domain_required BOOLEAN NOT NULL,
  user_name VARCHAR(64),
  PRIMARY KEY (id)
);
INSERT INTO davserver (id, url, port, type, use_ssl, domain_required, user_name)
  VALUES (5, 'https://dav.altbau.example/', 443, 'caldav', TRUE, FALSE, '%EMAILADDRESS%');
INSERT INTO davserver (id, url, port, type, use_ssl, domain_required, user_name)
  VALUES (6, 'http://dav.altbau.example/', 0, 'carddav', FALSE, TRUE, NULL);

CREATE TABLE davserver_domain (
  davserver_id INTEGER NOT NULL,
  domain_id INTEGER NOT NULL,
  PRIMARY KEY (davserver_id, domain_id),
  FOREIGN KEY (davserver_id) REFERENCES davserver (id),
  FOREIGN KEY (domain_id) REFERENCES domain (id)
);
INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (5, 4);
INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (6, 4);
INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (6, 21);
