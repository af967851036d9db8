import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  askSite,
  deadlineAfter,
  rememberingProber,
  timedProber,
  timedResolver,
} from '../../../src/app/check/context.ts';
import { patientProber } from '../../../src/app/check/patient-prober.ts';
import { get } from '../../../src/app/check/questions.ts';
import type { Peer, Prober } from '../../../src/ports/prober.ts';
import type { Resolver } from '../../../src/ports/resolver.ts';
import {
  ADDRESS,
  contextFor,
  emptyScript,
  healthyScript,
  hostAt,
  NAME,
  prober,
  SERVICE,
  SITE_ADDRESS,
  status,
} from './scripted.ts';

const PEER: Peer = { address: ADDRESS, port: 443, name: NAME };

describe('--connect', () => {
  const elsewhere = '198.51.100.7';
  for (const { what, name, scheme = 'https', port, want } of [
    { what: 'the service', name: SERVICE, want: `${elsewhere}:443` },
    { what: 'a name that should lead to it, and does not', name: `autoconfig.${NAME}`, want: `${elsewhere}:443` },
    { what: 'that of PACC', name: `ua-auto-config.${NAME}`, want: `${elsewhere}:443` },
    { what: 'a name with no other addresses than the service', name: 'same.example', want: `${elsewhere}:443` },
    { what: 'one with others, too', name: 'both.example', want: `${ADDRESS}:443 192.0.2.2:443` },
    { what: 'the web site', name: NAME, want: `${SITE_ADDRESS}:443` },
    { what: 'a name without address', name: 'none.example', want: '' },
    { what: 'plain http', name: SERVICE, scheme: 'http', want: `${elsewhere}:80` },
    { what: 'a port', name: SERVICE, port: 8443, want: `${elsewhere}:8443` },
    { what: 'a port, and the web site', name: NAME, port: 8443, want: `${SITE_ADDRESS}:443` },
  ] satisfies readonly { what: string; name: string; scheme?: 'http'; port?: number; want: string }[]) {
    test(`${what}: ${want || 'not asked'}`, async () => {
      const script = healthyScript();
      script.hosts[`autoconfig.${NAME}`] = hostAt('192.0.2.77');
      script.hosts['same.example'] = hostAt(ADDRESS);
      script.hosts['both.example'] = hostAt(ADDRESS, '192.0.2.2');
      const asked: string[] = [];
      script.web = (peer) => {
        assert.equal(peer.name, name);
        asked.push(`${peer.address}:${peer.port}`);
        return undefined;
      };
      await askSite(contextFor(script, { connectTo: { address: elsewhere, port } }), name, get('/', scheme));
      assert.equal(asked.join(' '), want);
    });
  }
});

describe('the time for a domain', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const mute: Resolver & Prober = {
    ...{ host: never, srv: never, txt: never, mx: never, caa: never },
    ...{ request: never, tls: never, startTls: never, connect: never },
  };

  test('when it is over, nothing is known, at once and later', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { within } = deadlineAfter(1_000);
    const [dns, probe] = [timedResolver(mute, within), timedProber(mute, within)];
    const ask = () => [
      dns.host(NAME),
      ...[dns.srv(NAME), dns.txt(NAME), dns.mx(NAME), dns.caa(NAME)],
      ...[probe.request(PEER, get('/')), probe.tls(PEER), probe.startTls(PEER, 'imap'), probe.connect(PEER)],
    ];
    const early = ask();
    t.mock.timers.tick(1_000);
    const late = { state: 'unknown', reason: 'EDEADLINE' };
    const unasked = { state: 'unreachable', code: 'EDEADLINE' };
    const want = [{ aliases: [], addresses: late }, late, late, late, late, unasked, unasked, unasked, unasked];
    assert.deepEqual(await Promise.all(early), want);
    assert.deepEqual(await Promise.all(ask()), want);
  });

  test('before, answers are as they come', async () => {
    const { within, end } = deadlineAfter(60_000);
    assert.deepEqual(await timedProber(prober(emptyScript()), within).request(PEER, get('/')), status(404));
    end();
  });
});

test('each mail server is asked once, and what all domains share; each web server as often as somebody wants to know', async () => {
  const asked: string[] = [];
  const script = prober(emptyScript());
  const remembering = rememberingProber({
    request: (peer, question) => {
      asked.push('request');
      return script.request(peer, question);
    },
    tls: (peer) => {
      asked.push(`tls ${peer.port} ${peer.name}`);
      return script.tls(peer);
    },
    startTls: (peer, protocol) => {
      asked.push(protocol);
      return script.startTls(peer, protocol);
    },
    connect: (peer) => {
      asked.push('connect');
      return script.connect(peer);
    },
  });
  for (const _ of [1, 2]) {
    await remembering.request(PEER, get('/'));
    await remembering.request(PEER, { ...get('/shared'), isShared: true });
    await remembering.tls(PEER);
    await remembering.tls({ ...PEER, port: 993 });
    await remembering.tls({ ...PEER, name: 'other.example' });
    await remembering.startTls(PEER, 'imap');
    await remembering.startTls(PEER, 'pop');
    await remembering.connect(PEER);
  }
  const once = [`tls 443 ${NAME}`, `tls 993 ${NAME}`, 'tls 443 other.example', 'imap', 'pop', 'connect'];
  assert.deepEqual(asked, ['request', 'request', ...once, 'request']);
});

describe('a proxy that answers 429', () => {
  for (const { refusals, want } of [
    { refusals: 0, want: status(200) },
    { refusals: 5, want: status(200) },
    { refusals: 6, want: { state: 'unreachable', code: 'ETOOMANYREQUESTS' } },
  ]) {
    test(`${refusals} times`, async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      let asked = 0;
      const script = emptyScript();
      script.web = () => {
        if (asked++ >= refusals) return status(200);
        // When it is waited for the next time.
        if (asked < 6) setImmediate(() => t.mock.timers.tick(1_000));
        return status(429);
      };
      assert.deepEqual(await patientProber(prober(script)).request(PEER, get('/')), want);
    });
  }
});
