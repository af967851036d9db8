import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopbackAddress, isLoopbackHost } from '../../src/domain/loopback.ts';

for (const { text, address, host } of [
  { text: '127.0.0.1', address: true, host: true },
  { text: '127.255.0.9', address: true, host: true },
  { text: '::1', address: true, host: true },
  { text: '[::1]', address: false, host: true },
  // An X-Forwarded-For entry that is a name was not written by a proxy that saw an address.
  { text: 'localhost', address: false, host: true },
  { text: 'LOCALHOST', address: false, host: true },
  { text: 'unix', address: false, host: false },
  { text: '', address: false, host: false },
  { text: '0.0.0.0', address: false, host: false },
  { text: '::', address: false, host: false },
  { text: '::2', address: false, host: false },
  { text: '128.0.0.1', address: false, host: false },
  { text: '1127.0.0.1', address: false, host: false },
  { text: '127.0.0.1.example.org', address: false, host: false },
  { text: '127.0.0', address: false, host: false },
  { text: '127.0.0.1\n', address: false, host: false },
  { text: 'localhost.example.org', address: false, host: false },
  { text: 'my-localhost', address: false, host: false },
  { text: '[::1', address: false, host: false },
]) {
  test(`loopback: ${JSON.stringify(text)} ${address ? 'is' : 'is not'} an address, ${host ? 'is' : 'is not'} a host`, () =>
    assert.deepEqual([isLoopbackAddress(text), isLoopbackHost(text)], [address, host]));
}
