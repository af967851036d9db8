import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { installProfile, payloads } from '../support/apple-profile.ts';
import { assertRefused, CLIENT_ROWS, COMPOSITE_CASE, DOMAINS, MX_CASE, testReplay } from '../support/mail-client.ts';
import { askedFor, readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

describe('Apple: profile', () => {
  const domains = [...DOMAINS, MX_CASE, COMPOSITE_CASE];
  testReplay(port, { request: 'apple/profile', read: installProfile, domains, unknown: 404 });

  test('calendars and contacts come with it', async () => {
    const all = payloads(await send(port, readRequest('apple/profile')));
    assert.deepEqual(
      all.map((each) => [each['PayloadType'], each['CalDAVPrincipalURL'] ?? each['CardDAVPrincipalURL']]),
      [
        ['com.apple.mail.managed', undefined],
        ['com.apple.caldav.account', 'https://dav.example.com/cal/fred@example.com/'],
        ['com.apple.carddav.account', 'https://dav.example.com:8443/card/'],
      ],
    );
  });

  for (const { name, asked } of domains) {
    test(`assertion 15: two downloads are the same octets: ${name}`, async () => {
      const request = askedFor(readRequest('apple/profile'), asked);
      const [first, second] = await Promise.all([send(port, request), send(port, request)]);
      assert.equal(first.body, second.body);
      const other = await send(port, askedFor(readRequest('apple/profile'), { ...asked, localPart: 'ann' }));
      assert.notEqual(other.body, first.body);
    });
  }
});

// An account of the kind "Exchange" must learn at once that there is no Exchange server.
describe('Apple: Exchange account', () => {
  for (const { name, asked } of [...DOMAINS, { name: 'unknown domain', asked: { domain: 'unknown.example' } }]) {
    test(`apple/json-ews: ${name}`, async () => {
      assertRefused(await send(port, askedFor(readRequest('apple/json-ews'), asked)), 404);
    });

    test(`apple/autodiscover-mobilesync: ${name}`, async () => {
      const answer = await send(port, askedFor(readRequest('apple/autodiscover-mobilesync'), asked));
      assert.equal(answer.status, 200);
      assert.match(answer.body, /<ErrorCode>601<\/ErrorCode>/);
    });
  }

  for (const { name, asked } of DOMAINS) {
    test(`apple/autodiscover-ews: ${name}`, async () => {
      const answer = await send(port, askedFor(readRequest('apple/autodiscover-ews'), asked));
      assert.equal(answer.status, 200);
      assert.doesNotMatch(answer.body, /<Type>(?:EXCH|EXPR|EXHTTP|WEB)<|EwsUrl|ASUrl/);
    });
  }
});
