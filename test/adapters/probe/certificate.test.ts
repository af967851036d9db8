import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alternativeNames } from '../../../src/adapters/probe/certificate.ts';

for (const { text, names } of [
  { text: '', names: [] },
  { text: 'DNS:a.example', names: ['a.example'] },
  {
    text: 'DNS:*.a.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1',
    names: ['*.a.example', '192.0.2.1', '2001:DB8:0:0:0:0:0:1'],
  },
  { text: 'email:a@a.example, URI:https://a.example/, DNS:b.example', names: ['b.example'] },
  { text: 'DNS:"a.example, DNS:b.example", DNS:c.example', names: ['a.example, DNS:b.example', 'c.example'] },
  { text: 'DNS:"a\\u0000\\"b", DNS:c', names: ['a\u0000"b', 'c'] },
  { text: 'DirName:"CN=a, O=b", othername:<unsupported>, DNS:c', names: ['c'] },
  { text: 'DNS:"a', names: [] },
]) {
  test(`names of a certificate: ${text}`, () => assert.deepEqual(alternativeNames(text), names));
}
