import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { CLIENT_ROWS } from '../support/mail-client.ts';
import { askedFor, REQUEST_NAMES, readRequest, send, split } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port, log } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

const withStart = (request: Buffer, change: (start: string) => string): Buffer => {
  const end = request.indexOf('\r\n');
  return Buffer.concat([Buffer.from(change(request.subarray(0, end).toString('latin1'))), request.subarray(end)]);
};
const withMethod = (request: Buffer, method: string): Buffer =>
  withStart(request, (start) => start.replace(/^\w+/, method));
const methodOf = (name: string): string => readRequest(name).toString('latin1').split(' ', 1)[0] ?? '';

describe('the recorded requests', () => {
  test('each file is one whole request', () => {
    assert.ok(REQUEST_NAMES.length > 50);
    for (const name of REQUEST_NAMES) {
      const { head, body } = split(readRequest(name));
      assert.match(head, /^(?:GET|POST) \/\S+ HTTP\/1\.1\r\n(?:[\w-]+: [^\r\n]+\r\n)+\r\n$/, name);
      assert.match(head, /^host: /im, name);
      assert.equal(Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0), body.length, name);
    }
  });

  test('for the same user, a request has the same octets', () => {
    for (const name of REQUEST_NAMES) assert.deepEqual(askedFor(readRequest(name), {}), readRequest(name), name);
  });
});

for (const name of REQUEST_NAMES) {
  test(`never 401, never an empty error: ${name}`, async () => {
    for (const domain of ['example.com', 'login.example', 'unknown.example']) {
      const { status, headers, body } = await send(port, askedFor(readRequest(name), { domain }));
      assert.ok([200, 400, 404].includes(status), `${domain}: ${status}`);
      assert.equal(headers.has('www-authenticate'), false);
      assert.notEqual(body, '');
      if (status !== 200) assert.match(body, /^[^\n]+\n?$/);
    }
  });
}

// The forms of an address and its password in a request.
const SECRETS = /fred(?!\w)|EVOLUTIONUSER|geheim|basic |ZnJlZ|emailmd5|6255165076a5e31273cbda50bb9f9636/i;

test('assertion 10: no local part and no password in any line of the log at DEBUG', async () => {
  assert.match(readRequest('thunderbird/autodiscover-domain-https').toString(), SECRETS);
  const before = log.length;
  for (const name of REQUEST_NAMES) {
    for (const domain of ['example.com', 'unknown.example', 'not..a.domain']) {
      await send(port, askedFor(readRequest(name), { domain }));
    }
  }
  const lines = log.slice(before);
  assert.ok(lines.length >= 3 * REQUEST_NAMES.length);
  assert.ok(lines.some((line) => line.includes(' DEBUG ')));
  for (const line of lines) assert.doesNotMatch(line, SECRETS);
});

describe('assertion 11', () => {
  const withoutTime = (body: string): string => body.replace(/Time="[^"]*"/, '');

  for (const name of REQUEST_NAMES.filter((each) =>
    /autodiscover/i.test(readRequest(each).toString().split('\r\n', 1)[0] ?? ''),
  )) {
    test(`letter case of the path does not matter: ${name}`, async () => {
      const request = readRequest(name);
      const inCase = (change: (word: string) => string): Buffer =>
        withStart(request, (start) => start.replace(/\/autodiscover\/autodiscover\.(?:xml|json)/i, change));
      const want = await send(port, request);
      for (const variant of [
        inCase((word) => word.toUpperCase()),
        inCase((word) => word.toLowerCase()),
        inCase((word) => word.replaceAll(/autodiscover/gi, 'AutoDiscover')),
      ]) {
        const { status, body } = await send(port, variant);
        assert.deepEqual([status, withoutTime(body)], [want.status, withoutTime(want.body)]);
      }
    });
  }

  for (const name of REQUEST_NAMES.filter((each) => methodOf(each) === 'GET')) {
    test(`HEAD gives the headers only: ${name}`, async () => {
      const get = await send(port, readRequest(name));
      const head = await send(port, withMethod(readRequest(name), 'HEAD'));
      const comparable = ({ status, headers }: typeof get) => [status, [...headers].filter(([key]) => key !== 'date')];
      assert.deepEqual(comparable(head), comparable(get));
      assert.equal(head.body, '');
    });
  }

  for (const name of REQUEST_NAMES) {
    const isPost = methodOf(name) === 'POST' || /autodiscover\.xml/i.test(readRequest(name).toString());
    for (const method of ['PUT', 'DELETE', ...(isPost ? [] : ['POST'])]) {
      test(`${method} is not allowed: ${name}`, async () => {
        const { status, headers } = await send(port, withMethod(readRequest(name), method));
        assert.equal(status, 405);
        assert.equal(headers.get('allow'), isPost ? 'GET, HEAD, POST' : 'GET, HEAD');
      });
    }
  }
});

describe('assertion 14: PACC: two requests give the same octets, whichever name of ours they name', () => {
  const get = (host: string): Buffer =>
    Buffer.from(
      `GET /.well-known/user-agent-configuration.json HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
  for (const domain of ['example.com', 'example.net']) {
    test(domain, async () => {
      const hosts = ['ua-auto-config.', 'ua-auto-config.', 'autoconfig.', 'autodiscover.', ''];
      const answers = await Promise.all(hosts.map((label) => send(port, get(label + domain))));
      for (const { status, body } of answers) assert.deepEqual([status, body], [200, answers[0]?.body]);
    });
  }
});
