import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask, becomesRefused, LISTEN, start } from '../support/configured-service.ts';
import { freePort } from '../support/database-server.ts';
import { KeepAliveClient } from '../support/keep-alive-client.ts';
import { startProcess } from '../support/process.ts';
import { autodiscoverRequest } from '../support/test-daemon.ts';

// Reloads, the end of the program and its replacement while clients ask.

const POLL_MS = 5;
/** After a grace of ten seconds the daemon closes whatever is left: nothing here may take as long. */
const LESS_THAN_GRACE_MS = 9_000;

/** Clients at a time, each with one request in flight. */
const [KEPT, NEW] = [160, 60];

test('ten reloads under load, and every request is answered', async (t) => {
  const service = start(t, { config: LISTEN });
  const port = await service.port();
  const agent = new Agent({ keepAlive: true, maxSockets: KEPT });
  t.after(() => agent.destroy());
  const failures: string[] = [];
  const counts = { 'kept connections': 0, 'new connections': 0 };
  let isOver = false;
  const load = async (kind: keyof typeof counts): Promise<void> => {
    while (!isOver) {
      try {
        const { status, body } = await ask({ port }, kind === 'kept connections' ? { agent } : {});
        if (status !== 200 || !body.endsWith('</clientConfig>\n')) failures.push(`${kind}: ${status} ${body}`);
      } catch (error) {
        failures.push(`${kind}: ${error}`);
      }
      counts[kind] += 1;
    }
  };
  const clients = [
    ...Array.from({ length: KEPT }, () => load('kept connections')),
    ...Array.from({ length: NEW }, () => load('new connections')),
  ];
  for (let count = 0; count < 10; count++) {
    service.configure(`${LISTEN}\nproxy_count = ${count % 3}\nlog_format = ${count % 2 === 0 ? 'json' : 'text'}`);
    await service.reload();
    // Many requests between two reloads, however fast the machine is.
    const [kept, fresh] = [counts['kept connections'], counts['new connections']];
    while (counts['kept connections'] < kept + KEPT || counts['new connections'] < fresh + NEW) await sleep(POLL_MS);
  }
  isOver = true;
  await Promise.all(clients);
  t.diagnostic(`${counts['kept connections']} requests on kept, ${counts['new connections']} on new connections`);
  assert.deepEqual(failures, []);
  const log = await service.stop();
  assert.equal(log.match(/configuration reloaded/g)?.length, 10);
  assert.equal(log.match(/GET \/mail/g)?.length, counts['kept connections'] + counts['new connections']);
});

test('of SIGHUPs in a row the last one counts', async (t) => {
  const service = start(t, { config: LISTEN });
  const port = await service.port();
  for (const word of ['seed', 'purge', 'seed', 'purge', 'off']) {
    service.configure(`${LISTEN}\ninitdb = ${word}`);
    service.child.kill('SIGHUP');
    await sleep(5);
  }
  while ((await ask({ port }, { path: '/initdb/' })).status !== 403) await sleep(20);
  assert.match(await service.stop(), /configuration reloaded/);
});

describe('SIGTERM', () => {
  test('a request in flight is answered, new connections are refused, the exit status is 0', async (t) => {
    const service = start(t, { config: LISTEN });
    const port = await service.port();
    const body = autodiscoverRequest('jane@example.com');
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.setEncoding('utf8');
    let answer = '';
    socket.on('data', (text: string) => {
      answer += text;
    });
    const closed = once(socket, 'close');
    socket.write(
      `POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 100)}`,
    );
    await ask({ port }); // what came before it has been read then
    service.child.kill('SIGTERM');
    await service.said(/ stopping\n/);
    await becomesRefused(port);
    await sleep(200);
    assert.equal(service.child.exitCode, null);
    socket.write(body.slice(100));
    const answered = Date.now();
    const { status, err } = await service.ended;
    await closed;
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*<LoginName>jane@example\.com<\/LoginName>/);
    assert.match(answer, /\r\nConnection: close\r\n/i);
    assert.equal(status, 0, err);
    assert.match(err, / stopping\n.* POST \/autodiscover\/autodiscover\.xml status=200 .*\n$/);
    assert.ok(Date.now() - answered < LESS_THAN_GRACE_MS, 'a connection that the client keeps is waited for no longer');
  });

  test('clients that ask again as soon as they are answered are told which answer is the last one', async (t) => {
    const service = start(t, { config: LISTEN });
    const port = await service.port();
    const request = Buffer.from('GET /mail/config-v1.1.xml?emailaddress=jane@example.com HTTP/1.1\r\nHost: a\r\n\r\n');
    let answered = 0;
    const clients = Array.from({ length: 16 }, () => {
      const client = new KeepAliveClient(port);
      t.after(() => client.close());
      const next = async (): Promise<boolean> => {
        const answer = await client.ask(request, false);
        assert.equal(answer?.status, 200);
        answered += 1;
        return answer.headers.get('connection') !== 'close';
      };
      return { next, first: next() };
    });
    // Whoever is answered is no longer in the kernel's queue, which nobody answers when the daemon stops.
    await Promise.all(clients.map(({ first }) => first));
    const all = Promise.all(
      clients.map(async ({ next }) => {
        while (await next());
      }),
    );
    while (answered < 10 * clients.length) await sleep(POLL_MS);
    const before = answered;
    service.child.kill('SIGTERM');
    await all;
    assert.ok(answered >= before + clients.length, `${before} before, ${answered} in all`);
    assert.equal((await service.ended).status, 0);
  });

  test('idle connections do not hold it up', async (t) => {
    const service = start(t, { config: LISTEN });
    const port = await service.port();
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    assert.equal((await ask({ port }, { agent })).status, 200);
    const stopped = Date.now();
    await service.stop();
    assert.ok(Date.now() - stopped < LESS_THAN_GRACE_MS);
  });

  for (const { name, isAsking } of [
    { name: 'a connection whose first request is still on its way is answered', isAsking: true },
    { name: 'a connection that never sends anything is not waited for as long as a request', isAsking: false },
  ]) {
    test(name, async (t) => {
      const service = start(t, { config: LISTEN });
      const port = await service.port();
      const socket = connect(port, '127.0.0.1').setEncoding('utf8');
      t.after(() => socket.destroy());
      let answer = '';
      socket.on('data', (text: string) => {
        answer += text;
      });
      const closed = once(socket, 'close');
      await once(socket, 'connect');
      await ask({ port }); // the one that came before is accepted then
      const stopped = Date.now();
      service.child.kill('SIGTERM');
      await service.said(/ stopping\n/);
      await becomesRefused(port);
      await sleep(300);
      if (isAsking) socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await closed;
      assert.match(answer, isAsking ? /^HTTP\/1\.1 200 OK\r\n/ : /^$/);
      assert.equal((await service.ended).status, 0);
      assert.ok(Date.now() - stopped < LESS_THAN_GRACE_MS);
    });
  }
});

const namespace = spawnSync('unshare', ['--map-root-user', '--net', 'ip', 'link', 'set', 'lo', 'up']);
const noNamespace =
  namespace.status === 0 ? false : 'a network namespace (Debian: util-linux, iproute2) cannot be made by this user';

test('processes on one port are replaced while requests run: none is lost, where the kernel hands waiting connections on', {
  skip: noNamespace,
}, async (t) => {
  const port = await freePort();
  const service = start(t, { config: `reuse_port = yes\nlisten = 127.0.0.1:${port}` }); // makes the database
  await service.port();
  await service.stop();
  const commands = 'ip link set lo up && echo 1 >/proc/sys/net/ipv4/tcp_migrate_req && exec "$@"';
  const script = fileURLToPath(new URL('../support/replace-processes.ts', import.meta.url));
  const program = [process.execPath, script, service.file, String(port)];
  const { PATH } = process.env;
  const { status, out, err } = await startProcess(
    t,
    ['unshare', '--map-root-user', '--net', 'sh', '-c', commands, 'sh', ...program],
    { folder: service.folder, environment: { PATH, HOME: service.folder } },
  ).ended;
  assert.equal(status, 0, err);
  const { answered, failures } = JSON.parse(out) as { answered: number; failures: readonly string[] };
  assert.deepEqual(failures, []);
  assert.ok(answered > 0);
});
