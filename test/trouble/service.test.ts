import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ask,
  LISTEN,
  type Question,
  refused,
  type Service,
  start,
  type Target,
} from '../support/configured-service.ts';
import { findProgram, freePort } from '../support/database-server.ts';
import { startProcess } from '../support/process.ts';
import { reportMissing } from '../support/server-database.ts';
import { READER, slapdServer } from '../support/slapd-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { autodiscoverRequest, EXAMPLE_ROWS } from '../support/test-daemon.ts';

/** Starts a command as systemd does that hands it sockets: under the process id that LISTEN_PID names. */
const handingOver = (count: number): readonly string[] => [
  'sh',
  '-c',
  `LISTEN_PID=$$ LISTEN_FDS=${count} exec "$@"`,
  'sh',
];

/** A listening socket of the test's; `release` when another process has it. */
async function listening(t: TestContext, path?: string): Promise<{ server: Server; target: Target; release(): void }> {
  const server = path === undefined ? createServer().listen(0, '127.0.0.1') : createServer().listen(path);
  t.after(() => server.close());
  await once(server, 'listening');
  return {
    server,
    target: path === undefined ? { port: (server.address() as AddressInfo).port } : { socketPath: path },
    release() {
      // Node.js takes away the file of a Unix socket that it closes: not if it is not there.
      if (path !== undefined) renameSync(path, `${path}.kept`);
      server.close();
      if (path !== undefined) renameSync(`${path}.kept`, path);
    },
  };
}

describe('sockets that are handed over', () => {
  test('one: it is served, and no other address is listened on', async (t) => {
    const { server, target, release } = await listening(t);
    const port = await freePort();
    const service = start(t, { config: `listen = 127.0.0.1:${port}`, wrap: handingOver(1), sockets: [server] });
    assert.deepEqual({ port: await service.port() }, target);
    release();
    assert.equal((await ask(target)).status, 200);
    await refused({ port });
    assert.equal((await service.stop()).match(/ listening /g)?.length, 1);
    await refused(target);
  });

  test('several, a Unix socket among them', async (t) => {
    const path = join(temporaryFolder(t), 'socket');
    const first = await listening(t);
    const second = await listening(t);
    const unix = await listening(t, path);
    const sockets = [first, second, unix];
    const service = start(t, { wrap: handingOver(3), sockets: sockets.map(({ server }) => server) });
    await service.said(/(?: listening [^\n]*\n[\s\S]*?){3}/);
    for (const { release } of sockets) release();
    for (const { target } of sockets) assert.match((await ask(target)).body, /imap\.example\.com/);
    await service.stop();
    assert.ok(existsSync(path), 'whoever opened the socket takes it away');
  });

  test('metrics have their own socket beside one that is handed over', async (t) => {
    const { server, target, release } = await listening(t);
    const socketPath = join(temporaryFolder(t), 'metrics');
    const config = `metrics_listen = unix:${socketPath}`;
    const service = start(t, { config, wrap: handingOver(1), sockets: [server] });
    await service.said(/ metrics are served /);
    release();
    assert.equal((await ask(target)).status, 200);
    assert.equal((await ask(target, { path: '/metrics' })).status, 404);
    assert.match(
      (await ask({ socketPath }, { path: '/metrics' })).body,
      /\{route="autoconfig",method="GET",code="200"\} 1\n/,
    );
    await service.stop();
    assert.equal(existsSync(socketPath), false);
  });

  test('a Unix socket is known as one: its clients are on this machine', async (t) => {
    const unix = await listening(t, join(temporaryFolder(t), 'socket'));
    const service = start(t, { wrap: handingOver(1), sockets: [unix.server] });
    await service.said(/ listening /);
    unix.release();
    assert.equal((await ask(unix.target, { path: '/initdb/', headers: { Host: 'localhost' } })).status, 200);
    const log = await service.stop();
    assert.match(log, / GET \/initdb\/ .* client=unix /);
    assert.doesNotMatch(log, /listening socket=closed/);
  });

  for (const { what, variables } of [
    { what: 'for another process', variables: 'LISTEN_PID=1 LISTEN_FDS=1' },
    { what: 'without a number', variables: 'LISTEN_PID=$$ LISTEN_FDS=x' },
  ]) {
    test(`${what}: they are left alone`, async (t) => {
      const { server, target } = await listening(t);
      const wrap = ['sh', '-c', `${variables} exec "$@"`, 'sh'];
      const service = start(t, { config: 'listen = 127.0.0.1:0', wrap, sockets: [server] });
      const port = await service.port();
      assert.notDeepEqual({ port }, target);
      assert.equal((await ask({ port })).status, 200);
      await service.stop();
    });
  }

  const cannotUnshare = process.getuid?.() !== 0 ? 'a network namespace takes root' : false;
  for (const kind of ['TCP', 'Unix'] as const) {
    test(`a ${kind} socket serves a process without any network`, { skip: cannotUnshare }, async (t) => {
      const { server, target, release } = await listening(
        t,
        kind === 'Unix' ? join(temporaryFolder(t), 'socket') : undefined,
      );
      const service = start(t, { wrap: ['unshare', '--net', ...handingOver(1)], sockets: [server] });
      await service.said(/ listening /);
      release();
      const ofProcess = (name: string): string => readFileSync(`/proc/${service.child.pid}/net/${name}`, 'utf8');
      assert.deepEqual(ofProcess('dev').match(/\S+(?=:)/g), ['lo']);
      // Not even that one is up: no address, no route.
      assert.equal(ofProcess('if_inet6'), '');
      assert.doesNotMatch(ofProcess('route'), /^lo\t/m);
      for (let count = 0; count < 20; count++) assert.equal((await ask(target)).status, 200);
      await service.reload();
      assert.equal((await ask(target)).status, 200);
      await service.stop();
    });
  }
});

describe('Unix sockets', () => {
  for (const { config, mode } of [
    { config: '', mode: 0o660 },
    { config: 'socket_mode = 600', mode: 0o600 },
    { config: 'socket_mode = 0666', mode: 0o666 },
  ]) {
    test(`${config || 'by default'}: mode ${mode.toString(8)}, and gone at the end`, async (t) => {
      const path = join(temporaryFolder(t), 'socket');
      const service = start(t, { config: `listen = unix:${path}\n${config}` });
      await service.said(new RegExp(` listening socket=${path}\n`));
      assert.equal(statSync(path).mode & 0o777, mode);
      assert.equal((await ask({ socketPath: path })).status, 200);
      assert.match(await service.stop(), / client=unix /);
      assert.equal(existsSync(path), false);
    });
  }

  test('what a killed process left behind is replaced', async (t) => {
    const path = join(temporaryFolder(t), 'socket');
    const killed = start(t, { config: `listen = unix:${path}` });
    await killed.said(/ listening /);
    killed.child.kill('SIGKILL');
    await killed.ended;
    assert.ok(statSync(path).isSocket());
    const service = start(t, { config: `listen = unix:${path}\nsocket_mode = 600` });
    await service.said(/ listening /);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal((await ask({ socketPath: path })).status, 200);
    await service.stop();
  });

  test('one in use is refused, and its owner goes on', async (t) => {
    const path = join(temporaryFolder(t), 'socket');
    const owner = start(t, { config: `listen = unix:${path}` });
    await owner.said(/ listening /);
    const { status, err } = await start(t, { config: `loglevel = ERROR\nlisten = unix:${path}` }).ended;
    assert.deepEqual([status, err], [1, `automx2: listen unix:${path}: the address is in use\n`]);
    assert.equal((await ask({ socketPath: path })).status, 200);
    await owner.stop();
  });

  for (const { what, make } of [
    { what: 'a file', make: (path: string) => writeFileSync(path, 'precious') },
    { what: 'an executable file', make: (path: string) => writeFileSync(path, 'precious', { mode: 0o755 }) },
    { what: 'a folder', make: (path: string) => mkdirSync(path) },
  ]) {
    test(`${what} at the path is refused, and stays`, async (t) => {
      const path = join(temporaryFolder(t), 'precious');
      make(path);
      const { ino } = statSync(path);
      const service = start(t, { config: `listen = unix:${path}` });
      const listens = service.said(/ listening /).then(
        () => true,
        () => false,
      );
      assert.equal(await listens, false);
      const { status, err } = await service.ended;
      assert.equal(status, 1);
      assert.match(err, /\nautomx2: listen unix:.*: the address is in use\n$/);
      assert.equal(statSync(path).ino, ino);
    });
  }

  test('an address that cannot be had takes the sockets before it away', async (t) => {
    const path = join(temporaryFolder(t), 'socket');
    const { target } = await listening(t);
    const { port } = target as { port: number };
    const { status, err } = await start(t, { config: `listen = unix:${path} 127.0.0.1:${port}` }).ended;
    assert.equal(status, 1);
    assert.match(err, /\nautomx2: listen 127\.0\.0\.1:\d+: the address is in use\n$/);
    assert.equal(existsSync(path), false);
  });
});

const python = findProgram('python3');
const notify = findProgram('systemd-notify');
const MISSING_PYTHON = 'Python 3 (Debian: python3) is not installed';
const MISSING_NOTIFY = 'systemd-notify (Debian: systemd) is not installed';
reportMissing(MISSING_PYTHON, python === undefined);
reportMissing(MISSING_NOTIFY, notify === undefined);
const cannotNotify = python === undefined ? MISSING_PYTHON : notify === undefined ? MISSING_NOTIFY : false;

/** Prints each message as JSON; on READY=1 it finds out whether the daemon's socket is listened on already. */
const RECEIVER = `
import json, socket, sys, time
inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
inbox.bind(sys.argv[1])
print('bound', flush=True)
while True:
    # Without room for descriptors, that of systemd-notify's barrier is closed, which is what it waits for.
    text = inbox.recv(4096).decode()
    if text == 'BARRIER=1':
        continue
    message = {'words': text.split('\\n'), 'clock': time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}
    if text == 'READY=1':
        with socket.socket(socket.AF_UNIX) as client:
            message['listens'] = client.connect_ex(sys.argv[2]) == 0
    print(json.dumps(message), flush=True)
`;

interface Message {
  readonly words: readonly string[];
  readonly clock: number;
  readonly listens?: boolean;
}

describe('the service manager', () => {
  test('is told when it listens, reloads and stops', { skip: cannotNotify }, async (t) => {
    const folder = temporaryFolder(t);
    const [inbox, path] = [join(folder, 'notify'), join(folder, 'socket')];
    const receiver = startProcess(t, [python ?? '', '-c', RECEIVER, inbox, path], {
      folder,
      environment: { PATH: process.env['PATH'] },
    });
    await receiver.said(/^bound\n/);
    const message = async (number: number): Promise<Message> => {
      const [, line = ''] = await receiver.said(new RegExp(`^bound\n(?:.*\n){${number - 1}}(.*)\n`));
      return JSON.parse(line);
    };
    const service = start(t, { config: `listen = unix:${path}`, environment: { NOTIFY_SOCKET: inbox } });
    const { words, listens, clock } = await message(1);
    assert.deepEqual({ words, listens }, { words: ['READY=1'], listens: true });
    for (const [reload, broken] of ['', 'nonsense = 1'].entries()) {
      service.configure(`listen = unix:${path}\n${broken}`);
      service.child.kill('SIGHUP');
      const reloading = await message(2 + 2 * reload);
      const [, microseconds] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(reloading.words.join('\n')) ?? [];
      const began = Number(microseconds);
      assert.ok(began >= clock && began <= reloading.clock, `${reloading.words} at ${clock} to ${reloading.clock}`);
      assert.deepEqual((await message(3 + 2 * reload)).words, ['READY=1']);
    }
    assert.doesNotMatch(await service.stop(), /cannot be notified/);
    assert.deepEqual((await message(6)).words, ['STOPPING=1']);
    receiver.child.kill();
  });

  test('is told again and again that the daemon lives, by its event loop', { skip: cannotNotify }, async (t) => {
    const folder = temporaryFolder(t);
    const inbox = join(folder, 'notify');
    const receiver = startProcess(t, [python ?? '', '-c', RECEIVER, inbox, join(folder, 'none')], {
      folder,
      environment: { PATH: process.env['PATH'] },
    });
    await receiver.said(/^bound\n/);
    const service = start(t, { config: LISTEN, environment: { NOTIFY_SOCKET: inbox, WATCHDOG_USEC: '100000' } });
    await receiver.said(/READY=1[\s\S]*(?:WATCHDOG=1[\s\S]*){3}/);
    await service.stop();
    receiver.child.kill();
  });

  test('restarts it after an uncaught error: one CRITICAL line without the error’s words, status 1', async (t) => {
    const folder = temporaryFolder(t);
    const fault = join(folder, 'fault.mjs');
    writeFileSync(fault, "process.on('SIGUSR2', () => JSON.parse('secret of a driver'));\n");
    const service = start(t, { config: LISTEN, environment: { NODE_OPTIONS: `--import=${fault}` } });
    const port = await service.port();
    assert.equal((await ask({ port })).status, 200);
    service.child.kill('SIGUSR2');
    const { status, err } = await service.ended;
    assert.equal(status, 1);
    const [critical = '', ...more] = err
      .slice(err.indexOf('\n', err.indexOf('GET /mail')) + 1)
      .trimEnd()
      .split('\n');
    assert.match(critical, / CRITICAL .* SyntaxError at /);
    assert.deepEqual(more, []);
    assert.doesNotMatch(err, /secret/);
    await refused({ port });
  });

  test('cannot be told without systemd-notify: one warning, and the daemon serves', async (t) => {
    const folder = temporaryFolder(t);
    const environment = { NOTIFY_SOCKET: join(folder, 'notify'), PATH: folder };
    const service = start(t, { config: 'listen = 127.0.0.1:0', environment });
    const port = await service.port();
    await service.said(/WARNING the service manager cannot be notified: spawn systemd-notify ENOENT\n/);
    assert.equal((await ask({ port })).status, 200);
    assert.equal(
      service.err().match(/WARNING (?!some clients|running as root)/g)?.length,
      2,
      'the other one is about indexes',
    );
    await service.stop();
  });

  test('is not looked for where there is none', async (t) => {
    const service = start(t, { config: 'listen = 127.0.0.1:0', environment: { PATH: temporaryFolder(t) } });
    await service.port();
    assert.doesNotMatch(await service.stop(), /service manager/);
  });
});

describe('SIGHUP takes over', () => {
  test('loglevel', async (t) => {
    const service = start(t, { config: LISTEN });
    const port = await service.port();
    // The line about it is INFO, which is no longer logged: another option shows when it is done.
    service.configure(`loglevel = WARNING\ninitdb = off\n${LISTEN}`);
    service.child.kill('SIGHUP');
    while ((await ask({ port }, { path: '/initdb/' })).status !== 403);
    await ask({ port }, { path: '/healthz' });
    service.configure(LISTEN);
    await service.reload();
    await ask({ port }, { path: '/mobileconfig/' });
    const log = await service.stop();
    assert.match(log, / configuration reloaded\n.* GET \/mobileconfig\/ status=400 .*\n.* stopping\n$/);
    assert.doesNotMatch(log, /healthz/);
  });

  test('log_format', async (t) => {
    const service = start(t, { config: LISTEN });
    const port = await service.port();
    service.configure(`${LISTEN}\nlog_format = json`);
    await service.reload();
    await ask({ port });
    const lines = (await service.stop()).trimEnd().split('\n');
    const from = lines.findIndex((line) => line.includes('configuration reloaded'));
    assert.ok(lines.slice(0, from).every((line) => /^\d{4}-\S+ [A-Z]+ /.test(line)));
    const entries = lines.slice(from).map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      entries.map(({ message }) => message),
      ['configuration reloaded', 'GET /mail/config-v1.1.xml', 'stopping'],
    );
    const { method, path, status, bytes, ms } = entries[1] ?? {};
    assert.deepEqual(
      [method, path, status, typeof bytes, typeof ms],
      ['GET', '/mail/config-v1.1.xml', 200, 'number', 'number'],
    );
  });

  test('initdb', async (t) => {
    const service = start(t, { config: `${LISTEN}\ninitdb = off` });
    const port = await service.port();
    const statuses: number[] = [];
    for (const word of ['seed', 'purge', 'off']) {
      statuses.push((await ask({ port }, { path: '/initdb/' })).status);
      service.configure(`${LISTEN}\ninitdb = ${word}`);
      await service.reload();
    }
    statuses.push((await ask({ port }, { path: '/initdb/' })).status);
    assert.deepEqual(statuses, [403, 200, 200, 403]);
    await service.stop();
  });

  test('proxy_count', async (t) => {
    const service = start(t, { config: LISTEN });
    const port = await service.port();
    const headers = { 'X-Forwarded-For': '198.51.100.7, 203.0.113.9' };
    for (const count of [1, 2]) {
      service.configure(`${LISTEN}\nproxy_count = ${count}`);
      await service.reload();
      await ask({ port }, { headers });
    }
    const clients = [...(await service.stop()).matchAll(/ client=(\S+)/g)].map(([, client]) => client);
    assert.deepEqual(clients, ['203.0.113.9', '198.51.100.7']);
  });

  test('nothing of what it cannot change, which one warning names', async (t) => {
    const service = start(t, { config: LISTEN });
    const port = await service.port();
    const other = await freePort();
    service.configure(`listen = 127.0.0.1:${other}\ndb_echo = yes`);
    writeFileSync(service.file, readFileSync(service.file, 'utf8').replace('db.sqlite', 'other.sqlite'));
    await service.reload();
    assert.match((await ask({ port })).body, /imap\.example\.com/);
    await refused({ port: other });
    service.configure(LISTEN);
    await service.reload();
    const log = await service.stop();
    const warnings = log.match(/WARNING .*restart.*/g);
    assert.deepEqual(warnings, ['WARNING these options change only with a restart: db_echo, db_uri, listen']);
    assert.doesNotMatch(log, /SELECT/);
  });

  for (const { what, config, reason } of [
    { what: 'an unknown option', config: 'nonsense = 1', reason: ':5: nonsense: unknown option; use ' },
    {
      what: 'a bad value',
      config: 'initdb = perhaps',
      reason: ':5: initdb: "perhaps" is not valid; use off, seed or purge\n',
    },
    { what: 'no text', config: 'loglevel\n', reason: ':4: ' },
    {
      what: 'a secret that is not there',
      config: 'ldap_bind_password_file = /nowhere/secret',
      reason: ':5: ldap_bind_password_file: the file cannot be read: there is no such file or folder\n',
    },
  ]) {
    test(`nothing of a file that cannot be used: ${what}`, async (t) => {
      const service = start(t, { config: `${LISTEN}\ninitdb = off` });
      const port = await service.port();
      service.configure(`${LISTEN}\n${config}`);
      await service.reload(/configuration not reloaded/);
      const { length } = service.err().split('\n');
      assert.equal((await ask({ port }, { path: '/initdb/' })).status, 403);
      const log = await service.stop();
      assert.ok(
        log.includes(`ERROR configuration not reloaded, the old one stays in use: ${service.file}${reason}`),
        log,
      );
      // One line about it, one about the request, one about the end.
      assert.equal(log.split('\n').length, length + 2);
    });
  }

  test('nothing of a file that is gone', async (t) => {
    const service = start(t, { config: LISTEN });
    const port = await service.port();
    renameSync(service.file, `${service.file}.old`);
    await service.reload(/configuration not reloaded, the old one stays in use: \S+: no such file\n/);
    assert.equal((await ask({ port })).status, 200);
    renameSync(`${service.file}.old`, service.file);
    await service.reload(/configuration reloaded|no such file/);
    await service.stop();
  });
});

const slapd = await slapdServer({ tls: false });
after(() => slapd?.remove());
await slapd?.start();
const MISSING_SLAPD = 'OpenLDAP (Debian: slapd) is not installed';
reportMissing(MISSING_SLAPD, slapd === undefined);

test('SIGHUP takes over options of directories', { skip: slapd === undefined && MISSING_SLAPD }, async (t) => {
  const secret = join(temporaryFolder(t), 'secret');
  writeFileSync(secret, 'wrong\n');
  const rows = `${EXAMPLE_ROWS}
    INSERT INTO ldapserver VALUES (1, '127.0.0.1', ${slapd?.port}, 0, 'dc=example,dc=com', '(mail={0})', 'uid', 'cn', NULL, '${READER.user}');
    UPDATE domain SET ldapserver_id = 1 WHERE id = 1;`;
  const config = `${LISTEN}\nldap_verify = no\nldap_bind_password_file = ${secret}`;
  const service = start(t, { config, rows });
  const port = await service.port();
  const question = { path: '/mail/config-v1.1.xml?emailaddress=ann@example.com' };
  assert.equal((await ask({ port }, question)).status, 503);
  writeFileSync(secret, `${READER.password}\n`);
  await service.reload();
  assert.match((await ask({ port }, question)).body, /<username>ann-login</);
  writeFileSync(secret, 'wrong again\n');
  await service.reload();
  assert.equal((await ask({ port }, question)).status, 503);
  assert.doesNotMatch(await service.stop(), /wrong|geheim|ann/);
});

test('SIGUSR1 starts no debugger', async (t) => {
  const service = start(t, { config: LISTEN });
  const port = await service.port();
  service.child.kill('SIGUSR1');
  await service.reload();
  assert.equal((await ask({ port })).status, 200);
  assert.doesNotMatch(await service.stop(), /[Dd]ebugger/);
});

test('running as root is a WARNING', { skip: process.geteuid?.() !== 0 && 'needs root' }, async (t) => {
  const service = start(t, { config: LISTEN });
  await service.port();
  assert.match(await service.stop(), / WARNING running as root: /);
});

describe('log lines', () => {
  const SECRET = 'Local.Part';
  /** What holds an address or a query in every place where a client can put one. */
  const questions: readonly Question[] = [
    { path: `/mail/config-v1.1.xml?emailaddress=${SECRET}@example.com&query=Query.Text` },
    { path: `/mail/config-v1.1.xml?emailaddress=${SECRET}` },
    { path: `/mobileconfig/?emailaddress=${SECRET}%40example.com&name=Query.Text&password=Query.Text` },
    { path: `/autodiscover/autodiscover.json/v1.0/${SECRET}@example.com?Protocol=AutodiscoverV1` },
    { path: `/autodiscover/autodiscover.json?Email=${SECRET}%40example.com&Protocol=Query.Text` },
    { path: `/${SECRET}@example.com/x?Query.Text` },
    { path: '/autodiscover/autodiscover.xml', method: 'POST', body: autodiscoverRequest(`${SECRET}@example.com`) },
    { path: '/autodiscover/autodiscover.xml', method: 'POST', body: autodiscoverRequest(`${SECRET}@unknown.example`) },
    { path: '/autodiscover/autodiscover.xml', method: 'POST', body: `<${SECRET}` },
    { path: '/initdb/', method: 'POST', body: `{"${SECRET}`, headers: { 'Content-Type': 'application/json' } },
  ];
  const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];

  for (const { what, config, isJournal = false, check } of [
    {
      what: 'text',
      config: '',
      check: (line: string) =>
        assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?:DEBUG|INFO|WARNING|ERROR) \S/),
    },
    {
      what: 'JSON',
      config: 'log_format = json',
      check: (line: string) => {
        const entry = JSON.parse(line) as Record<string, unknown>;
        assert.deepEqual(Object.keys(entry).slice(0, 3), ['time', 'level', 'message']);
        assert.ok(LEVELS.includes(String(entry['level'])));
        assert.equal(new Date(String(entry['time'])).toISOString(), entry['time']);
      },
    },
    {
      what: 'for the journal',
      config: '',
      isJournal: true,
      check: (line: string) => assert.match(line, /^<[2-7]>(?!\d{4}-)\S/),
    },
    {
      what: 'JSON for the journal',
      config: 'log_format = json',
      isJournal: true,
      check: (line: string) => assert.equal(typeof JSON.parse(line).level, 'string'),
    },
  ]) {
    test(`${what}: one form, no local part, no query`, async (t) => {
      const service = start(t, { config: `loglevel = DEBUG\ndb_echo = yes\n${LISTEN}\n${config}`, isJournal });
      const port = await service.port();
      for (const question of questions) await ask({ port }, question);
      service.configure(`loglevel = DEBUG\n${LISTEN}\n${config}\nnonsense = 1`);
      await service.reload(/configuration not reloaded/);
      const lines = (await service.stop()).trimEnd().split('\n');
      assert.ok(lines.length > 2 * questions.length);
      for (const line of lines) check(line);
      assert.doesNotMatch(lines.join('\n'), /Local\.Part|Query\.Text/i);
      assert.ok(lines.some((line) => line.includes('example.com')));
    });
  }

  test('priorities of the journal follow the level', async (t) => {
    const service = start(t, { config: `loglevel = DEBUG\n${LISTEN}\ndb_echo = yes`, isJournal: true });
    const port = await service.port();
    await ask({ port }, { path: '/mail/config-v1.1.xml?emailaddress=x' });
    service.configure('nonsense = 1');
    await service.reload(/configuration not reloaded/);
    const log = await service.stop();
    for (const line of [/^<7>\S/m, /^<6>listening /m, /^<4>look-ups are slow/m, /^<3>configuration not reloaded/m]) {
      assert.match(log, line);
    }
  });

  test('an error at the start has its priority in the journal', async (t) => {
    const { ended } = start(t, { config: 'nonsense = 1', isJournal: true });
    const { status, err } = await ended;
    assert.equal(status, 2);
    assert.match(err, /^<3>automx2: \S+automx2\.conf:\d+: nonsense: [^\n]+\n$/);
  });

  test('JOURNAL_STREAM that is not ours makes no difference', async (t) => {
    const service = start(t, { config: LISTEN, environment: { JOURNAL_STREAM: '9:12345' } });
    await service.port();
    assert.match(await service.stop(), /^\d{4}-/);
  });
});

describe('several processes on one port', () => {
  const REUSE = 'reuse_port = yes\n';

  test('without reuse_port the second one does not start', async (t) => {
    const port = await freePort();
    const first = start(t, { config: `listen = 127.0.0.1:${port}` });
    await first.port();
    const second = await start(t, { config: `${REUSE}listen = 127.0.0.1:${port}` }).ended;
    assert.equal(second.status, 1);
    assert.match(second.err, /the address is in use\n$/);
  });

  test('with it both answer, and one can be replaced', async (t) => {
    const port = await freePort();
    const config = `${REUSE}listen = 127.0.0.1:${port}`;
    const [first, second] = [start(t, { config }), start(t, { config })];
    const answered = (service: Service): number => service.err().match(/ GET .* status=200 /g)?.length ?? 0;
    await Promise.all([first.port(), second.port()]);
    // The kernel deals out by address and port of the client: each new connection may go to either.
    while (answered(first) === 0 || answered(second) === 0) assert.equal((await ask({ port })).status, 200);

    assert.equal((await first.stop()).includes('ERROR'), false);
    const before = answered(second);
    for (let round = 0; round < 20; round++) assert.equal((await ask({ port })).status, 200);
    while (answered(second) < before + 20) await sleep(20);
    const third = start(t, { config });
    await third.port();
    while (answered(third) === 0) assert.equal((await ask({ port })).status, 200);
  });
});
