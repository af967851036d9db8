import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { XmlNode } from '../domain/formats/read-xml.ts';
import { answerWithWays, testExtras } from '../support/client-extras.ts';
import {
  CLIENT_ROWS,
  COMPOSITE_CASE,
  DOMAINS,
  emailProvider,
  giveUp,
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

/** Uses the first authentication, unless it is "password-cleartext" and another one follows. */
const authenticationOf = (section: XmlNode): string =>
  textsOf(section, 'authentication').find((word) => word !== 'password-cleartext') ?? 'password-cleartext';

function read(answer: Answer, user: User): Setup {
  // An error with an empty body ends the search.
  if (answer.body === '') giveUp('nothing in the body');
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  const provider = emailProvider(answer);
  const [imap] = sections(provider, 'incomingServer', 'imap');
  const [smtp] = sections(provider, 'outgoingServer', 'smtp');
  for (const section of [imap, smtp]) {
    if (section !== undefined && authenticationOf(section) !== 'password-cleartext')
      giveUp('another way to authenticate');
  }
  return { incoming: plainServer('imap', imap, user), outgoing: plainServer('smtp', smtp, user) };
}

const domains = [...DOMAINS, COMPOSITE_CASE];

testExtras('KMail', read);

test('KMail takes OAuth2 even behind a password, but not behind another way', () => {
  const user = { localPart: 'ann', domain: 'example.org' };
  const wayOf = (answer: Answer) =>
    authenticationOf(sections(emailProvider(answer), 'incomingServer', 'imap')[0] ?? giveUp('no imap'));
  assert.throws(() => read(answerWithWays('password-cleartext', 'OAuth2'), user), /another way/);
  assert.equal(wayOf(answerWithWays('password-encrypted', 'OAuth2', 'password-cleartext')), 'password-encrypted');
});

describe('KMail', () => {
  for (const request of ['autoconfig-host', 'well-known']) {
    testReplay(port, { request: `kmail/${request}`, read, domains, unknown: 400 });
  }
  testReplay(port, { request: 'kmail/private-ispdb', read, domains, unknown: 404 });
});

for (const client of ['kmail', 'thunderbird-android']) {
  for (const { name, asked } of domains) {
    test(`assertion 7: without a query, 200 with placeholders (${client}): ${name}`, async () => {
      const request = readRequest(`${client}/autoconfig-host`);
      assert.doesNotMatch(request.toString(), /\?/);
      const answer = await send(port, askedFor(request, asked));
      assert.equal(answer.status, 200);
      assert.match(answer.body, /<username>[^<]*%EMAIL(?:ADDRESS|LOCALPART)%<\/username>/);
    });
  }
}
