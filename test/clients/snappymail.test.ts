import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { testExtras } from '../support/client-extras.ts';
import {
  addressOf,
  CLIENT_ROWS,
  COMPOSITE_CASE,
  DOMAINS,
  emailProvider,
  giveUp,
  MX_CASE,
  plainServer,
  portOf,
  protocols,
  type ServerSetup,
  type Setup,
  testReplay,
  textOf,
  type User,
} from '../support/mail-client.ts';
import { type Answer, askedFor, readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

/** It ignores the status, and uses the first section of each kind, whatever its type. */
function readAutoconfig(answer: Answer, user: User): Setup {
  const provider = emailProvider(answer);
  const first = (type: 'imap' | 'smtp', name: string): ServerSetup => {
    const section = provider.children.find((child) => child.name === name);
    if (section?.attributes.get('type') !== type) giveUp(`the first ${name} is not ${type}`);
    return plainServer(type, section, user);
  };
  return { incoming: first('imap', 'incomingServer'), outgoing: first('smtp', 'outgoingServer') };
}

/** It asks for this mailbox, which does not exist; a login equal to its address means the user's own. */
const MADE_UP = 'autodiscover';

/** Needs at least two protocols, and compares SSL exactly. */
function readAutodiscover(answer: Answer, user: User): Setup {
  const all = protocols(answer);
  if (all.length < 2) giveUp('fewer than two protocols');
  const server = (type: 'imap' | 'smtp'): ServerSetup => {
    const protocol = all.find((each) => textOf(each, 'Type') === type.toUpperCase()) ?? giveUp(`no ${type}`);
    const number = portOf(textOf(protocol, 'Port'));
    const isStarttls = textOf(protocol, 'Encryption') === 'TLS';
    const login = textOf(protocol, 'LoginName');
    return {
      type,
      hostname: textOf(protocol, 'Server'),
      port: number,
      security: textOf(protocol, 'SSL') !== 'on' ? 'plain' : isStarttls ? 'STARTTLS' : 'SSL',
      login: login === `${MADE_UP}@${user.domain}` ? addressOf(user) : login,
    };
  };
  return { incoming: server('imap'), outgoing: server('smtp') };
}

testExtras('SnappyMail', readAutoconfig);

describe('SnappyMail', () => {
  const domains = [...DOMAINS, COMPOSITE_CASE];
  testReplay(port, {
    request: 'snappymail/mail-v1',
    read: readAutoconfig,
    domains: [...domains, MX_CASE],
    unknown: 404,
  });
  for (const request of ['well-known', 'autoconfig-host']) {
    testReplay(port, { request: `snappymail/${request}`, read: readAutoconfig, domains, unknown: 400 });
  }
  for (const request of ['autodiscover-domain', 'autodiscover-host']) {
    testReplay(port, {
      request: `snappymail/${request}`,
      read: readAutodiscover,
      domains: [...DOMAINS.filter(({ loginIsAddress }) => loginIsAddress), MX_CASE],
      unknown: 'Error 500',
    });
  }

  test('it cannot read an error as settings', async () => {
    const answer = await send(port, askedFor(readRequest('snappymail/mail-v1'), { domain: 'unknown.example' }));
    assert.throws(() => readAutoconfig(answer, { localPart: 'fred', domain: 'unknown.example' }));
  });
});

for (const { name, asked, user } of DOMAINS.filter(({ loginIsAddress }) => loginIsAddress)) {
  test(`assertion 9: the login is the invented address of the request, with IMAP and SMTP: ${name}`, async () => {
    const request = askedFor(readRequest('snappymail/autodiscover-domain'), asked);
    assert.ok(request.includes(`<EMailAddress>${MADE_UP}@${user.domain}<`));
    const all = protocols(await send(port, request));
    const types = all.map((protocol) => textOf(protocol, 'Type'));
    for (const type of ['IMAP', 'SMTP']) assert.ok(types.includes(type));
    for (const protocol of all) assert.equal(textOf(protocol, 'LoginName'), `${MADE_UP}@${user.domain}`);
  });
}
