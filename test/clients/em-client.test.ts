import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  CLIENT_ROWS,
  COMPOSITE_CASE,
  DOMAINS,
  MX_CASE,
  protocols,
  testReplay,
  textOf,
} from '../support/mail-client.ts';
import { readMicrosoft } from '../support/microsoft-reader.ts';
import { readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

describe('eM Client', () => {
  for (const request of ['autodiscover-domain', 'autodiscover-host']) {
    const domains = [...DOMAINS, MX_CASE, COMPOSITE_CASE];
    testReplay(port, { request: `em-client/${request}`, read: readMicrosoft, domains, unknown: 'Error 500' });
  }

  test('CalDAV and CardDAV: the server is a URL, with login and SSL', async () => {
    const all = protocols(await send(port, readRequest('em-client/autodiscover-domain')));
    const dav = all.filter((protocol) => /DAV$/.test(textOf(protocol, 'Type')));
    assert.deepEqual(
      dav.map((protocol) => ['Type', 'Server', 'LoginName', 'SSL'].map((name) => textOf(protocol, name))),
      [
        ['CalDAV', 'https://dav.example.com/cal/fred@example.com/', 'fred@example.com', 'on'],
        ['CardDAV', 'https://dav.example.com:8443/card/', 'fred@example.com', 'on'],
      ],
    );
  });
});
