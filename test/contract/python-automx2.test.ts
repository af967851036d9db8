import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { ask } from '../support/configured-service.ts';
import { findProgram, freePort } from '../support/database-server.ts';
import { configured } from '../support/in-process.ts';
import { startProcess } from '../support/process.ts';
import { ourEnvironment } from '../support/program.ts';
import { reportMissing } from '../support/server-database.ts';
import { execute } from '../support/sqlite-file.ts';

// What `apply` stores, as the Python automx2 reads it: there is a way back.

const STAND_IN = fileURLToPath(new URL('../support/python-automx2.py', import.meta.url));
const python = findProgram('python3', '/usr/bin');
const missing = python === undefined ? 'python3 (Debian: python3) is not installed' : false;
reportMissing(missing || '', missing !== false);

const DOCUMENT = {
  version: 3,
  providers: [
    {
      name: 'Example & Söhne',
      domains: ['Example.com.', { name: 'bücher.example', directory: 'main' }],
      servers: [
        { type: 'IMAP', name: ' imap.example.com ', socket_type: 'ssl/tls', authentication: 'password-cleartext' },
        { type: 'pop', name: 'pop.example.com', port: 110, authentication: 'NTLM', domains: ['example.com'] },
        { type: 'smtp', name: 'smtp.example.com', port: 587, prio: 5, user_name: '%EMAILLOCALPART%' },
        { type: 'caldav', url: 'https://dav.example.com/' },
        { type: 'carddav', url: 'http://dav.example.com/', port: 8080, domain_required: 'no' },
      ],
    },
  ],
  directories: [{ label: 'main', name: 'ldap.example.com', port: 389, search_base: 'dc=example', attr_cn: '' }],
};

test('what apply stores is what the Python automx2 expects to be stored', { skip: missing }, async (t) => {
  const { folder, config, file, run, write } = configured(t, (sqlite) => `db_uri = ${sqlite}`);
  await run('init');
  const document = write('settings.json', JSON.stringify(DOCUMENT));
  assert.equal((await run('apply', document, '--yes')).status, 0);

  const database = new Database(file, { readonly: true });
  t.after(() => database.close());
  const rows = (sql: string): unknown[] => database.prepare(sql).raw().all();
  assert.deepEqual(rows('SELECT type, name, port, socket_type, user_name, authentication, prio FROM server'), [
    ['imap', 'imap.example.com', 993, 'SSL', '%EMAILADDRESS%', 'plain', 10],
    ['pop', 'pop.example.com', 110, 'STARTTLS', '%EMAILADDRESS%', 'NTLM', 10],
    ['smtp', 'smtp.example.com', 587, 'STARTTLS', '%EMAILLOCALPART%', 'plain', 5],
  ]);
  // SQLAlchemy takes nothing but 0, 1 and NULL for a boolean.
  assert.deepEqual(
    rows('SELECT type, url, port, use_ssl, typeof(use_ssl), domain_required, typeof(domain_required) FROM davserver'),
    [
      ['caldav', 'https://dav.example.com/', 0, 1, 'integer', 1, 'integer'],
      ['carddav', 'http://dav.example.com/', 8080, 0, 'integer', 0, 'integer'],
    ],
  );
  assert.deepEqual(rows('SELECT use_ssl, typeof(use_ssl), attr_cn, bind_user, bind_password FROM ldapserver'), [
    [0, 'integer', null, null, null],
  ]);
  assert.deepEqual(rows('SELECT name, ldapserver_id FROM domain'), [
    ['example.com', null],
    ['xn--bcher-kva.example', 1],
  ]);

  // The Python automx2 starts, and purges at its start, beside a table that it does not know.
  const extra = ['example.com', 'jmap', 0, '{"url": "https://jmap.example.com/"}'];
  execute(file, `INSERT INTO automx2_extra VALUES (${extra.map((value) => `'${value}'`).join(', ')})`);

  const port = await freePort();
  const environment = { ...ourEnvironment(folder), AUTOMX2_CONF: config };
  const old = startProcess(t, [python ?? '', STAND_IN, String(port)], { folder, environment });
  await old.said(/listening/);
  const answer = await ask({ port }, { path: '/mail/config-v1.1.xml?emailaddress=a@example.com' });
  assert.equal(answer.status, 200);
  const servers = [...answer.body.matchAll(/<hostname>([^<]*)<\/hostname><port>(\d+)<\/port><socketType>(\w+)</g)];
  assert.deepEqual(
    servers.map(([, ...parts]) => parts.join(' ')),
    ['smtp.example.com 587 STARTTLS', 'imap.example.com 993 SSL', 'pop.example.com 110 STARTTLS'],
  );
  assert.deepEqual(rows('SELECT domain_name, kind, n, data FROM automx2_extra'), [extra]);
});
