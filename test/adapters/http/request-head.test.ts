import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';
import { MAX_TARGET_OCTETS } from '../../../src/adapters/http/request-head.ts';
import { readSettings } from '../../../src/app/options.ts';
import { EXAMPLE_ROWS, startTestDaemon } from '../../support/test-daemon.ts';

const daemon = await startTestDaemon({ after }, { rows: EXAMPLE_ROWS });
const CONFIG = '/mail/config-v1.1.xml?emailaddress=a@example.com';

const target = (octets: number): string => CONFIG + '&'.repeat(octets - CONFIG.length);

describe('the head of a request', () => {
  for (const { name, line = CONFIG, headers, status } of [
    { name: 'one Host', headers: ['Host: example.com'], status: 200 },
    { name: 'a Host with a port', headers: ['Host: example.com:4243'], status: 200 },
    { name: 'an address as Host', headers: ['Host: [::1]:4243'], status: 200 },
    { name: 'an empty Host', headers: ['Host:'], status: 200 },
    { name: 'two Hosts', headers: ['Host: example.com', 'Host: example.net'], status: 400 },
    { name: 'the same Host twice', headers: ['Host: example.com', 'host: example.com'], status: 400 },
    { name: 'a list in Host', headers: ['Host: example.com, example.net'], status: 400 },
    { name: 'a blank in Host', headers: ['Host: example.com example.net'], status: 400 },
    { name: 'a path in Host', headers: ['Host: example.com/x'], status: 400 },
    { name: 'a user in Host', headers: ['Host: me@example.com'], status: 400 },
    { name: 'a target of the Host', line: `http://Example.com${CONFIG}`, headers: ['Host: example.com'], status: 200 },
    {
      name: 'a target with its port',
      line: `http://example.com:80${CONFIG}`,
      headers: ['Host: example.com'],
      status: 200,
    },
    {
      name: 'a target of another port',
      line: `http://example.com:81${CONFIG}`,
      headers: ['Host: example.com'],
      status: 400,
    },
    {
      name: 'a target of another host',
      line: `http://x.example${CONFIG}`,
      headers: ['Host: example.com'],
      status: 400,
    },
    { name: 'a target as long as may be', line: target(MAX_TARGET_OCTETS), headers: ['Host: x'], status: 200 },
    { name: 'a longer target', line: target(MAX_TARGET_OCTETS + 1), headers: ['Host: x'], status: 414 },
  ]) {
    test(`${name}: ${status}`, async () => {
      const answer = await daemon.raw([`GET ${line} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n'));
      assert.equal(Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]), status, answer);
    });
  }
});

for (const { name, rest } of [
  { name: 'is broken', rest: 'no length\r\n' },
  { name: 'is broken later', rest: '1\r\nx\r\nno length\r\n' },
]) {
  test(`a request whose body ${name} after its answer gets no second one`, async (t) => {
    const client = connect(Number(new URL(daemon.base).port), '127.0.0.1').setEncoding('utf8');
    t.after(() => client.destroy());
    client.on('error', () => undefined);
    let text = '';
    client.on('data', (part: string) => {
      text += part;
    });
    client.write(`GET ${CONFIG} HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n`);
    while (!text.includes('</clientConfig>')) await once(client, 'data');
    client.write(rest);
    await once(client, 'close');
    assert.equal(text.match(/^HTTP\/1\.1 /gm)?.length, 1, text);
  });
}

for (const { name, rest, status } of [
  { name: 'a trailer of 64 KiB', rest: `0\r\nX: ${'y'.repeat(65_536)}\r\n\r\n`, status: 431 },
  { name: 'many trailers', rest: `0\r\n${'A: b\r\n'.repeat(20_000)}\r\n`, status: 431 },
  { name: 'a chunk extension of 64 KiB', rest: `1;${'e'.repeat(65_536)}\r\nx\r\n0\r\n\r\n`, status: 400 },
]) {
  test(`${name}: ${status}, and the connection is closed`, async () => {
    const head = 'POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const answer = await daemon.raw(`${head}${rest}`);
    assert.deepEqual(answer.match(/^HTTP\/1\.1 \d+/gm), [`HTTP/1.1 ${status}`]);
  });
}

test('a request whose body never comes after its answer gets no second one', async (t) => {
  const { limits } = readSettings(undefined);
  const short = { ...limits, requestTimeoutMs: 1_000, headersTimeoutMs: 1_000 };
  const { raw } = await startTestDaemon(t, { rows: EXAMPLE_ROWS, settings: { limits: short } });
  const text = await raw(`GET ${CONFIG} HTTP/1.1\r\nHost: example.com\r\nContent-Length: 9\r\n\r\n`);
  assert.deepEqual(text.match(/^HTTP\/1\.1 \d+/gm), ['HTTP/1.1 200']);
});

test('a body in crumbs ends the connection; the same body in a few pieces is read', async () => {
  const body = `<Autodiscover>${' '.repeat(2_000)}</Autodiscover>`;
  const head =
    'POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
  const chunks = (octets: number): string =>
    (body.match(new RegExp(`.{1,${octets}}`, 'g')) ?? [])
      .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
      .join('');
  assert.match(await daemon.raw(`${head}${chunks(32)}0\r\n\r\n`), /<ErrorCode>600</);
  assert.equal(await daemon.raw(`${head}${chunks(1)}0\r\n\r\n`).catch(() => ''), '');
});

test('a client’s words do not make a line of the log longer than 8 KiB', async () => {
  const { raw, log } = await startTestDaemon({ after }, { rows: EXAMPLE_ROWS, settings: { proxyCount: 1 } });
  for (const character of ['x', '"', '\xff']) {
    const forwarded = `X-Forwarded-For: ${character.repeat(12_000)}`;
    await raw(Buffer.from(`GET ${CONFIG} HTTP/1.1\r\nHost: x\r\n${forwarded}\r\nConnection: close\r\n\r\n`, 'latin1'));
    const line = log.at(-1) ?? '';
    assert.match(line, / GET \/mail\/config-v1\.1\.xml status=200 .*client=.*domain=example\.com format=autoconfig\n$/);
    assert.ok(Buffer.byteLength(line) <= 8_192, String(Buffer.byteLength(line)));
  }
});
