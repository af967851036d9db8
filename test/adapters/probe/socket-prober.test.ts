import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SocketProber } from '../../../src/adapters/probe/socket-prober.ts';
import { createGate } from '../../../src/app/gate.ts';
import type { HttpQuestion, Peer } from '../../../src/ports/prober.ts';
import { listening, scriptedPeer, withoutEnd } from '../../support/scripted-peer.ts';
import { type Cleanup, temporaryFolder } from '../../support/temporary-folder.ts';
import { watchedGate } from '../../support/watched-gate.ts';

const NAME = 'mail.example.com';
const MAX_BODY_OCTETS = 65_536;
const GET: HttpQuestion = { scheme: 'http', method: 'GET', path: '/' };
const prober = new SocketProber({ ca: undefined, gate: createGate(16) });

const httpPeer = (t: Cleanup, listener: RequestListener): Promise<Peer> => listening(t, createServer(listener), NAME);

describe('plain http', () => {
  test('a redirect is told, not followed', async (t) => {
    let count = 0;
    const peer = await httpPeer(t, (_request, response) => {
      count += 1;
      response.writeHead(302, { location: '/elsewhere', 'set-cookie': 'a=b' }).end();
    });
    const answer = await prober.request(peer, GET);
    const rest = { contentType: '', location: '/elsewhere', body: Buffer.alloc(0), certificate: undefined };
    assert.deepEqual(answer, { state: 'answered', status: 302, ...rest });
    assert.equal(count, 1);
  });

  test('a body without end is cut', async (t) => {
    const peer = await httpPeer(t, (_request, response) => withoutEnd(response, 'x'.repeat(10_000)));
    const answer = await prober.request(peer, GET);
    assert.ok(answer.state === 'answered');
    assert.equal(answer.body.length, MAX_BODY_OCTETS);
  });

  test('a body that ends with the connection, and the last one that is not cut', async (t) => {
    const body = Buffer.alloc(MAX_BODY_OCTETS, 'x');
    const peer = await scriptedPeer(t, (socket) =>
      socket.once('data', () => socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), body]))),
    );
    const answer = await prober.request(peer, GET);
    assert.ok(answer.state === 'answered');
    assert.deepEqual(answer.body, body);
  });

  test('IPv6, and a name that is an address', async (t) => {
    const server = createServer((request, response) => response.end(request.headers.host));
    t.after(() => server.close());
    server.listen(0, '::1');
    const isThere = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]).catch(() => false);
    if (!isThere) return t.skip('no IPv6');
    const { port } = server.address() as AddressInfo;
    for (const [name, host] of [
      [NAME, NAME],
      ['::1', '[::1]'],
    ] as const) {
      const answer = await prober.request({ address: '::1', port, name }, GET);
      assert.ok(answer.state === 'answered');
      assert.equal(Buffer.from(answer.body).toString(), host);
    }
  });

  test('a port that is not that of the scheme stands in Host', async (t) => {
    const peer = await httpPeer(t, (request, response) => response.end(request.headers.host));
    for (const [name, host] of [
      [NAME, `${NAME}:8080`],
      ['::1', '[::1]:8080'],
    ] as const) {
      const answer = await prober.request({ ...peer, name }, { ...GET, port: 8080 });
      assert.ok(answer.state === 'answered');
      assert.equal(Buffer.from(answer.body).toString(), host);
    }
  });

  test('a Unix socket', async (t) => {
    const path = join(temporaryFolder(t), 'http.sock');
    assert.deepEqual(await prober.request({ path, name: NAME }, GET), { state: 'unreachable', code: 'ENOENT' });
    const server = createServer((request, response) => response.end(request.headers.host));
    t.after(() => server.close());
    await once(server.listen(path), 'listening');
    const answer = await prober.request({ path, name: NAME }, GET);
    assert.ok(answer.state === 'answered');
    assert.equal(Buffer.from(answer.body).toString(), NAME);
  });
});

test('many questions at once pass the gate', async (t) => {
  const peer = await httpPeer(t, (_request, response) => response.end());
  const watched = watchedGate(4);
  const bounded = new SocketProber({ ca: undefined, gate: watched.gate });
  const answers = await Promise.all(Array.from({ length: 30 }, () => bounded.request(peer, GET)));
  assert.ok(answers.every(({ state }) => state === 'answered'));
  assert.equal(watched.most(), 4);
});
