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
  textOf,
  type User,
} from '../support/mail-client.ts';
import { type Answer, askedFor, readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

const PLACEHOLDER = /^%EMAIL(?:ADDRESS|LOCALPART|DOMAIN)%$/;

/** It drops a user name that is not a placeholder. */
function read(answer: Answer, user: User): Setup {
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  const provider = emailProvider(answer);
  const server = (type: 'imap' | 'smtp', name: string) => {
    const [section] = sections(provider, name, type);
    if (section !== undefined && !PLACEHOLDER.test(textOf(section, 'username'))) giveUp('no user name');
    return plainServer(type, section, user);
  };
  return { incoming: server('imap', 'incomingServer'), outgoing: server('smtp', 'outgoingServer') };
}

testExtras('GNOME Online Accounts', read);

describe('GNOME Online Accounts', () => {
  for (const request of ['mail-v1', 'autoconfig-host']) {
    const replay = { request: `gnome-online-accounts/${request}`, read, domains: [...DOMAINS, MX_CASE] };
    testReplay(port, { ...replay, unknown: 404 });
  }
  testReplay(port, { request: 'gnome-online-accounts/well-known', read, domains: DOMAINS, unknown: 400 });

  test('a composite login is not supported', async () => {
    const { asked, user } = COMPOSITE_CASE;
    const answer = await send(port, askedFor(readRequest('gnome-online-accounts/mail-v1'), asked));
    assert.throws(() => read(answer, user), /no user name/);
  });
});

for (const { name, asked } of [...DOMAINS, MX_CASE]) {
  test(`assertion 3: every user name is one placeholder: ${name}`, async () => {
    const provider = emailProvider(await send(port, askedFor(readRequest('gnome-online-accounts/mail-v1'), asked)));
    const all = [...sections(provider, 'incomingServer', 'imap'), ...sections(provider, 'outgoingServer', 'smtp')];
    assert.ok(all.length >= 2);
    for (const section of all) assert.match(textOf(section, 'username'), PLACEHOLDER);
  });
}
