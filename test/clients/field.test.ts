import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  CLIENT_ROWS,
  DOMAINS,
  emailProvider,
  giveUp,
  MX_CASE,
  plainServer,
  protocols,
  type ServerSetup,
  type Setup,
  sections,
  testReplay,
  textOf,
  textsOf,
  type User,
} from '../support/mail-client.ts';
import { type Answer, readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

// Clients known only from server logs, or too simple for a file of their own.
const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

function readAutoconfig(answer: Answer, user: User): Setup {
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  const provider = emailProvider(answer);
  return {
    incoming: plainServer('imap', sections(provider, 'incomingServer', 'imap')[0], user),
    outgoing: plainServer('smtp', sections(provider, 'outgoingServer', 'smtp')[0], user),
  };
}

/** Geary fills user names only: a placeholder in a host name stays. */
function readLikeGeary(answer: Answer, user: User): Setup {
  if (/<hostname>[^<]*%/.test(answer.body)) giveUp('a placeholder in a host name');
  return readAutoconfig(answer, user);
}

function readAutodiscover(answer: Answer): Setup {
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  const server = (type: 'imap' | 'smtp'): ServerSetup => {
    const protocol =
      protocols(answer).find((each) => textOf(each, 'Type') === type.toUpperCase()) ?? giveUp(`no ${type}`);
    return {
      type,
      hostname: textOf(protocol, 'Server'),
      port: Number(textOf(protocol, 'Port')),
      security: textOf(protocol, 'SSL') === 'on' ? 'by trial' : 'plain',
      login: textsOf(protocol, 'LoginName')[0],
    };
  };
  return { incoming: server('imap'), outgoing: server('smtp') };
}

const withoutAddress = DOMAINS.filter(({ loginIsAddress }) => loginIsAddress);

describe('clients of the field', () => {
  testReplay(port, { request: 'field/nine', read: readAutoconfig, domains: [...DOMAINS, MX_CASE], unknown: 404 });
  testReplay(port, { request: 'field/himalaya', read: readAutoconfig, domains: [...DOMAINS, MX_CASE], unknown: 404 });
  testReplay(port, { request: 'field/geary', read: readLikeGeary, domains: DOMAINS, unknown: 400 });
  for (const request of ['field/mymail', 'field/spike']) {
    testReplay(port, { request, read: readAutodiscover, domains: withoutAddress, unknown: 404 });
  }
  testReplay(port, { request: 'field/evolution-ews', read: readAutodiscover, domains: DOMAINS, unknown: 'Error 500' });

  test('Evolution-EWS finds no Exchange server in the answer', async () => {
    const types = protocols(await send(port, readRequest('field/evolution-ews'))).map((each) => textOf(each, 'Type'));
    assert.deepEqual(types, ['IMAP', 'SMTP', 'POP3', 'CalDAV', 'CardDAV']);
  });
});
