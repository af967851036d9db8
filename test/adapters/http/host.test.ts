import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { EXAMPLE_ROWS, startTestDaemon } from '../../support/test-daemon.ts';

const ROWS = `${EXAMPLE_ROWS}
INSERT INTO domain (id, name, provider_id) VALUES (5, 'bücher.example', 1), (6, 'autoconfig.example', 1);
INSERT INTO server_domain (server_id, domain_id) VALUES (2, 5), (2, 6);`;

const direct = await startTestDaemon({ after }, { rows: ROWS });
const proxied = await startTestDaemon({ after }, { rows: EXAMPLE_ROWS, settings: { proxyCount: 1 } });

const get = (target: string, ...headers: readonly string[]): string =>
  [`GET ${target} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n');

describe('the domain comes from Host', () => {
  for (const { name, request, status, has } of [
    ...['autoconfig.example.com', 'example.com', 'AutoDiscover.Example.com.', 'ua-auto-config.example.com:8080'].map(
      (host) => ({
        name: host,
        request: get('/mail/config-v1.1.xml', `Host: ${host}`),
        status: 200,
        has: /<domain>example\.com<[\s\S]*cal\/%EMAILADDRESS%\//,
      }),
    ),
    {
      name: 'a target in absolute form, with the same Host',
      request: get('http://autoconfig.example.net/mail/config-v1.1.xml', 'Host: autoconfig.Example.net'),
      status: 200,
      has: /<domain>example\.net</,
    },
    {
      name: 'octets of UTF-8',
      request: Buffer.from(get('/mail/config-v1.1.xml', 'Host: autoconfig.BÜCHER.example')),
      status: 200,
      has: /<domain>xn--bcher-kva\.example</,
    },
    {
      name: 'octets of UTF-8 do not come back as advice',
      request: Buffer.from(
        get(
          '/autodiscover/autodiscover.json?Email=a@example.com&Protocol=AutodiscoverV1',
          'Host: autodiscover.BÜCHER.example',
        ),
      ),
      status: 200,
      has: /"https:\/\/autodiscover\.xn--bcher-kva\.example\/autodiscover/,
    },
    {
      name: 'octets that are no UTF-8',
      request: Buffer.from(get('/mail/config-v1.1.xml', 'Host: autoconfig.b\xfccher.example'), 'latin1'),
      status: 400,
      has: /Missing/,
    },
    {
      name: 'a domain whose name begins like that of a service',
      request: get('/mail/config-v1.1.xml', 'Host: autoconfig.example'),
      status: 200,
      has: /<domain>autoconfig\.example</,
    },
    {
      name: 'a domain that is not ours',
      request: get('/mail/config-v1.1.xml', 'Host: autoconfig.unknown.example'),
      status: 400,
      has: /Missing request argument "emailaddress"/,
    },
    { name: 'a Host that is no name', request: get('/mail/config-v1.1.xml', 'Host: <b>'), status: 400, has: /Missing/ },
    {
      name: 'two leading slashes name no host',
      request: get('//example.com/mail/config-v1.1.xml', 'Host: x'),
      status: 404,
      has: /\n/,
    },
    {
      name: 'the query decides, whatever Host says',
      request: get('/mail/config-v1.1.xml?emailaddress=a@example.net', 'Host: autoconfig.example.com'),
      status: 200,
      has: /<domain>example\.net</,
    },
    {
      name: 'GET on Autodiscover: settings without login and user',
      request: get('/autodiscover/autodiscover.xml', 'Host: autodiscover.example.net'),
      status: 200,
      has: /<Account>(?![\s\S]*LoginName)/,
    },
    {
      name: 'GET on Autodiscover: a login that is not the address',
      request: get('/autodiscover/autodiscover.xml', 'Host: login.example'),
      status: 404,
      has: /\n/,
    },
    {
      name: 'V2 names the asked host if it is ours',
      request: get(
        '/autodiscover/autodiscover.json?Email=a@example.com&Protocol=AutodiscoverV1',
        'Host: autodiscover.example.net',
      ),
      status: 200,
      has: /"https:\/\/autodiscover\.example\.net\//,
    },
    {
      name: 'V2 names no other host',
      request: get('/autodiscover/autodiscover.json?Email=a@example.com&Protocol=AutodiscoverV1', 'Host: evil.example'),
      status: 200,
      has: /"https:\/\/autodiscover\.example\.com\//,
    },
    {
      name: 'forwarded headers from nobody we trust are not believed',
      request: get(
        '/autodiscover/autodiscover.xml',
        'Host: example.net',
        'X-Forwarded-Proto: http',
        'X-Forwarded-Host: example.com',
      ),
      status: 200,
      has: /imap\.example\.com/,
    },
  ]) {
    test(name, async () => {
      const answer = await direct.raw(request);
      assert.equal(Number(answer.slice(9, 12)), status, answer);
      assert.match(answer, has);
    });
  }
});

describe('behind one proxy', () => {
  for (const { name, request, has } of [
    {
      name: 'plain http is redirected',
      request: get(
        '/AutoDiscover/autodiscover.xml',
        'Host: x',
        'X-Forwarded-Host: autodiscover.example.com',
        'X-Forwarded-Proto: http',
      ),
      has: /^HTTP\/1\.1 302 [\s\S]*\r\nLocation: https:\/\/autodiscover\.example\.com\/autodiscover\/autodiscover\.xml\?redirected\r\n/,
    },
    {
      name: 'and not again, for a proxy that says http whatever the client speaks',
      request: get(
        '/autodiscover/autodiscover.xml?redirected',
        'Host: x',
        'X-Forwarded-Host: autodiscover.example.com',
        'X-Forwarded-Proto: http',
      ),
      has: /^HTTP\/1\.1 200 /,
    },
    {
      name: 'not to what is no host name',
      request: get('/autodiscover/autodiscover.xml', 'Host: a$b', 'X-Forwarded-Proto: http'),
      has: /^HTTP\/1\.1 404 /,
    },
    {
      name: 'https is answered',
      request: get(
        '/autodiscover/autodiscover.xml',
        'Host: x',
        'X-Forwarded-Host: example.com',
        'X-Forwarded-Proto: https',
      ),
      has: /^HTTP\/1\.1 200 /,
    },
    {
      name: 'the last entry counts',
      request: get('/mail/config-v1.1.xml', 'Host: x', 'X-Forwarded-Host: evil.example, example.net'),
      has: /<domain>example\.net</,
    },
  ]) {
    test(name, async () => assert.match(await proxied.raw(request), has));
  }

  test('the access log shows the client', async () => {
    await proxied.raw(get('/healthz', 'Host: x', 'X-Forwarded-For: 198.51.100.7, 203.0.113.9'));
    assert.match(proxied.log.at(-1) ?? '', /client=203\.0\.113\.9 /);
  });
});

test('while the database is away, a Host that it cannot be asked for does not keep a known domain from its answer', async (t) => {
  const { raw, file } = await startTestDaemon(t, { rows: EXAMPLE_ROWS });
  const json = '/autodiscover/autodiscover.json?Email=a@example.com&Protocol=AutodiscoverV1';
  assert.match(await raw(get(json, 'Host: example.net')), /"Url":"https:\/\/example\.net\//);
  rmSync(file);
  assert.match(await raw(get('/mail/config-v1.1.xml', 'Host: autoconfig.unknown.example')), /^HTTP\/1\.1 503 /);
  assert.match(
    await raw(get(json, 'Host: mail.example.org')),
    /^HTTP\/1\.1 200 [\s\S]*"Url":"https:\/\/autodiscover\.example\.com\//,
  );
});
