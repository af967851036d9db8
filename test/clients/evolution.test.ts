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
  securityOf,
  testReplay,
  textsOf,
  type User,
} from '../support/mail-client.ts';
import { type Answer, askedFor, readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

/** Evolution asks with this local part, and replaces it with the user's own in the answer. */
const STAND_IN = 'EVOLUTIONUSER';

/** "%EMAILDOMAIN%" becomes empty. */
const fill = (text: string, user: User): string =>
  text
    .replaceAll('%EMAILADDRESS%', addressOf(user))
    .replaceAll('%EMAILLOCALPART%', user.localPart)
    .replaceAll('%EMAILDOMAIN%', '')
    .replaceAll(STAND_IN, user.localPart);

/** Uses the last of several sections of one type, and of several elements of one name. */
function serverOf(type: ServerSetup['type'], provider: XmlNode, word: string, user: User): ServerSetup {
  const found = provider.children.filter(({ name, attributes }) => {
    if (name !== 'incomingServer' && name !== 'outgoingServer') return false;
    if ([...attributes.keys()].join() !== 'type') giveUp('an attribute beside "type"');
    return attributes.get('type') === word;
  });
  const section = found.at(-1) ?? giveUp(`no ${word}`);
  const last = (name: string): string => textsOf(section, name).at(-1) ?? giveUp(`no ${name}`);
  return {
    type,
    hostname: fill(last('hostname'), user),
    port: portOf(last('port')),
    security: securityOf(last('socketType')),
    login: fill(last('username'), user),
  };
}

function read(answer: Answer, user: User): Setup {
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  const provider = emailProvider(answer);
  return { incoming: serverOf('imap', provider, 'imap', user), outgoing: serverOf('smtp', provider, 'smtp', user) };
}

const domains = [...DOMAINS, COMPOSITE_CASE];

testExtras('Evolution', read);

describe('Evolution', () => {
  testReplay(port, { request: 'evolution/autoconfig-host', read, domains: [...domains, MX_CASE], unknown: 404 });
  testReplay(port, { request: 'evolution/well-known', read, domains, unknown: 404 });
  // It looks for MX records only after exactly 404.
  testReplay(port, { request: 'evolution/private-ispdb', read, domains, unknown: 404 });

  test('a DAV URL holds the placeholder address, which Evolution replaces', async () => {
    const { body } = await send(port, readRequest('evolution/autoconfig-host'));
    assert.ok(body.includes(`/cal/${STAND_IN}@example.com/`));
  });
});

for (const { name, asked } of [...domains, MX_CASE]) {
  test(`assertion 5: only "type" at a section, and one section per type: ${name}`, async () => {
    const provider = emailProvider(await send(port, askedFor(readRequest('evolution/autoconfig-host'), asked)));
    const all = provider.children.filter((child) => child.name.endsWith('Server'));
    assert.ok(all.length >= 2);
    for (const { attributes } of all) assert.deepEqual([...attributes.keys()], ['type']);
    const types = all.map(({ attributes }) => attributes.get('type'));
    assert.deepEqual([...new Set(types)], types);
  });
}
