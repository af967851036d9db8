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
  textOf,
  textsOf,
  type User,
} from '../support/mail-client.ts';
import { type Answer, askedFor, readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

const AUTHENTICATIONS = ['OAuth2', 'password-cleartext', 'password-encrypted'];

/** One incomplete IMAP or SMTP section makes it reject the whole document. It ignores POP3. */
function checkSection(section: XmlNode): void {
  for (const name of ['hostname', 'port', 'username']) textOf(section, name);
  if (!['SSL', 'STARTTLS'].includes(textOf(section, 'socketType'))) giveUp('a socket type that it does not take');
  const authentications = section.children.filter(
    ({ name, attributes }) => name === 'authentication' && attributes.size === 0,
  );
  const known = authentications.filter(({ text }) => AUTHENTICATIONS.includes(text));
  if (known.length === 0) giveUp('no authentication that it takes');
  // Those that are no OAuth2, which it takes for hosts that are built into it only; else the document is of no use to it.
  if (!known.some(({ text }) => text !== 'OAuth2')) giveUp('OAuth2 of an unknown host');
}

function read(answer: Answer, user: User): Setup {
  if (answer.status < 200 || answer.status > 299) giveUp(`status ${answer.status}`);
  const provider = emailProvider(answer);
  if (!provider.attributes.has('id') || textsOf(provider, 'domain').length === 0) giveUp('no id or no domain');
  const imap = sections(provider, 'incomingServer', 'imap');
  const smtp = sections(provider, 'outgoingServer', 'smtp');
  for (const section of [...imap, ...smtp]) checkSection(section);
  return { incoming: plainServer('imap', imap[0], user), outgoing: plainServer('smtp', smtp[0], user) };
}

// It never sends an address: Host, or the path, names the domain.
const domains = [...DOMAINS, COMPOSITE_CASE];

testExtras('Thunderbird for Android', read);

test('Thunderbird for Android skips ways that it does not know, and takes nothing if only OAuth2 is left', () => {
  const ann = { localPart: 'ann', domain: 'example.org' };
  assert.equal(read(answerWithWays('GSSAPI', 'OAuth2', 'password-encrypted'), ann).incoming.type, 'imap');
  assert.throws(() => read(answerWithWays('GSSAPI', 'OAuth2'), ann), /OAuth2/);
  assert.throws(() => read(answerWithWays('GSSAPI', 'NTLM'), ann), /no authentication/);
});

describe('Thunderbird Android, K-9', () => {
  for (const request of ['autoconfig-host', 'well-known']) {
    testReplay(port, { request: `thunderbird-android/${request}`, read, domains, unknown: 400 });
  }
  testReplay(port, { request: 'thunderbird-android/private-ispdb', read, domains, unknown: 404 });

  for (const [from, to] of [
    ['<socketType>SSL', '<socketType>plain'],
    ['password-cleartext', 'none'],
    ['<authentication>', '<authentication system="sasl">'],
    [/<username>.*\n/, ''],
  ] as const) {
    test(`the reader takes nothing with one ${to || 'user name missing'}`, async () => {
      const answer = await send(port, readRequest('thunderbird-android/autoconfig-host'));
      assert.throws(() =>
        read({ ...answer, body: answer.body.replace(from, to) }, { localPart: 'fred', domain: 'example.com' }),
      );
    });
  }
});

for (const { name, asked } of domains) {
  test(`assertion 2: every IMAP and SMTP section is complete: ${name}`, async () => {
    const provider = emailProvider(
      await send(port, askedFor(readRequest('thunderbird-android/autoconfig-host'), asked)),
    );
    const all = [...sections(provider, 'incomingServer', 'imap'), ...sections(provider, 'outgoingServer', 'smtp')];
    assert.ok(all.length >= 2);
    for (const section of all) checkSection(section);
  });
}
