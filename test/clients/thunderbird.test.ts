import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { XmlNode } from '../domain/formats/read-xml.ts';
import { answerWithWays, testExtras } from '../support/client-extras.ts';
import {
  addressOf,
  assertSetup,
  CLIENT_ROWS,
  COMPOSITE_CASE,
  clientConfig,
  DOMAINS,
  emailProvider,
  fillAll,
  giveUp,
  MX_CASE,
  portOf,
  protocols,
  type ServerSetup,
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

/**
 * Thunderbird converts XML to JavaScript values: text that looks like a number becomes one ("007" is 7), empty text
 * becomes true, a missing element undefined, and an element with attributes an object instead of text.
 */
function value(node: XmlNode | undefined): string {
  if (node === undefined) return 'undefined';
  if (node.attributes.size > 0) return giveUp(`attributes in ${node.name}`);
  if (node.text === '') return 'true';
  return Number.isFinite(Number(node.text)) ? String(Number(node.text)) : node.text;
}
const values = (node: XmlNode, name: string): readonly string[] =>
  node.children.filter((child) => child.name === name).map(value);

const HOST_NAME = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i;
const SOCKET_TYPES: Readonly<Record<string, ServerSetup['security']>> = {
  plain: 'plain',
  SSL: 'SSL',
  STARTTLS: 'STARTTLS',
};
/** Thunderbird accepts OAuth2 only for hosts in its own list. */
const AUTHENTICATIONS = ['password-cleartext', 'password-encrypted', 'GSSAPI', 'NTLM', 'none', 'client-IP-address'];

function serverOf(section: XmlNode, user: User): ServerSetup {
  const type = section.attributes.get('type');
  const security = values(section, 'socketType')
    .map((word) => SOCKET_TYPES[word])
    .find((each) => each !== undefined);
  const authentication = values(section, 'authentication').find((word) => AUTHENTICATIONS.includes(word));
  const [hostname = ''] = values(section, 'hostname');
  return {
    type: type === 'pop3' ? 'pop' : type === 'imap' || type === 'smtp' ? type : giveUp(`type ${type}`),
    hostname: HOST_NAME.test(fillAll(hostname, user)) ? fillAll(hostname, user) : giveUp(`host ${hostname}`),
    port: portOf(values(section, 'port')[0] ?? ''),
    security: security ?? giveUp('no socketType'),
    login:
      authentication === undefined
        ? giveUp('no authentication')
        : fillAll(values(section, 'username')[0] ?? 'undefined', user),
  };
}

/** Skips an unusable server, and uses the next one. */
function firstGood(candidates: readonly XmlNode[], user: User): ServerSetup {
  for (const section of candidates) {
    try {
      return serverOf(section, user);
    } catch {}
  }
  return giveUp('no good server');
}

function readAutoconfig(answer: Answer, user: User): Setup {
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  if (!/^(?:text|application)\/xml\b/.test(answer.headers.get('content-type') ?? '')) giveUp('no XML');
  const provider = emailProvider(answer);
  if (!HOST_NAME.test(provider.attributes.get('id') ?? '')) giveUp('the id is no host name');
  const domains = provider.children.filter(({ name, attributes }) => name === 'domain' && attributes.size === 0);
  if (!domains.map(value).some((domain) => HOST_NAME.test(domain))) giveUp('no domain');
  for (const name of ['displayName', 'displayShortName']) {
    if (['true', 'undefined'].includes(values(provider, name)[0] ?? 'undefined'))
      giveUp(`${name} would be shown as a word`);
  }
  return {
    incoming: firstGood(sections(provider, 'incomingServer', 'imap', 'pop3'), user),
    outgoing: firstGood(sections(provider, 'outgoingServer', 'smtp'), user),
  };
}

const POX_TYPES: Readonly<Record<string, ServerSetup['type']>> = { IMAP: 'imap', POP3: 'pop', SMTP: 'smtp' };

/** Ignores Encryption: with SSL on, the port decides between STARTTLS and TLS; SSL off means clear text. */
function readAutodiscover(answer: Answer, user: User): Setup {
  if (answer.status !== 200) giveUp(`status ${answer.status}`);
  const servers = protocols(answer).flatMap((protocol): ServerSetup[] => {
    const type = POX_TYPES[textOf(protocol, 'Type')];
    if (type === undefined) return [];
    const number = portOf(textOf(protocol, 'Port'));
    const [login] = textsOf(protocol, 'LoginName');
    if (login === '') giveUp('an empty LoginName');
    if (/on/i.test(textsOf(protocol, 'SPA')[0] ?? '')) giveUp('SPA would mean an encrypted password');
    const security = !/on/i.test(textOf(protocol, 'SSL'))
      ? 'plain'
      : [25, 110, 143, 587].includes(number)
        ? 'STARTTLS'
        : 'SSL';
    return [{ type, hostname: textOf(protocol, 'Server'), port: number, security, login: login ?? addressOf(user) }];
  });
  const [incoming] = servers.filter(({ type }) => type !== 'smtp');
  const [outgoing] = servers.filter(({ type }) => type === 'smtp');
  return { incoming: incoming ?? giveUp('no incoming server'), outgoing: outgoing ?? giveUp('no outgoing server') };
}

testExtras('Thunderbird', readAutoconfig);

test('Thunderbird skips OAuth2 for a host that it does not know, and takes nothing if there is nothing else', () => {
  const ann = { localPart: 'ann', domain: 'example.org' };
  assert.equal(
    readAutoconfig(answerWithWays('OAuth2', 'TLS-client-cert', 'password-encrypted'), ann).incoming.type,
    'imap',
  );
  assert.throws(() => readAutoconfig(answerWithWays('OAuth2'), ann), /no good server/);
});

describe('Thunderbird', () => {
  for (const request of ['autoconfig-https', 'autoconfig-http']) {
    const domains = [...DOMAINS, MX_CASE, COMPOSITE_CASE];
    testReplay(port, { request: `thunderbird/${request}`, read: readAutoconfig, domains, unknown: 404 });
  }
  for (const request of ['well-known-https', 'well-known-http', 'private-ispdb']) {
    testReplay(port, { request: `thunderbird/${request}`, read: readAutoconfig, domains: DOMAINS, unknown: 404 });
  }
  for (const request of ['autodiscover-host-https', 'autodiscover-domain-https', 'autodiscover-host-http']) {
    const domains = [...DOMAINS, MX_CASE, COMPOSITE_CASE];
    testReplay(port, { request: `thunderbird/${request}`, read: readAutodiscover, domains, unknown: 'Error 500' });
  }
  // After a redirect from http Thunderbird asks with GET first, and posts again only if that failed.
  testReplay(port, {
    request: 'thunderbird/autodiscover-redirected',
    read: readAutodiscover,
    domains: DOMAINS.filter(({ loginIsAddress }) => loginIsAddress),
    unknown: 404,
  });
  test('thunderbird/autodiscover-redirected: settings that would be wrong without an address are refused', async () => {
    const answer = await send(
      port,
      askedFor(readRequest('thunderbird/autodiscover-redirected'), { domain: 'login.example' }),
    );
    assert.equal(answer.status, 404);
  });

  for (const { name, request, localPart, login } of [
    { name: 'a plus', request: 'autoconfig-https', localPart: 'fred%2Btag', login: 'fred+tag@example.com' },
    {
      name: 'an & that is not escaped',
      request: 'autodiscover-domain-https',
      localPart: 'a&b',
      login: 'a&b@example.com',
    },
  ]) {
    test(`thunderbird/${request}: ${name}`, async () => {
      const answer = await send(port, askedFor(readRequest(`thunderbird/${request}`), { localPart }));
      const user = { localPart: login.slice(0, login.indexOf('@')), domain: 'example.com' };
      const { incoming } = (request === 'autoconfig-https' ? readAutoconfig : readAutodiscover)(answer, user);
      assert.equal(incoming.login, login);
    });
  }

  // Documents that the reader rejects, to prove that the tests above can fail.
  for (const { name, change } of [
    {
      name: 'another content type',
      change: ({ headers, ...rest }: Answer) => ({
        ...rest,
        headers: new Map([...headers, ['content-type', 'text/plain']]),
      }),
    },
    { name: 'a domain with an attribute', change: replacing('<domain>', '<domain purpose="mx">') },
    { name: 'an empty display name', change: replacing(/<displayName>.*<\/displayName>/, '<displayName/>') },
    { name: 'no user name', change: replacing(/<username>.*<\/username>/g, '') },
    { name: 'socket types in small letters', change: replacing(/<socketType>SSL</g, '<socketType>ssl<') },
    { name: 'OAuth2 alone', change: replacing(/password-cleartext/g, 'OAuth2') },
  ]) {
    test(`the reader does not take ${name}`, async () => {
      const [{ user, want } = giveUp('no case')] = DOMAINS;
      const answer = change(await send(port, readRequest('thunderbird/autoconfig-https')));
      assert.throws(() => assertSetup(readAutoconfig(answer, user), want));
    });
  }
});

function replacing(pattern: string | RegExp, by: string): (answer: Answer) => Answer {
  return (answer) => ({ ...answer, body: answer.body.replace(pattern, by) });
}

for (const { name, asked } of [...DOMAINS, MX_CASE, COMPOSITE_CASE]) {
  test(`assertion 1: type, id, domain, servers and texts as Thunderbird needs them: ${name}`, async () => {
    const answer = await send(port, askedFor(readRequest('thunderbird/autoconfig-https'), asked));
    assert.match(answer.headers.get('content-type') ?? '', /^text\/xml/);
    const provider = emailProvider(answer);
    assert.match(provider.attributes.get('id') ?? '', HOST_NAME);
    assert.equal(provider.children.find((child) => child.name === 'domain')?.attributes.size, 0);
    assert.ok(sections(provider, 'incomingServer', 'imap', 'pop3').length >= 1);
    assert.ok(sections(provider, 'outgoingServer', 'smtp').length >= 1);
    const leaves = leavesOf(clientConfig(answer));
    assert.ok(leaves.length > 10);
    for (const leaf of leaves) assert.equal(leaf.text, leaf.text.trim(), leaf.name);
  });

  test(`assertion 10: POX says SSL on and SPA off, TLS for STARTTLS, and never 401: ${name}`, async () => {
    const request = readRequest('thunderbird/autodiscover-domain-https');
    assert.match(request.toString(), /^Authorization: Basic /m);
    const answer = await send(port, askedFor(request, asked));
    assert.equal(answer.status, 200);
    const servers = protocols(answer).filter((protocol) => POX_TYPES[textOf(protocol, 'Type')] !== undefined);
    assert.ok(servers.length >= 2);
    for (const server of servers) {
      const isStarttls = [110, 143, 587].includes(Number(textOf(server, 'Port')));
      assert.deepEqual(
        ['SSL', 'Encryption', 'SPA'].map((name) => textOf(server, name)),
        ['on', isStarttls ? 'TLS' : 'SSL', 'off'],
      );
    }
  });
}

function leavesOf(node: XmlNode): readonly XmlNode[] {
  return node.children.length === 0 ? [node] : node.children.flatMap(leavesOf);
}
