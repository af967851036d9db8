import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { DnsResolver } from '../../src/adapters/dns/dns-resolver.ts';
import { SocketProber } from '../../src/adapters/probe/socket-prober.ts';
import { createGate } from '../../src/app/gate.ts';
import type { HttpQuestion } from '../../src/ports/prober.ts';
import { loopbackAddress, nsdMissing, port53Missing, startNsd } from '../support/nsd-server.ts';
import { startProcess } from '../support/process.ts';
import { ourEnvironment } from '../support/program.ts';
import { scriptedPeer } from '../support/scripted-peer.ts';
import { type Cleanup, temporaryFolder } from '../support/temporary-folder.ts';

const GET: HttpQuestion = { scheme: 'http', method: 'GET', path: '/' };
const gate = createGate(16);
const prober = new SocketProber({ ca: undefined, gate });

/** What a question may take on a busy machine: a second more than its deadline, at least. */
const PROBE_LIMIT_MS = 7_500;
const DNS_LIMIT_MS = 8_500;

async function nameServer(
  t: Cleanup,
  answer: (question: Buffer, reply: (octets: Buffer) => void) => void,
  { address, port } = { address: '127.0.0.1', port: 0 },
): Promise<string> {
  const socket = createSocket('udp4').bind(port, address);
  t.after(() => socket.close());
  socket.on('message', (question, { port, address }) => {
    answer(question, (octets) => socket.send(octets, port, address));
  });
  await once(socket, 'listening');
  return `${address}:${socket.address().port}`;
}

/** The question with a TXT record "a" (RFC 1035 section 4). */
function textAnswer(question: Buffer): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const head = Buffer.from('81800001000100000000', 'hex');
  const record = Buffer.from('c00c001000010000003c00020161', 'hex');
  return Buffer.concat([question.subarray(0, 2), head, question.subarray(12, end), record]);
}

/** Writes octet after octet, as long as the peer takes them. */
function crumbs(socket: Socket, first: string, crumb: string): void {
  socket.write(first);
  const timer = setInterval(() => socket.write(crumb), 50);
  socket.on('close', () => clearInterval(timer));
}

async function timed<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const start = performance.now();
  const result = await work;
  assert.ok(performance.now() - start < limitMs, `took ${performance.now() - start} ms`);
  return result;
}

describe('servers that never come to an end', { concurrency: true }, () => {
  for (const { what, talk } of [
    { what: 'is mute', talk: () => undefined },
    { what: 'sends headers in crumbs', talk: (socket) => crumbs(socket, 'HTTP/1.1 200 OK\r\n', 'a') },
    { what: 'sends a body in crumbs', talk: (socket) => crumbs(socket, 'HTTP/1.1 200 OK\r\n\r\n', 'a') },
    { what: 'always says "Continue"', talk: (socket) => crumbs(socket, '', 'HTTP/1.1 100 Continue\r\n\r\n') },
  ] satisfies readonly { what: string; talk: (socket: Socket) => void }[]) {
    test(`a web server that ${what}`, async (t) => {
      const peer = await scriptedPeer(t, (socket) => socket.once('data', () => talk(socket)));
      const answer = await timed(prober.request(peer, GET), PROBE_LIMIT_MS);
      assert.deepEqual(answer, { state: 'unreachable', code: 'ETIMEDOUT' });
    });
  }

  for (const { what, talk } of [
    { what: 'is mute', talk: () => undefined },
    { what: 'greets in crumbs', talk: (socket) => crumbs(socket, '', '2') },
    { what: 'answers in crumbs', talk: (socket) => crumbs(socket, '220 hello\r\n', '250-a\r\n') },
    { what: 'does not begin with TLS', talk: (socket) => crumbs(socket, '220 a\r\n250 a\r\n220 go\r\n', '') },
  ] satisfies readonly { what: string; talk: (socket: Socket) => void }[]) {
    test(`a mail server that ${what}`, async (t) => {
      const peer = await scriptedPeer(t, talk);
      const answer = await timed(prober.startTls(peer, 'smtp'), PROBE_LIMIT_MS);
      assert.deepEqual(answer, { state: 'unreachable', code: 'ETIMEDOUT' });
    });
  }

  test('TLS that does not begin', async (t) => {
    const answer = await timed(prober.tls(await scriptedPeer(t, () => undefined)), PROBE_LIMIT_MS);
    assert.deepEqual(answer, { state: 'unreachable', code: 'ETIMEDOUT' });
  });

  test('a name server that is mute', async (t) => {
    const server = await nameServer(t, () => undefined);
    const resolver = new DnsResolver({ server, authoritative: false, gate });
    const unknown = { state: 'unknown', reason: 'ETIMEOUT' };
    assert.deepEqual(await timed(resolver.txt('example.com'), DNS_LIMIT_MS), unknown);
  });

  test('four name servers of a zone that are mute', { skip: nsdMissing || port53Missing }, async (t) => {
    const addresses = Array.from({ length: 4 }, loopbackAddress);
    for (const address of addresses) await nameServer(t, () => undefined, { address, port: 53 });
    const zone = addresses.map((address, index) => `@ NS ns${index}\nns${index} A ${address}`);
    const { server } = await startNsd(t, { 'example.com': zone.join('\n') });
    const resolver = new DnsResolver({ server, authoritative: true, gate });
    const unknown = { state: 'unknown', reason: 'ETIMEOUT' };
    assert.deepEqual(await timed(resolver.txt('example.com'), DNS_LIMIT_MS), unknown);
  });

  test('a name server that had quick answers for many names has to fetch one', async (t) => {
    const server = await nameServer(t, (question, reply) => {
      if (question.includes('slow')) setTimeout(() => reply(textAnswer(question)), 1_500);
      else reply(textAnswer(question));
    });
    const resolver = new DnsResolver({ server, authoritative: false, gate });
    const found = { state: 'found', records: ['a'] };
    for (let index = 0; index < 20; index++) assert.deepEqual(await resolver.txt(`quick${index}.example`), found);
    assert.deepEqual(await resolver.txt('slow.example'), found);
  });

  test('a process that asked them ends', async (t) => {
    const peer = await scriptedPeer(t, () => undefined);
    const server = await nameServer(t, () => undefined);
    const url = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
    const program = `
      const { DnsResolver } = await import(${url('adapters/dns/dns-resolver.ts')});
      const { SocketProber } = await import(${url('adapters/probe/socket-prober.ts')});
      const gate = (work) => work();
      const prober = new SocketProber({ ca: undefined, gate });
      const resolver = new DnsResolver({ server: '${server}', authoritative: false, gate });
      const peer = ${JSON.stringify(peer)};
      const answers = await Promise.all([
        resolver.txt('example.com'), prober.connect(peer), prober.tls(peer), prober.startTls(peer, 'pop'),
        prober.request(peer, { scheme: 'http', method: 'GET', path: '/' }),
      ]);
      console.log(answers.map(({ state }) => state).join());`;
    const words = [process.execPath, '--input-type=module', '--eval', program];
    const folder = temporaryFolder(t);
    const { ended } = startProcess(t, words, { folder, environment: ourEnvironment(folder) });
    const { status, out, err } = await timed(ended, 2 * DNS_LIMIT_MS);
    assert.equal(out.trim(), 'unknown,connected,unreachable,unreachable,unreachable', err);
    assert.equal(status, 0);
  });
});
