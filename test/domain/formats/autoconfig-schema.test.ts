import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readAuthentication, readSocketType } from '../../../src/domain/connection-words.ts';
import { type ExtraKind, NO_EXTRAS } from '../../../src/domain/extras.ts';
import { AUTOCONFIG } from '../../../src/domain/formats/autoconfig.ts';
import type { MailDomain, MailServer } from '../../../src/domain/mail-domain.ts';
import { CLIENT_ROWS } from '../../support/mail-client.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startTestDaemon } from '../../support/test-daemon.ts';
import {
  ALL_EXTRAS,
  caldav,
  carddav,
  directory,
  domain,
  domainName,
  imap,
  pop,
  provider,
  smtp,
  user,
} from '../samples.ts';
import { AUTHENTICATIONS, SOCKET_TYPES } from './spellings.ts';

const SCHEMA = fileURLToPath(new URL('../../testdata/autoconfig/autoconfig.rng', import.meta.url));
const NO_XMLLINT =
  spawnSync('xmllint', ['--version']).error !== undefined && 'xmllint is not installed (Debian: libxml2-utils)';

interface Sample {
  readonly name: string;
  readonly document: string;
}

/** What is wrong with each document; one run of xmllint for all, since each reads the schema first. */
function problems(samples: readonly Sample[]): ReadonlyMap<string, readonly string[]> {
  const folder = temporaryFolder({ after });
  const files = samples.map(({ document }, index) => {
    const file = join(folder, `${index}.xml`);
    writeFileSync(file, document);
    return file;
  });
  const { stderr } = spawnSync('xmllint', ['--noout', '--relaxng', SCHEMA, ...files], { encoding: 'utf8' });
  const lines = stderr.split('\n');
  return new Map(
    samples.map(({ name }, index) => {
      const file = files[index] ?? '';
      if (lines.includes(`${file} validates`)) return [name, []];
      return [name, lines.filter((line) => line.startsWith(file))];
    }),
  );
}

const sample = (name: string, members: Partial<MailDomain>): Sample => ({
  name,
  document: AUTOCONFIG.write(user(members)),
});

const all = { mailServers: [imap, pop, smtp], davServers: [caldav, carddav] };

const everything = {
  ...all,
  mailServers: all.mailServers.map((server): MailServer => {
    return { ...server, authentications: ['OAuth2', 'password-encrypted', 'password-cleartext'] };
  }),
  extras: ALL_EXTRAS,
};

const written: readonly Sample[] = [
  sample('everything that can be offered', everything),
  sample('the same, with a login from a directory', { ...everything, directory }),
  sample('JMAP and ActiveSync without a mail server', { ...everything, mailServers: [] }),
  ...(Object.keys(ALL_EXTRAS) as ExtraKind[]).map((kind) =>
    sample(`${kind} alone`, { extras: { ...NO_EXTRAS, [kind]: ALL_EXTRAS[kind] } }),
  ),
  sample('an issuer whose metadata say the rest', {
    extras: { ...NO_EXTRAS, oauth2: { issuer: 'https://login.example.org/', scope: 'mail' } },
  }),
  sample('all kinds of servers', all),
  sample('mail alone', { davServers: [] }),
  sample('no incoming server', { mailServers: [smtp] }),
  sample('two of a kind', { mailServers: [imap, { ...imap, hostname: 'b.example' }, smtp, smtp] }),
  sample('several domains', { siblings: ['b.example', 'xn--bcher-kva.example'].map(domainName) }),
  {
    name: 'placeholders in a host name and a URL',
    document: AUTOCONFIG.writeForDomain(
      domain({ mailServers: [{ ...imap, hostname: 'imap.%EMAILDOMAIN%' }, smtp], davServers: [caldav] }),
    ),
  },
  sample('no names', { provider: { ...provider, name: '', shortName: '' } }),
  sample('a long domain for a name', {
    name: domainName(`${'a'.repeat(63)}.example`),
    provider: { ...provider, name: ' ', shortName: ' ' },
  }),
  sample('names that are too long, cut at a blank', {
    provider: { ...provider, name: `${'x'.repeat(59)} y`, shortName: `${'x'.repeat(19)} y` },
  }),
  sample('markup and letters beyond ASCII', { provider: { ...provider, name: '<b>&"Ü😀', shortName: "]]>'" } }),
  sample('a login in other letters', { mailServers: [{ ...imap, userName: 'jürgen&<b>@example.org' }, smtp] }),
  ...[undefined, 'Ann Example'].flatMap((displayName) =>
    ['ann', 'ann&co', '%EMAILDOMAIN%'].map((login) => ({
      name: `login from a directory: ${login}, ${displayName}`,
      document: AUTOCONFIG.write(user({ directory, davServers: [caldav] }, { entry: { login, displayName } })),
    })),
  ),
  ...SOCKET_TYPES.flatMap(({ word, port }) => {
    const socketType = readSocketType(word, port);
    return AUTHENTICATIONS.map(({ word: authenticationWord }) => {
      const authentication = readAuthentication(authenticationWord);
      assert.ok(socketType !== undefined && authentication !== undefined);
      const mailServers = [imap, pop, smtp].map((server) => ({ ...server, port, socketType, authentication }));
      return sample(`socket type "${word}", port ${port}, authentication "${authenticationWord}"`, { mailServers });
    });
  }),
];

const VALID = AUTOCONFIG.write(user({ ...all, extras: ALL_EXTRAS }));
const LOGIN = '      <username>%EMAILADDRESS%</username>\n';
const AUTHENTICATION = '<authentication>password-cleartext</authentication>';

const changed: readonly (readonly [name: string, from: string | RegExp, to: string])[] = [
  ['another version', 'version="1.2"', 'version="1.1"'],
  ['no version', ' version="1.2"', ''],
  ['a namespace', '<clientConfig ', '<clientConfig xmlns="urn:x" '],
  ['no provider', /<emailProvider[\s\S]*<\/emailProvider>/, ''],
  ['two providers', /<emailProvider[\s\S]*<\/emailProvider>/, '$&$&'],
  ['no id', ' id="automx2-7"', ''],
  ['an id that is no host name', 'id="automx2-7"', 'id="Example Inc."'],
  ['no domain', /<domain>.*<\/domain>/, ''],
  ['a domain for MX before that for mail', '<domain>', '<domain purpose="mx">example.net</domain><domain>'],
  ['a domain in capital letters', '<domain>example.org', '<domain>Example.org'],
  ['a domain in other letters', '<domain>example.org', '<domain>bücher.example'],
  ['no display name', /<displayName>.*<\/displayName>/, ''],
  ['an empty display name', /<displayName>.*<\/displayName>/, '<displayName/>'],
  ['a display name of 61 characters', 'Example Inc.', 'x'.repeat(61)],
  ['a short name of 21 characters', '<displayShortName>Example', `<displayShortName>${'x'.repeat(21)}`],
  ['blanks around a name', '>Example Inc.<', '> Example Inc. <'],
  ['an identity, as automx2 has it', '<incomingServer', '<identity/><incomingServer'],
  ['an unknown type', 'type="imap"', 'type="imaps"'],
  ['a type in capital letters', 'type="imap"', 'type="IMAP"'],
  ["automx2's word for POP3", 'type="pop3"', 'type="pop"'],
  ['SMTP as an incoming server', 'type="pop3"', 'type="smtp"'],
  ['one more attribute at a section', 'type="imap"', 'type="imap" id="1"'],
  ['no host name', /<hostname>.*<\/hostname>/, ''],
  ['a host name in other letters', '>imap.example.org<', '>imap.bücher.example<'],
  ['a host name with a trailing dot', '>imap.example.org<', '>imap.example.org.<'],
  ['two ports', '<port>993</port>', '<port>993</port><port>143</port>'],
  ['port 0', '<port>993</port>', '<port>0</port>'],
  ['port 65536', '<port>993</port>', '<port>65536</port>'],
  ['no socket type', '<socketType>SSL</socketType>', ''],
  ['socket type TLS', '<socketType>SSL<', '<socketType>TLS<'],
  ['socket type in small letters', '<socketType>SSL<', '<socketType>ssl<'],
  ['blanks around a socket type', '<socketType>SSL<', '<socketType> SSL <'],
  ['no authentication', AUTHENTICATION, ''],
  ['"plain", of older drafts', 'password-cleartext', 'plain'],
  ['"OAuth"', 'password-cleartext', 'OAuth'],
  ["HTTP's authentication at IMAP", AUTHENTICATION, '<authentication system="http">Basic</authentication>'],
  ['a mechanism alone', AUTHENTICATION, '<authentication system="sasl">SCRAM-SHA-256</authentication>'],
  [
    'a mechanism behind the common word',
    AUTHENTICATION,
    '$&<authentication system="sasl">SCRAM-SHA-256</authentication>',
  ],
  ['no user name', LOGIN, ''],
  ['an empty user name', LOGIN, '<username/>'],
  ['markup in a user name', '<username>%', '<username><b/>%'],
  ['a calendar in the provider', /( *<\/emailProvider>\n)( *<calendar[\s\S]*<\/calendar>\n)/, '$2$1'],
  ['addressBook, of older drafts', /addressbook/g, 'addressBook'],
  ['CardDAV as a calendar', 'type="caldav"', 'type="carddav"'],
  ['a URL without TLS', 'https://dav', 'http://dav'],
  ['a URL without scheme', 'https://dav', 'dav'],
  ['a port beside a URL', '<url>', '<port>443</port><url>'],
  ["SASL's authentication at CalDAV", '<authentication system="http">Basic</authentication>', AUTHENTICATION],
  ['"http-basic", of older drafts', '<authentication system="http">Basic<', '<authentication>http-basic<'],
  ['"Bearer"', '>Basic<', '>Bearer<'],
  ['ActiveSync in the letters of an example', 'type="activeSync"', 'type="activesync"'],
  ['ManageSieve as an incoming server', /setupServer/g, 'incomingServer'],
  ['ManageSieve in the provider', /( *<\/emailProvider>\n[\s\S]*)( *<setupServer[\s\S]*<\/setupServer>\n)/, '$2$1'],
  ['documentation beside the provider', /( *<documentation[\s\S]*<\/enable>\n)( *<\/emailProvider>\n)/, '$2$1'],
  ['documentation without a URL', /<documentation url="[^"]*"/, '<documentation'],
  ['a language by its name', 'lang="de"', 'lang="German"'],
  ['a secret', '<scope>', '<clientSecret>x</clientSecret><scope>'],
  ['no issuer', /<issuer>.*<\/issuer>/, ''],
  ['an issuer that is a bare host', /<issuer>.*<\/issuer>/, '<issuer>login.example.org</issuer>'],
  ['no scope', /<scope>.*<\/scope>/, ''],
  ['two issuers', /<oAuth2>[\s\S]*<\/oAuth2>/, '$&$&'],
  ['webMail without a page', /<webMail>[\s\S]*<\/webMail>/, '<webMail/>'],
];
const taken: readonly (readonly [name: string, from: string | RegExp, to: string])[] = [
  [
    'a mechanism before the common word',
    AUTHENTICATION,
    '<authentication system="sasl">SCRAM-SHA-256</authentication>$&',
  ],
  ['OAuth2 before a password', AUTHENTICATION, '<authentication>OAuth2</authentication>$&'],
  ['a domain for MX', '</domain>', '</domain><domain purpose="mx">example.net</domain>'],
  ['children in another order', /( *<port>.*\n)( *<socketType>.*\n)/, '$2$1'],
  [
    'JMAP',
    '<outgoingServer',
    '<incomingServer type="jmap"><url>https://a.example/</url><authentication>OAuth2</authentication><username>a</username></incomingServer>$&',
  ],
];
const variant = ([name, from, to]: readonly [string, string | RegExp, string]): Sample => {
  const document = VALID.replace(from, to);
  assert.notEqual(document, VALID, name);
  return { name, document };
};

describe('the schema of draft-ietf-mailmaint-autoconfig-06', { skip: NO_XMLLINT }, () => {
  const results = NO_XMLLINT === false ? problems([...written, ...[...taken, ...changed].map(variant)]) : new Map();
  for (const { name } of written) {
    test(`holds for what we write: ${name}`, () => assert.deepEqual(results.get(name), []));
  }
  for (const [name] of taken) {
    test(`takes ${name}`, () => assert.deepEqual(results.get(name), []));
  }
  for (const [name] of changed) {
    test(`refuses ${name}`, () => {
      const found = results.get(name) ?? [];
      assert.match(found.join('\n'), /Relax-NG validity error/);
    });
  }

  for (const listDomains of ['asked', 'all'] as const) {
    test(`holds for what the daemon answers, list_domains = ${listDomains}`, async (t) => {
      const { base } = await startTestDaemon(t, { rows: CLIENT_ROWS, settings: { listDomains } });
      const domains = [...CLIENT_ROWS.matchAll(/\('?\d+, '([^',]+\.[^',]+)', [12]\)/g)].map(([, name = '']) =>
        domainName(name),
      );
      assert.equal(domains.length, 8);
      const paths = domains.flatMap((domain) => [
        `/v1.1/${domain}`,
        ...['fred', 'fr%26d', 'j%C3%BCrgen'].map(
          (localPart) => `/mail/config-v1.1.xml?emailaddress=${localPart}@${domain}`,
        ),
      ]);
      const answers = await Promise.all(
        paths.map(async (name) => ({ name, document: await (await fetch(base + name)).text() })),
      );
      for (const [name, found] of problems(answers)) assert.deepEqual(found, [], name);
    });
  }
});

// A suite that is skipped does not count as such.
if (NO_XMLLINT !== false) test('the schema of Autoconfig', { skip: NO_XMLLINT }, () => undefined);
