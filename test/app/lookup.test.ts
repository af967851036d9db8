import assert from 'node:assert/strict';
import { after, describe, type TestContext, test } from 'node:test';
import { documentsOf } from '../../src/app/documents.ts';
import { NO_EXTRAS } from '../../src/domain/extras.ts';
import { domainName, user } from '../domain/samples.ts';
import { configured, runInProcess } from '../support/in-process.ts';
import { SCHEMA } from '../support/schema.ts';
import { reportMissing } from '../support/server-database.ts';
import { READER, slapdServer } from '../support/slapd-server.ts';
import { execute } from '../support/sqlite-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { autodiscoverRequest, EXAMPLE_ROWS, startTestDaemon } from '../support/test-daemon.ts';

const slapd = await slapdServer({ tls: false });
after(() => slapd?.remove());
await slapd?.start();
const MISSING = 'OpenLDAP (Debian: slapd) is not installed';
reportMissing(MISSING, slapd === undefined);

/** Rows beside the usual ones: a domain for which no profile can be made, one without servers, one with a bad row. */
const ROWS = `${EXAMPLE_ROWS}
INSERT INTO domain (id, name, provider_id) VALUES (4, 'noprofile.example', 1), (5, 'empty.example', 1), (6, 'bad.example', 1);
INSERT INTO server (id, type, name, port, socket_type, user_name, authentication) VALUES
  (5, 'nntp', 'nntp.example.com', 563, 'SSL', '', 'plain');
INSERT INTO server_domain (server_id, domain_id) VALUES (2, 4), (2, 6), (3, 6), (5, 6);
UPDATE server SET port = 465, socket_type = 'SSL' WHERE id = 3; -- as PACC needs it
`;

/** Runs `automx2 lookup` on a database of these rows; "": one without tables. */
async function lookUp(t: TestContext, words: readonly string[], rows = ROWS) {
  const { file, run } = configured(t, (sqlite) => `db_uri = ${sqlite}`);
  execute(file, rows === '' ? '' : SCHEMA + rows);
  return run('lookup', ...words);
}

/** What the daemon answers to who asks for ActiveSync where there is none. */
const ACTIVESYNC_ERRORS: Readonly<Record<string, string>> = {
  'example.com': 'Error 601: This protocol is not configured here (example.com: ActiveSync is not configured)',
  'nowhere.example': 'Error 601: This domain is not served here (nowhere.example)',
  'empty.example':
    'Error 601: Nothing usable is configured for this domain (empty.example: no usable mail server is configured)',
};

describe('automx2 lookup', () => {
  test('a format alone is what the daemon sends, octet by octet; all are each under its heading', async (t) => {
    const { base } = await startTestDaemon(t, { rows: ROWS, settings: { proxyCount: 1 } });
    const address = 'ann@example.com';
    const bodies = await Promise.all(
      [
        fetch(`${base}/mail/config-v1.1.xml?emailaddress=${address}`),
        fetch(`${base}/autodiscover/autodiscover.xml`, { method: 'POST', body: autodiscoverRequest(address) }),
        fetch(`${base}/mobileconfig/?emailaddress=${address}`),
        fetch(`${base}/.well-known/user-agent-configuration.json`, { headers: { 'X-Forwarded-Host': 'example.com' } }),
      ].map(async (response) => (await response).text()),
    );
    // No client asks for it: it is in the QR code of the page.
    bodies.push(
      JSON.stringify([
        1,
        [1, 1],
        [0, 'imap.example.com', 993, 3, 1, address],
        [
          [
            [0, 'smtp.example.com', 465, 3, 1, address],
            [address, address],
          ],
        ],
      ]),
    );
    const formats = ['autoconfig', 'autodiscover', 'mobileconfig', 'pacc', 'thunderbird-qr'];
    for (const [index, format] of formats.entries()) {
      const alone = await lookUp(t, [address, '--format', format]);
      assert.deepEqual(alone, { status: 0, out: bodies[index], err: '' });
    }
    const out = formats.map((format, index) => `== ${format} ==\n${bodies[index]?.trimEnd()}\n`).join('\n');
    assert.deepEqual(await lookUp(t, [address]), { status: 0, out, err: '' });
    assert.deepEqual(await lookUp(t, [address, '--format', 'all']), { status: 0, out, err: '' });
  });

  for (const { words, status, err, rows } of [
    {
      words: ['ann@nowhere.example'],
      status: 1,
      err: 'status 404: This domain is not served here (nowhere.example)',
    },
    {
      words: ['ann@nowhere.example', '--format', 'autodiscover'],
      status: 1,
      err: 'Error 500: This domain is not served here (nowhere.example)',
    },
    ...['example.com', 'nowhere.example', 'empty.example'].map((name) => ({
      words: [`ann@${name}`, '--format', 'activesync'],
      status: 1,
      err: ACTIVESYNC_ERRORS[name],
    })),
    {
      words: ['ann@example.com', '--format', 'mobileconfig-exchange'],
      status: 1,
      err: 'status 404: This protocol is not configured here (example.com: no URL of ActiveSync is configured)',
    },
    {
      words: ['ann@empty.example'],
      status: 1,
      err: 'status 404: Nothing usable is configured for this domain (empty.example: no usable mail server is configured)',
    },
    {
      words: ['ann@noprofile.example', '--format', 'mobileconfig'],
      status: 1,
      err: 'status 404: Nothing usable is configured for this domain (noprofile.example: a profile needs an incoming server and SMTP)',
    },
    {
      words: ['ann@example.com'],
      rows: '',
      status: 2,
      err: 'the database has no tables yet; to prepare it, run: automx2 init',
    },
    {
      words: [],
      status: 2,
      err: 'usage: automx2 lookup ADDRESS [--format FORMAT] [--signed]',
    },
    { words: ['example.com'], status: 2 },
    {
      words: ['a@b.example', 'c@d.example'],
      status: 2,
      err: 'lookup: unexpected argument "c@d.example"; see automx2 --help',
    },
    { words: ['a@b.example', '--check'], status: 2, err: 'lookup takes no --check; see automx2 --help' },
    {
      words: ['a@b.example', '--format', 'constructor'],
      status: 2,
      err: '--format: must be one of autoconfig, autodiscover, activesync, mobileconfig, mobileconfig-exchange, pacc, thunderbird-qr, all, not "constructor"',
    },
  ] as readonly { words: readonly string[]; status: number; err?: string; rows?: string }[]) {
    test(`${JSON.stringify(words)}${rows === '' ? ' without tables' : ''}: ${status}, ${err}`, async (t) => {
      const result = await lookUp(t, words, rows);
      assert.deepEqual([result.status, result.out], [status, '']);
      if (err === undefined) assert.match(result.err, /^automx2: .*\n$/);
      else assert.equal(result.err, `automx2: ${err}\n`);
    });
  }

  describe('without a format, what the domain does not offer is not printed', () => {
    const MAIL = ['autoconfig', 'autodiscover', 'mobileconfig', 'pacc', 'thunderbird-qr'];
    for (const { name, extras, want } of [
      { name: 'no ActiveSync', extras: NO_EXTRAS, want: MAIL },
      {
        name: 'ActiveSync',
        extras: { ...NO_EXTRAS, activesync: { url: 'https://eas.example.org/push' } },
        want: MAIL.toSpliced(2, 0, 'activesync').toSpliced(4, 0, 'mobileconfig-exchange'),
      },
      {
        name: 'ActiveSync elsewhere',
        extras: { ...NO_EXTRAS, activesync: { redirect: domainName('other.example') } },
        want: MAIL.toSpliced(2, 0, 'activesync'),
      },
    ]) {
      test(name, () => {
        const text = documentsOf(user({ extras }), undefined);
        assert.deepEqual(
          [...text.matchAll(/^== (.*) ==$/gm)].map(([, heading]) => heading),
          want,
        );
      });
    }

    test('a profile that cannot be made says why', () => {
      const extras = { ...NO_EXTRAS, activesync: { url: 'https://eas.example.org/push' } };
      const reason =
        '\n== mobileconfig-exchange ==\nstatus 404: Nothing usable is configured for this domain (example.org: ';
      assert.ok(documentsOf(user({ extras }), undefined).includes(reason));
    });
  });

  test('documents that cannot be made say why, among all', async (t) => {
    const { status, out } = await lookUp(t, ['ann@noprofile.example']);
    assert.equal(status, 0);
    assert.match(out, /^== autoconfig ==\n<\?xml [\s\S]*\n\n== autodiscover ==\n<\?xml /);
    assert.ok(
      out.endsWith(
        '\n\n== mobileconfig ==\nstatus 404: Nothing usable is configured for this domain (noprofile.example: a profile needs an incoming server and SMTP)\n' +
          '\n== pacc ==\nstatus 404: Nothing usable is configured for this domain (noprofile.example: PACC can name no incoming server, or no SMTP, and no JMAP; automx2 lint says why)\n' +
          '\n== thunderbird-qr ==\nstatus 404: Nothing usable is configured for this domain (noprofile.example: the QR code needs an incoming server and SMTP)\n',
      ),
    );
  });

  test('a row that is left out is told beside the answer', async (t) => {
    const { status, out, err } = await lookUp(t, ['ann@bad.example', '--format', 'autoconfig']);
    assert.equal(status, 0);
    assert.match(out, /^<\?xml [\s\S]*<\/clientConfig>\n$/);
    assert.match(
      err,
      /^\S+ WARNING unusable row skipped: its type must be one of imap, pop, smtp table=server id=5\n$/,
    );
  });

  test('a database in memory is refused', async (t) => {
    const { status, out, err } = await runInProcess(['lookup', 'ann@example.com'], { HOME: temporaryFolder(t) });
    assert.deepEqual([status, out], [2, '']);
    assert.match(err, /^automx2: db_uri names a database in memory.* no configuration file was found\n$/);
    const named = await configured(t, 'db_uri = sqlite:///:memory:').run('lookup', 'ann@example.com');
    assert.doesNotMatch(named.err, /no configuration file/);
  });

  const withDirectory = (port: number): string => `${ROWS}
    INSERT INTO ldapserver (id, name, port, use_ssl, search_base, search_filter, attr_uid, bind_user, bind_password) VALUES
      (7, '127.0.0.1', ${port}, 0, 'dc=example,dc=com', '(mail={0})', 'uid', '${READER.user}', '${READER.password}');
    UPDATE domain SET ldapserver_id = 7 WHERE id = 1;`;

  test('a directory says the login', { skip: slapd === undefined ? MISSING : false }, async (t) => {
    const words = ['ann@example.com', '--format', 'autodiscover'];
    const { status, out, err } = await lookUp(t, words, withDirectory(slapd?.port ?? 0));
    assert.equal(status, 0, err);
    assert.match(out, /<LoginName>ann-login<\/LoginName>/);
  });

  test('a directory that is away is one line', async (t) => {
    const { status, out, err } = await lookUp(t, ['ann@example.com'], withDirectory(1));
    assert.deepEqual([status, out], [1, '']);
    assert.match(
      err,
      /^automx2: status 503: The directory cannot answer, try again later \(directory: .*ECONNREFUSED.*\(ldapserver 7\)\)\n$/,
    );
  });
});
