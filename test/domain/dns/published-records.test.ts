import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dataText } from '../../../src/domain/dns/dns-record.ts';
import { hostsOf, publishedRecords } from '../../../src/domain/dns/published-records.ts';
import { NO_EXTRAS } from '../../../src/domain/extras.ts';
import { paccDigest } from '../../../src/domain/formats/pacc.ts';
import type { MailDomain } from '../../../src/domain/mail-domain.ts';
import { caldav, domain, domainName, imap, smtp } from '../samples.ts';

const SERVICE = domainName('mx.host.example');
const submissions = { ...smtp, port: 465, socketType: 'SSL' } as const;

/** "owner TYPE data" of each record. */
const lines = (members: Partial<MailDomain> = {}, service = SERVICE): readonly string[] =>
  publishedRecords(domain(members), service).map((record) => `${record.owner} ${record.type} ${dataText(record)}`);

const owners = (type: string, members: Partial<MailDomain> = {}, service = SERVICE): readonly string[] =>
  publishedRecords(domain(members), service)
    .filter((record) => record.type === type)
    .map(({ owner }) => owner);

describe('publishedRecords', () => {
  test('all of a domain, the required ones first', () => {
    const members = { mailServers: [imap, submissions], davServers: [caldav] };
    assert.deepEqual(lines(members), [
      'autoconfig.example.org CNAME mx.host.example.',
      'autodiscover.example.org CNAME mx.host.example.',
      '_autodiscover._tcp.example.org SRV 0 0 443 mx.host.example.',
      'ua-auto-config.example.org CNAME mx.host.example.',
      `_ua-auto-config.example.org TXT "${paccDigest(domain(members))}"`,
      '_imaps._tcp.example.org SRV 0 1 993 imap.example.org.',
      '_submissions._tcp.example.org SRV 0 1 465 smtp.example.org.',
      '_caldavs._tcp.example.org SRV 0 1 443 dav.example.org.',
      '_caldavs._tcp.example.org TXT "path=/calendars/"',
      '_imap._tcp.example.org SRV 0 0 0 .',
      '_pop3s._tcp.example.org SRV 0 0 0 .',
      '_pop3._tcp.example.org SRV 0 0 0 .',
      '_submission._tcp.example.org SRV 0 0 0 .',
      '_caldav._tcp.example.org SRV 0 0 0 .',
    ]);
    const classes = publishedRecords(domain(members), SERVICE).map((record) => record.class);
    const order = ['required', 'recommended', 'not offered'];
    assert.deepEqual(
      classes,
      classes.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
    );
    assert.deepEqual(classes.slice(0, 3), ['required', 'required', 'recommended']);
  });

  test('JMAP and ManageSieve behind DAV, before what is not offered', () => {
    const extras = {
      ...NO_EXTRAS,
      jmap: { url: 'https://jmap.example.org/session' },
      managesieve: { name: domainName('autoconfig.example.org'), port: 4190, socketType: 'STARTTLS' },
    } as const;
    const members = { mailServers: [imap, submissions], davServers: [caldav], extras };
    const records = publishedRecords(domain(members), SERVICE);
    const texts = lines(members);
    const first = texts.indexOf('_jmap._tcp.example.org SRV 0 1 443 jmap.example.org.');
    assert.equal(texts[first - 1], '_caldavs._tcp.example.org TXT "path=/calendars/"');
    assert.equal(texts[first + 1], '_sieve._tcp.example.org SRV 0 1 4190 autoconfig.example.org.');
    assert.deepEqual(
      records.slice(first, first + 3).map((record) => record.class),
      ['recommended', 'recommended', 'not offered'],
    );
    // A target of SRV is no alias.
    assert.ok(!owners('CNAME', members).includes('autoconfig.example.org'));
  });

  test('PACC only where there is a document', () => {
    assert.equal(paccDigest(domain()), undefined);
    assert.deepEqual(owners('CNAME'), ['autoconfig.example.org', 'autodiscover.example.org']);
    assert.deepEqual(hostsOf(domain()), ['autoconfig.example.org', 'autodiscover.example.org']);
    assert.deepEqual(owners('TXT'), []);
  });

  for (const { name, service, want } of [
    { name: 'it is one of the names', service: 'autoconfig.example.org', want: ['autodiscover.example.org'] },
    {
      name: 'it is the domain',
      service: 'example.org',
      want: ['autoconfig.example.org', 'autodiscover.example.org'],
    },
    {
      name: 'it is below one of the names',
      service: 'a.autoconfig.example.org',
      want: ['autoconfig.example.org', 'autodiscover.example.org'],
    },
  ]) {
    test(`no host is an alias of itself: ${name}`, () => {
      assert.deepEqual(owners('CNAME', {}, domainName(service)), want);
      assert.ok(lines({}, domainName(service)).includes(`_autodiscover._tcp.example.org SRV 0 0 443 ${service}.`));
    });
  }

  for (const hostname of ['autodiscover.example.org', 'AUTODISCOVER.%EMAILDOMAIN%']) {
    test(`nor is one of the mail servers: ${hostname}`, () => {
      for (const row of [imap, { ...imap, socketType: 'plain' as const, port: 143 }]) {
        assert.deepEqual(owners('CNAME', { mailServers: [{ ...row, hostname }] }), ['autoconfig.example.org']);
      }
    });
  }

  test('a domain whose own name begins like one of ours', () => {
    const name = domainName('autoconfig.example');
    assert.deepEqual(owners('CNAME', { name }), ['autoconfig.autoconfig.example', 'autodiscover.autoconfig.example']);
  });

  test('a domain without servers has its hosts, and nothing more is known', () => {
    assert.deepEqual(owners('CNAME', { mailServers: [] }).length, 2);
  });

  test('names that are too long are left out', () => {
    const end = `.${`${'a'.repeat(60)}.`.repeat(3)}example`;
    const named = (octets: number) => ({ name: domainName('a'.repeat(octets - end.length) + end) });
    const labels = (octets: number) => owners('CNAME', named(octets)).map((owner) => owner.split('.')[0]);
    assert.deepEqual(labels(240), ['autoconfig', 'autodiscover']);
    assert.deepEqual(labels(241), ['autoconfig']);
    assert.deepEqual(labels(243), []);
    assert.deepEqual(hostsOf(domain(named(243))), []);
    for (const owner of owners('SRV', named(240))) assert.ok(owner.length <= 253, owner);
  });
});
