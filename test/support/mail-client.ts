import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readXml, type XmlNode } from '../domain/formats/read-xml.ts';
import { type Answer, type Asked, askedFor, readRequest, send } from './replay.ts';

/** The person at the client. */
export interface User {
  readonly localPart: string;
  /** As A-labels. */
  readonly domain: string;
}
export const addressOf = ({ localPart, domain }: User): string => `${localPart}@${domain}`;

/** One server as a client sets it up. "by trial": the client detects it, and never uses clear text. */
export interface ServerSetup {
  readonly type: 'imap' | 'pop' | 'smtp';
  readonly hostname: string;
  readonly port: number;
  readonly security: 'SSL' | 'STARTTLS' | 'plain' | 'by trial';
  /** Undefined: not in the answer; the client uses the address. */
  readonly login: string | undefined;
}
export interface Setup {
  readonly incoming: ServerSetup;
  readonly outgoing: ServerSetup;
}

/** The configured settings of the domains. */
export const CLIENT_ROWS = `
INSERT INTO provider (id, name, short_name) VALUES (1, 'Example & Söhne', 'Example'), (2, 'Hoster', 'Hoster');
INSERT INTO domain (id, name, provider_id) VALUES
  (1, 'example.com', 1), (2, 'example.net', 1), (3, 'starttls.example', 1), (4, 'login.example', 1),
  (5, 'Bücher.Example', 1), (6, 'customer.example', 2), (7, 'hoster.example', 2), (8, 'composite.example', 1);
INSERT INTO server (id, prio, type, name, port, socket_type, user_name, authentication) VALUES
  (1, 10, 'imap', 'imap.example.com', 993, 'SSL', '%EMAILADDRESS%', 'plain'),
  (2, 20, 'pop', 'pop.example.com', 995, 'SSL', '%EMAILADDRESS%', 'plain'),
  (3, 10, 'smtp', 'smtp.example.com', 465, 'SSL', '%EMAILADDRESS%', 'plain'),
  (4, 10, 'imap', 'imap.starttls.example', 143, 'STARTTLS', '%EMAILADDRESS%', 'plain'),
  (5, 20, 'pop', 'pop.starttls.example', 110, 'STARTTLS', '%EMAILADDRESS%', 'plain'),
  (6, 10, 'smtp', 'smtp.starttls.example', 587, 'STARTTLS', '%EMAILADDRESS%', 'plain'),
  (7, 10, 'imap', 'imap.login.example', 993, 'SSL', '%EMAILLOCALPART%', 'plain'),
  (8, 10, 'smtp', 'smtp.login.example', 587, 'STARTTLS', '%EMAILLOCALPART%', 'plain'),
  (9, 10, 'imap', 'imap.bücher.example', 993, 'SSL', '%EMAILADDRESS%', 'plain'),
  (10, 10, 'smtp', 'smtp.bücher.example', 587, 'STARTTLS', '%EMAILADDRESS%', 'plain'),
  (11, 10, 'imap', 'customers.hoster.example', 993, 'SSL', '%EMAILADDRESS%', 'plain'),
  (12, 10, 'smtp', 'customers.hoster.example', 587, 'STARTTLS', '%EMAILADDRESS%', 'plain'),
  (13, 10, 'imap', 'staff.hoster.example', 993, 'SSL', '%EMAILADDRESS%', 'plain'),
  (14, 10, 'smtp', 'staff.hoster.example', 587, 'STARTTLS', '%EMAILADDRESS%', 'plain'),
  (15, 10, 'imap', 'imap.composite.example', 993, 'SSL', 'mail-%EMAILLOCALPART%', 'plain'),
  (16, 10, 'smtp', 'smtp.composite.example', 587, 'STARTTLS', 'mail-%EMAILLOCALPART%', 'plain');
INSERT INTO server_domain (server_id, domain_id) VALUES
  (1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (3, 2), (4, 3), (5, 3), (6, 3), (7, 4), (8, 4), (9, 5), (10, 5), (11, 6), (12, 6),
  (13, 7), (14, 7), (15, 8), (16, 8);
INSERT INTO davserver (id, url, port, type, use_ssl, domain_required, user_name) VALUES
  (1, 'https://dav.example.com/cal/%EMAILADDRESS%/', 443, 'caldav', 1, 0, '%EMAILADDRESS%'),
  (2, 'https://dav.example.com:8443/card/', 0, 'carddav', 1, 0, NULL);
INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (1, 1), (2, 1);
`;

export interface DomainCase {
  readonly name: string;
  readonly asked: Asked;
  readonly user: User;
  readonly want: Setup;
  /** Whether the whole address is the login, so that an answer without a login is correct, too. */
  readonly loginIsAddress: boolean;
}

function domainCase(
  name: string,
  domain: string,
  incoming: readonly [string, number, 'SSL' | 'STARTTLS'],
  outgoing: readonly [string, number, 'SSL' | 'STARTTLS'],
  login?: string,
): DomainCase {
  const user = { localPart: 'fred', domain };
  const server = (
    type: ServerSetup['type'],
    [hostname, port, security]: readonly [string, number, 'SSL' | 'STARTTLS'],
  ): ServerSetup => ({ type, hostname, port, security, login: login ?? addressOf(user) });
  return {
    name,
    asked: { domain },
    user,
    want: { incoming: server('imap', incoming), outgoing: server('smtp', outgoing) },
    loginIsAddress: login === undefined,
  };
}

/** The settings that each client must derive for each domain. */
export const DOMAINS: readonly DomainCase[] = [
  domainCase(
    'IMAP, POP3, SMTP and DAV',
    'example.com',
    ['imap.example.com', 993, 'SSL'],
    ['smtp.example.com', 465, 'SSL'],
  ),
  domainCase('alias domain', 'example.net', ['imap.example.com', 993, 'SSL'], ['smtp.example.com', 465, 'SSL']),
  domainCase(
    'STARTTLS only',
    'starttls.example',
    ['imap.starttls.example', 143, 'STARTTLS'],
    ['smtp.starttls.example', 587, 'STARTTLS'],
  ),
  domainCase(
    'login is the local part',
    'login.example',
    ['imap.login.example', 993, 'SSL'],
    ['smtp.login.example', 587, 'STARTTLS'],
    'fred',
  ),
  domainCase(
    'IDN domain',
    'xn--bcher-kva.example',
    ['imap.xn--bcher-kva.example', 993, 'SSL'],
    ['smtp.xn--bcher-kva.example', 587, 'STARTTLS'],
  ),
];

/** A customer's domain: only the query names it; Host is a name of the hoster in the MX record. */
export const MX_CASE: DomainCase = {
  ...domainCase(
    "MX path: Host is the hoster's",
    'customer.example',
    ['customers.hoster.example', 993, 'SSL'],
    ['customers.hoster.example', 587, 'STARTTLS'],
  ),
  asked: { domain: 'customer.example', hostDomain: 'hoster.example' },
};

/** A login pattern that only we can fill; without an address it stays unfilled. */
export const COMPOSITE_CASE: DomainCase = domainCase(
  'composite login',
  'composite.example',
  ['imap.composite.example', 993, 'SSL'],
  ['smtp.composite.example', 587, 'STARTTLS'],
  'mail-fred',
);

/** Asserts that the client sets up the configured settings. */
export function assertSetup(got: Setup, want: Setup): void {
  const comparable = (side: 'incoming' | 'outgoing'): ServerSetup => {
    const { login, security } = got[side];
    return {
      ...got[side],
      login: login ?? want[side].login,
      security: security === 'by trial' ? want[side].security : security,
    };
  };
  assert.deepEqual({ incoming: comparable('incoming'), outgoing: comparable('outgoing') }, want);
}

/** The refusal of an unknown domain: this status, or an Autodiscover error in an answer with status 200. */
export type Refusal = 400 | 404 | 'Error 500';

export function assertRefused({ status, headers, body }: Answer, refusal: Refusal): void {
  assert.equal(status, refusal === 'Error 500' ? 200 : refusal);
  if (refusal === 'Error 500') assert.match(body, /<ErrorCode>500<\/ErrorCode>/);
  else {
    const type = headers.get('content-type');
    if (type === 'application/json') assert.equal(typeof JSON.parse(body)['ErrorCode'], 'string');
    else {
      assert.equal(type, 'text/plain; charset=utf-8');
      assert.match(body, /^[^\n]+\n$/);
    }
  }
}

export interface Replay {
  /** File in test/testdata/requests, `client/name`. */
  readonly request: string;
  /** Reads the answer as the client does; throws if the client gives up. */
  readonly read: (answer: Answer, user: User) => Setup;
  readonly domains: readonly DomainCase[];
  readonly unknown: Refusal;
}

/** A test for each domain: the client sends its request and sets up what is configured; and one for an unknown domain. */
export function testReplay(port: number, { request, read, domains, unknown }: Replay): void {
  for (const { name, asked, user, want } of domains) {
    test(`${request}: ${name}`, async () => {
      const answer = await send(port, askedFor(readRequest(request), asked));
      assertSetup(read(answer, user), want);
    });
  }
  test(`${request}: unknown domain`, async () => {
    assertRefused(await send(port, askedFor(readRequest(request), { domain: 'unknown.example' })), unknown);
  });
}

/** Throws: the client gives up on the answer. */
export function giveUp(reason: string): never {
  throw new Error(`the client gives up: ${reason}`);
}

/** Fills the placeholders as most clients do: all three, one after the other. */
export const fillAll = (text: string, user: User): string =>
  text
    .replaceAll('%EMAILADDRESS%', addressOf(user))
    .replaceAll('%EMAILLOCALPART%', user.localPart)
    .replaceAll('%EMAILDOMAIN%', user.domain);

/** The root of an Autoconfig document. */
export function clientConfig({ body }: Answer): XmlNode {
  const root = readXml(body);
  return root.name === 'clientConfig' ? root : giveUp(`root ${root.name}`);
}

/** The only provider. */
export function emailProvider(answer: Answer): XmlNode {
  const providers = clientConfig(answer).children.filter(({ name }) => name === 'emailProvider');
  return providers.length === 1 && providers[0] !== undefined ? providers[0] : giveUp(`${providers.length} providers`);
}

/** Server sections of these types, in the order of the document. */
export const sections = (provider: XmlNode, name: string, ...types: readonly string[]): readonly XmlNode[] =>
  provider.children.filter((node) => node.name === name && types.includes(node.attributes.get('type') ?? ''));

/** The texts of an element's children of one name. */
export const textsOf = (node: XmlNode, name: string): readonly string[] =>
  node.children.filter((child) => child.name === name).map(({ text }) => text);

/** The text of the only child of that name; gives up without one. */
export function textOf(node: XmlNode, name: string): string {
  const texts = textsOf(node, name);
  return texts.length === 1 && texts[0] !== undefined && texts[0] !== '' ? texts[0] : giveUp(`${texts.length} ${name}`);
}

/** A port number; gives up on any other text. */
export function portOf(text: string): number {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535 ? Number(text) : giveUp(`port ${text}`);
}

const SECURITY: ReadonlyMap<string, ServerSetup['security']> = new Map([
  ['SSL', 'SSL'],
  ['STARTTLS', 'STARTTLS'],
  ['plain', 'plain'],
]);

/** The socket type by its exact spelling; many clients read a wrong one as no TLS. */
export const securityOf = (socketType: string): ServerSetup['security'] => SECURITY.get(socketType) ?? 'plain';

/** A section, read by a client that needs each element once and fills all placeholders. */
export function plainServer(type: ServerSetup['type'], section: XmlNode | undefined, user: User): ServerSetup {
  if (section === undefined) return giveUp(`no ${type}`);
  return {
    type,
    hostname: fillAll(textOf(section, 'hostname'), user),
    port: portOf(textOf(section, 'port')),
    security: securityOf(textOf(section, 'socketType')),
    login: fillAll(textOf(section, 'username'), user),
  };
}

/** The Protocol elements of an Autodiscover answer. */
export function protocols({ body }: Answer): readonly XmlNode[] {
  const account = accountOf(body);
  return account.children.filter(({ name }) => name === 'Protocol');
}

function accountOf(body: string): XmlNode {
  let node = readXml(body);
  if (node.name !== 'Autodiscover') giveUp(`root ${node.name}`);
  for (const element of ['Response', 'Account']) {
    node = node.children.find(({ name }) => name === element) ?? giveUp(`no ${element}: ${body}`);
  }
  return node;
}
