import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { test } from 'node:test';
import { isNameserver } from '../../../src/adapters/dns/nameserver.ts';

for (const text of [
  '192.0.2.1',
  '192.0.2.1:53',
  '2001:db8::1',
  '[2001:db8::1]',
  '[2001:db8::1]:5353',
  '127.0.0.1:65535',
]) {
  test(`a name server: ${text}`, () => {
    assert.equal(isNameserver(text), true);
    new Resolver().setServers([text]);
  });
}

for (const text of [
  ...['', 'ns.example.com', 'ns.example.com:53', '192.0.2', '192.0.2.1:', '192.0.2.1:0', '192.0.2.1:65536'],
  ...[
    '192.0.2.1:53x',
    '[192.0.2.1]:53',
    '[2001:db8::1',
    '2001:db8::1]:53',
    '[2001:db8::1]:0',
    '[]',
    ' 192.0.2.1',
    'fe80::1%lo',
    '[fe80::1%lo]:53',
  ],
  ...['192.0.2.1\n', '192.0.2.1:53\n', '[::1]:53 '],
]) {
  test(`no name server: ${JSON.stringify(text)}`, () => assert.equal(isNameserver(text), false));
}
