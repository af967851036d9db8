import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DnsRecord, dataText, zoneLine } from '../../../src/domain/dns/dns-record.ts';

const txt = (text: string): string => dataText({ type: 'TXT', text });

describe('zoneLine', () => {
  const record: readonly { readonly record: DnsRecord; readonly want: string }[] = [
    {
      record: { owner: 'autoconfig.example.org', type: 'CNAME', target: 'mx.example.net' },
      want: 'autoconfig.example.org. 300 IN CNAME mx.example.net.',
    },
    {
      record: {
        owner: '_imaps._tcp.a.example',
        type: 'SRV',
        priority: 10,
        weight: 1,
        port: 993,
        target: 'i.a.example',
      },
      want: '_imaps._tcp.a.example. 300 IN SRV 10 1 993 i.a.example.',
    },
    {
      record: { owner: '_imap._tcp.a.example', type: 'SRV', priority: 0, weight: 0, port: 0, target: '' },
      want: '_imap._tcp.a.example. 300 IN SRV 0 0 0 .',
    },
    { record: { owner: 'a.example', type: 'TXT', text: 'path=/;' }, want: 'a.example. 300 IN TXT "path=/;"' },
  ];
  for (const { record: each, want } of record) test(want, () => assert.equal(zoneLine(each, 300), want));
});

describe('TXT', () => {
  for (const { name, text, want } of [
    { name: 'no text', text: '', want: '""' },
    { name: 'quotes and backslashes', text: 'a"b\\c', want: '"a\\"b\\\\c"' },
    { name: 'what is not ASCII, octet by octet', text: 'ü€', want: '"\\195\\188\\226\\130\\172"' },
    { name: 'control characters', text: '\0\t\n\x7f', want: '"\\000\\009\\010\\127"' },
    { name: 'a digit behind an escape', text: '\n1', want: '"\\0101"' },
    { name: '255 octets are one string', text: 'x'.repeat(255), want: `"${'x'.repeat(255)}"` },
    { name: '256 are two', text: 'x'.repeat(256), want: `"${'x'.repeat(255)}" "x"` },
    {
      name: 'the octets count, not what they are written as',
      text: '"'.repeat(256),
      want: `"${'\\"'.repeat(255)}" "\\""`,
    },
    { name: 'not the characters, either', text: `${'x'.repeat(254)}ü`, want: `"${'x'.repeat(254)}\\195" "\\188"` },
  ]) {
    test(name, () => assert.equal(txt(text), want));
  }
});
