import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { XmlNode } from '../domain/formats/read-xml.ts';
import { testExtras } from '../support/client-extras.ts';
import {
  addressOf,
  CLIENT_ROWS,
  COMPOSITE_CASE,
  DOMAINS,
  emailProvider,
  giveUp,
  MX_CASE,
  portOf,
  type ServerSetup,
  type Setup,
  sections,
  testReplay,
  textOf,
  type User,
} from '../support/mail-client.ts';
import { type Answer, askedFor, readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

/** Fills "%EMAILADDRESS%" only, and treats any word but "ssl" and "plain" as STARTTLS. */
function serverOf(type: 'imap' | 'smtp', section: XmlNode | undefined, user: User): ServerSetup {
  if (section === undefined) return giveUp(`no ${type}`);
  const word = textOf(section, 'socketType').toLowerCase();
  return {
    type,
    hostname: textOf(section, 'hostname'),
    port: portOf(textOf(section, 'port')),
    security: word === 'ssl' ? 'SSL' : word === 'plain' ? 'plain' : 'STARTTLS',
    login: textOf(section, 'username').replace('%EMAILADDRESS%', () => addressOf(user)),
  };
}

/** Uses the first IMAP section and the last outgoing one; ignores the status if the body is readable. */
function read(answer: Answer, user: User): Setup {
  const provider = emailProvider(answer);
  return {
    incoming: serverOf('imap', sections(provider, 'incomingServer', 'imap')[0], user),
    outgoing: serverOf('smtp', provider.children.filter(({ name }) => name === 'outgoingServer').at(-1), user),
  };
}

testExtras('aerc', read);

describe('aerc', () => {
  const domains = [...DOMAINS.filter(({ loginIsAddress }) => loginIsAddress), COMPOSITE_CASE];
  testReplay(port, { request: 'aerc/autoconfig-host', read, domains: [...domains, MX_CASE], unknown: 404 });
  testReplay(port, { request: 'aerc/well-known', read, domains, unknown: 404 });

  for (const { name, asked, user, want } of DOMAINS.filter(({ loginIsAddress }) => !loginIsAddress)) {
    test(`${name}: aerc shows the placeholder, and the user types the login`, async () => {
      const { incoming } = read(await send(port, askedFor(readRequest('aerc/autoconfig-host'), asked)), user);
      assert.deepEqual(incoming, { ...want.incoming, login: '%EMAILLOCALPART%' });
    });
  }
});
