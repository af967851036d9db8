import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { testExtras } from '../support/client-extras.ts';
import {
  CLIENT_ROWS,
  COMPOSITE_CASE,
  DOMAINS,
  emailProvider,
  giveUp,
  MX_CASE,
  plainServer,
  type Setup,
  sections,
  testReplay,
  textsOf,
  type User,
} from '../support/mail-client.ts';
import { type Answer, askedFor, readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

function read(answer: Answer, user: User): Setup {
  if (answer.status < 200 || answer.status > 299) giveUp(`status ${answer.status}`);
  const provider = emailProvider(answer);
  return {
    incoming: plainServer('imap', sections(provider, 'incomingServer', 'imap')[0], user),
    outgoing: plainServer('smtp', sections(provider, 'outgoingServer', 'smtp')[0], user),
  };
}

const domains = [...DOMAINS, COMPOSITE_CASE];

testExtras('Nextcloud Mail', read);

describe('Nextcloud Mail', () => {
  testReplay(port, { request: 'nextcloud-mail/autoconfig-host', read, domains: [...domains, MX_CASE], unknown: 404 });
  testReplay(port, { request: 'nextcloud-mail/well-known', read, domains, unknown: 404 });
  testReplay(port, { request: 'nextcloud-mail/private-ispdb', read, domains, unknown: 404 });
  // The host in the MX record, then the same without its first label; the query has the user's address both times.
  for (const request of ['mx-host', 'mx-domain']) {
    testReplay(port, { request: `nextcloud-mail/${request}`, read, domains: [...domains, MX_CASE], unknown: 404 });
  }
});

for (const client of ['nextcloud-mail', 'fairemail']) {
  test(`assertion 8: a raw "+" is kept (${client})`, async () => {
    const request = askedFor(readRequest(`${client}/autoconfig-host`), { localPart: 'fred+tag' });
    assert.match(request.toString(), /\?emailaddress=fred\+tag@example\.com HTTP/);
    const answer = await send(port, request);
    assert.deepEqual(textsOf(emailProvider(answer), 'domain'), ['example.com']);
    assert.match(answer.body, /\/cal\/fred%2Btag@example\.com\//);
    const composite = await send(port, askedFor(request, { domain: 'composite.example' }));
    assert.equal(read(composite, { localPart: '', domain: '' }).incoming.login, 'mail-fred+tag');
  });
}
