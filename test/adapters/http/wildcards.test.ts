import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { autodiscoverRequest, EXAMPLE_ROWS, startTestDaemon } from '../../support/test-daemon.ts';

// `*` with the lowest id, so that nothing is right by chance.
const ROWS = `${EXAMPLE_ROWS}
INSERT INTO domain (id, name, provider_id) VALUES (-1, '*', 1), (5, '*.example.com', 1), (6, '*.tld1', 1), (7, 'autoconfig.shop.tld1', 1);
INSERT INTO server_domain (server_id, domain_id) VALUES (2, 7), (3, 7);
UPDATE server SET name = 'imap.%EMAILDOMAIN%' WHERE id = 4;
INSERT INTO server_domain (server_id, domain_id) VALUES (4, -1), (3, -1), (4, 5), (3, 5);
UPDATE server SET port = 465, socket_type = 'SSL' WHERE id = 3; -- as PACC needs it
UPDATE server SET user_name = '%EMAILADDRESS%' WHERE id = 4;`;

const { base } = await startTestDaemon({ after }, { rows: ROWS, settings: { proxyCount: 1, served: 'all' } });

const ask = (path: string, host: string): Promise<Response> =>
  fetch(base + path, { headers: { 'X-Forwarded-Host': host, 'X-Forwarded-For': '192.0.2.1' } });

describe('a wildcard serves what has no row of its own', () => {
  for (const { address, imap } of [
    { address: 'ann@any.example', imap: 'imap.any.example' },
    { address: 'ann@a.example.com', imap: 'imap.a.example.com' },
    { address: 'ann@example.com', imap: 'imap.example.com' },
  ]) {
    test(`Autoconfig of ${address}`, async () => {
      const text = await (await fetch(`${base}/mail/config-v1.1.xml?emailaddress=${address}`)).text();
      assert.match(text, new RegExp(`<domain>${address.slice(4)}</domain>`));
      assert.match(text, new RegExp(`<hostname>${imap}</hostname>`));
    });
  }

  test('Autodiscover and a profile', async () => {
    const body = autodiscoverRequest('ann@any.example');
    const answer = await (await fetch(`${base}/autodiscover/autodiscover.xml`, { method: 'POST', body })).text();
    assert.match(answer, /<Server>imap\.any\.example<\/Server>/);
    const profile = await (await fetch(`${base}/mobileconfig/?emailaddress=ann@any.example`)).text();
    assert.match(profile, /<string>imap\.any\.example<\/string>/);
  });

  for (const { host, domain } of [
    { host: 'autoconfig.any.example', domain: 'any.example' },
    { host: 'autoconfig.a.example.com', domain: 'a.example.com' },
    // Not as a name below example.com.
    { host: 'autoconfig.example.com', domain: 'example.com' },
    { host: 'example.net', domain: 'example.net' },
    // The wildcard that may serve shop.tld1 has no servers.
    { host: 'autoconfig.shop.tld1', domain: 'autoconfig.shop.tld1' },
  ]) {
    test(`Host ${host} speaks for ${domain}`, async () => {
      const text = await (await ask('/mail/config-v1.1.xml', host)).text();
      assert.match(text, new RegExp(`<domain>${domain.replaceAll('.', '\\.')}</domain>`));
    });
  }
});

describe('a wildcard makes no name ours', () => {
  for (const { host, status } of [
    { host: 'example.com', status: 200 },
    { host: 'autoconfig.example.com', status: 200 },
    { host: 'any.example', status: 404 },
    { host: 'autoconfig.any.example', status: 404 },
    { host: 'a.example.com', status: 404 },
    { host: 'autodiscover.a.example.com', status: 404 },
  ]) {
    test(`no certificate is fetched for it: ${host}, ${status}`, async () =>
      assert.equal((await ask(`/v1/served?domain=${host}`, 'x')).status, status));
  }

  for (const { host, status } of [
    { host: 'ua-auto-config.example.com', status: 200 },
    { host: 'ua-auto-config.any.example', status: 404 },
    { host: 'a.example.com', status: 404 },
  ]) {
    test(`PACC of ${host}: ${status}`, async () =>
      assert.equal((await ask('/.well-known/user-agent-configuration.json', host)).status, status));
  }

  test('what a stranger writes into Host does not come back as advice', async () => {
    const path = '/autodiscover/autodiscover.json?Email=ann@any.example&Protocol=AutodiscoverV1';
    const { Url } = (await (await ask(path, 'evil.example')).json()) as { readonly Url: string };
    assert.equal(new URL(Url).hostname, 'autodiscover.any.example');
  });

  test('nor into a code of the page', async () => {
    const count = async (host: string): Promise<number> =>
      (await (await ask('/help?emailaddress=ann@any.example', host)).text()).split('<svg').length - 1;
    assert.deepEqual([await count('autoconfig.example.com'), await count('evil.example')], [2, 1]);
  });
});
