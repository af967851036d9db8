import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { COMMANDS, SERVE } from '../../src/app/commands/index.ts';
import { configured, runInProcess, startInProcess } from '../support/in-process.ts';
import { startProcess } from '../support/process.ts';
import { launchProgram, ourEnvironment } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

describe('command line', () => {
  for (const { words, status, out = /^$/, err = /^$/ } of [
    { words: ['--version'], status: 0, out: new RegExp(`^automx2 ${version.replaceAll('.', '\\.')}\\n$`) },
    { words: ['--help'], status: 0, out: /^Usage: automx2 [\s\S]*--config FILE/ },
    { words: ['--check'], status: 0, out: /^No configuration file: the defaults and the environment are valid\.\n$/ },
    { words: ['-h', 'nonsense'], status: 0, out: /^Usage: / },
    { words: ['help'], status: 0, out: /^Usage: / },
    { words: ['run', '--port', '4244', '--check'], status: 0, out: /valid/ },
    { words: ['serve', '--check'], status: 0, out: /valid/ },
    { words: ['--nonsense'], status: 2, err: /^automx2: Unknown option '--nonsense'; see automx2 --help\n$/ },
    { words: ['--port'], status: 2, err: /^automx2: .*'--port.*; see automx2 --help\n$/ },
    { words: ['word'], status: 2, err: /^automx2: unknown command "word"; see automx2 --help\n$/ },
    { words: ['help', 'x'], status: 2, err: /^automx2: help: unexpected argument "x"; / },
    { words: ['constructor'], status: 2, err: /^automx2: unknown command "constructor"; / },
    { words: ['w\u001b[31m'], status: 2, err: /^automx2: unknown command "w\\u001b\[31m"; / },
    { words: ['domain', 'rename'], status: 2, err: /^automx2: domain: must be one of list, show, .*, not "rename"\n$/ },
    { words: ['--sample'], status: 2, err: /^automx2: serve takes no --sample; / },
    { words: ['--port', '65536'], status: 2, err: /^automx2: --port: "65536" .* 0 to 65535\n$/ },
    { words: ['--port', ''], status: 2, err: /^automx2: --port: / },
    { words: ['--host', ''], status: 2, err: /^automx2: --host: / },
    { words: ['--config', 'nowhere.conf'], status: 2, err: /^automx2: nowhere\.conf: [^\n]+\n$/ },
  ]) {
    test(words.join(' '), async (t) => {
      const result = await runInProcess(words, { HOME: temporaryFolder(t) });
      assert.equal(result.status, status, result.err);
      assert.match(result.out, out);
      assert.match(result.err, err);
    });
  }

  test('the help has a line for each command and its options, none longer than a terminal', async () => {
    const { out } = await runInProcess(['--help']);
    const usages = COMMANDS.map(({ name, usage }) => `${name} ${usage}`);
    for (const usage of [...usages, `(none) ${SERVE.usage}`]) {
      assert.ok(out.includes(`\n  ${usage.replaceAll('\n', `\n${' '.repeat(17)}`)}\n`), usage);
    }
    assert.deepEqual(
      out.split('\n').filter((line) => line.length > 80),
      [],
    );
  });

  const VALUE_KINDS: Readonly<Record<string, string>> = { FILE: 'file', FOLDER: 'folder', FORMAT: 'object' };
  for (const { name, usage, options, words, wordKind } of [SERVE, ...COMMANDS]) {
    test(`${name}: what its usage says is what it takes`, () => {
      const named = [...usage.matchAll(/--([a-z-]+)( [A-Za-z]+)?(\S*\.\.\.)?/g)].map(([, option = '', value, dots]) => [
        option,
        value === undefined ? 'flag' : dots !== undefined ? 'texts' : (VALUE_KINDS[value.trim()] ?? 'text'),
      ]);
      const kinds = Object.entries(options).map(([option, kind]) => [
        option,
        typeof kind === 'object' ? 'object' : kind,
      ]);
      assert.deepEqual(Object.fromEntries(named), Object.fromEntries(kinds));
      const [least, most] = words;
      // A word in capitals that no option takes: in brackets it may be left out, with dots it may be repeated.
      const place = usage.replace(/--[a-z-]+ \S+/g, '').match(/\[?[A-Z]{2,}/)?.[0];
      const mayRepeat = usage.includes('...');
      assert.deepEqual([least, most > 1], [place === undefined || place.startsWith('[') ? 0 : 1, mayRepeat]);
      assert.equal(most === 0, place === undefined);
      assert.equal(wordKind === 'file', /^\[?(?:FILE|SEED\.json)/.test(usage));
      if (typeof wordKind === 'object')
        assert.deepEqual(usage.match(/(?<=^|\| )[a-z]+/g)?.sort(), [...wordKind].sort());
    });
  }

  for (const { config, err } of [
    { config: 'loglevl = INFO', err: /^automx2: \S+automx2\.conf:2: loglevl: unknown option; use loglevel, / },
    {
      config: '\nproxy_count = -1',
      err: /^automx2: \S+automx2\.conf:3: proxy_count: "-1" is not valid; must be .* 0 to 16\n$/,
    },
    {
      config: 'loglevel = LOUD',
      err: /:2: loglevel: "LOUD" is not a level; use DEBUG, INFO, WARNING, ERROR or CRITICAL\n$/,
    },
    {
      config: 'db_uri = postgresql://u:geheim@h/d?sslmode=verify-full&sslrootcert=/nowhere.pem',
      err: /^automx2: \S+automx2\.conf:2: db_uri: sslrootcert cannot be read: there is no such file.*\n$/,
    },
    {
      config: 'db_uri = postgresql://u:geheim@h/d?sslmode=LOUD',
      err: /automx2\.conf:2: db_uri: sslmode must be one of /,
    },
    { config: 'listen = *:4243', err: /automx2\.conf:2: listen: for all addresses use \[::\]:port/ },
    {
      config: 'listen = unix:/nowhere/at/all/s',
      err: /automx2\.conf:2: listen: there is no folder \/nowhere\/at\/all/,
    },
    { config: 'db_uri = oracle://u:geheim@h/d', err: /:2: db_uri: the engine must be one of sqlite, / },
    { config: 'db_uri = sqlite:////nowhere/at/all/db', err: /:2: db_uri: there is no folder \/nowhere\/at\/all\n$/ },
    {
      config: 'db_uri = sqlite:///tmp/db.sqlite',
      err: /:2: db_uri: there is no folder \S+; if the file is \/tmp\/db\.sqlite, use four slashes: sqlite:\/\/\/\/tmp\/db\.sqlite\n$/,
    },
    { config: 'proxy_count = 1 # one', err: /:2: proxy_count: "1 # one" .*; a comment must be a line of its own\n$/ },
    { config: 'db_password_file = /nowhere/p', err: /:2: db_password_file: the file cannot be read: / },
    { config: 'loglevel = INFO\nloglevel = DEBUG', err: /:3: duplicate option loglevel\n$/ },
  ]) {
    test(`exit status 2 for ${JSON.stringify(config)}`, async (t) => {
      const result = await configured(t, config).run();
      assert.equal(result.status, 2, result.err);
      assert.match(result.err, err);
      assert.doesNotMatch(result.err + result.out, /geheim/);
    });
  }

  test('--check does not mind the folder that the unit makes, but others in it', async (t) => {
    const { run } = configured(t, 'db_uri = sqlite:////var/lib/automx2/db.sqlite');
    assert.equal((await run('--check')).status, 0);
    assert.equal((await configured(t, 'db_uri = sqlite:////var/lib/automx2/a/db.sqlite').run('--check')).status, 2);
  });

  test('--check names the file and starts nothing', async (t) => {
    const { config, file, run } = configured(t, (sqlite) => `db_uri = ${sqlite}`);
    assert.deepEqual(await run('--check'), { status: 0, out: `${config} is valid.\n`, err: '' });
    assert.equal(existsSync(file), false);
  });

  test('AUTOMX2_CONF counts, the file in the home folder else', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, '.automx2.conf'), '[automx2]\ninitdb = home');
    writeFileSync(join(folder, 'other.conf'), '[automx2]\ninitdb = other');
    const check = (named: Readonly<Record<string, string>>) => runInProcess(['--check'], { HOME: folder, ...named });
    assert.match((await check({})).err, /\.automx2\.conf:2: initdb: "home" .*off, seed or purge/);
    assert.match((await check({ AUTOMX2_CONF: join(folder, 'other.conf') })).err, /other\.conf:2: initdb: "other"/);
    mkdirSync(join(folder, 'folder'));
    const unreadable = await check({ AUTOMX2_CONF: join(folder, 'folder') });
    assert.deepEqual([unreadable.status, /cannot be read: it is a folder/.test(unreadable.err)], [2, true]);
  });

  test('an older Node is told what is needed, and nothing else is loaded', async (t) => {
    const lie = 'Object.defineProperty(process,%22versions%22,{value:{node:%2222.22.1%22}})';
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${lie}` };
    const result = await launchProgram(t, temporaryFolder(t), [], { environment }).ended;
    assert.deepEqual(result, { status: 1, out: '', err: 'automx2 needs Node.js 22.22.2 or newer; this is 22.22.1.\n' });
  });
});

test('what serves loads nothing of the other commands', () => {
  const SRC = new URL('../../src/', import.meta.url);
  const loaded = new Set<string>();
  const load = (file: URL): void => {
    if (loaded.has(file.href)) return;
    loaded.add(file.href);
    for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|\} from)\b(?! type)[^;]*?'(\.[^']+)';/gm,
    )) {
      load(new URL(target, file));
    }
  };
  for (const file of ['app/command-line.ts', 'app/commands/serve.ts']) load(new URL(file, SRC));
  const names = [...loaded].map((href) => href.slice(SRC.href.length));
  assert.ok(names.length > 40, names.join());
  const own = ['command.ts', 'index.ts', 'serve.ts'].map((name) => `app/commands/${name}`);
  assert.deepEqual(
    names.filter((name) => /^app\/(?:commands\/|lint\.|documents\.)|client-rules/.test(name) && !own.includes(name)),
    [],
  );
});

describe('the daemon as a process', () => {
  test('starts, prepares, answers, is stopped by a signal, and starts again on the same file', async (t) => {
    const { folder, config } = configured(t, 'db_uri = sqlite:///db.sqlite\nloglevel = INFO\ndb_echo = yes');
    for (const [round, signal] of (['SIGTERM', 'SIGINT'] as const).entries()) {
      const { child, said, ended } = launchProgram(t, folder, ['--config', config, '--port', '0']);
      const [, port] = await said(/INFO listening address=127\.0\.0\.1 port=(\d+)/);
      const prepared = await (await fetch(`http://127.0.0.1:${port}/initdb/`)).text();
      assert.match(prepared, round === 0 ? /sample data/ : /nothing was changed/);
      const response = await fetch(`http://127.0.0.1:${port}/mail/config-v1.1.xml?emailaddress=jane@example.com`);
      assert.equal(response.status, 200);
      child.kill(signal);
      const { status, err } = await ended;
      assert.equal(status, 0, err);
      assert.match(err, new RegExp(`WARNING db_uri names a relative path; .*//db\\.sqlite file=${folder}/db\\.sqlite`));
      assert.match(err, /INFO WITH asked AS .*\(SELECT .* ms=[\d.]+\n/);
      assert.match(err, /INFO GET \/mail\/config-v1\.1\.xml status=200 .* domain=example\.com format=autoconfig\n/);
      const fields =
        'started version=\\d+\\.\\d+\\.\\d+ configuration=\\S+\\.conf settings=sqlite listen=127\\.0\\.0\\.1:\\d+';
      assert.match(err, new RegExp(`INFO ${fields}\\n`));
      assert.match(err, /INFO stopping\n$/);
      assert.doesNotMatch(err, /jane/);
    }
  });

  test('without a configuration it says that the database is in memory', async (t) => {
    const words = ['--host', '127.0.0.1', '--port', '0'];
    const { said, signal, ended } = startInProcess(words, { HOME: temporaryFolder(t) });
    await said(/^\S+ WARNING no configuration file found: the database is in memory and empty; .*\n/);
    signal('SIGINT');
    assert.equal((await ended).status, 0);
  });

  test('a port in use: exit status 1 with one line', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const result = await configured(t, `listen = 127.0.0.1:0 127.0.0.1:${port}`).run();
    assert.equal(result.status, 1);
    assert.match(result.err, /\nautomx2: listen 127\.0\.0\.1:\d+: the address is in use\n$/);
    // A reader of JSON gets nothing else.
    const json = await configured(t, `log_format = json\nlisten = 127.0.0.1:${port}`).run();
    const lines = json.err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; message: string });
    assert.equal(json.status, 1);
    assert.deepEqual(
      [lines.at(-1)?.level, lines.at(-1)?.message],
      ['CRITICAL', `listen 127.0.0.1:${port}: the address is in use`],
    );
  });

  test('several addresses', async (t) => {
    const { said, signal, ended } = configured(t, 'loglevel = INFO\nlisten = 127.0.0.1:0, [::1]:0').start();
    const [, first, second] = await said(/address=127\.0\.0\.1 port=(\d+)\n[\s\S]*address=::1 port=(\d+)\n/);
    assert.equal((await fetch(`http://127.0.0.1:${first}/mobileconfig/`)).status, 400);
    assert.equal((await fetch(`http://[::1]:${second}/mobileconfig/`)).status, 400);
    signal('SIGTERM');
    assert.equal((await ended).status, 0);
  });

  test('it goes on serving when the reader of its log has gone', async (t) => {
    const { folder, config } = configured(t, 'loglevel = INFO');
    const { child, said, ended } = launchProgram(t, folder, ['--config', config, '--port', '0']);
    const [, port] = await said(/port=(\d+)/);
    child.stderr?.destroy();
    // Each request is a line that nobody reads.
    for (let round = 0; round < 3; round++) {
      assert.equal((await fetch(`http://127.0.0.1:${port}/mobileconfig/`)).status, 400);
    }
    child.kill('SIGTERM');
    assert.equal((await ended).status, 0);
  });

  test('a second signal ends it at once, requests in flight or not', async (t) => {
    const { folder, config } = configured(t, 'loglevel = INFO');
    const { child, said, ended } = launchProgram(t, folder, ['--config', config, '--port', '0']);
    const [, port] = await said(/port=(\d+)/);
    const socket = connect(Number(port), '127.0.0.1');
    t.after(() => socket.destroy());
    const closed = once(
      socket.on('error', () => undefined),
      'close',
    );
    socket.write(
      'POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n',
    );
    const [interim] = await once(socket, 'data');
    assert.match(String(interim), /^HTTP\/1\.1 100 Continue\r\n/); // the request is in flight
    child.kill('SIGTERM');
    await said(/stopping/);
    child.kill('SIGTERM');
    assert.equal((await ended).status, null);
    await closed;
  });
});

test('npm run demo: every request that it prints is answered', async (t) => {
  // The demo's port is fixed, as its text is in the README; where it is taken there is nothing to see.
  const demo = fileURLToPath(new URL('../../src/app/demo.ts', import.meta.url));
  const folder = temporaryFolder(t);
  const running = startProcess(t, [process.execPath, demo], { folder, environment: ourEnvironment(folder) });
  const [out] = await running.said(/^[\s\S]*browser:\n.*\n/);
  const commands = [...out.matchAll(/^curl [\s\S]*?'$(?=\n\n|\n$)/gm)].map(([command]) => command);
  const answers = [/<clientConfig/, /<LoginName>jane@example\.com</, /"submit":/, /<string>Jane Doe</];
  assert.equal(commands.length, answers.length, out);
  for (const [index, wanted] of answers.entries()) {
    const curl = spawn('sh', ['-c', `curl -sS ${(commands[index] ?? '').slice('curl '.length)}`]);
    const chunks: Buffer[] = [];
    curl.stdout.on('data', (chunk) => chunks.push(chunk));
    await once(curl, 'close');
    assert.match(Buffer.concat(chunks).toString(), wanted);
  }
  const [page = ''] = /^http:.*$/m.exec(out) ?? [];
  assert.match(await (await fetch(page)).text(), /<h1>Set up mail for example\.com</);
  running.child.kill('SIGINT');
  assert.equal((await running.ended).status, 0);
});
