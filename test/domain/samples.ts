import assert from 'node:assert/strict';
import { type DomainName, parseDomainName } from '../../src/domain/domain-name.ts';
import { type EmailAddress, parseEmailAddress } from '../../src/domain/email-address.ts';
import { type Extras, NO_EXTRAS } from '../../src/domain/extras.ts';
import { Failure, type FailureCode } from '../../src/domain/failure.ts';
import type {
  DavServer,
  DirectoryEntry,
  DirectoryServer,
  MailDomain,
  MailServer,
} from '../../src/domain/mail-domain.ts';
import { parseSearchFilter, type SearchFilter } from '../../src/domain/search-filter.ts';
import { ServedDomain } from '../../src/domain/served-domain.ts';
import { UserAccount } from '../../src/domain/user-account.ts';

/** What tests of the domain start from; a test names only the members that it is about. */
export function domainName(text: string): DomainName {
  const name = parseDomainName(text);
  assert.ok(name !== undefined, `${JSON.stringify(text)} is a domain name`);
  return name;
}

export function searchFilter(text: string): SearchFilter {
  const filter = parseSearchFilter(text);
  assert.ok(filter !== undefined, `${text} is a search filter`);
  return filter;
}

export const ann = parseEmailAddress('ann@example.org');
export const provider = { id: 7, name: 'Example Inc.', shortName: 'Example' };

const common = { priority: 10, userName: '%EMAILADDRESS%', authentication: 'password-cleartext' } as const;

export const imap: MailServer = {
  ...common,
  id: 1,
  type: 'imap',
  hostname: 'imap.example.org',
  port: 993,
  socketType: 'SSL',
};
export const pop: MailServer = {
  ...common,
  id: 2,
  type: 'pop',
  hostname: 'pop.example.org',
  port: 110,
  socketType: 'plain',
};
export const smtp: MailServer = {
  ...common,
  id: 3,
  type: 'smtp',
  hostname: 'smtp.example.org',
  port: 587,
  socketType: 'STARTTLS',
};

const davCommon = { port: undefined, useSsl: true, domainRequired: false, userName: '%EMAILADDRESS%' };
export const caldav: DavServer = {
  ...davCommon,
  id: 1,
  type: 'caldav',
  url: 'https://dav.example.org/calendars/%EMAILADDRESS%/',
};
export const carddav: DavServer = {
  ...davCommon,
  id: 2,
  type: 'carddav',
  url: 'https://dav.example.org/contacts/%EMAILADDRESS%/',
};

export const directory: DirectoryServer = {
  id: 5,
  hostname: 'ldap.example.org',
  port: 636,
  useSsl: true,
  searchBase: 'dc=example',
  searchFilter: searchFilter('(mail={0})'),
  loginAttribute: 'uid',
  nameAttribute: 'cn',
  bindUser: undefined,
  bindPassword: undefined,
};

/** Everything that a domain can offer beside its servers. */
export const ALL_EXTRAS: Extras = {
  oauth2: {
    issuer: 'https://login.example.org/realms/mail',
    scope: 'urn:ietf:params:oauth:scope:mail offline_access',
    authURL: 'https://login.example.org/auth?a=1&b=2',
    tokenURL: 'https://login.example.org/token',
    clientID: 'public',
  },
  jmap: { url: 'https://jmap.example.org/session' },
  activesync: { url: 'https://eas.example.org/Microsoft-Server-ActiveSync' },
  managesieve: { name: domainName('sieve.example.org'), port: 4190, socketType: 'STARTTLS' },
  webmail: { url: 'https://webmail.example.org/' },
  support: { url: 'https://support.example.org/' },
  logo: { url: 'https://www.example.org/logo.png', contentType: 'image/png', width: 64, height: 64 },
  documentation: [
    { url: 'https://help.example.org/mail?a=1&b=2', descr: { en: 'Help', de: 'Hilfe & Rat' } },
    { url: 'https://help.example.org/more', descr: {} },
  ],
  instructions: [
    { url: 'https://help.example.org/imap', descr: { en: 'Switch IMAP on first', de: 'Erst IMAP einschalten' } },
    { url: 'https://help.example.org/app', descr: { en: 'You need an app password' } },
  ],
  // Where they are read, they are in `authentications` of the servers, too.
  authentication: [],
};

export const domain = (members: Partial<MailDomain> = {}): ServedDomain =>
  new ServedDomain({
    name: domainName('example.org'),
    siblings: [],
    provider,
    mailServers: [imap, smtp],
    davServers: [],
    directory: undefined,
    extras: NO_EXTRAS,
    ...members,
  });

/** A user of a domain with these settings, Ann unless another one is named. */
export const user = (
  members: Partial<MailDomain> = {},
  { address = ann, entry }: { readonly address?: EmailAddress; readonly entry?: DirectoryEntry | undefined } = {},
): UserAccount => new UserAccount(domain({ name: address.domain, ...members }), address, entry);

/** For assert.throws: a Failure of this code. */
export const failure =
  (code: FailureCode) =>
  (error: unknown): boolean =>
    error instanceof Failure && error.code === code;
