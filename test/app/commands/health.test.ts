import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { ListenError } from '../../../src/adapters/http/server/listen.ts';
import { document } from '../../domain/documents/samples.ts';
import { certificatesMissing, makeCertificates } from '../../support/certificates.ts';
import { freePort } from '../../support/database-server.ts';
import { configured } from '../../support/in-process.ts';
import type { Result } from '../../support/process.ts';
import { launchProgram } from '../../support/program.ts';
import { listening, scriptedPeer, withoutEnd } from '../../support/scripted-peer.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { EXAMPLE_ROWS, startTestDaemon } from '../../support/test-daemon.ts';

/** A database that nothing answers for. */
const AWAY = 'db_uri = postgresql://automx2@127.0.0.1:1/automx2';

/** Runs the command with what the option `listen` says. */
const healthAt = (t: TestContext, listen: string, ...words: readonly string[]): Promise<Result> =>
  configured(t, `listen = ${listen}\n${AWAY}`).run('health', ...words);

describe('/healthz, and automx2 health at the first address to listen on', () => {
  const file = (t: TestContext, content: unknown): string => {
    const path = join(temporaryFolder(t), 'settings.json');
    writeFileSync(path, JSON.stringify(content));
    return path;
  };
  for (const { what, start, status, line } of [
    {
      what: 'domains',
      start: (t: TestContext) => startTestDaemon(t, { rows: EXAMPLE_ROWS }),
      status: 200,
      line: /^ok$/,
    },
    {
      what: 'tables alone',
      start: (t: TestContext) => startTestDaemon(t, { rows: '' }),
      status: 200,
      line: /^ok: .*domain/,
    },
    { what: 'no table', start: (t: TestContext) => startTestDaemon(t), status: 503, line: /prepared/ },
    {
      what: 'domains in a file',
      start: (t: TestContext) => startTestDaemon(t, { settings: { settingsFile: file(t, document()) } }),
      status: 200,
      line: /^ok$/,
    },
    {
      what: 'a file without domains',
      start: (t: TestContext) => startTestDaemon(t, { settings: { settingsFile: file(t, { version: 3 }) } }),
      status: 200,
      line: /^ok: (?!.*database).*domain/,
    },
  ]) {
    test(`${what}: ${status}`, async (t) => {
      const { base, port } = await start(t);
      const response = await fetch(`${base}/healthz`);
      assert.equal(response.status, status);
      const text = await response.text();
      assert.match(text.trimEnd(), line);
      const { status: exit, out, err } = await healthAt(t, `127.0.0.1:${port} 127.0.0.1:1`);
      if (status === 200) assert.deepEqual([exit, out, err], [0, `http://127.0.0.1:${port}: ${text}`, '']);
      else assert.deepEqual([exit, out, err], [1, '', `automx2: http://127.0.0.1:${port}: status ${status}: ${text}`]);
    });
  }

  test('a database that is away, while something is known, and when it is not known any longer', async (t) => {
    let elapsedMs = 1_000_000;
    const clock = { now: () => new Date(), elapsedMs: () => elapsedMs };
    const daemon = await startTestDaemon(t, { rows: EXAMPLE_ROWS, clock });
    assert.equal((await fetch(`${daemon.base}/mail/config-v1.1.xml?emailaddress=a@example.com`)).status, 200);
    const other = new Database(daemon.file);
    t.after(() => other.close());
    other.exec('BEGIN EXCLUSIVE');
    const remembered = await healthAt(t, `127.0.0.1:${daemon.port}`);
    assert.equal(remembered.status, 0);
    assert.match(remembered.out, /: ok: .*database.*memory/);
    elapsedMs += daemon.settings.cache.staleSeconds * 1_000;
    for (let round = 0; round < 2; round++) {
      const forgotten = await healthAt(t, `127.0.0.1:${daemon.port}`);
      assert.deepEqual([forgotten.status, forgotten.out], [1, '']);
    }
    other.exec('ROLLBACK');
    elapsedMs += 1_000;
    assert.equal((await healthAt(t, `127.0.0.1:${daemon.port}`)).status, 0);
    const told = daemon.log.filter((line) => line.includes('health checks'));
    assert.deepEqual(
      told.map((line) => line.split(' ')[1]),
      ['ERROR', 'WARNING'],
    );
  });
});

describe('automx2 health asks', () => {
  for (const { host, written = host, asked, isIPv6 = false } of [
    { host: 'localhost', asked: 'localhost' },
    { host: '0.0.0.0', asked: '127.0.0.1' },
    { host: '::1', written: '[::1]', asked: '[::1]', isIPv6: true },
    { host: '::', written: '[::]', asked: '[::1]', isIPv6: true },
  ]) {
    test(`at ${asked} where listen is ${written}`, async (t) => {
      const daemon = await startTestDaemon(t, { rows: '', settings: { listen: [{ host, port: 0 }] } }).catch(
        (error: unknown) => {
          if (isIPv6 && error instanceof ListenError) return undefined;
          throw error;
        },
      );
      if (daemon === undefined) return t.skip('no IPv6');
      const { status, out, err } = await healthAt(t, `${written}:${daemon.port}`);
      assert.equal(status, 0, err);
      assert.ok(out.startsWith(`http://${asked}:${daemon.port}: ok`), out);
      const named = await healthAt(t, '127.0.0.1:1', '--url', `http://${asked}:${daemon.port}/`);
      assert.deepEqual(named, { status, out, err });
    });
  }

  test('at a Unix socket', async (t) => {
    const path = join(temporaryFolder(t), 'automx2.sock');
    await startTestDaemon(t, { rows: '', settings: { listen: [{ path }] } });
    const { status, out } = await healthAt(t, `unix:${path}`);
    assert.equal(status, 0);
    assert.ok(out.startsWith(`unix:${path}: ok`), out);
    const { status: nobody, err } = await healthAt(t, `unix:${path}.gone`);
    assert.equal(nobody, 1);
    assert.match(err, /automx2\.sock\.gone: there is no such file/);
  });

  /** Somebody else's server, and the Hosts, methods and paths that it is asked for. */
  const foreign = async (t: TestContext, answer: RequestListener) => {
    const heard: string[] = [];
    const server = createServer((request, response) => {
      heard.push(`${request.method} ${request.url} ${request.headers.host}`);
      answer(request, response);
    });
    return { ...(await listening(t, server, 'localhost')), heard };
  };
  const ok: RequestListener = (_request, response) => response.end('ok\n');

  test('once, for localhost, or for what --url names, through no proxy', async (t) => {
    const { port, heard } = await foreign(t, ok);
    const proxy = await foreign(t, ok);
    const { folder, config, run } = configured(t, `listen = 127.0.0.1:${port}`);
    const through = `http://127.0.0.1:${proxy.port}`;
    const environment = { HTTP_PROXY: through, http_proxy: through, NODE_USE_ENV_PROXY: '1' };
    const results = [
      await launchProgram(t, folder, ['--config', config, 'health'], { environment }).ended,
      await run('health', '--url', `http://localhost:${port}`),
      await run('health', '--url', `http://127.0.0.1:${port}`),
    ];
    assert.deepEqual(
      results.map(({ status }) => status),
      [0, 0, 0],
    );
    assert.deepEqual(
      heard,
      ['localhost', 'localhost', '127.0.0.1'].map((host) => `GET /healthz ${host}`),
    );
    assert.deepEqual(proxy.heard, []);
  });

  const text =
    (status: number, body: string): RequestListener =>
    (_request, response) =>
      response.writeHead(status, { location: '/', 'content-type': 'text/plain' }).end(body);
  for (const { what, answer, shown = /^[ -~]+\n$/ } of [
    { what: 'a redirect', answer: text(302, 'ok\n') },
    { what: 'no such path', answer: text(404, 'Not found\n') },
    { what: 'no content', answer: text(204, '') },
    { what: 'a page', answer: text(200, '<!DOCTYPE html><title>ok</title>\n') },
    { what: 'another word', answer: text(200, 'okay\n') },
    { what: 'more than a line', answer: text(200, 'ok\nok\n') },
    { what: 'a line that is too long', answer: text(200, `ok: ${'x'.repeat(4_000)}\n`) },
    { what: 'what a terminal would obey', answer: text(200, 'ok: \u001b[31m\n') },
    {
      what: 'an answer without end',
      answer: (_request: unknown, response: ServerResponse) => withoutEnd(response, 'ok\n'),
    },
    { what: 'a failure', answer: text(503, 'The database is away\n'), shown: /: status 503: The database is away\n$/ },
    {
      what: 'a failure of a proxy',
      answer: text(503, '<html>\n<body>\u001b[31m'),
      shown: /: status 503 [^<\u001b]*\n$/,
    },
    { what: 'a closed connection', answer: ({ socket }: { socket: Socket }) => socket.destroy() },
  ]) {
    test(`and ends with 1: ${what}`, async (t) => {
      const { port, heard } = await foreign(t, answer);
      const { status, out, err } = await healthAt(t, `127.0.0.1:${port}`);
      assert.deepEqual([status, out, heard.length], [1, '', 1]);
      assert.ok(err.startsWith(`automx2: http://127.0.0.1:${port}: `), err);
      assert.match(err, shown);
    });
  }

  test('and ends with 1: nobody listens, or none that speaks HTTP', async (t) => {
    const greeter = await scriptedPeer(t, (socket) => socket.write('220 mail.example.com ESMTP\r\n'));
    for (const port of [await freePort(), greeter.port]) {
      const { status, out, err } = await healthAt(t, `127.0.0.1:${port}`);
      assert.deepEqual([status, out], [1, '']);
      assert.match(err, /^automx2: http:\/\/127\.0\.0\.1:\d+: [^\n]+\n$/);
    }
  });

  test('and ends with 1: 5 seconds without an answer, or without its end', async (t) => {
    for (const begun of ['', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok']) {
      const asked = Promise.withResolvers<void>();
      const { port } = await scriptedPeer(t, (socket) =>
        socket.once('data', () => socket.write(begun, () => asked.resolve())),
      );
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const result = healthAt(t, `127.0.0.1:${port}`);
      await asked.promise;
      t.mock.timers.tick(5_000);
      t.mock.timers.reset();
      const { status, out } = await result;
      assert.deepEqual([status, out], [1, '']);
    }
  });
});

describe('automx2 health over TLS', { skip: certificatesMissing }, () => {
  test('trusts whom Node.js trusts, for the name that is asked', async (t) => {
    const certificates = makeCertificates(t);
    const { chain, key } = certificates.issue({ names: ['localhost'] });
    const server = createTlsServer({ cert: chain, key }, (_request, response) => response.end('ok\n'));
    const { port } = await listening(t, server, 'localhost');
    const { folder } = configured(t, '');
    const trust = { NODE_EXTRA_CA_CERTS: certificates.root.certificateFile };
    const statuses = await Promise.all(
      (
        [
          ['https://localhost', trust],
          ['https://localhost', {}],
          ['https://127.0.0.1', trust],
          ['http://localhost', trust],
        ] as const
      ).map(async ([url, environment]) => {
        const { status, out } = await launchProgram(t, folder, ['health', '--url', `${url}:${port}`], { environment })
          .ended;
        return [status, out === ''];
      }),
    );
    assert.deepEqual(statuses, [
      [0, false],
      [1, true],
      [1, true],
      [1, true],
    ]);
  });
});

describe('automx2 health does not know where to ask', () => {
  for (const url of [
    '',
    'localhost:4243',
    'unix:/run/automx2.sock',
    'ftp://localhost/',
    'http:/localhost',
    'http://',
    'http://:80',
    'http://jane:geheim@localhost',
    'http://localhost/healthz',
    'http://localhost?x',
    'http://localhost#x',
    'http://localhost:65536',
    'http://[::1',
  ]) {
    test(`by --url "${url}"`, async (t) => {
      const { status, out, err } = await healthAt(t, '127.0.0.1:1', '--url', url);
      assert.deepEqual([status, out], [2, '']);
      assert.match(err, /^automx2: .*--url/);
      assert.doesNotMatch(err, /geheim/);
    });
  }

  test('where the system chooses the port', async (t) => {
    const { status, err } = await healthAt(t, '127.0.0.1:0');
    assert.equal(status, 2);
    assert.match(err, /--url/);
  });
});
