import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MAIN = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

interface Result {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the program in a folder of its own, which is its home, too. */
function launch(folder: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { PATH, NODE_V8_COVERAGE } = process.env;
  const env = { PATH, HOME: folder, ...(NODE_V8_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE }), ...environment };
  const child = spawn(process.execPath, [MAIN, ...words], { cwd: folder, env });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  // A program that should have ended must not hold the tests up.
  const limit = setTimeout(() => child.kill('SIGKILL'), 20_000);
  child.once('close', () => clearTimeout(limit));
  const ended: Promise<Result> = once(child, 'close').then(([status]) => ({ status, out, err }));
  const said = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(err + out);
      if (match !== null) return match;
      await Promise.race([once(child.stderr, 'data'), once(child.stdout, 'data'), once(child, 'exit')]);
      if (child.exitCode !== null) assert.fail(`ended with ${child.exitCode}: ${err}`);
    }
  };
  return { child, ended, said };
}

/** A configuration file in a new folder, and the program run with it. */
function configured(t: TestContext, config: string) {
  const folder = temporaryFolder(t);
  const file = join(folder, 'automx2.conf');
  writeFileSync(file, `[automx2]\n${config}\n`);
  return { folder, file, run: (...words: string[]) => launch(folder, ['--config', file, ...words]) };
}

const kill = (t: TestContext, child: ChildProcess): void => {
  t.after(() => child.exitCode ?? child.kill('SIGKILL'));
};

describe('command line', () => {
  for (const { words, status, out = /^$/, err = /^$/ } of [
    { words: ['--version'], status: 0, out: new RegExp(`^automx2 ${version.replaceAll('.', '\\.')}\\n$`) },
    { words: ['--help'], status: 0, out: /^Usage: automx2 [\s\S]*--config FILE/ },
    { words: ['--check'], status: 0, out: /^No configuration file: the defaults can be used\.\n$/ },
    { words: ['--nonsense'], status: 2, err: /^automx2: Unknown option '--nonsense'.*--help shows what there is\)\n$/ },
    { words: ['word'], status: 2, err: /^automx2: unknown command word \(--help shows what there is\)\n$/ },
    { words: ['--port', '65536'], status: 2, err: /^automx2: --port: a number from 0 to 65535 is wanted\n$/ },
    { words: ['--port', ''], status: 2, err: /^automx2: --port: / },
    { words: ['--host', ''], status: 2, err: /^automx2: --host: / },
    { words: ['--config', 'nowhere.conf'], status: 2, err: /^automx2: nowhere\.conf: there is no such file\n$/ },
  ]) {
    test(words.join(' '), async (t) => {
      const result = await launch(temporaryFolder(t), words).ended;
      assert.equal(result.status, status, result.err);
      assert.match(result.out, out);
      assert.match(result.err, err);
    });
  }

  for (const { config, err } of [
    { config: 'loglevl = INFO', err: /^automx2: \S+automx2\.conf:2: unknown option loglevl; known are loglevel, / },
    {
      config: '\nproxy_count = -1',
      err: /^automx2: \S+automx2\.conf:3: proxy_count: a whole number from 0 to 16 is wanted\n$/,
    },
    {
      config: 'db_uri = postgresql://u:geheim@h/d?sslmode=verify-full&sslrootcert=/nowhere.pem',
      err: /^automx2: sslrootcert cannot be read \(ENOENT\)\n$/,
    },
    { config: 'db_uri = oracle://u:geheim@h/d', err: /:2: db_uri: the engine must be one of sqlite, / },
    { config: 'db_uri = sqlite:////nowhere/at/all/db', err: /:2: db_uri: there is no folder \/nowhere\/at\/all\n$/ },
    {
      config: 'db_uri = sqlite:///tmp/db.sqlite',
      err: /:2: db_uri: there is no folder \S+; for the file \/tmp\/db\.sqlite four slashes are needed: sqlite:\/\/\/\/tmp\/db\.sqlite\n$/,
    },
    { config: 'loglevel = INFO\nloglevel = DEBUG', err: /:3: option loglevel stands here for the second time\n$/ },
  ]) {
    test(`exit status 2 for ${JSON.stringify(config)}`, async (t) => {
      const result = await configured(t, config).run().ended;
      assert.equal(result.status, 2, result.err);
      assert.match(result.err, err);
      assert.doesNotMatch(result.err + result.out, /geheim/);
    });
  }

  test('--check names the file and starts nothing', async (t) => {
    const { folder, file, run } = configured(t, `db_uri = sqlite:///db.sqlite`);
    const result = await run('--check').ended;
    assert.deepEqual(result, { status: 0, out: `${file} can be used.\n`, err: '' });
    assert.equal(existsSync(join(folder, 'db.sqlite')), false);
  });

  test('AUTOMX2_CONF counts, the file in the home folder else', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, '.automx2.conf'), '[automx2]\ninitdb = home');
    writeFileSync(join(folder, 'other.conf'), '[automx2]\ninitdb = other');
    assert.match((await launch(folder, ['--check']).ended).err, /\.automx2\.conf:2: initdb: one of off, seed, purge/);
    const environment = { AUTOMX2_CONF: join(folder, 'other.conf') };
    assert.match((await launch(folder, ['--check'], environment).ended).err, /other\.conf:2: initdb/);
    mkdirSync(join(folder, 'folder'));
    const unreadable = await launch(folder, ['--check'], { AUTOMX2_CONF: join(folder, 'folder') }).ended;
    assert.deepEqual([unreadable.status, /cannot be read \(EISDIR\)/.test(unreadable.err)], [2, true]);
  });

  test('an older Node is told what is needed, and nothing else is loaded', async (t) => {
    const lie = 'Object.defineProperty(process,%22versions%22,{value:{node:%2222.22.1%22}})';
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${lie}` };
    const result = await launch(temporaryFolder(t), [], environment).ended;
    assert.deepEqual(result, { status: 1, out: '', err: 'automx2 needs Node.js 22.22.2 or newer; this is 22.22.1.\n' });
  });
});

describe('the daemon as a process', () => {
  test('starts, prepares, answers, is stopped by a signal, and starts again on the same file', async (t) => {
    const { folder, run } = configured(t, 'db_uri = sqlite:///db.sqlite\nloglevel = INFO\ndb_echo = yes');
    for (const [round, signal] of (['SIGTERM', 'SIGINT'] as const).entries()) {
      const { child, said, ended } = run('--port', '0');
      kill(t, child);
      const [, port] = await said(/INFO listening address=127\.0\.0\.1 port=(\d+)/);
      const prepared = await (await fetch(`http://127.0.0.1:${port}/initdb/`)).text();
      assert.match(prepared, round === 0 ? /sample data/ : /nothing was changed/);
      const response = await fetch(`http://127.0.0.1:${port}/mail/config-v1.1.xml?emailaddress=jane@example.com`);
      assert.equal(response.status, 200);
      child.kill(signal);
      const { status, err } = await ended;
      assert.equal(status, 0, err);
      assert.match(err, new RegExp(`WARNING db_uri names a relative path file=${folder}/db\\.sqlite`));
      assert.match(err, /INFO WITH asked AS \(SELECT .* ms=[\d.]+\n/);
      assert.match(err, /INFO GET \/mail\/config-v1\.1\.xml status=200 .* domain=example\.com format=autoconfig\n/);
      assert.match(err, /INFO stopping\n$/);
      assert.doesNotMatch(err, /jane/);
    }
  });

  test('without a configuration it says that the database is in memory', async (t) => {
    const { child, said } = launch(temporaryFolder(t), ['--host', '127.0.0.1', '--port', '0']);
    kill(t, child);
    await said(/^automx2: no configuration file found: the database is in memory and starts empty\n/);
    await said(/WARNING the database has no tables yet/);
  });

  test('a port in use: exit status 1 with one line', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const result = await configured(t, `listen = 127.0.0.1:0 127.0.0.1:${port}`).run().ended;
    assert.equal(result.status, 1);
    assert.match(result.err, /\nautomx2: listen EADDRINUSE: .*\n$/);
  });

  test('several addresses', async (t) => {
    const { child, said } = configured(t, 'loglevel = INFO\nlisten = 127.0.0.1:0, [::1]:0').run();
    kill(t, child);
    const [, first, second] = await said(/address=127\.0\.0\.1 port=(\d+)\n[\s\S]*address=::1 port=(\d+)\n/);
    assert.equal((await fetch(`http://127.0.0.1:${first}/`)).status, 200);
    assert.equal((await fetch(`http://[::1]:${second}/`)).status, 200);
  });

  test('a second signal ends it at once, requests in flight or not', async (t) => {
    const { child, said, ended } = configured(t, 'loglevel = INFO').run('--port', '0');
    kill(t, child);
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
  const { PATH, NODE_V8_COVERAGE } = process.env;
  const env = { PATH, ...(NODE_V8_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE }) };
  const child = spawn(process.execPath, [demo], { env });
  kill(t, child);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  while (!out.includes('Jane%20Doe')) await once(child.stdout, 'data');
  const commands = [...out.matchAll(/^curl [\s\S]*?'$(?=\n\n|\n$)/gm)].map(([command]) => command);
  assert.equal(commands.length, 3, out);
  for (const [index, wanted] of [/<clientConfig/, /<LoginName>jane@example\.com</, /<string>Jane Doe</].entries()) {
    const curl = spawn('sh', ['-c', `curl -sS ${(commands[index] ?? '').slice('curl '.length)}`]);
    const chunks: Buffer[] = [];
    curl.stdout.on('data', (chunk) => chunks.push(chunk));
    await once(curl, 'close');
    assert.match(Buffer.concat(chunks).toString(), wanted);
  }
  child.kill('SIGINT');
  assert.equal((await once(child, 'close'))[0], 0);
});
