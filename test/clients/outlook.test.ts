import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  assertSetup,
  CLIENT_ROWS,
  COMPOSITE_CASE,
  DOMAINS,
  MX_CASE,
  testReplay,
  type User,
} from '../support/mail-client.ts';
import { readMicrosoft } from '../support/microsoft-reader.ts';
import { askedFor, readRequest, send, split, withBody, withHeader } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });
const proxied = await startTestDaemon({ after }, { rows: CLIENT_ROWS, settings: { proxyCount: 1 } });

const SCHEMAS = 'http://schemas.microsoft.com/exchange/autodiscover';
const OUTLOOK = readRequest('outlook/autodiscover-domain');

describe('Outlook: XML', () => {
  for (const request of ['autodiscover-domain', 'autodiscover-host', 'autodiscover-host-other-case']) {
    const domains = [...DOMAINS, MX_CASE, COMPOSITE_CASE];
    testReplay(port, { request: `outlook/${request}`, read: readMicrosoft, domains, unknown: 'Error 500' });
  }
});

/** Outlook's own request with another body. */
const bodyOf = (change: (body: string) => string | Uint8Array): Buffer =>
  withBody(OUTLOOK, change(split(OUTLOOK).body.toString('utf8')));
const addressIn = (address: string): Buffer => bodyOf((body) => body.replace('fred@example.com', () => address));
const utf16 = (body: string): Buffer => Buffer.from(`\ufeff${body.replace('"utf-8"', '"utf-16"')}`, 'utf16le');

function chunked(): Buffer {
  const { head, body } = split(OUTLOOK);
  const start = head.replace(/^Content-Length: .*$/m, 'Transfer-Encoding: chunked');
  const chunks = body.toString('latin1').match(/[\s\S]{1,100}/g) ?? [];
  const text = [...chunks, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  return Buffer.from(start + text, 'latin1');
}

describe('Outlook: encodings of the request', () => {
  for (const { name, request, user } of [
    { name: 'UTF-8 with byte order mark', request: bodyOf((body) => `\ufeff${body}`) },
    { name: 'UTF-16LE with byte order mark, declared', request: bodyOf(utf16) },
    { name: 'UTF-16BE with byte order mark, declared', request: bodyOf((body) => utf16(body).swap16()) },
    { name: 'a leading line end', request: bodyOf((body) => `\n${body}`) },
    { name: 'CRLF', request: bodyOf((body) => `${body.replaceAll('><', '>\r\n<')}\r\n`) },
    { name: 'https in schema names', request: bodyOf((body) => body.replaceAll('http://', 'https://')) },
    {
      name: 'prefixes',
      request: bodyOf((body) => body.replaceAll(/<(\/?)(?=[A-Z])/g, '<$1a:').replace('xmlns=', 'xmlns:a=')),
    },
    {
      name: 'no Content-Type',
      request: Buffer.from(OUTLOOK.toString('latin1').replace('Content-Type: text/xml\r\n', ''), 'latin1'),
    },
    { name: 'Transfer-Encoding: chunked', request: chunked() },
    { name: 'Expect: 100-continue', request: withHeader(OUTLOOK, 'Expect: 100-continue') },
    { name: 'an & that is not escaped', request: addressIn('r&d@example.com'), localPart: 'r&d' },
    { name: 'a plus', request: addressIn('fred+tag@example.com'), localPart: 'fred+tag' },
    { name: 'upper case', request: addressIn('FRED@EXAMPLE.COM'), localPart: 'FRED' },
    { name: 'an IDN domain as U-labels', request: addressIn('fred@bücher.example'), domain: 'xn--bcher-kva.example' },
  ].map(({ localPart = 'fred', domain = 'example.com', ...row }) => ({ ...row, user: { localPart, domain } }))) {
    test(name, async () => {
      assert.notDeepEqual(request, OUTLOOK);
      assertSetup(readMicrosoft(await send(port, request), user), settingsOf(user));
    });
  }

  for (const { name, request } of [
    { name: 'an empty body', request: bodyOf(() => '') },
    { name: '1 MiB', request: bodyOf((body) => body + ' '.repeat(2 ** 20 - body.length)) },
    {
      name: 'a document type with an entity',
      request: bodyOf((body) => body.replace('?>', '?><!DOCTYPE a [<!ENTITY b "fred">]>').replace('fred@', '&b;@')),
    },
  ]) {
    test(`Error 600: ${name}`, async () => {
      const answer = await send(port, request);
      assert.equal(answer.status, 200);
      assert.match(answer.body, /<ErrorCode>600<\/ErrorCode>/);
    });
  }
});

/** The configured settings of a user in one of DOMAINS, with the address as login. */
function settingsOf(user: User) {
  const { want } = DOMAINS.find((each) => each.user.domain === user.domain) ?? assert.fail(user.domain);
  const login = `${user.localPart}@${user.domain}`;
  return { incoming: { ...want.incoming, login }, outgoing: { ...want.outgoing, login } };
}

describe('Outlook: the probe on plain http', () => {
  test('assertion 12: behind a trusted proxy it is redirected to https', async () => {
    for (const { asked, user } of DOMAINS) {
      const probe = askedFor(readRequest('outlook/redirect-probe'), asked);
      const answer = await send(proxied.port, withHeader(probe, 'X-Forwarded-Proto: http'));
      assert.equal(answer.status, 302);
      const location = `https://autodiscover.${user.domain}/autodiscover/autodiscover.xml?redirected`;
      assert.equal(answer.headers.get('location'), location);
    }
  });

  test('assertion 12: a scheme from an untrusted sender is ignored', async () => {
    const probe = withHeader(readRequest('outlook/redirect-probe'), 'X-Forwarded-Proto: http');
    assert.equal((await send(port, probe)).status, 200);
  });
});

describe('assertion 13: JSON', () => {
  const asking = (name: string, protocol: string): Buffer =>
    Buffer.from(
      readRequest(`outlook/${name}`).toString('latin1').replace('Protocol=Autodiscoverv1', protocol),
      'latin1',
    );

  for (const name of ['json-path', 'json-query']) {
    for (const protocol of ['Autodiscoverv1', 'AutodiscoverV1', 'autodiscoverv1', 'AUTODISCOVERV1']) {
      test(`${name}, ${protocol}: the URL of the XML form`, async () => {
        const { status, headers, body } = await send(port, asking(name, `Protocol=${protocol}`));
        assert.deepEqual([status, headers.get('content-type')], [200, 'application/json']);
        assert.deepEqual(JSON.parse(body), {
          Protocol: 'AutodiscoverV1',
          Url: 'https://autodiscover.example.com/autodiscover/autodiscover.xml',
        });
      });
    }
    for (const { asked, user } of DOMAINS) {
      test(`${name}: ${user.domain}`, async () => {
        const { status, body } = await send(port, askedFor(readRequest(`outlook/${name}`), asked));
        const Url = `https://autodiscover.${user.domain}/autodiscover/autodiscover.xml`;
        assert.deepEqual([status, JSON.parse(body)], [200, { Protocol: 'AutodiscoverV1', Url }]);
      });
    }
    test(`${name}: a protocol that does not exist`, async () => {
      const { status, body } = await send(port, asking(name, 'Protocol=Nonsense'));
      assert.deepEqual([status, JSON.parse(body).ErrorCode], [400, 'InvalidProtocol']);
    });
    test(`${name}: no protocol`, async () => {
      const { status, body } = await send(port, asking(name, 'X=1'));
      assert.deepEqual([status, JSON.parse(body).ErrorCode], [400, 'MandatoryParameterMissing']);
    });
    test(`${name}: unknown domain`, async () => {
      const { status } = await send(port, askedFor(readRequest(`outlook/${name}`), { domain: 'unknown.example' }));
      assert.equal(status, 404);
    });
  }

  // The address names the domain; Host only names the server.
  for (const { host, url } of [
    { host: 'example.com', url: 'example.com' },
    { host: 'autodiscover.example.net', url: 'autodiscover.example.net' },
    { host: 'AUTODISCOVER.Example.COM.', url: 'autodiscover.example.com' },
    { host: 'autodiscover.example.com:8443', url: 'autodiscover.example.com' },
    { host: 'evil.example', url: 'autodiscover.example.com' },
    { host: 'autodiscover.example.com.evil.example', url: 'autodiscover.example.com' },
    { host: '"><script>', url: 'autodiscover.example.com' },
    { host: '127.0.0.1:4243', url: 'autodiscover.example.com' },
  ]) {
    test(`the URL for Host ${host}`, async () => {
      const request = readRequest('outlook/json-query')
        .toString('latin1')
        .replace(/^Host: .*$/m, `Host: ${host}\r`);
      const { status, body } = await send(port, Buffer.from(request.replace('\r\r', '\r'), 'latin1'));
      assert.equal(status, 200);
      assert.equal(JSON.parse(body).Url, `https://${url}/autodiscover/autodiscover.xml`);
    });
  }
});

describe('Outlook: services not offered', () => {
  test('AutoDetect asks for ActiveSync: 404, so that it continues', async () => {
    assert.equal((await send(port, readRequest('outlook/autodetect-activesync'))).status, 404);
  });

  test('another schema is Error 601 in the generic one', async () => {
    const { status, body } = await send(
      port,
      bodyOf((text) => text.replace('responseschema/2006a', 'responseschema/2021')),
    );
    assert.equal(status, 200);
    assert.match(body, /<ErrorCode>601<\/ErrorCode>/);
    assert.ok(body.includes(`<Response xmlns="${SCHEMAS}/responseschema/2006">`));
  });
});
