import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { SocketProber } from '../../../src/adapters/probe/socket-prober.ts';
import { createGate } from '../../../src/app/gate.ts';
import type { HttpQuestion, Peer, StartTlsProtocol } from '../../../src/ports/prober.ts';
import { freePort } from '../../support/database-server.ts';
import { scriptedPeer, withoutEnd } from '../../support/scripted-peer.ts';

const NAME = 'mail.example.com';
const GET: HttpQuestion = { scheme: 'https', method: 'GET', path: '/' };
const PLAIN_GET: HttpQuestion = { ...GET, scheme: 'http' };
const prober = new SocketProber({ ca: undefined, gate: createGate(16) });

/** Says one line, and one more for each that comes. */
function greeting(...lines: readonly string[]): (socket: Socket) => void {
  return (socket) => {
    const [first, ...rest] = lines;
    socket.write(`${first}\r\n`);
    socket.on('data', () => rest.length > 0 && socket.write(`${rest.shift()}\r\n`));
  };
}

describe('peers that nothing comes of', () => {
  test('nobody listens', async () => {
    const peer: Peer = { address: '127.0.0.1', port: await freePort(), name: NAME };
    const answer = { state: 'unreachable', code: 'ECONNREFUSED' };
    assert.deepEqual(await prober.connect(peer), answer);
    assert.deepEqual(await prober.request(peer, GET), answer);
    assert.deepEqual(await prober.tls(peer), answer);
    assert.deepEqual(await prober.startTls(peer, 'imap'), answer);
  });

  test('a port that is none, a path that cannot be sent', async (t) => {
    const answer = await prober.connect({ address: '127.0.0.1', port: 65_536, name: NAME });
    assert.deepEqual(answer, { state: 'unreachable', code: 'ERR_SOCKET_BAD_PORT' });
    const peer = await scriptedPeer(t, () => undefined);
    const { state } = await prober.request(peer, { ...PLAIN_GET, path: '/a b' });
    assert.equal(state, 'unreachable');
  });

  test('something listens: that is all', async (t) => {
    assert.deepEqual(await prober.connect(await scriptedPeer(t, () => undefined)), { state: 'connected' });
  });

  const reply = (text: string) => (socket: Socket) => socket.once('data', () => socket.end(text));
  for (const { what, talk, tls, http } of [
    { what: 'closes', talk: reply(''), tls: 'ECONNRESET', http: 'ECONNRESET' },
    { what: 'closes at once', talk: (socket) => socket.end(), tls: 'ECONNRESET', http: 'ECONNRESET' },
    {
      what: 'resets',
      talk: (socket) => socket.once('data', () => socket.resetAndDestroy()),
      tls: 'ECONNRESET',
      http: 'ECONNRESET',
    },
    {
      what: 'speaks http',
      talk: reply('HTTP/1.1 400 Bad Request\r\n\r\n'),
      tls: 'ERR_SSL_WRONG_VERSION_NUMBER',
      http: undefined,
    },
    {
      what: 'speaks something else',
      talk: reply('* OK hello\r\n'),
      tls: 'ERR_SSL_WRONG_VERSION_NUMBER',
      http: 'HPE_INVALID_CONSTANT',
    },
    {
      what: 'switches protocols',
      talk: reply('HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\nx'),
      tls: 'ERR_SSL_WRONG_VERSION_NUMBER',
      http: 'EPROTO',
    },
    {
      what: 'sends headers without end',
      talk: (socket) =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\n');
          withoutEnd(socket, `a: ${'x'.repeat(1_000)}\r\n`);
        }),
      tls: 'ERR_SSL_WRONG_VERSION_NUMBER',
      http: 'HPE_HEADER_OVERFLOW',
    },
    {
      what: 'ends in the middle of a body',
      talk: reply('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
      tls: 'ERR_SSL_WRONG_VERSION_NUMBER',
      http: 'ECONNRESET',
    },
  ] satisfies readonly {
    what: string;
    talk: (socket: Socket) => void;
    tls: string;
    http: string | undefined;
  }[]) {
    test(`a peer that ${what}`, async (t) => {
      const peer = await scriptedPeer(t, talk);
      assert.deepEqual(await prober.tls(peer), { state: 'unreachable', code: tls });
      assert.deepEqual(await prober.request(peer, GET), { state: 'unreachable', code: tls });
      const answer = await prober.request(peer, PLAIN_GET);
      if (http === undefined) assert.equal(answer.state, 'answered');
      else assert.deepEqual(answer, { state: 'unreachable', code: http });
    });
  }

  for (const { protocol, what, talk, code } of [
    { protocol: 'imap', what: 'no time', talk: greeting('* BYE full'), code: 'ENOGREETING' },
    { protocol: 'imap', what: 'another protocol', talk: greeting('220 smtp'), code: 'ENOGREETING' },
    { protocol: 'pop', what: 'no time', talk: greeting('-ERR no'), code: 'ENOGREETING' },
    { protocol: 'smtp', what: 'no time', talk: greeting('554-no\r\n554 no'), code: 'ENOGREETING' },
    { protocol: 'imap', what: 'refusal', talk: greeting('* OK hello', 'a NO'), code: 'ENOSTARTTLS' },
    { protocol: 'pop', what: 'refusal', talk: greeting('+OK hello', '-ERR'), code: 'ENOSTARTTLS' },
    { protocol: 'sieve', what: 'no time', talk: greeting('"SASL" ""\r\nBYE full'), code: 'ENOGREETING' },
    { protocol: 'sieve', what: 'another protocol', talk: greeting('220 smtp'), code: 'ENOGREETING' },
    { protocol: 'sieve', what: 'refusal', talk: greeting('OK hello', 'NO'), code: 'ENOSTARTTLS' },
    { protocol: 'sieve', what: 'more before TLS', talk: greeting('OK', 'OK go\r\n"SASL" "PLAIN"'), code: 'EPROTO' },
    {
      protocol: 'sieve',
      what: 'capabilities without end',
      talk: (s) => withoutEnd(s, '"X"\r\n'.repeat(1_000)),
      code: 'EPROTO',
    },
    { protocol: 'smtp', what: 'no EHLO', talk: greeting('220 hello', '502 no'), code: 'ENOSTARTTLS' },
    {
      protocol: 'smtp',
      what: 'refusal',
      talk: greeting('220 hello', '250-hello\r\n250 SIZE', '454 later'),
      code: 'ENOSTARTTLS',
    },
    {
      protocol: 'imap',
      what: 'more before TLS',
      talk: greeting('* OK hello', 'a OK go\r\n* OK injected'),
      code: 'EPROTO',
    },
    {
      protocol: 'smtp',
      what: 'more before TLS',
      talk: greeting('220 hello', '250 hello', '220 go\r\n250 injected'),
      code: 'EPROTO',
    },
    { protocol: 'imap', what: 'a line without end', talk: (s) => withoutEnd(s, 'x'.repeat(10_000)), code: 'EPROTO' },
    {
      protocol: 'imap',
      what: 'lines without end',
      talk: (s) => withoutEnd(s, '* OK x\r\n'.repeat(1_000)),
      code: 'EPROTO',
    },
    {
      protocol: 'smtp',
      what: 'a reply without end',
      talk: (s) => withoutEnd(s, '220-x\r\n'.repeat(1_000)),
      code: 'EPROTO',
    },
    { protocol: 'pop', what: 'nothing', talk: (s) => s.end(), code: 'ECONNRESET' },
    { protocol: 'smtp', what: 'a refusal and the end', talk: (s) => s.end('554 no\r\n'), code: 'ENOGREETING' },
    { protocol: 'pop', what: 'half a line', talk: (s) => s.end('+OK half'), code: 'ECONNRESET' },
    {
      protocol: 'pop',
      what: 'no TLS',
      talk: greeting('+OK hello', '+OK go', 'no TLS'),
      code: 'ERR_SSL_WRONG_VERSION_NUMBER',
    },
  ] satisfies readonly { protocol: StartTlsProtocol; what: string; talk: (socket: Socket) => void; code: string }[]) {
    test(`STARTTLS of ${protocol}, ${what}: ${code}`, async (t) => {
      assert.deepEqual(await prober.startTls(await scriptedPeer(t, talk), protocol), { state: 'unreachable', code });
    });
  }
});
