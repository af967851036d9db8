import assert from 'node:assert/strict';
import { createServer as createSecureServer } from 'node:https';
import { after, describe, test } from 'node:test';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { SocketProber } from '../../../src/adapters/probe/socket-prober.ts';
import { createGate } from '../../../src/app/gate.ts';
import type { HttpQuestion, Peer } from '../../../src/ports/prober.ts';
import {
  type Certificate,
  certificatesMissing,
  makeCertificates,
  ROOT_ORGANIZATION,
} from '../../support/certificates.ts';
import { startProcess } from '../../support/process.ts';
import { ourEnvironment } from '../../support/program.ts';
import { listening, scriptedPeer } from '../../support/scripted-peer.ts';
import { type Cleanup, temporaryFolder } from '../../support/temporary-folder.ts';

const NAME = 'mail.example.com';
const gate = createGate(16);
const prober = new SocketProber({ ca: undefined, gate });

describe('certificates', { skip: certificatesMissing }, () => {
  if (certificatesMissing !== false) return;
  const authority = makeCertificates({ after });
  const trusting = new SocketProber({ ca: authority.root.certificate, gate });
  const tlsPeer = (t: Cleanup, { chain, key }: Certificate, options: TlsOptions = {}): Promise<Peer> =>
    listening(
      t,
      createTlsServer({ cert: chain, key, ...options }, (socket) => socket.on('error', () => undefined)),
      NAME,
    );
  const good = authority.issue({ names: [NAME, 'IP:127.0.0.1'] });
  const intermediate = authority.issue({ names: [], isAuthority: true });
  const own = authority.issue({ names: [NAME], issuer: 'self' });
  const below = authority.issue({ names: [NAME], issuer: intermediate });

  for (const { what, certificate, fault, name = NAME, names = [NAME], issuer = ROOT_ORGANIZATION } of [
    { what: 'right', certificate: good, fault: undefined, names: [NAME, '127.0.0.1'] },
    { what: 'for an address', certificate: good, fault: undefined, name: '127.0.0.1', names: [NAME, '127.0.0.1'] },
    {
      what: 'for another name',
      certificate: good,
      fault: 'ERR_TLS_CERT_ALTNAME_INVALID',
      name: 'autoconfig.example.com',
      names: [NAME, '127.0.0.1'],
    },
    {
      what: 'expired',
      certificate: authority.issue({ names: [NAME], days: [-30, -1] }),
      fault: 'CERT_HAS_EXPIRED',
    },
    {
      what: 'not yet valid',
      certificate: authority.issue({ names: [NAME], days: [1, 30] }),
      fault: 'CERT_NOT_YET_VALID',
    },
    {
      what: 'of its own',
      certificate: own,
      fault: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      issuer: NAME,
    },
    { what: 'with its intermediate', certificate: below, fault: undefined, issuer: 'Test Intermediate' },
    {
      what: 'without its intermediate',
      certificate: { ...below, chain: below.certificate },
      fault: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      issuer: 'Test Intermediate',
    },
  ]) {
    test(`a certificate that is ${what}`, async (t) => {
      const peer = await tlsPeer(t, certificate);
      const answer = await trusting.tls({ ...peer, name });
      assert.ok(answer.state === 'connected');
      const { validTo, ...rest } = answer.certificate;
      assert.deepEqual(rest, { fault, names, issuer, protocol: 'TLSv1.3' });
      const daysLeft = (validTo.getTime() - Date.now()) / 86_400_000;
      assert.equal(Math.round(daysLeft), what === 'expired' ? -1 : what === 'not yet valid' ? 30 : 90);
    });
  }

  test('an authority that is not trusted; TLS 1.2', async (t) => {
    const answer = await prober.tls(await tlsPeer(t, good, { maxVersion: 'TLSv1.2' }));
    assert.ok(answer.state === 'connected');
    assert.equal(answer.certificate.fault, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    assert.equal(answer.certificate.protocol, 'TLSv1.2');
  });

  test('authorities of NODE_EXTRA_CA_CERTS are trusted beside a given one, and without', async (t) => {
    const peer = await tlsPeer(t, good);
    const adapter = new URL('../../../src/adapters/probe/socket-prober.ts', import.meta.url).href;
    const program = `
      const { SocketProber } = await import('${adapter}');
      for (const ca of [undefined, ${JSON.stringify(own.certificate)}]) {
        const answer = await new SocketProber({ ca, gate: (work) => work() }).tls(${JSON.stringify(peer)});
        console.log(answer.state, answer.certificate?.fault);
      }`;
    const folder = temporaryFolder(t);
    const environment = { ...ourEnvironment(folder), NODE_EXTRA_CA_CERTS: authority.root.certificateFile };
    const words = [process.execPath, '--input-type=module', '--eval', program];
    const { out, err } = await startProcess(t, words, { folder, environment }).ended;
    assert.equal(out, 'connected undefined\nconnected undefined\n', err);
  });

  test('an answer over https, with certificate; the name is SNI and Host', async (t) => {
    let seen: unknown[] = [];
    const server = createSecureServer({ cert: good.chain, key: good.key }, (request, response) => {
      const { servername } = request.socket as unknown as { servername: string };
      seen = [servername, request.headers, request.method, request.url];
      request.pipe(response.writeHead(200, { 'content-type': 'text/xml' }));
    });
    const peer = await listening(t, server, NAME);
    const question: HttpQuestion = {
      ...{ scheme: 'https', method: 'POST', path: '/a?b=c' },
      ...{ contentType: 'application/json', body: '{"ä":1}' },
    };
    const { certificate, ...answer } = (await trusting.request(peer, question)) as { certificate: { fault: unknown } };
    const body = Buffer.from('{"ä":1}');
    assert.deepEqual(answer, { state: 'answered', status: 200, contentType: 'text/xml', location: '', body });
    assert.equal(certificate.fault, undefined);
    const headers = {
      ...{ host: NAME, accept: '*/*', 'user-agent': 'automx2-check', connection: 'close' },
      ...{ 'content-type': 'application/json', 'content-length': '8' },
    };
    assert.deepEqual(seen, [NAME, { ...headers }, 'POST', '/a?b=c']);
  });

  for (const { protocol, words } of [
    { protocol: 'imap', words: ['* OK hello', 'a STARTTLS', '* CAPABILITY IMAP4rev1\r\na OK go'] },
    { protocol: 'imap', words: ['* PREAUTH hello', 'a STARTTLS', 'A ok'] },
    { protocol: 'pop', words: ['+OK hello', 'STLS', '+OK'] },
    { protocol: 'sieve', words: ['"SASL" "PLAIN"\r\n"STARTTLS"\r\nOK "ready"', 'STARTTLS', 'OK "begin"'] },
    { protocol: 'sieve', words: ['ok', 'STARTTLS', 'ok'] },
    {
      protocol: 'smtp',
      words: ['220-wait\r\n220 hello', 'EHLO [127.0.0.1]', '250-PIPELINING\r\n250 STARTTLS', 'STARTTLS', '220 go'],
    },
  ] as const) {
    test(`STARTTLS of ${protocol}: ${words[0]}`, async (t) => {
      // TLS of the same server, which takes over connections that have talked enough.
      const tls = createTlsServer({ cert: good.chain, key: good.key }, (socket) => socket.on('error', () => undefined));
      const said: string[] = [];
      const peer = await scriptedPeer(t, (socket) => {
        const [greeting = '', ...rest] = words;
        const replies = rest.filter((_word, index) => index % 2 === 1);
        socket.write(`${greeting}\r\n`);
        const take = (chunk: Buffer): void => {
          said.push(chunk.toString().trimEnd());
          socket.write(`${replies.shift()}\r\n`);
          if (replies.length > 0) return;
          socket.off('data', take);
          tls.emit('connection', socket);
        };
        socket.on('data', take);
      });
      const answer = await trusting.startTls(peer, protocol);
      assert.ok(answer.state === 'connected', JSON.stringify(answer));
      assert.equal(answer.certificate.fault, undefined);
      const [, ...rest] = words;
      assert.deepEqual(
        said,
        rest.filter((_word, index) => index % 2 === 0),
      );
    });
  }
});
