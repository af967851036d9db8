import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { testExtras } from '../support/client-extras.ts';
import {
  CLIENT_ROWS,
  COMPOSITE_CASE,
  DOMAINS,
  emailProvider,
  fillAll,
  giveUp,
  MX_CASE,
  protocols,
  type ServerSetup,
  type Setup,
  sections,
  testReplay,
  textOf,
  textsOf,
  type User,
} from '../support/mail-client.ts';
import { type Answer, askedFor, readRequest, send, split, withHeader } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });
const proxied = await startTestDaemon({ after }, { rows: CLIENT_ROWS, settings: { proxyCount: 1 } });

const SECURITY: Readonly<Record<string, ServerSetup['security']>> = {
  ssl: 'SSL',
  starttls: 'STARTTLS',
  plain: 'plain',
};

const success = ({ status }: Answer): boolean => status >= 200 && status <= 299;

/** Needs host, port and user name only; with an unknown socket type it tries. */
function readAutoconfig(answer: Answer, user: User): Setup {
  if (!success(answer)) giveUp(`status ${answer.status}`);
  const server = (type: 'imap' | 'smtp', name: string): ServerSetup => {
    const [section] = sections(emailProvider(answer), name, type);
    if (section === undefined) return giveUp(`no ${type}`);
    return {
      type,
      hostname: fillAll(textOf(section, 'hostname'), user),
      port: Number(textOf(section, 'port')),
      security: SECURITY[textOf(section, 'socketType').toLowerCase()] ?? 'by trial',
      login: fillAll(textOf(section, 'username'), user),
    };
  };
  return { incoming: server('imap', 'incomingServer'), outgoing: server('smtp', 'outgoingServer') };
}

/** Needs Type, Server and Port. Exactly "off" as SSL means clear text; else it tries. The address is the login. */
function readAutodiscover(answer: Answer): Setup {
  if (!success(answer)) giveUp(`status ${answer.status}`);
  const server = (type: 'imap' | 'smtp'): ServerSetup => {
    const protocol = protocols(answer).find((each) => textOf(each, 'Type').toLowerCase() === type);
    if (protocol === undefined) return giveUp(`no ${type}`);
    return {
      type,
      hostname: textOf(protocol, 'Server'),
      port: Number(textOf(protocol, 'Port')),
      security: textOf(protocol, 'SSL') === 'off' ? 'plain' : 'by trial',
      login: undefined,
    };
  };
  return { incoming: server('imap'), outgoing: server('smtp') };
}

testExtras('Delta Chat', readAutoconfig);

describe('Delta Chat', () => {
  const domains = [...DOMAINS, COMPOSITE_CASE];
  const autoconfig = { read: readAutoconfig, domains };
  testReplay(port, {
    ...autoconfig,
    request: 'delta-chat/autoconfig-host',
    domains: [...domains, MX_CASE],
    unknown: 404,
  });
  testReplay(port, { ...autoconfig, request: 'delta-chat/well-known', unknown: 400 });
  testReplay(port, { ...autoconfig, request: 'delta-chat/private-ispdb', unknown: 404 });
  for (const request of ['autodiscover-domain', 'autodiscover-host']) {
    testReplay(port, {
      request: `delta-chat/${request}`,
      read: readAutodiscover,
      domains: DOMAINS.filter(({ loginIsAddress }) => loginIsAddress),
      unknown: 404,
    });
    // Any readable answer ends its search, so no answer is better than one with a wrong login.
    for (const { name, asked } of [...DOMAINS, COMPOSITE_CASE].filter(({ loginIsAddress }) => !loginIsAddress)) {
      test(`delta-chat/${request}: ${name}`, async () => {
        assert.equal((await send(port, askedFor(readRequest(`delta-chat/${request}`), asked))).status, 404);
      });
    }
  }
});

test('assertion 6: an unknown domain is an error at each of its URLs', async () => {
  for (const name of ['autoconfig-host', 'well-known', 'autodiscover-domain', 'autodiscover-host', 'private-ispdb']) {
    const answer = await send(port, askedFor(readRequest(`delta-chat/${name}`), { domain: 'unknown.example' }));
    // If only Host names a domain, the address is missing.
    assert.equal(answer.status, name === 'well-known' ? 400 : 404, name);
  }
});

for (const { name, asked } of DOMAINS.filter(({ loginIsAddress }) => loginIsAddress)) {
  test(`assertion 6: GET on Autodiscover has Type, Server, Port, SSL, and no LoginName: ${name}`, async () => {
    const all = protocols(await send(port, askedFor(readRequest('delta-chat/autodiscover-host'), asked)));
    assert.ok(all.length >= 2);
    for (const protocol of all) {
      for (const name of ['Type', 'Server', 'SSL']) textOf(protocol, name);
      assert.match(textOf(protocol, 'SSL'), /^(?:on|off)$/);
      assert.deepEqual(textsOf(protocol, 'LoginName'), []);
      if (!/dav$/i.test(textOf(protocol, 'Type'))) textOf(protocol, 'Port');
    }
  });
}

test('assertion 6: a redirect is absolute', async () => {
  const request = readRequest('delta-chat/autodiscover-host');
  assert.equal(split(request).body.length, 0);
  const answer = await send(proxied.port, withHeader(request, 'X-Forwarded-Proto: http'));
  assert.equal(answer.status, 302);
  assert.match(answer.headers.get('location') ?? '', /^https:\/\/autodiscover\.example\.com\//);
});
