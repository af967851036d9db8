import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { NO_EXTRAS } from '../../src/domain/extras.ts';
import { AUTOCONFIG } from '../../src/domain/formats/autoconfig.ts';
import { user } from '../domain/samples.ts';
import { answerOf, testExtras } from '../support/client-extras.ts';
import {
  CLIENT_ROWS,
  clientConfig,
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

/** Without one of these it gives up, and so it does with a type of server or a way to log in that it does not know. */
const OAUTH2_MEMBERS = ['issuer', 'scope', 'authURL', 'tokenURL'];
const WAYS = [
  ...['password-cleartext', 'password-encrypted', 'NTLM', 'OAuth2', 'TLS-client-cert', 'client-IP-address', 'none'],
  'GSAPI', // misspelt
];

/** Himalaya's library (io-pim-discovery) turns the whole document into its own types, or gives up. */
function readLikeHimalaya(answer: Answer, user: User): Setup {
  for (const section of emailProvider(answer).children.filter(({ name }) => name.endsWith('Server'))) {
    const type = section.attributes.get('type') ?? '';
    if (!['imap', 'pop3', 'smtp'].includes(type)) giveUp(`type ${type}`);
    for (const way of textsOf(section, 'authentication')) if (!WAYS.includes(way)) giveUp(`authentication ${way}`);
  }
  const oauth2 = clientConfig(answer).children.find(({ name }) => name === 'oAuth2');
  if (oauth2 !== undefined) for (const member of OAUTH2_MEMBERS) textOf(oauth2, member);
  return readAutoconfig(answer, user);
}

/** Version 1 of Himalaya (email-lib) knows these elements in emailProvider, and documentation only with a text. */
function readLikeHimalaya1(answer: Answer, user: User): Setup {
  const known = ['domain', 'displayName', 'displayShortName', 'incomingServer', 'outgoingServer', 'documentation'];
  for (const { name, children } of emailProvider(answer).children) {
    if (!known.includes(name)) giveUp(`element ${name}`);
    if (name === 'documentation' && children.length === 0) giveUp('documentation without a text');
  }
  return readLikeHimalaya(answer, user);
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

testExtras('Geary', readLikeGeary);
testExtras('Himalaya', readLikeHimalaya);
testExtras('Himalaya 1', readLikeHimalaya1);

test('Himalaya does not take an oAuth2 that leaves the URLs to the issuer', () => {
  const oauth2 = { issuer: 'https://login.example.org', scope: 'mail' };
  const answer = answerOf(AUTOCONFIG.write(user({ extras: { ...NO_EXTRAS, oauth2 } })));
  assert.throws(() => readLikeHimalaya(answer, { localPart: 'ann', domain: 'example.org' }), /0 authURL/);
});

describe('clients of the field', () => {
  testReplay(port, { request: 'field/nine', read: readAutoconfig, domains: [...DOMAINS, MX_CASE], unknown: 404 });
  testReplay(port, {
    request: 'field/himalaya',
    read: readLikeHimalaya1,
    domains: [...DOMAINS, MX_CASE],
    unknown: 404,
  });
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
