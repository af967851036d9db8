import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readClientAddress } from '../../../src/adapters/http/client-address.ts';
import { addressText } from '../../../src/domain/email-address.ts';

for (const { text, want } of [
  { text: 'a@example.com', want: 'a@example.com' },
  { text: ' a@example.com\t', want: 'a@example.com' },
  { text: 'a%40example.com', want: 'a@example.com' },
  { text: 'a%2Bb%40example.com', want: 'a+b@example.com' },
  // An address as it is: what it holds is not touched.
  { text: 'a%40b@example.com', want: 'a%40b@example.com' },
  { text: '%EMAILADDRESS%@example.com', want: '%EMAILADDRESS%@example.com' },
  { text: '', want: 'address_missing' },
  { text: ' ', want: 'address_missing' },
  { text: 'a b@example.com', want: 'address_invalid' },
  { text: 'a%2540example.com', want: 'address_invalid' },
  { text: 'a%FF', want: 'request_malformed' },
]) {
  test(JSON.stringify(text), () => {
    if (want.includes('@')) assert.equal(addressText(readClientAddress(text)), want);
    else assert.throws(() => readClientAddress(text), { code: want });
  });
}
