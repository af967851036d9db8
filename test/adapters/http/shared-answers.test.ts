import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { EXAMPLE_ROWS, startTestDaemon } from '../../support/test-daemon.ts';

const ROWS = `${EXAMPLE_ROWS}
INSERT INTO domain (id, name, provider_id) VALUES (4, 'composite.example', 1);
INSERT INTO server (id, prio, type, name, port, socket_type, user_name, authentication) VALUES
  (5, 10, 'imap', 'imap.example.com', 993, 'SSL', 'DOM\\%EMAILLOCALPART%', 'plain');
INSERT INTO server_domain (server_id, domain_id) VALUES (5, 4);`;

const daemon = await startTestDaemon({ after }, { rows: ROWS });
const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Response> =>
  fetch(daemon.base + path, { method, headers });

const CONFIG = '/mail/config-v1.1.xml';
const SHARED = `${CONFIG}?emailaddress=a@example.net`;

describe('an answer that is the same for everyone of the domain may be kept', () => {
  for (const { name, path, isShared } of [
    { name: 'logins that the client fills', path: SHARED, isShared: true },
    { name: 'a domain in the form of the provider database', path: '/v1.1/example.com', isShared: true },
    { name: 'a login that we fill', path: `${CONFIG}?emailaddress=a@composite.example`, isShared: false },
    { name: 'that login, where only the domain was asked for', path: '/v1.1/composite.example', isShared: true },
    { name: 'a DAV URL with the address in it', path: `${CONFIG}?emailaddress=a@example.com`, isShared: false },
  ]) {
    test(`${name}: ${isShared ? 'yes' : 'no'}`, async () => {
      const response = await ask(path);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('cache-control'), isShared ? 'public, max-age=300' : 'private, no-store');
      if (isShared) assert.match(response.headers.get('etag') ?? '', /^"[\w-]{27}"$/);
      else assert.equal(response.headers.get('etag'), null);
      // Whoever sets this header chooses the host: a cache must not give that answer to others.
      assert.equal(response.headers.get('vary'), isShared ? 'Host, X-Forwarded-Host' : null);
    });
  }

  for (const path of [
    '/mobileconfig/?emailaddress=a@example.net',
    `${CONFIG}?emailaddress=a@unknown.example`,
    '/?emailaddress=a@example.net',
  ]) {
    test(`${path}: never`, async () => {
      const { headers } = await ask(path);
      assert.deepEqual([headers.get('cache-control'), headers.get('etag')], ['no-store', null]);
    });
  }
});

describe('an answer that comes from the host says so to caches', () => {
  for (const { path, host, status, vary = 'Host, X-Forwarded-Host' } of [
    { path: '/autodiscover/autodiscover.xml', host: 'autodiscover.example.net', status: 200 },
    { path: '/autodiscover/autodiscover.xml', host: 'unknown.example', status: 404 },
    { path: '/autodiscover/autodiscover.json?Protocol=AutodiscoverV1', host: 'example.net', status: 400 },
    {
      path: '/autodiscover/autodiscover.json?Email=a@example.net&Protocol=AutodiscoverV1',
      host: 'example.net',
      status: 200,
    },
    { path: '/.well-known/caldav', host: 'example.com', status: 307 },
    { path: CONFIG, host: 'unknown.example', status: 400 },
    { path: '/mobileconfig/?emailaddress=a@example.net', host: 'example.net', status: 200, vary: null },
  ]) {
    test(`${path} at ${host}: ${vary ?? 'no'}`, async () => {
      const answer = await daemon.raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      assert.equal(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1], String(status), answer);
      assert.equal(/^vary: (.*)\r$/im.exec(answer)?.[1] ?? null, vary);
    });
  }
});

describe('If-None-Match', () => {
  const tagOf = async (path: string): Promise<string> => (await ask(path)).headers.get('etag') ?? '';

  for (const { name, tags, status } of [
    { name: 'the tag', tags: (tag: string) => tag, status: 304 },
    { name: 'the tag, weak', tags: (tag: string) => `W/${tag}`, status: 304 },
    { name: 'one of several', tags: (tag: string) => `"a", W/"b" ,${tag}`, status: 304 },
    { name: 'anything', tags: () => '*', status: 304 },
    { name: 'another tag', tags: () => '"a"', status: 200 },
    { name: 'the tag without quotes', tags: (tag: string) => tag.slice(1, -1), status: 200 },
    { name: 'very many tags', tags: (tag: string) => `${'"a",'.repeat(3_000)}${tag}`, status: 304 },
    { name: 'nothing but commas', tags: () => ','.repeat(10_000), status: 200 },
  ]) {
    for (const method of ['GET', 'HEAD']) {
      test(`${method}: ${name} gives ${status}`, async () => {
        const tag = await tagOf(SHARED);
        const response = await ask(SHARED, { 'If-None-Match': tags(tag) }, method);
        assert.equal(response.status, status);
        assert.equal(response.headers.get('etag'), tag);
        assert.equal(response.headers.get('cache-control'), 'public, max-age=300');
        assert.equal(response.headers.get('vary'), 'Host, X-Forwarded-Host');
        const text = await response.text();
        assert.equal(text === '', status === 304 || method === 'HEAD');
        if (status === 304) assert.equal(response.headers.get('content-type'), null);
      });
    }
  }

  test('the tag is another one for another document', async () => {
    const tags = await Promise.all([SHARED, '/v1.1/example.com', '/v1.1/login.example'].map(tagOf));
    assert.equal(new Set(tags).size, 3);
  });

  test('a personal answer has none', async () => {
    const response = await ask(`${CONFIG}?emailaddress=a@composite.example`, { 'If-None-Match': '*' });
    assert.equal(response.status, 200);
  });
});
