import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { test } from 'node:test';
import { readEndpoint } from '../../../src/app/check/endpoint.ts';

for (const text of [
  '192.0.2.1',
  '192.0.2.1:53',
  '2001:db8::1',
  '[2001:db8::1]',
  '[2001:db8::1]:5353',
  '127.0.0.1:65535',
]) {
  test(`an endpoint that Node.js takes as a name server: ${text}`, () => {
    assert.notEqual(readEndpoint(text), undefined);
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
  test(`no endpoint: ${JSON.stringify(text)}`, () => assert.equal(readEndpoint(text), undefined));
}

for (const [text, address, port] of [
  ['192.0.2.1', '192.0.2.1', undefined],
  ['192.0.2.1:8443', '192.0.2.1', 8_443],
  ['2001:db8::1', '2001:db8::1', undefined],
  ['[2001:db8::1]', '2001:db8::1', undefined],
  ['[2001:db8::1]:443', '2001:db8::1', 443],
] as const) {
  test(`${text} taken apart`, () => assert.deepEqual(readEndpoint(text), { address, port }));
}
