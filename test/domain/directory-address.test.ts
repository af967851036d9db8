import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDirectoryAddress } from '../../src/domain/directory-address.ts';

// The columns say port 389 and no TLS.
const plain = { hostname: 'ldap.example.com', port: 389, useSsl: false };
for (const { name, want } of [
  { name: 'ldap.example.com', want: plain },
  { name: 'LDAP.Example.com.', want: plain },
  { name: 'ldap.example.com:1389', want: { ...plain, port: 1389 } },
  { name: 'ldap://ldap.example.com', want: plain },
  { name: 'ldap://ldap.example.com:1389/', want: { ...plain, port: 1389 } },
  { name: 'LDAPS://ldap.example.com', want: { ...plain, useSsl: true } },
  { name: 'ldaps://ldap.example.com:636', want: { ...plain, port: 636, useSsl: true } },
  { name: 'bücher.example', want: { ...plain, hostname: 'xn--bcher-kva.example' } },
  { name: '127.0.0.1', want: { ...plain, hostname: '127.0.0.1' } },
  { name: '2001:db8::1', want: { ...plain, hostname: '2001:db8::1' } },
  { name: '::1', want: { ...plain, hostname: '::1' } },
  { name: '[::1]:1389', want: { ...plain, hostname: '::1', port: 1389 } },
  { name: 'ldaps://[::1]', want: { ...plain, hostname: '::1', useSsl: true } },
  ...[
    '',
    'ldap://',
    'ldapi:///run/slapd',
    'http://ldap.example.com',
    'ldap.example.com:0',
    'ldap.example.com:x',
    'a b',
    'a@b',
  ].map((invalid) => ({ name: invalid, want: undefined })),
  ...['::::', '1:2:3', '10.0.0.1:389:', '[abc]', '[127.0.0.1]', '[.]'].map((invalid) => ({
    name: invalid,
    want: undefined,
  })),
  ...['ldap://ldap.example.com/dc=example', '[::1', 'ldap.example.com:65536'].map((invalid) => ({
    name: invalid,
    want: undefined,
  })),
]) {
  test(`the directory ${JSON.stringify(name)}`, () => assert.deepEqual(readDirectoryAddress(name, 389, false), want));
}

test('a URL without TLS wins over the column', () => {
  assert.deepEqual(readDirectoryAddress('ldap://a.example', 636, true), {
    hostname: 'a.example',
    port: 636,
    useSsl: false,
  });
});
