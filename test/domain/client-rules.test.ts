import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clientFindings } from '../../src/domain/client-rules.ts';
import { type Extras, NO_EXTRAS } from '../../src/domain/extras.ts';
import type { Finding } from '../../src/domain/formats/format.ts';
import { PACC } from '../../src/domain/formats/pacc.ts';
import type { MailDomain, MailServer } from '../../src/domain/mail-domain.ts';
import { ALL_EXTRAS, caldav, directory, domain, domainName, imap, pop as plainPop, smtp } from './samples.ts';

const pop = { ...plainPop, port: 995, socketType: 'SSL' } as const;
const dav = { ...caldav, id: 4 };

/** A finding in few words: who, the rows. */
const brief = ({ clients, rows }: Finding): string =>
  `${clients}:${rows.map(({ table, id }) => ` ${table} ${id}`).join('')}`;

const ANDROID = 'Thunderbird for Android';
const APPLE = 'iPhone, iPad, Mac';
const GNOME = 'GNOME Online Accounts';
const TB_AUTODISCOVER = 'Thunderbird over Autodiscover';
const FAIREMAIL_AUTODISCOVER = 'FairEmail over Autodiscover';
const DELTA = 'Delta Chat over Autodiscover';
const BUILT_IN = 'Thunderbird, KMail';
const NO_OAUTH2 = 'Evolution, GNOME Online Accounts, Delta Chat, FairEmail, Nextcloud Mail, SnappyMail, aerc';
const OAUTH2 = 'every client with OAuth2';
const BY_COLUMN = 'clients of Autodiscover, iPhone, iPad, Mac';
const DAV_CLIENTS = 'clients with calendars or contacts';
const NEED_IMAP = 'Thunderbird for Android, GNOME Online Accounts, FairEmail, Nextcloud Mail, SnappyMail, aerc';
const NEED_SMTP =
  'Thunderbird, Thunderbird for Android, GNOME Online Accounts, FairEmail, SnappyMail, iPhone, iPad, Mac';

/**
 * Those of PACC are in formats/pacc.test.ts: what it needs is a narrow choice of connections and logins, so nearly every
 * row below lacks some of it.
 */
const PACC_CLIENTS = PACC.rules.map(({ clients }) => clients);
const findings = (members: Partial<MailDomain>): readonly Finding[] =>
  clientFindings(domain(members)).filter(({ clients }) => !PACC_CLIENTS.includes(clients));

const { oauth2, jmap, activesync, managesieve, webmail, support, logo } = ALL_EXTRAS as Required<Extras>;
const offering = (extras: Partial<Extras>) => ({ extras: { ...NO_EXTRAS, ...extras } });

const OAUTH2_FIRST = ['OAuth2', 'password-cleartext'] as const;
/** IMAP and SMTP with several ways to log in. */
const several = (...authentications: NonNullable<MailServer['authentications']>) => [
  { ...imap, authentications },
  { ...smtp, authentications },
];
const listFor = ({ type, hostname, port }: MailServer) => ({
  authentication: [{ type, name: hostname, port, authentication: OAUTH2_FIRST }],
});

/** Each rule with rows that it finds and rows next to these that it does not. */
describe('what known clients stumble over', () => {
  const rows: readonly (Partial<MailDomain> & { readonly what: string; readonly want: readonly string[] })[] = [
    { what: 'IMAP and SMTP', want: [] },
    { what: 'IMAP, POP3, SMTP and a calendar', mailServers: [imap, pop, smtp], davServers: [dav], want: [] },
    { what: 'no server', mailServers: [], want: ['every client:'] },
    { what: 'SMTP alone', mailServers: [smtp], want: ['every client:'] },
    {
      what: 'a misspelt placeholder in a host name',
      mailServers: [{ ...imap, hostname: 'imap.%EMAILDOMIAN%' }, smtp],
      want: ['every client: server 1'],
    },
    {
      what: 'hosts that are for documentation',
      name: domainName('example.edu'),
      mailServers: [
        { ...imap, hostname: 'mail.Example.COM' },
        { ...smtp, hostname: 'smtp.myexample.org' },
      ],
      want: ['every client: server 1'],
    },
    {
      what: 'the same for a domain that is, too',
      mailServers: [{ ...imap, hostname: 'mail.example.com' }, smtp],
      want: [],
    },
    { what: 'no IMAP', mailServers: [pop, smtp], want: [`${NEED_IMAP}:`] },
    { what: 'no SMTP', mailServers: [imap], want: [`${NEED_SMTP}:`] },
    { what: 'neither IMAP nor SMTP', mailServers: [pop], want: [`${NEED_IMAP}:`, `${NEED_SMTP}:`] },
    {
      what: 'POP3 first',
      mailServers: [pop, imap, smtp],
      want: ['FairEmail, SnappyMail, Thunderbird over Autodiscover: server 2'],
    },
    { what: 'SMTP first, then IMAP', mailServers: [smtp, imap, pop], want: [] },
    {
      what: 'two IMAP servers',
      mailServers: [imap, { ...imap, id: 7 }, smtp],
      want: ['Evolution, KMail: server 1 server 7'],
    },
    {
      what: 'two POP3 servers',
      mailServers: [imap, pop, { ...pop, id: 7 }, smtp],
      want: ['Evolution, KMail: server 2 server 7'],
    },
    {
      what: 'two SMTP servers',
      mailServers: [imap, smtp, { ...smtp, id: 7 }],
      want: ['Evolution, KMail, aerc: server 3 server 7'],
    },
    {
      what: 'IMAP and SMTP in clear text',
      mailServers: [
        { ...imap, port: 143, socketType: 'plain' },
        { ...smtp, socketType: 'plain' },
      ],
      want: [`${ANDROID}: server 1 server 3`],
    },
    {
      what: 'POP3 in clear text, which Android does not read',
      mailServers: [imap, { ...pop, port: 110, socketType: 'plain' }, smtp] as const,
      want: [],
    },
    ...(['NTLM', 'none'] as const).map((authentication) => ({
      what: authentication,
      mailServers: [imap, { ...smtp, authentication }],
      want: [`${ANDROID}: server 3`],
    })),
    ...(['GSSAPI', 'TLS-client-cert', 'client-IP-address'] as const).map((authentication) => ({
      what: authentication,
      mailServers: [imap, { ...smtp, authentication }],
      want: [
        `${ANDROID}: server 3`,
        `${APPLE}: server 3`,
        // Its QR code cannot name this either.
        ...(authentication === 'client-IP-address' ? [`${ANDROID}: server 3`] : []),
      ],
    })),
    {
      what: 'GSSAPI for IMAP, while a profile can name POP3',
      mailServers: [{ ...imap, authentication: 'GSSAPI' }, pop, smtp] as const,
      want: [`${ANDROID}: server 1`],
    },
    {
      what: 'GSSAPI for POP3 only, which Android does not read',
      mailServers: [imap, { ...pop, authentication: 'GSSAPI' }, smtp] as const,
      want: [],
    },
    { what: 'CRAM-MD5', mailServers: [{ ...imap, authentication: 'password-encrypted' }, smtp] as const, want: [] },
    {
      what: 'OAuth2',
      mailServers: [{ ...imap, authentication: 'OAuth2' }, smtp] as const,
      want: [
        `${ANDROID}: server 1`,
        `${BUILT_IN}: server 1`,
        `${NO_OAUTH2}: server 1`,
        `${OAUTH2}: server 1`,
        `${APPLE}: server 1`,
      ],
    },
    {
      what: 'OAuth2 with an issuer',
      mailServers: [{ ...imap, authentication: 'OAuth2' }, smtp] as const,
      ...offering({ oauth2 }),
      want: [`${ANDROID}: server 1`, `${BUILT_IN}: server 1`, `${NO_OAUTH2}: server 1`, `${APPLE}: server 1`],
    },
    {
      what: 'OAuth2 before a password',
      mailServers: several(...OAUTH2_FIRST),
      ...offering({ oauth2 }),
      want: ['KMail: server 1 server 3'],
    },
    {
      what: 'OAuth2 behind a password',
      mailServers: several('password-cleartext', 'OAuth2'),
      ...offering({ oauth2 }),
      want: ['KMail: server 1 server 3'],
    },
    {
      what: 'OAuth2 behind CRAM-MD5, which KMail takes',
      mailServers: several('password-encrypted', 'OAuth2', 'password-cleartext'),
      ...offering({ oauth2 }),
      want: [],
    },
    {
      what: 'OAuth2 before a password, and the column says OAuth2',
      mailServers: several(...OAUTH2_FIRST).map((server) => ({ ...server, authentication: 'OAuth2' as const })),
      ...offering({ oauth2 }),
      want: ['KMail: server 1 server 3'],
    },
    {
      what: 'OAuth2 before a password, without an issuer',
      mailServers: several(...OAUTH2_FIRST),
      want: ['KMail: server 1 server 3', `${OAUTH2}: server 1 server 3`],
    },
    {
      what: 'OAuth2 of POP3 only',
      mailServers: [imap, { ...pop, authentications: OAUTH2_FIRST }, smtp],
      ...offering({ oauth2 }),
      want: ['KMail: server 2'],
    },
    {
      what: 'a list of OAuth2 alone, and the column says a password',
      mailServers: [{ ...imap, authentications: ['OAuth2'] }, smtp] as const,
      ...offering({ oauth2 }),
      want: [
        `${ANDROID}: server 1`,
        `${BUILT_IN}: server 1`,
        `${NO_OAUTH2}: server 1`,
        `${BY_COLUMN}: server 1`,
        `${APPLE}: server 1`,
      ],
    },
    {
      what: 'a list without the way of the column',
      mailServers: [{ ...imap, authentications: ['password-encrypted', 'NTLM'] }, smtp] as const,
      want: [`${BY_COLUMN}: server 1`],
    },
    { what: 'a list with it', mailServers: several('GSSAPI', 'password-cleartext'), want: [] },
    {
      what: 'a list of what Android does not know',
      mailServers: several('GSSAPI', 'NTLM').map((server) => ({ ...server, authentication: 'NTLM' as const })),
      want: [`${ANDROID}: server 1 server 3`],
    },
    {
      what: 'OAuth2 beside what Android does not know',
      mailServers: [{ ...imap, authentications: ['NTLM', 'OAuth2'], authentication: 'NTLM' }, smtp] as const,
      ...offering({ oauth2 }),
      want: [`${ANDROID}: server 1`],
    },
    { what: 'a list for a server that is here', ...offering(listFor(imap)), want: [] },
    {
      what: 'the same with its name in other letters',
      ...offering(listFor({ ...imap, hostname: 'IMAP.Example.org.' })),
      want: [],
    },
    ...[
      { ...imap, hostname: 'other.example.org' },
      { ...imap, port: 143 },
      { ...imap, type: 'pop' as const },
    ].map((other) => ({
      what: `a list for another server: ${other.type} ${other.hostname}:${other.port}`,
      ...offering(listFor(other)),
      want: ['every client: automx2_extra authentication'],
    })),
    { what: 'an issuer that nobody uses', ...offering({ oauth2 }), want: [`${OAUTH2}: automx2_extra oauth2`] },
    ...(['authURL', 'tokenURL'] as const).map((member) => {
      const { [member]: _, ...rest } = oauth2;
      return {
        what: `an issuer without ${member}`,
        mailServers: several('password-encrypted', 'OAuth2', 'password-cleartext'),
        ...offering({ oauth2: rest }),
        want: ['Himalaya: automx2_extra oauth2'],
      };
    }),
    {
      what: 'JMAP and ActiveSync beside IMAP',
      ...offering({ jmap, activesync }),
      want: ['Himalaya: automx2_extra jmap automx2_extra activesync'],
    },
    {
      what: 'ActiveSync for a domain that moved',
      ...offering({ activesync: { redirect: domainName('x.example') } }),
      want: ['Outlook for iPhone and Android, and whoever asks for ActiveSync in JSON: automx2_extra activesync'],
    },
    {
      what: 'JMAP alone',
      mailServers: [],
      ...offering({ jmap }),
      want: ['every client:', 'Himalaya: automx2_extra jmap'],
    },
    {
      what: 'ActiveSync and SMTP',
      mailServers: [smtp],
      ...offering({ activesync }),
      want: ['every client:', 'Himalaya: automx2_extra activesync'],
    },
    {
      what: 'instructions, and documentation without a text',
      ...offering({ documentation: ALL_EXTRAS.documentation, instructions: ALL_EXTRAS.instructions }),
      want: ['Himalaya 1: automx2_extra documentation automx2_extra instructions'],
    },
    {
      what: 'documentation with a text',
      ...offering({ documentation: ALL_EXTRAS.documentation.slice(0, 1) }),
      want: [],
    },
    {
      what: 'ManageSieve, webmail, support, a logo',
      ...offering({ managesieve, webmail, support, logo }),
      want: [],
    },
    {
      what: 'ManageSieve with the login of IMAP, which another server does not share',
      mailServers: [imap, { ...smtp, userName: '%EMAILLOCALPART%' }],
      davServers: [{ ...dav, userName: '%EMAILLOCALPART%' }],
      ...offering({ managesieve }),
      want: ['aerc: server 3', 'FairEmail: server 3 davserver 4', `${DELTA}: server 3`],
    },
    ...['mail', '192.0.2.1'].map((hostname) => ({
      what: `a server named ${hostname}`,
      mailServers: [{ ...imap, hostname }, smtp],
      want: ['every client: server 1'],
    })),
    { what: 'a name of two labels', mailServers: [{ ...imap, hostname: 'example.org' }, smtp], want: [] },
    {
      what: 'a name that is the domain',
      mailServers: [{ ...imap, hostname: '%EMAILDOMAIN%' }, smtp],
      want: ['Geary: server 1', `${DELTA}: server 1`],
    },
    {
      what: 'a composite login',
      mailServers: [imap, smtp].map((server) => ({ ...server, userName: 'DOM\\%EMAILLOCALPART%' })),
      want: [`${GNOME}: server 1 server 3`, `${DELTA}: server 1 server 3`],
    },
    {
      what: 'one login for everyone',
      mailServers: [imap, smtp].map((server) => ({ ...server, userName: 'reader' })),
      want: [`${GNOME}: server 1 server 3`, `${DELTA}: server 1 server 3`],
    },
    {
      what: 'the local part as login',
      mailServers: [imap, smtp].map((server) => ({ ...server, userName: '%EMAILLOCALPART%' })),
      want: ['aerc: server 1 server 3', `${DELTA}: server 1 server 3`],
    },
    {
      what: 'the domain as login',
      mailServers: [imap, smtp].map((server) => ({ ...server, userName: '%EMAILDOMAIN%' })),
      want: ['aerc: server 1 server 3', 'Evolution, FairEmail: server 1 server 3', `${DELTA}: server 1 server 3`],
    },
    {
      what: 'logins that differ',
      mailServers: [imap, { ...smtp, userName: '%EMAILLOCALPART%' }],
      want: ['aerc: server 3', 'FairEmail: server 1', `${DELTA}: server 3`],
    },
    {
      what: 'another login for the calendar',
      davServers: [{ ...dav, userName: '%EMAILLOCALPART%' }],
      want: ['FairEmail: server 1 server 3'],
    },
    { what: 'a directory', directory, want: [`${GNOME}: ldapserver 5`, `${DELTA}: ldapserver 5`] },
    {
      what: 'a directory that knows no login',
      directory: { ...directory, loginAttribute: '' },
      want: [`${DELTA}: ldapserver 5`],
    },
    {
      what: 'a directory that knows another login than the patterns',
      directory,
      mailServers: [imap, { ...smtp, userName: 'a%EMAILLOCALPART%' }],
      want: [`${GNOME}: ldapserver 5`, `${DELTA}: ldapserver 5 server 3`],
    },
    {
      what: 'STARTTLS at odd ports',
      mailServers: [
        { ...imap, port: 1143, socketType: 'STARTTLS' },
        { ...smtp, port: 2525 },
      ],
      want: [`${TB_AUTODISCOVER}: server 1 server 3`, `${FAIREMAIL_AUTODISCOVER}: server 1 server 3`],
    },
    {
      what: 'TLS from the start at the ports of STARTTLS',
      mailServers: [
        { ...imap, port: 143 },
        { ...smtp, socketType: 'SSL' },
      ],
      want: [`${TB_AUTODISCOVER}: server 1 server 3`, `${FAIREMAIL_AUTODISCOVER}: server 1 server 3`],
    },
    {
      what: 'TLS from the start at odd ports',
      mailServers: [
        { ...imap, port: 1993 },
        { ...smtp, port: 1465, socketType: 'SSL' },
      ],
      want: [],
    },
    {
      what: 'port 25, which FairEmail takes for direct TLS',
      mailServers: [imap, { ...smtp, port: 25 }],
      want: [`${FAIREMAIL_AUTODISCOVER}: server 3`],
    },
    {
      what: 'POP3 with STARTTLS, which FairEmail does not read',
      mailServers: [imap, { ...pop, port: 110, socketType: 'STARTTLS' }, smtp] as const,
      want: [],
    },
    { what: 'Auto at a usual port', mailServers: [imap, { ...smtp, socketType: 'auto' }] as const, want: [] },
    {
      what: 'Auto at an odd port',
      mailServers: [imap, { ...smtp, port: 2525, socketType: 'auto' }] as const,
      want: [`${TB_AUTODISCOVER}: server 3`, `${FAIREMAIL_AUTODISCOVER}: server 3`],
    },
    {
      what: 'a calendar over http',
      davServers: [{ ...dav, url: 'http://dav.example.org/', useSsl: false }],
      want: [`every client with calendars or contacts: davserver 4`],
    },
    { what: 'HTTPS: in capitals', davServers: [{ ...dav, url: 'HTTPS://dav.example.org/' }], want: [] },
    { what: 'use_ssl against the URL', davServers: [{ ...dav, useSsl: false }], want: [`${DAV_CLIENTS}: davserver 4`] },
    { what: 'a port against the URL', davServers: [{ ...dav, port: 8443 }], want: [`${DAV_CLIENTS}: davserver 4`] },
    { what: 'the port that https has', davServers: [{ ...dav, port: 443 }], want: [] },
    {
      what: 'the port that the URL says, too',
      davServers: [{ ...dav, url: 'https://dav.example.org:8443/', port: 8443 }],
      want: [],
    },
  ];
  for (const { what, want, ...members } of rows) {
    test(what, () => assert.deepEqual(findings(members).map(brief), want));
  }

  test('each finding says why, what to change, and nothing about the single row', () => {
    const all = clientFindings(
      domain({
        mailServers: [{ ...imap, hostname: 'secret', authentication: 'OAuth2', userName: 'secret' }],
        davServers: [{ ...dav, url: 'http://secret.example/' }],
      }),
    );
    assert.ok(all.length > 5);
    for (const { clients, reason, remedy } of all) {
      assert.doesNotMatch(clients + reason + remedy, /secret/, 'equal mistakes must have equal words');
      assert.ok(clients !== '' && reason !== '' && remedy !== '');
    }
  });
});
