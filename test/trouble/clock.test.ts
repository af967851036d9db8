import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { postgresql, reportMissing } from '../support/server-database.ts';
import { ask, autoconfigOf, startService, Traffic } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// The time of day is set while the program runs and clients ask: what lasts and what expires goes by another clock.

/** libfaketime, wherever Debian puts it for this machine. */
const library = readdirSync('/usr/lib')
  .map((folder) => join('/usr/lib', folder, 'faketime', 'libfaketime.so.1'))
  .find((path) => existsSync(path));
const MISSING = 'libfaketime (Debian: libfaketime) is not installed';
reportMissing(MISSING, library === undefined);

const server = await postgresql();
const skip = library === undefined ? MISSING : server.server === undefined ? server.missing : false;

/** Connects and sends this much; `answer` is all that comes back until the daemon closes the connection. */
async function begin(t: TestContext, port: number, octets: string): Promise<{ readonly answer: Promise<string> }> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  t.after(() => socket.destroy());
  let received = '';
  socket.on('data', (text: string) => {
    received += text;
  });
  const answer = once(socket, 'close').then(() => received);
  await once(socket, 'connect');
  socket.write(octets);
  return { answer };
}

describe('the clock is set', { skip }, () => {
  for (const [name, offset] of [
    ['back by a day', '-1d'],
    ['forward by a day', '+1d'],
  ] as const) {
    test(name, { timeout: 60_000 }, async (t) => {
      const clock = join(temporaryFolder(t), 'clock');
      const set = (to: string): void => writeFileSync(clock, to);
      set('+0');
      const uri = await server.database(t);
      // As with a real clock, the one that counts from the start of the machine goes on.
      const wrap = ['env', `LD_PRELOAD=${library}`, `FAKETIME_TIMESTAMP_FILE=${clock}`, 'FAKETIME_NO_CACHE=1'];
      const { port, stop } = await startService(t, uri, {
        wrap: [...wrap, 'FAKETIME_DONT_FAKE_MONOTONIC=1'],
        options: ['cache_seconds = 1', 'headers_timeout_ms = 2000', 'keep_alive_timeout_ms = 2000'],
      });
      assert.equal((await ask(port, { path: '/initdb/', headers: { Host: 'localhost' } })).status, 200);
      const questions = { known: autoconfigOf('a@example.com'), unknown: autoconfigOf('a@example.invalid') };
      const look = (status: number | undefined, text: string): string =>
        [status, /<displayName>(.*?)</.exec(text)?.[1]].filter(Boolean).join(' ');
      const traffic = new Traffic(t, port, questions, look);
      assert.deepEqual(await traffic.next(), { known: '200 Example Inc.', unknown: '404' });

      const half = await begin(t, port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n');
      const kept = await begin(t, port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
      const before = new Date().toISOString().slice(0, 10);
      set(offset);
      assert.deepEqual(await traffic.next(), { known: '200 Example Inc.', unknown: '404' });

      // What is kept of the database expires.
      await server.administer("UPDATE provider SET name = 'New Inc.'", uri);
      while ((await traffic.next())['known'] !== '200 New Inc.');
      // So do the times for clients.
      assert.match(await half.answer, /^HTTP\/1\.1 408 /);
      assert.match(await kept.answer, /^HTTP\/1\.1 200 [\s\S]*ok\n$/);

      const log = await stop();
      const days = new Set([...log.matchAll(/^(\d{4}-\d\d-\d\d)T/gm)].map(([, day = '']) => day));
      assert.ok(
        [...days].some((day) => (offset === '-1d' ? day < before : day > before)),
        [...days].join(),
      );
      const durations = [...log.matchAll(/ ms=(\S+)/g)].map(([, ms]) => Number(ms));
      assert.ok(durations.length > 0 && durations.every((ms) => ms >= 0 && ms < 60_000));
      assert.doesNotMatch(log, / (?:ERROR|CRITICAL) /);
    });
  }
});
