import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dnsObject, dnsText } from '../../src/app/dns-report.ts';
import { type Extras, NO_EXTRAS } from '../../src/domain/extras.ts';
import { domain, domainName } from '../domain/samples.ts';
import { checkZone, noZoneCheck } from '../support/zone-check.ts';

const SERVICE = domainName('mx.host.example');
const managesieve = { name: domainName('sieve.example.org'), port: 4190, socketType: 'STARTTLS' } as const;
const jmap = { url: 'https://jmap.example.org:8443/session' };
const withExtras = (extras: Partial<Extras>) => domain({ extras: { ...NO_EXTRAS, ...extras } });

describe('records of extras', () => {
  const both = withExtras({ jmap, managesieve });

  test('as lines of a zone file', () => {
    const text = dnsText(both, SERVICE, 300);
    assert.match(text, /^; .*JMAP.*\n_jmap\._tcp\.example\.org\. 300 IN SRV 0 1 8443 jmap\.example\.org\.$/m);
    assert.match(text, /^; .*ManageSieve.*\n_sieve\._tcp\.example\.org\. 300 IN SRV 0 1 4190 sieve\.example\.org\.$/m);
  });

  test('a name server reads them', { skip: noZoneCheck }, (t) =>
    checkZone(t, 'example.org', dnsText(both, SERVICE, 300)),
  );

  test('as JSON', () => {
    const { records } = dnsObject(both, SERVICE, 300);
    const extra = records.filter(({ name }) => /^_(?:jmap|sieve)\._tcp\.example\.org$/.test(name));
    assert.deepEqual(
      extra.map(({ type, data, required }) => [type, data, required]),
      [
        ['SRV', { priority: 0, weight: 1, port: 8443, target: 'jmap.example.org' }, false],
        ['SRV', { priority: 0, weight: 1, port: 4190, target: 'sieve.example.org' }, false],
      ],
    );
  });

  test('what no record describes is named in comments', () => {
    const odd = withExtras({ jmap: { url: 'https://192.0.2.1/' }, managesieve: { ...managesieve, socketType: 'SSL' } });
    const text = dnsText(odd, SERVICE, 300);
    assert.deepEqual(
      [...text.matchAll(/^; no record for (\w+): ./gm)].map(([, kind]) => kind),
      ['jmap', 'managesieve'],
    );
    assert.doesNotMatch(text, /^_(?:jmap|sieve)/m);
  });
});
