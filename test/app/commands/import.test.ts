import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Configured, configured } from '../../support/in-process.ts';
import { launchProgram } from '../../support/program.ts';
import { SEED_TEXT } from '../../support/stored-seeds.ts';

const sample = (name: string): string => fileURLToPath(new URL(`../../testdata/import/${name}.xml`, import.meta.url));
const ROOT = '<clientConfig version="1.1"><emailProvider id="x">';

/** No command opens the database here unless a test says so. */
const inFolder = (t: TestContext): Configured => configured(t, (sqlite) => `db_uri = ${sqlite}`);

interface Printed {
  readonly providers: readonly {
    readonly name: string;
    readonly domains: readonly unknown[];
    readonly servers: readonly Readonly<Record<string, unknown>>[];
  }[];
  readonly directories?: readonly Readonly<Record<string, unknown>>[];
}
const read = (out: string): Printed => JSON.parse(out) as Printed;

describe('automx2 import', () => {
  test('prints one document of all files, indented, and what is lost with file and line', async (t) => {
    const { run, write } = inFolder(t);
    const seed = write('seed.json', SEED_TEXT);
    const { status, out, err } = await run('import', sample('hosting'), seed, sample('old'));
    assert.equal(status, 0);
    const document = read(out);
    assert.equal(out, `${JSON.stringify(document, null, 2)}\n`);
    assert.deepEqual(
      document.providers.map(({ name }) => name),
      ['Hosting Example', 'Ünï Provider GmbH', 'The Old Company'],
    );
    assert.equal(document.directories?.[0]?.['label'], '7');
    const lines = err.trimEnd().split('\n');
    assert.ok(lines.length > 3);
    for (const line of lines) {
      const [file] = line.replace('automx2: ', '').split(':');
      assert.ok([sample('hosting'), sample('old')].includes(file ?? ''), line);
    }
    assert.match(err, /hosting\.xml:10: incomingServer/);
  });

  test('"-" is standard input, XML in UTF-16 or JSON with a byte order mark', async (t) => {
    for (const octets of [
      Buffer.from(`\ufeff${readFileSync(sample('old'), 'utf8')}`, 'utf16le'),
      Buffer.from(`\ufeff \n${SEED_TEXT}`),
    ]) {
      const { start } = inFolder(t);
      const command = start('import', '-');
      command.stdin.end(octets);
      const { status, out } = await command.ended;
      assert.equal(status, 0);
      assert.equal(read(out).providers.length, 1);
    }
  });

  test('our own answer, printed by lookup, has the servers of the database', async (t) => {
    const { run, write } = inFolder(t);
    const servers = [
      { type: 'imap', name: 'imap.example', port: 143, socket_type: 'STARTTLS', user_name: '%EMAILADDRESS%', prio: 10 },
      { type: 'pop', name: 'pop.example', port: 995, socket_type: 'SSL', user_name: '%EMAILLOCALPART%', prio: 20 },
      { type: 'smtp', name: 'one.example', port: 465, socket_type: 'SSL', user_name: '%EMAILADDRESS%', prio: 30 },
      { type: 'smtp', name: 'two.example', port: 25, socket_type: 'plain', user_name: '%EMAILDOMAIN%', prio: 40 },
    ];
    const dav = { type: 'carddav', url: 'https://dav.example/', port: 443, user_name: '%EMAILADDRESS%' };
    const seed = { provider: 'P', domains: ['a.example'], servers: [...servers, dav] };
    assert.equal((await run('init', write('seed.json', JSON.stringify(seed)))).status, 0);
    const answer = await run('lookup', 'ann@a.example', '--format', 'autoconfig');
    assert.equal(answer.status, 0);
    const { out, err } = await run('import', write('answer.xml', answer.out));
    assert.equal(err, '');
    const [provider] = read(out).providers;
    assert.deepEqual(provider?.domains, ['a.example']);
    assert.deepEqual(provider?.servers, [...servers.map((server) => ({ ...server, authentication: 'plain' })), dav]);
  });

  for (const { name, content, message } of [
    { name: 'neither XML nor JSON', content: 'imap: a.example', message: /line 1/ },
    { name: 'nothing', content: '', message: /: / },
    { name: 'JSON with a mistake', content: '{\n  "provider": }', message: /line 2, column 15/ },
    { name: 'no seed', content: '{}', message: /the document/ },
    { name: 'XML with a mistake', content: `${ROOT}\n<domain></emailProvider>`, message: /line 2/ },
    { name: 'a document type definition', content: `<!DOCTYPE a [<!ENTITY b "c">]>${ROOT}`, message: /DTD/ },
    { name: 'no mail server', content: `${ROOT}</emailProvider></clientConfig>`, message: /server/ },
    { name: 'more XML than 1 MiB', content: `<!--${' '.repeat(2 ** 20)}-->`, message: /1048576/ },
  ]) {
    test(`refuses a file, by its name, and prints nothing: ${name}`, async (t) => {
      const { run, write } = inFolder(t);
      const file = write('file', content);
      const { status, out, err } = await run('import', sample('server-answer'), file);
      assert.deepEqual([status, out], [2, '']);
      const last = err.trimEnd().split('\n').at(-1) ?? '';
      assert.ok(last.startsWith(`automx2: ${file}: `), last);
      assert.match(last.slice(file.length), message);
    });
  }

  test('refuses a seed that names a server twice, and prints nothing', async (t) => {
    const { run, write } = inFolder(t);
    const imap = { type: 'imap', name: 'mail.example' };
    const seed = { provider: 'P', domains: ['a.example'], servers: [imap, { ...imap, user_name: 'x' }] };
    const { status, out, err } = await run('import', write('seed.json', JSON.stringify(seed)));
    assert.deepEqual([status, out], [2, '']);
    assert.match(err, /providers\[0\]\.servers\[1\]: /);
  });

  test('a file of 1 MiB is read', async (t) => {
    const { run, write } = inFolder(t);
    const text = readFileSync(sample('server-answer'), 'utf8');
    const file = write('file', `${text}<!--${' '.repeat(2 ** 20 - text.length - 7)}-->`);
    assert.equal((await run('import', file)).status, 0);
  });

  test('a file that is not there, one that is given twice, standard input given twice, no file', async (t) => {
    const { run, folder } = inFolder(t);
    const missing = await run('import', `${folder}/none.xml`);
    assert.deepEqual([missing.status, missing.out], [2, '']);
    assert.match(missing.err, /none\.xml: /);
    const twice = await run('import', sample('old'), sample('old'));
    assert.deepEqual([twice.status, twice.out], [2, '']);
    assert.match(twice.err, /old\.example/);
    assert.equal((await run('import', '-', '-')).status, 2);
    assert.equal((await run('import')).status, 2);
  });

  test('a document that is longer than a pipe takes is printed whole, and a reader may go before its end', async (t) => {
    const { folder, write } = inFolder(t);
    const domains = Array.from({ length: 20_000 }, (_, index) => `domain${index}.example`);
    const seed = { provider: 'P', domains, servers: [{ type: 'imap', name: 'a.example' }] };
    const words = ['import', write('seed.json', JSON.stringify(seed))];
    const piped = await launchProgram(t, folder, words, { wrap: ['sh', '-c', '"$@" | cat', 'sh'] }).ended;
    assert.deepEqual(read(piped.out).providers[0]?.domains, domains);
    const cut = ['sh', '-c', '{ "$@"; echo "status $?" >&2; } | head -c 1', 'sh'];
    const gone = await launchProgram(t, folder, words, { wrap: cut }).ended;
    assert.deepEqual([gone.out, gone.err], ['{', 'status 0\n']);
  });

  test('opens no database', async (t) => {
    const { run, file } = inFolder(t);
    assert.equal((await run('import', sample('old'))).status, 0);
    assert.throws(() => readFileSync(file), { code: 'ENOENT' });
  });
});
