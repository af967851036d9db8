import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startTestDaemon } from '../../support/test-daemon.ts';

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
