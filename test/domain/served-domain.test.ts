import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseEmailAddress } from '../../src/domain/email-address.ts';
import { NO_EXTRAS } from '../../src/domain/extras.ts';
import { Failure } from '../../src/domain/failure.ts';
import { AUTOCONFIG } from '../../src/domain/formats/autoconfig.ts';
import { FORMATS } from '../../src/domain/formats/index.ts';
import { MOBILECONFIG } from '../../src/domain/formats/mobileconfig.ts';
import type { MailDomain, MailServer } from '../../src/domain/mail-domain.ts';
import type { ServedDomain } from '../../src/domain/served-domain.ts';
import { UserAccount } from '../../src/domain/user-account.ts';
import { ALL_EXTRAS, caldav, carddav, directory, domain, domainName, failure, imap, pop, smtp } from './samples.ts';

const implicitTls: MailServer = { ...smtp, port: 465, socketType: 'SSL' };

interface Row extends Partial<MailDomain> {
  readonly what: string;
}

describe('whether an Autoconfig document differs by address', () => {
  for (const { what, want, ...members } of [
    { what: 'logins that are one placeholder', want: false },
    { what: 'a login without placeholder', mailServers: [{ ...imap, userName: 'all' }], want: false },
    {
      what: 'a login with the local part in it',
      mailServers: [{ ...imap, userName: 'x-%EMAILLOCALPART%' }],
      want: true,
    },
    { what: 'a login with the domain in it', mailServers: [{ ...imap, userName: 'x-%EMAILDOMAIN%' }], want: true },
    { what: 'a host name with the domain in it', mailServers: [{ ...imap, hostname: 'i.%EMAILDOMAIN%' }], want: true },
    { what: 'a DAV URL with the address in it', davServers: [caldav], want: true },
    { what: 'a DAV URL without', davServers: [{ ...caldav, url: 'https://dav.example.org/' }], want: false },
    { what: 'a directory', directory, want: true },
    { what: 'extras, whose login is that of the mail server', extras: ALL_EXTRAS, want: false },
    {
      what: 'extras and a composed login',
      extras: ALL_EXTRAS,
      mailServers: [{ ...imap, userName: 'x-%EMAILLOCALPART%' }],
      want: true,
    },
    { what: 'extras and a directory', extras: ALL_EXTRAS, directory, want: true },
  ] satisfies readonly (Row & { want: boolean })[]) {
    test(`${what}: ${want ? 'yes' : 'no'}`, () => assert.equal(domain(members).differsByAddress, want));
  }
});

describe('rows that need an address', () => {
  const local = { userName: '%EMAILLOCALPART%' };
  for (const { what, want, ...members } of [
    { what: 'logins that are the address', want: [] },
    { what: 'one login that is not', mailServers: [imap, { ...smtp, ...local }], want: ['server 3'] },
    {
      what: 'a placeholder in a host name',
      mailServers: [{ ...imap, hostname: 'i.%EMAILDOMAIN%' }],
      want: ['server 1'],
    },
    { what: 'a directory', directory, want: ['ldapserver 5'] },
    { what: 'a DAV server, which can be left out', davServers: [{ ...caldav, ...local }], want: [] },
  ] satisfies readonly (Row & { want: string[] })[]) {
    test(`${what}: ${want.join(', ') || 'none'}`, () =>
      assert.deepEqual(
        domain(members).addressDependentRows.map(({ table, id }) => `${table} ${id}`),
        want,
      ));
  }
});

/** Counts what is written. */
const counting = (format: (typeof FORMATS)[number]) => {
  const counted = {
    ...format,
    written: 0,
    write(user: UserAccount) {
      counted.written += 1;
      return format.write(user);
    },
  };
  return counted;
};

/** Why there is no document: settings lack what the format needs, or it is not offered. */
const isUnavailable = (error: unknown): boolean =>
  failure('domain_unusable')(error) || failure('protocol_unconfigured')(error);

/** Whether the settings have what the format needs: PACC, for example, needs TLS from the start and no directory. */
function canBeMade(format: (typeof FORMATS)[number], served: ServedDomain): boolean {
  try {
    format.write(new UserAccount(served, parseEmailAddress('ann@example.org')));
    return true;
  } catch (error) {
    assert.ok(isUnavailable(error), String(error));
    return false;
  }
}

/** A document, or why there is none. */
function textOrCode(write: () => string): string {
  try {
    return write();
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
}

const ADDRESSES = [
  ...['ann', 'Ann.Other', 'a+b', '%EMAILDOMAIN%', '%EMAILLOCALPART%', '$&', "o'brien", '"<b>&amp;]]>"', '__proto__'],
  ...['"a b"', 'jörg', '日本', '¤¦¤', '¦¤¦', '%C2%A4%C2%A6', '\ue000', 'a\u00adb', '"\\""'],
].map((localPart) => `${localPart}@example.org`);

describe('documents from a template', () => {
  for (const { what, cut = true, ...members } of [
    { what: 'a plain domain' },
    { what: 'a domain for which there is every document', mailServers: [imap, implicitTls] },
    {
      what: 'a marker in every document',
      mailServers: [imap, implicitTls],
      provider: { id: 1, name: 'x¤¦¤x', shortName: '§¬§' },
    },
    {
      what: 'a marker at the end of every URL',
      mailServers: [imap, implicitTls],
      extras: { ...NO_EXTRAS, activesync: { url: 'https://eas.example.org/%C2%A4%C2%A6%C2%A4' } },
    },
    {
      what: 'ActiveSync',
      extras: { ...NO_EXTRAS, activesync: { url: 'https://eas.example.org/Microsoft-Server-ActiveSync' } },
    },
    { what: 'ActiveSync elsewhere', extras: { ...NO_EXTRAS, activesync: { redirect: domainName('b.example') } } },
    { what: 'all kinds of servers', mailServers: [imap, pop, smtp], davServers: [caldav, carddav] },
    { what: 'everything that can be offered', mailServers: [imap, implicitTls], extras: ALL_EXTRAS },
    {
      what: 'everything that can be offered, with composed logins',
      mailServers: [{ ...imap, userName: 'X\\<%EMAILLOCALPART%&' }, smtp],
      davServers: [caldav],
      extras: ALL_EXTRAS,
    },
    {
      what: 'a marker in what is offered',
      extras: { ...ALL_EXTRAS, documentation: [{ url: 'https://h.example/', descr: { en: '¤¦¤ §¬§' } }] },
    },
    { what: 'everything that can be offered, with a directory', extras: ALL_EXTRAS, directory, cut: false },
    {
      what: 'composed logins',
      mailServers: [
        { ...imap, userName: 'X\\%EMAILLOCALPART%' },
        { ...smtp, userName: '<%EMAILADDRESS%&%EMAILDOMAIN%>' },
      ],
    },
    { what: 'the domain in host names', mailServers: [{ ...imap, hostname: 'imap.%EMAILDOMAIN%' }, smtp] },
    {
      what: 'parts of the address in a query',
      davServers: [{ ...caldav, url: 'https://d.example/?u=%EMAILADDRESS%' }],
    },
    { what: 'the domain as host of a URL', davServers: [{ ...caldav, url: 'https://%EMAILDOMAIN%/%EMAILADDRESS%' }] },
    {
      what: 'the local part in a host name',
      mailServers: [{ ...imap, hostname: '%EMAILLOCALPART%.example' }, smtp],
      cut: false,
    },
    {
      what: 'the local part in the host of a URL',
      davServers: [{ ...caldav, url: 'https://%EMAILLOCALPART%.example/' }],
      cut: false,
    },
    {
      what: 'the local part as user of a URL',
      davServers: [{ ...caldav, url: 'https://%EMAILLOCALPART%@dav.example/' }],
      cut: false,
    },
    ...['/', '\\', '\t', '\n'].map((skipped) => ({
      what: `the local part in the host of a URL behind ${JSON.stringify(skipped)}`,
      davServers: [{ ...caldav, url: `https://${skipped}%EMAILLOCALPART%.example/` }],
      cut: false,
    })),
    { what: 'a directory', directory, cut: false },
    { what: 'a marker of the name in a text', provider: { id: 1, name: '§¬§', shortName: 'x' } },
    { what: 'a marker in a text', provider: { id: 1, name: 'x¤¦¤x', shortName: '§¬§' } },
    { what: 'a marker in a login', mailServers: [{ ...imap, userName: '¤¦¤' }, smtp] },
    { what: 'a marker in a URL', davServers: [{ ...caldav, url: 'https://dav.example/%C2%A4%C2%A6%C2%A4/' }] },
  ] satisfies readonly (Row & { cut?: boolean })[]) {
    test(`${what}: each user's is what the format writes`, () => {
      for (const format of FORMATS) {
        const served = domain(members);
        const counted = counting(format);
        if (!canBeMade(format, served)) {
          const user = new UserAccount(served, parseEmailAddress('ann@example.org'));
          assert.throws(() => user.document(format), isUnavailable);
          continue;
        }
        for (const address of ADDRESSES.map(parseEmailAddress)) {
          for (const name of [undefined, '', 'Ann', '<&>"$&', '\0', '§¬§']) {
            const user = new UserAccount(served, address).named(name);
            const documents = [() => user.document(counted), () => format.write(user)].map(textOrCode);
            assert.equal(documents[0], documents[1], `${format.name} ${address.localPart} ${name}`);
          }
        }
        if (!what.includes('marker')) {
          const written = cut && format.escapeText !== undefined ? 2 * 2 + ADDRESSES.length * 2 : ADDRESSES.length * 6;
          assert.equal(counted.written, written, `${format.name}: how often one is written`);
        }
      }
    });
  }

  test('a format that cannot be made fails each time', () => {
    const served = domain({ mailServers: [imap] });
    for (let round = 0; round < 2; round++) {
      const user = new UserAccount(served, parseEmailAddress('ann@example.org'));
      assert.throws(() => user.document(MOBILECONFIG), failure('domain_unusable'));
    }
  });
});

test('what all users share is made once', () => {
  let written = 0;
  const format = {
    ...AUTOCONFIG,
    writeForDomain(served: ServedDomain) {
      written += 1;
      return AUTOCONFIG.writeForDomain(served);
    },
  };
  const served = domain({ siblings: [domainName('b.example')] });
  const document = served.shared(format);
  assert.equal(served.shared(format), document);
  assert.equal(document.text, AUTOCONFIG.writeForDomain(served));
  assert.equal(written, 1);
});
