import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { document } from '../../domain/documents/samples.ts';
import { EXAMPLE_ROWS, startTestDaemon, type TestDaemonOptions } from '../../support/test-daemon.ts';

const contrib = (name: string): string => readFileSync(new URL(`../../../contrib/${name}`, import.meta.url), 'utf8');

async function start(t: TestContext, options: TestDaemonOptions = {}) {
  const daemon = await startTestDaemon(t, options);
  const call = async (method: string, body?: string, headers: Record<string, string> = {}) => {
    const init =
      body === undefined
        ? { method, headers }
        : { method, body, headers: { 'Content-Type': 'application/json', ...headers } };
    const response = await fetch(`${daemon.base}/initdb/`, init);
    return `${response.status} ${await response.text()}`;
  };
  const lookUp = async (address: string) =>
    (await fetch(`${daemon.base}/mail/config-v1.1.xml?emailaddress=${address}`)).status;
  return { ...daemon, call, lookUp };
}

describe('/initdb/', () => {
  test('GET creates tables and sample data once; HEAD changes nothing', async (t) => {
    const { call, lookUp, base } = await start(t);
    assert.equal(await lookUp('a@example.com'), 503);
    assert.equal((await fetch(`${base}/healthz`)).status, 503);
    assert.equal(await call('HEAD'), '200 ');
    assert.equal(await lookUp('a@example.com'), 503);
    assert.match(await call('GET'), /^200 .*sample data stored\n$/);
    for (const domain of ['example.com', 'example.net', 'example.org']) assert.equal(await lookUp(`a@${domain}`), 200);
    assert.match(await call('GET'), /^200 .*nothing was changed\n$/);
    assert.match(await call('POST', contrib('seed-v2.json')), /^409 .*\n$/);
  });

  test('GET on a filled database changes nothing', async (t) => {
    const { call, lookUp } = await start(t, { rows: EXAMPLE_ROWS });
    assert.match(await call('GET'), /^200 .*nothing was changed\n$/);
    assert.equal(await lookUp('a@example.org'), 404);
  });

  for (const name of ['seed-v1.json', 'seed-v2.json']) {
    test(`POST stores contrib/${name}`, async (t) => {
      const { call, lookUp, log } = await start(t);
      assert.match(await call('POST', contrib(name)), /^200 The seed is stored/);
      assert.equal(await lookUp('a@example.com'), 200);
      assert.match(log.join(''), /WARNING a document is stored in the database domains=\d/);
    });
  }

  test('POST stores a settings document, and calls it so', async (t) => {
    const { call, lookUp } = await start(t);
    assert.match(await call('POST', JSON.stringify(document())), /^200 The document is stored/);
    assert.equal(await lookUp('a@example.com'), 200);
  });

  for (const { name, body, type = 'application/json', answer } of [
    { name: 'no JSON type', body: '{}', type: 'text/plain', answer: /^415 / },
    {
      name: 'JSON types with parameters and suffixes',
      body: '[',
      type: 'application/vnd.x+json; charset=utf-8',
      answer: /^400 the document: not valid JSON at line 1, column 2\n$/,
    },
    { name: 'no JSON', body: '{', answer: /^400 the document: not valid JSON at line 1, column 2\n$/ },
    { name: 'nothing', body: '', answer: /^400 / },
    { name: 'an empty object', body: '{}', answer: /^400 the document: must not be empty\n$/ },
    { name: 'null', body: 'null', answer: /^400 the document: must be an object\n$/ },
    {
      name: 'a member at fault',
      body: JSON.stringify({
        provider: 'P',
        domains: ['a.example'],
        servers: [
          { type: 'imap', name: 'i' },
          { type: 'smtp', name: 's', port: '25' },
        ],
      }),
      answer: /^400 servers\[1\]\.port: must be a number from 1 to 65535, not "25"\n$/,
    },
  ]) {
    test(`POST refuses ${name}, and nothing is stored`, async (t) => {
      const { call, base } = await start(t, { rows: '' });
      assert.match(await call('POST', body, { 'Content-Type': type }), answer);
      assert.match(await (await fetch(`${base}/healthz`)).text(), /^ok: .*no domain/);
    });
  }

  test('DELETE empties the database where initdb = purge, also without tables', async (t) => {
    const { call, lookUp } = await start(t, { settings: { initdb: 'purge' } });
    assert.match(await call('DELETE'), /^200 /);
    await call('GET');
    assert.match(await call('DELETE'), /^200 /);
    assert.equal(await lookUp('a@example.com'), 404);
    await call('GET');
    assert.equal(await lookUp('a@example.com'), 200);
  });

  for (const { initdb, refused } of [
    { initdb: 'off', refused: ['GET', 'HEAD', 'POST', 'DELETE'] },
    { initdb: 'seed', refused: ['DELETE'] },
    { initdb: 'purge', refused: [] },
  ] as const) {
    test(`initdb = ${initdb} refuses ${refused.join(', ') || 'nothing'} and names the option`, async (t) => {
      for (const method of ['GET', 'HEAD', 'POST', 'DELETE'] as const) {
        const { call } = await start(t, { settings: { initdb } });
        const answer = await call(method, method === 'POST' ? contrib('seed-v2.json') : undefined);
        if (!(refused as readonly string[]).includes(method)) assert.match(answer, /^200 /, method);
        else assert.match(answer, method === 'HEAD' ? /^403 $/ : /^403 The option initdb is "\w+"/, method);
      }
    });
  }

  for (const { name, headers, proxyCount = 0, permitted } of [
    { name: 'from loopback', headers: ['Host: 127.0.0.1:4243'], permitted: true },
    { name: 'Host localhost', headers: ['Host: LocalHost'], permitted: true },
    { name: 'Host [::1]', headers: ['Host: [::1]:4243'], permitted: true },
    { name: 'another Host (DNS rebinding)', headers: ['Host: rebound.example'], permitted: false },
    { name: 'a Host that only begins like loopback', headers: ['Host: 127.0.0.1.example'], permitted: false },
    {
      name: 'a forwarding header without a trusted proxy',
      headers: ['Host: localhost', 'X-Forwarded-For: 127.0.0.1'],
      permitted: false,
    },
    { name: 'Forwarded', headers: ['Host: localhost', 'Forwarded: for=127.0.0.1'], permitted: false },
    { name: 'X-Real-IP', headers: ['Host: localhost', 'X-Real-IP: 127.0.0.1'], permitted: false },
    {
      name: 'a trusted proxy that saw loopback',
      headers: ['Host: localhost', 'X-Forwarded-For: 127.0.0.1'],
      proxyCount: 1,
      permitted: false,
    },
    {
      name: 'a trusted proxy that saw a stranger',
      headers: ['Host: localhost', 'X-Forwarded-For: 127.0.0.1, 203.0.113.9'],
      proxyCount: 1,
      permitted: false,
    },
    {
      name: 'a stranger who claims loopback through one proxy of two',
      headers: ['Host: localhost', 'X-Forwarded-For: 127.0.0.1'],
      proxyCount: 2,
      permitted: false,
    },
    {
      name: 'a trusted proxy that forwards a public Host',
      headers: ['Host: localhost', 'X-Forwarded-For: 127.0.0.1', 'X-Forwarded-Host: mail.example'],
      proxyCount: 1,
      permitted: false,
    },
  ]) {
    test(`${name}: ${permitted ? 'permitted' : 'refused'}`, async (t) => {
      const { raw } = await start(t, { rows: '', settings: { proxyCount } });
      const answer = await raw(['GET /initdb HTTP/1.1', ...headers, 'Connection: close', '', ''].join('\r\n'));
      assert.match(answer, permitted ? /^HTTP\/1\.1 200 / : /^HTTP\/1\.1 403 [\s\S]*the option initdb allows\n$/);
    });
  }
});
