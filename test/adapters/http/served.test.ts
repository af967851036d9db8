import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { parseDomainName } from '../../../src/domain/domain-name.ts';
import { EXAMPLE_ROWS, startTestDaemon } from '../../support/test-daemon.ts';

const ROWS = `${EXAMPLE_ROWS}
INSERT INTO domain (id, name, provider_id) VALUES (5, 'BÜCHER.example', 1), (6, 'autoconfig.example', 1), (7, 'none.example', 1);
INSERT INTO server_domain (server_id, domain_id) VALUES (2, 5), (2, 6);`;

const publicHost = parseDomainName('proxy.host.example');
const local = await startTestDaemon({ after }, { rows: ROWS, settings: { publicHost } });
const open = await startTestDaemon({ after }, { rows: ROWS, settings: { served: 'all' } });

const ask = async (base: string, query: string, headers: Readonly<Record<string, string>> = {}): Promise<number> =>
  (await fetch(`${base}/v1/served${query}`, { headers })).status;

describe('/v1/served tells a proxy whether to fetch a certificate', () => {
  for (const { host, status } of [
    { host: 'example.com', status: 200 },
    { host: 'autoconfig.example.com', status: 200 },
    { host: 'autodiscover.example.com', status: 200 },
    { host: 'ua-auto-config.example.com', status: 200 },
    { host: 'AutoConfig.Example.COM.', status: 200 },
    { host: 'autoconfig.xn--bcher-kva.example', status: 200 },
    { host: 'b%C3%BCcher.example', status: 200 },
    { host: 'autoconfig.example', status: 200 },
    { host: 'proxy.host.example', status: 200 },
    { host: 'autoconfig.proxy.host.example', status: 404 },
    { host: 'www.example.com', status: 404 },
    { host: 'autoconfig.autodiscover.example.com', status: 404 },
    { host: 'unknown.example', status: 404 },
    { host: 'autoconfig.unknown.example', status: 404 },
    { host: 'none.example', status: 404 },
    { host: '', status: 404 },
    { host: '__proto__', status: 404 },
    { host: 'example.com/x', status: 404 },
  ]) {
    test(`${host}: ${status}`, async () => assert.equal(await ask(local.base, `?domain=${host}`), status));
  }

  test('no name at all: 404', async () => assert.equal(await ask(local.base, ''), 404));
});

describe('who may ask', () => {
  const stranger = { 'X-Forwarded-For': '192.0.2.1' };
  for (const { name, base, headers, status } of [
    { name: 'this machine', base: local.base, headers: {}, status: 200 },
    { name: 'somebody through a proxy', base: local.base, headers: stranger, status: 403 },
    { name: 'everybody, if the option says so', base: open.base, headers: stranger, status: 200 },
  ]) {
    test(`${name}: ${status}`, async () => assert.equal(await ask(base, '?domain=example.com', headers), status));
  }
});
