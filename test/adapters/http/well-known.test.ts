import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { wellKnownRoutes } from '../../../src/adapters/http/formats/well-known.ts';
import { createListener } from '../../../src/adapters/http/listener.ts';
import { createHttpServer } from '../../../src/adapters/http/server/create-server.ts';
import { createLookup } from '../../../src/app/lookup.ts';
import { readSettings } from '../../../src/app/options.ts';
import { NO_EXTRAS } from '../../../src/domain/extras.ts';
import { domain, domainName } from '../../domain/samples.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { exchange, startTestDaemon } from '../../support/test-daemon.ts';

const ROWS = `
INSERT INTO provider (id, name, short_name) VALUES (1, 'P', 'P');
INSERT INTO domain (id, name, provider_id) VALUES
  (1, 'example.com', 1), (2, 'bare.example', 1), (3, 'loop.example', 1), (4, 'user.example', 1);
INSERT INTO server (id, prio, type, name, port, socket_type, user_name, authentication) VALUES
  (1, 10, 'imap', 'imap.example.com', 993, 'SSL', '%EMAILADDRESS%', 'plain');
INSERT INTO server_domain (server_id, domain_id) VALUES (1, 1), (1, 2), (1, 3), (1, 4);
INSERT INTO davserver (id, url, port, type, use_ssl, domain_required) VALUES
  (1, 'https://dav.%EMAILDOMAIN%/cal/%EMAILADDRESS%/', 443, 'caldav', 1, 0),
  (2, 'https://dav.example.com:8443/card', 0, 'carddav', 1, 0),
  (3, 'https://second.example/', 0, 'carddav', 1, 0),
  (4, 'https://loop.example/.well-known/caldav', 0, 'caldav', 1, 0),
  (5, 'https://loop.example/.well-known/carddav', 0, 'carddav', 1, 0),
  (6, 'https://next.example/', 0, 'carddav', 1, 0),
  (7, 'https://%EMAILLOCALPART%.user.example/', 0, 'caldav', 1, 0);
INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (1, 1), (2, 1), (3, 1), (4, 3), (5, 3), (6, 3), (7, 4);
`;

const daemon = await startTestDaemon({ after }, { rows: ROWS });
const ask = (path: string, host: string, method = 'GET', body = ''): Promise<string> =>
  daemon.raw(
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );

describe('/.well-known/caldav and carddav lead to the DAV server of the domain in Host', () => {
  for (const { name, path = '/.well-known/caldav', host = 'example.com', location } of [
    { name: 'a URL with the address in it: the folder above', location: 'https://dav.example.com/cal/' },
    { name: 'the first of two', path: '/.well-known/carddav', location: 'https://dav.example.com:8443/card' },
    { name: 'a slash at the end', path: '/.well-known/carddav/', location: 'https://dav.example.com:8443/card' },
    { name: 'a query', path: '/.well-known/carddav?x=1', location: 'https://dav.example.com:8443/card' },
    { name: 'a port and letter case', host: 'EXAMPLE.com:443', location: 'https://dav.example.com/cal/' },
    { name: 'no such server', host: 'bare.example', location: undefined },
    { name: 'a domain that is not ours', host: 'unknown.example', location: undefined },
    { name: 'no name in Host', host: '', location: undefined },
    { name: 'a URL that leads back', host: 'loop.example', location: undefined },
    {
      name: 'a URL that leads back, and one more',
      path: '/.well-known/carddav',
      host: 'loop.example',
      location: 'https://next.example/',
    },
    { name: 'a host that only the user can tell', host: 'user.example', location: undefined },
  ]) {
    test(name, async () => {
      const answer = await ask(path, host);
      assert.match(answer, location === undefined ? /^HTTP\/1\.1 404 / : /^HTTP\/1\.1 307 /);
      assert.equal(/\r\nLocation: (.*)\r\n/i.exec(answer)?.[1], location);
      assert.match(answer, /\r\n\r\n[^\n]+\n$/);
    });
  }

  for (const method of ['PROPFIND', 'OPTIONS', 'REPORT', 'POST', 'PUT', 'DELETE', 'HEAD']) {
    test(`${method} as GET`, async () => {
      const body = method === 'HEAD' ? '' : '<propfind xmlns="DAV:"/>';
      const answer = await ask('/.well-known/caldav', 'example.com', method, body);
      assert.match(answer, /^HTTP\/1\.1 307 [\s\S]*\r\nLocation: https:\/\/dav\.example\.com\/cal\/\r\n/);
    });
  }
});

describe('/.well-known/jmap leads to the session resource of the domain in Host', () => {
  const URLS: Readonly<Record<string, string | undefined>> = {
    'example.com': 'https://jmap.example.com:8443/session?x=1',
    'bare.example': undefined,
    'own.example': 'https://own.example/jmap/session',
    'port.example': 'https://port.example:8443/.well-known/jmap',
    'loop.example': 'https://loop.example/.well-known/jmap',
    'slash.example': 'https://SLASH.example//.well-known/jmap/',
    'other.example': 'https://other.example/.well-known/caldav',
  };
  const find = async (name: string) => {
    if (!Object.hasOwn(URLS, name)) return undefined;
    const url = URLS[name];
    return domain({ name: domainName(name), extras: url === undefined ? NO_EXTRAS : { ...NO_EXTRAS, jmap: { url } } });
  };
  const log = new MemoryLog();
  const { server } = createHttpServer(
    createListener({
      routes: wellKnownRoutes,
      lookup: createLookup(find, { find: async () => undefined, close: async () => undefined }, log),
      proxyCount: 0,
      log,
      clock: { now: () => new Date(), elapsedMs: () => 0 },
    }),
    readSettings(undefined).limits,
  );
  before(async () => void (await once(server.listen(0, '127.0.0.1'), 'listening')));
  after(() => server.close());
  const askHere = (host: string, path: string, method = 'GET'): Promise<string> =>
    exchange(
      (server.address() as AddressInfo).port,
      `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );

  for (const { host = 'example.com', path = '/.well-known/jmap', leads } of [
    { leads: true },
    { path: '/.well-known/jmap/', leads: true },
    { path: '/.well-known/jmap?x', leads: true },
    { host: 'autoconfig.example.com', leads: true },
    { host: 'own.example', leads: true },
    { host: 'port.example', leads: true },
    { host: 'bare.example', leads: false },
    { host: 'unknown.example', leads: false },
    { host: 'loop.example', leads: false },
    { host: 'slash.example', leads: false },
    { host: 'other.example', leads: false },
  ]) {
    test(`${host}${path}: ${leads ? 'to its URL' : 'status 404'}`, async () => {
      const answer = await askHere(host, path);
      assert.match(answer, leads ? /^HTTP\/1\.1 307 / : /^HTTP\/1\.1 404 /);
      const location = leads ? URLS[host.replace('autoconfig.', '')] : undefined;
      assert.equal(/\r\nLocation: (.*)\r\n/i.exec(answer)?.[1], location);
    });
  }

  for (const method of ['HEAD', 'POST', 'OPTIONS']) {
    test(`${method} as GET`, async () => {
      assert.match(await askHere('example.com', '/.well-known/jmap', method), /^HTTP\/1\.1 307 /);
    });
  }

  test('the log names the format', () => {
    assert.ok(log.entries.some(({ level, fields }) => level === 'INFO' && fields?.['format'] === 'jmap'));
  });
});
