import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { AUTOCONFIG } from '../../src/domain/formats/autoconfig.ts';
import { descendants } from '../domain/formats/read-xml.ts';
import { ALL_EXTRAS, user as userOf } from '../domain/samples.ts';
import { answerOf, testExtras } from '../support/client-extras.ts';
import {
  addressOf,
  CLIENT_ROWS,
  clientConfig,
  DOMAINS,
  emailProvider,
  giveUp,
  MX_CASE,
  portOf,
  protocols,
  type ServerSetup,
  type Setup,
  securityOf,
  testReplay,
  textOf,
  type User,
} from '../support/mail-client.ts';
import { type Answer, askedFor, readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

/** It fills only these user names. */
const fill = (username: string, user: User): string =>
  username === '%EMAILADDRESS%' ? addressOf(user) : username === '%EMAILLOCALPART%' ? user.localPart : username;

/** The first section of each kind must be IMAP or SMTP; the last user name of the document applies to all servers. */
function readAutoconfig(answer: Answer, user: User): Setup {
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  const provider = emailProvider(answer);
  const login = fill(descendants(clientConfig(answer), 'username').at(-1)?.text ?? giveUp('no user name'), user);
  const server = (type: 'imap' | 'smtp', name: string): ServerSetup => {
    const section = provider.children.find((child) => child.name === name) ?? giveUp(`no ${name}`);
    if (section.attributes.get('type') !== type) giveUp(`the first ${name} is not ${type}`);
    const hostname = textOf(section, 'hostname').replaceAll('%EMAILDOMAIN%', user.domain);
    return {
      type,
      hostname,
      port: portOf(textOf(section, 'port')),
      security: securityOf(textOf(section, 'socketType')),
      login,
    };
  };
  return { incoming: server('imap', 'incomingServer'), outgoing: server('smtp', 'outgoingServer') };
}

/** Reads Type, Server and Port only: the port decides between STARTTLS and TLS, and the address is the login. */
function readAutodiscover(answer: Answer): Setup {
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  if (!answer.body.includes('<AccountType>email<') || !answer.body.includes('<Action>settings<')) giveUp('no settings');
  const server = (type: 'imap' | 'smtp'): ServerSetup => {
    const protocol =
      protocols(answer).find((each) => textOf(each, 'Type') === type.toUpperCase()) ?? giveUp(`no ${type}`);
    const number = portOf(textOf(protocol, 'Port'));
    const security = number === 143 || number === 587 ? 'STARTTLS' : 'SSL';
    return { type, hostname: textOf(protocol, 'Server'), port: number, security, login: undefined };
  };
  return { incoming: server('imap'), outgoing: server('smtp') };
}

testExtras('FairEmail', readAutoconfig);

test('FairEmail shows each page as a link with its texts of all languages', () => {
  const provider = emailProvider(answerOf(AUTOCONFIG.write(userOf({ extras: ALL_EXTRAS }))));
  const links = provider.children
    .filter(({ name }) => name === 'documentation' || name === 'enable')
    .map(({ attributes, children }) => {
      const href = attributes.get('visiturl') ?? attributes.get('url');
      return [href, children.map(({ text }) => text).join('<br>') || href];
    });
  assert.deepEqual(links, [
    ['https://help.example.org/mail?a=1&b=2', 'Help<br>Hilfe & Rat'],
    ['https://help.example.org/more', 'https://help.example.org/more'],
    ['https://help.example.org/imap', 'Switch IMAP on first<br>Erst IMAP einschalten'],
    ['https://help.example.org/app', 'You need an app password'],
  ]);
});

describe('FairEmail', () => {
  testReplay(port, {
    request: 'fairemail/autoconfig-host',
    read: readAutoconfig,
    domains: [...DOMAINS, MX_CASE],
    unknown: 404,
  });
  testReplay(port, { request: 'fairemail/well-known', read: readAutoconfig, domains: DOMAINS, unknown: 404 });
  for (const request of ['autodiscover-domain', 'autodiscover-host']) {
    testReplay(port, {
      request: `fairemail/${request}`,
      read: readAutodiscover,
      domains: [...DOMAINS, MX_CASE],
      unknown: 'Error 500',
    });
  }
});

for (const { name, asked } of [...DOMAINS, MX_CASE]) {
  test(`assertion 4: IMAP and SMTP come first, and all user names are the same: ${name}`, async () => {
    const answer = await send(port, askedFor(readRequest('fairemail/autoconfig-host'), asked));
    const provider = emailProvider(answer);
    const firstType = (section: string) =>
      provider.children.find((child) => child.name === section)?.attributes.get('type');
    assert.deepEqual([firstType('incomingServer'), firstType('outgoingServer')], ['imap', 'smtp']);
    const usernames = descendants(clientConfig(answer), 'username').map(({ text }) => text);
    assert.ok(usernames.length >= 2);
    assert.equal(new Set(usernames).size, 1);
  });
}
