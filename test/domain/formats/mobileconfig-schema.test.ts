import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseEmailAddress } from '../../../src/domain/email-address.ts';
import { NO_EXTRAS } from '../../../src/domain/extras.ts';
import { MOBILECONFIG } from '../../../src/domain/formats/mobileconfig.ts';
import { MOBILECONFIG_EXCHANGE } from '../../../src/domain/formats/mobileconfig-exchange.ts';
import type { MailDomain } from '../../../src/domain/mail-domain.ts';
import { caldav, carddav, imap, pop, provider, smtp, user } from '../samples.ts';
import { type PlistNode, readPlist } from './read-plist.ts';

/** One key of Apple's schema files (test/testdata/apple), as far as a profile can be checked against it. */
interface SchemaKey {
  readonly key: string;
  /** `<string>` and so on. */
  readonly type: string;
  readonly presence?: 'required' | 'optional';
  readonly rangelist?: readonly (string | number)[];
  readonly format?: string;
  readonly subkeys?: readonly SchemaKey[];
}

const schema = (name: string): readonly SchemaKey[] => {
  const file = new URL(`../../testdata/apple/${name}.yaml`, import.meta.url);
  return (parse(readFileSync(file, 'utf8')) as { payloadkeys: readonly SchemaKey[] }).payloadkeys;
};
const TOP_LEVEL = schema('TopLevel');
const COMMON = schema('CommonPayloadKeys');
const PAYLOADS: ReadonlyMap<string, readonly SchemaKey[]> = new Map(
  [
    'com.apple.mail.managed',
    'com.apple.caldav.account',
    'com.apple.carddav.account',
    'com.apple.eas.account',
    'com.apple.ldap.account',
  ].map((type) => [type, [...schema(type), ...COMMON]]),
);

function valueProblems(node: PlistNode, { type, rangelist, format, subkeys }: SchemaKey, path: string): string[] {
  if (type === '<any>') return [];
  if (type !== `<${node.type}>`) return [`${path}: ${node.type} instead of ${type}`];
  if (node.type === 'array') {
    const [item] = subkeys ?? [];
    return item === undefined ? [] : node.items.flatMap((each, i) => valueProblems(each, item, `${path}[${i}]`));
  }
  if (node.type === 'dictionary') return subkeys === undefined ? [] : problems(node, subkeys, `${path}.`);
  const { value } = node;
  if (rangelist !== undefined && !rangelist.some((each) => each === value)) return [`${path}: value ${value}`];
  if (format !== undefined && !new RegExp(format).test(String(value))) return [`${path}: form of ${value}`];
  // Apple: an empty text suppresses the prompt for the value or fails; such a key is to be left out.
  return value === '' ? [`${path}: empty`] : [];
}

/** What is wrong with a dictionary: unknown keys, missing keys, wrong types, wrong values. */
function problems(node: PlistNode, keys: readonly SchemaKey[], path = ''): string[] {
  if (node.type !== 'dictionary') return [`${path}: no dictionary`];
  const any = keys.find(({ key }) => key === 'ANY');
  const missing = keys
    .filter(({ key, presence }) => presence === 'required' && key !== 'ANY' && !node.members.has(key))
    .map(({ key }) => `${path}${key}: missing`);
  const found = [...node.members].flatMap(([key, value]) => {
    const known = keys.find((each) => each.key === key) ?? any;
    return known === undefined ? [`${path}${key}: unknown`] : valueProblems(value, known, `${path}${key}`);
  });
  return [...missing, ...found];
}

/** What is wrong with a profile: the top level, each payload against the file of its type, identity inside the profile. */
function profileProblems(document: string): string[] {
  const root = readPlist(document);
  const content = root.type === 'dictionary' ? root.members.get('PayloadContent') : undefined;
  const payloads = content?.type === 'array' ? content.items : [];
  const found = [...problems(root, TOP_LEVEL)];
  const seen = new Set<unknown>();
  for (const [index, payload] of [root, ...payloads].entries()) {
    const member = (key: string): unknown => {
      const value = payload.type === 'dictionary' ? payload.members.get(key) : undefined;
      return value?.type === 'string' ? value.value : undefined;
    };
    const path = index === 0 ? '' : `PayloadContent[${index - 1}].`;
    if (index > 0) {
      const keys = PAYLOADS.get(String(member('PayloadType')));
      found.push(...(keys === undefined ? [`${path}PayloadType: no such payload`] : problems(payload, keys, path)));
    }
    for (const key of ['PayloadIdentifier', 'PayloadUUID']) {
      const value = member(key);
      if (value !== undefined && seen.has(value)) found.push(`${path}${key}: twice`);
      seen.add(value);
    }
  }
  return found;
}

const write = (members: Partial<MailDomain> = {}, text = 'ann@example.org', name?: string): string => {
  const address = parseEmailAddress(text);
  return MOBILECONFIG.write(user(members, { address }).named(name));
};

const activesync = { url: 'https://eas.example.org/Microsoft-Server-ActiveSync' };
const exchange = (members: Partial<MailDomain> = {}, text = 'ann@example.org', name?: string): string => {
  const account = user({ extras: { ...NO_EXTRAS, activesync }, ...members }, { address: parseEmailAddress(text) });
  return MOBILECONFIG_EXCHANGE.write(account.named(name));
};

for (const { name, document } of [
  { name: 'ActiveSync', document: exchange() },
  { name: 'ActiveSync and the name of the user', document: exchange({}, 'ann@example.org', 'Ann Other') },
  { name: 'ActiveSync for an address full of markup', document: exchange({}, '"<key>&]]>"@example.org') },
  { name: 'ActiveSync for an address beyond ASCII', document: exchange({}, 'jörg😀@bücher.example') },
  {
    name: 'ActiveSync of a nameless provider',
    document: exchange({ provider: { ...provider, name: '', shortName: '' } }),
  },
  { name: 'IMAP and SMTP', document: write() },
  { name: 'POP in clear text', document: write({ mailServers: [pop, { ...smtp, socketType: 'plain' }] }) },
  { name: 'the name of the user', document: write({}, 'ann@example.org', 'Ann Other') },
  { name: 'an empty name', document: write({}, 'ann@example.org', '') },
  { name: 'a name of control characters', document: write({}, 'ann@example.org', '\0\x1b') },
  { name: 'an address full of markup', document: write({}, '"<key>&]]>"@example.org') },
  { name: 'an address beyond ASCII', document: write({}, 'jörg😀@bücher.example') },
  { name: 'a nameless provider', document: write({ provider: { ...provider, name: '', shortName: '' } }) },
  { name: 'CalDAV and CardDAV', document: write({ davServers: [caldav, carddav] }) },
  {
    name: 'several DAV servers with ports, one in clear text',
    document: write({
      davServers: [
        { ...caldav, port: 8443 },
        { ...caldav, id: 3, url: 'https://dav.example.org:444/' },
        { ...carddav, id: 3, url: 'http://dav.example.org/', useSsl: false },
      ],
    }),
  },
  ...(['password-cleartext', 'password-encrypted', 'NTLM', 'none', 'OAuth2'] as const).map((authentication) => ({
    name: `authentication ${authentication}`,
    document: write({ mailServers: [imap, smtp].map((server) => ({ ...server, authentication })) }),
  })),
]) {
  test(`a profile with ${name} keeps to Apple's schema`, () => assert.deepEqual(profileProblems(document), []));
}

const good = MOBILECONFIG.write(user({ davServers: [caldav, carddav] }).named('Ann'));
/** The key with its value as they stand in a profile, for the first such key. */
const member = (key: string): RegExp => new RegExp(`\\s*<key>${key}</key>\\s*(?:<\\w+/>|<(\\w+)>[^<]*</\\1>)`);
const without = (key: string): string => good.replace(member(key), '');
const replaced = (key: string, xml: string): string => good.replace(member(key), `<key>${key}</key>${xml}`);
const lastOf = (key: string, xml: string): string => {
  const at = good.lastIndexOf(`<key>${key}</key>`);
  return good.slice(0, at) + good.slice(at).replace(member(key), `<key>${key}</key>${xml}`);
};

test('no profile has an identity of the other one', () => {
  const ids = [good, exchange()].map((document) =>
    [...document.matchAll(/<key>Payload(?:Identifier|UUID)<\/key>\s*<string>([^<]*)/g)].map(([, id]) => id),
  );
  assert.deepEqual(
    ids.map(({ length }) => length),
    [8, 4],
  );
  assert.equal(new Set(ids.flat()).size, 12);
});

for (const { name, document, want } of [
  {
    name: 'a number of days that is not in the list',
    document: exchange().replace('<key>SSL', '<key>MailNumberOfPastDaysToSync</key><integer>2</integer><key>SSL'),
    want: ['PayloadContent[0].MailNumberOfPastDaysToSync: value 2'],
  },
  {
    name: 'a key of mail beside ActiveSync',
    document: exchange().replace('<key>SSL', '<key>EmailAccountName</key><string>Ann</string><key>SSL'),
    want: ['PayloadContent[0].EmailAccountName: unknown'],
  },
]) {
  test(`the check finds: ${name}`, () => assert.deepEqual(profileProblems(document), want));
}

// The checker can fail. The first PayloadUUID and so on belong to the mail payload, the last ones to the top level.
for (const { name, document, want } of [
  {
    name: 'a required key is missing',
    document: without('EmailAccountType'),
    want: ['PayloadContent[0].EmailAccountType: missing'],
  },
  {
    name: 'a required common key is missing',
    document: without('PayloadUUID'),
    want: ['PayloadContent[0].PayloadUUID: missing'],
  },
  {
    name: 'a DAV host is missing',
    document: without('CardDAVHostName'),
    want: ['PayloadContent[2].CardDAVHostName: missing'],
  },
  {
    name: 'a port as text',
    document: replaced('IncomingMailServerPortNumber', '<string>993</string>'),
    want: ['PayloadContent[0].IncomingMailServerPortNumber: string instead of <integer>'],
  },
  {
    name: 'a boolean as text',
    document: replaced('CalDAVUseSSL', '<string>true</string>'),
    want: ['PayloadContent[1].CalDAVUseSSL: string instead of <boolean>'],
  },
  {
    name: 'an unknown key',
    document: replaced('EmailAccountName', '<string>Ann</string><key>EmailAccountNick</key><string>a</string>'),
    want: ['PayloadContent[0].EmailAccountNick: unknown'],
  },
  {
    name: 'a key of another payload',
    document: replaced('EmailAccountName', '<string>Ann</string><key>CalDAVHostName</key><string>a</string>'),
    want: ['PayloadContent[0].CalDAVHostName: unknown'],
  },
  {
    name: 'a key of a prototype',
    document: replaced('EmailAccountName', '<string>Ann</string><key>constructor</key><string>a</string>'),
    want: ['PayloadContent[0].constructor: unknown'],
  },
  {
    name: 'a value that is not in the list',
    document: replaced('IncomingMailServerAuthentication', '<string>EmailAuthPlain</string>'),
    want: ['PayloadContent[0].IncomingMailServerAuthentication: value EmailAuthPlain'],
  },
  {
    name: 'a version that is not in the list',
    document: lastOf('PayloadVersion', '<integer>2</integer>'),
    want: ['PayloadVersion: value 2'],
  },
  {
    name: 'another type at the top',
    document: lastOf('PayloadType', '<string>Profile</string>'),
    want: ['PayloadType: value Profile'],
  },
  {
    name: 'an unknown payload',
    document: replaced('PayloadType', '<string>com.apple.mail</string>'),
    want: ['PayloadContent[0].PayloadType: no such payload'],
  },
  {
    name: 'an empty text',
    document: replaced('EmailAccountName', '<string/>'),
    want: ['PayloadContent[0].EmailAccountName: empty'],
  },
  {
    name: 'an item that is no dictionary',
    document: good.replace('<array>', '<array><string>x</string>'),
    want: ['PayloadContent[0]: string instead of <dictionary>', 'PayloadContent[0].PayloadType: no such payload'],
  },
  {
    name: 'content that is no array',
    document: good.replace(/<array>[\s\S]*<\/array>/, '<dict/>'),
    want: ['PayloadContent: dictionary instead of <array>'],
  },
  {
    name: 'no content',
    document: good.replace(/<key>PayloadContent<\/key>\s*<array>[\s\S]*<\/array>/, ''),
    want: ['PayloadContent: missing'],
  },
  {
    name: 'an identifier twice',
    document: lastOf('PayloadIdentifier', '<string>x</string>').replace(
      member('PayloadIdentifier'),
      '<key>PayloadIdentifier</key><string>x</string>',
    ),
    want: ['PayloadContent[0].PayloadIdentifier: twice'],
  },
  {
    name: 'a UUID of another form, where the schema has one',
    document: replaced(
      'EmailAccountName',
      '<string>Ann</string><key>SMIMESigningCertificateUUID</key><string>1</string>',
    ),
    want: ['PayloadContent[0].SMIMESigningCertificateUUID: form of 1'],
  },
]) {
  test(`the check finds: ${name}`, () => {
    assert.notEqual(document, good);
    assert.deepEqual(profileProblems(document), want);
  });
}
