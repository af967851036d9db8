import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { plain, readPlist } from '../domain/formats/read-plist.ts';
import {
  addressOf,
  assertRefused,
  CLIENT_ROWS,
  COMPOSITE_CASE,
  DOMAINS,
  giveUp,
  MX_CASE,
  type ServerSetup,
  type Setup,
  testReplay,
  type User,
} from '../support/mail-client.ts';
import { type Answer, askedFor, readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });

type Payload = Readonly<Record<string, unknown>>;

const payloads = ({ body }: Answer): readonly Payload[] =>
  (plain(readPlist(body)) as unknown as { PayloadContent: readonly Payload[] }).PayloadContent;

/** Installs a profile: Safari checks the content type, and the device reads the mail payload without asking a server. */
function install(answer: Answer, user: User): Setup {
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  if (answer.headers.get('content-type') !== 'application/x-apple-aspen-config') giveUp('no profile');
  if (!/^attachment; filename="[a-z0-9.-]+\.mobileconfig"$/.test(answer.headers.get('content-disposition') ?? '')) {
    giveUp('a download that macOS does not open');
  }
  const mail =
    payloads(answer).find(({ PayloadType }) => PayloadType === 'com.apple.mail.managed') ?? giveUp('no mail');
  if (mail['EmailAddress'] !== addressOf(user)) giveUp('another address');
  const server = (type: ServerSetup['type'], prefix: 'Incoming' | 'Outgoing'): ServerSetup => {
    const key = (name: string): unknown => mail[`${prefix}MailServer${name}`];
    if (key('Authentication') !== 'EmailAuthPassword') giveUp('another way to authenticate');
    return {
      type,
      hostname: String(key('HostName')),
      port: Number(key('PortNumber')),
      // With UseSSL the device detects TLS or STARTTLS itself.
      security: key('UseSSL') === true ? 'by trial' : 'plain',
      login: String(key('Username')),
    };
  };
  return {
    incoming: server(mail['EmailAccountType'] === 'EmailTypePOP' ? 'pop' : 'imap', 'Incoming'),
    outgoing: server('smtp', 'Outgoing'),
  };
}

describe('Apple: profile', () => {
  const domains = [...DOMAINS, MX_CASE, COMPOSITE_CASE];
  testReplay(port, { request: 'apple/profile', read: install, domains, unknown: 404 });

  test('calendars and contacts come with it', async () => {
    const all = payloads(await send(port, readRequest('apple/profile')));
    assert.deepEqual(
      all.map((each) => [each['PayloadType'], each['CalDAVPrincipalURL'] ?? each['CardDAVPrincipalURL']]),
      [
        ['com.apple.mail.managed', undefined],
        ['com.apple.caldav.account', 'https://dav.example.com/cal/fred@example.com/'],
        ['com.apple.carddav.account', 'https://dav.example.com:8443/card/'],
      ],
    );
  });

  for (const { name, asked } of domains) {
    test(`assertion 15: two downloads are the same octets: ${name}`, async () => {
      const request = askedFor(readRequest('apple/profile'), asked);
      const [first, second] = await Promise.all([send(port, request), send(port, request)]);
      assert.equal(first.body, second.body);
      const other = await send(port, askedFor(readRequest('apple/profile'), { ...asked, localPart: 'ann' }));
      assert.notEqual(other.body, first.body);
    });
  }
});

// An account of the kind "Exchange" must learn at once that there is no Exchange server.
describe('Apple: Exchange account', () => {
  for (const { name, asked } of [...DOMAINS, { name: 'unknown domain', asked: { domain: 'unknown.example' } }]) {
    test(`apple/json-ews: ${name}`, async () => {
      assertRefused(await send(port, askedFor(readRequest('apple/json-ews'), asked)), 404);
    });

    test(`apple/autodiscover-mobilesync: ${name}`, async () => {
      const answer = await send(port, askedFor(readRequest('apple/autodiscover-mobilesync'), asked));
      assert.equal(answer.status, 200);
      assert.match(answer.body, /<ErrorCode>601<\/ErrorCode>/);
    });
  }

  for (const { name, asked } of DOMAINS) {
    test(`apple/autodiscover-ews: ${name}`, async () => {
      const answer = await send(port, askedFor(readRequest('apple/autodiscover-ews'), asked));
      assert.equal(answer.status, 200);
      assert.doesNotMatch(answer.body, /<Type>(?:EXCH|EXPR|EXHTTP|WEB)<|EwsUrl|ASUrl/);
    });
  }
});
