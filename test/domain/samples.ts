import assert from 'node:assert/strict';
import type { Account, AccountDavServer, AccountMailServer } from '../../src/domain/account.ts';
import { type DomainName, parseDomainName } from '../../src/domain/domain-name.ts';
import { parseEmailAddress } from '../../src/domain/email-address.ts';
import { Failure, type FailureCode } from '../../src/domain/failure.ts';

/** What tests of the domain start from; a test names only the members that it is about. */
export function domainName(text: string): DomainName {
  const name = parseDomainName(text);
  assert.ok(name !== undefined, `${JSON.stringify(text)} is a domain name`);
  return name;
}

export const ann = parseEmailAddress('ann@example.org');
export const provider = { id: 7, name: 'Example Inc.', shortName: 'Example' };

const common = {
  authentication: 'password-cleartext',
  username: '%EMAILADDRESS%',
  loginName: 'ann@example.org',
} as const;

export const imap: AccountMailServer = {
  ...common,
  id: 1,
  type: 'imap',
  hostname: 'imap.example.org',
  port: 993,
  socketType: 'SSL',
};
export const pop: AccountMailServer = {
  ...common,
  id: 2,
  type: 'pop',
  hostname: 'pop.example.org',
  port: 110,
  socketType: 'plain',
};
export const smtp: AccountMailServer = {
  ...common,
  id: 3,
  type: 'smtp',
  hostname: 'smtp.example.org',
  port: 587,
  socketType: 'STARTTLS',
};

const davCommon = {
  port: undefined,
  useSsl: true,
  domainRequired: false,
  username: '%EMAILADDRESS%',
  loginName: 'ann@example.org',
};
export const caldav: AccountDavServer = {
  ...davCommon,
  id: 1,
  type: 'caldav',
  url: 'https://dav.example.org/calendars/ann@example.org/',
};
export const carddav: AccountDavServer = {
  ...davCommon,
  id: 2,
  type: 'carddav',
  url: 'https://dav.example.org/contacts/ann@example.org/',
};

export const account = (members: Partial<Account> = {}): Account => ({
  domain: domainName('example.org'),
  domains: [members.domain ?? domainName('example.org')],
  address: ann,
  dependsOnAddress: false,
  provider,
  mailServers: [imap, smtp],
  davServers: [],
  usesDirectory: false,
  displayName: undefined,
  ...members,
});

/** For assert.throws: a Failure of this code. */
export const failure =
  (code: FailureCode) =>
  (error: unknown): boolean =>
    error instanceof Failure && error.code === code;
