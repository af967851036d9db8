import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EmailAddress } from '../../src/domain/email-address.ts';
import {
  fillPlaceholders,
  fillUrlPlaceholders,
  isSinglePlaceholder,
  withSampleParts,
} from '../../src/domain/placeholders.ts';
import { domainName } from './samples.ts';

const at = (localPart: string): EmailAddress => ({ localPart, domain: domainName('example.org') });

for (const { name, value, localPart = 'ann', want } of [
  { name: 'whole address', value: '%EMAILADDRESS%', want: 'ann@example.org' },
  { name: 'local part', value: '%EMAILLOCALPART%', want: 'ann' },
  { name: 'domain', value: '%EMAILDOMAIN%', want: 'example.org' },
  { name: 'several', value: '%EMAILDOMAIN%\\%EMAILLOCALPART%', want: 'example.org\\ann' },
  { name: 'the same twice', value: '%EMAILLOCALPART%%EMAILLOCALPART%', want: 'annann' },
  { name: 'percent signs around', value: '%%EMAILLOCALPART%%', want: '%ann%' },
  { name: 'none', value: 'ann', want: 'ann' },
  { name: 'nothing', value: '', want: '' },
  { name: 'another letter case does not match', value: '%emailaddress%', want: '%emailaddress%' },
  { name: 'an unfinished one does not match', value: '%EMAILADDRESS', want: '%EMAILADDRESS' },
  { name: 'an unknown one does not match', value: '%REALNAME%%EMAIL%', want: '%REALNAME%%EMAIL%' },
  {
    name: 'client text is not expanded again',
    value: '%EMAILLOCALPART%',
    localPart: '%EMAILDOMAIN%',
    want: '%EMAILDOMAIN%',
  },
  {
    name: 'nor together with its surroundings',
    value: '%EMAIL%EMAILLOCALPART%%EMAILLOCALPART%',
    localPart: 'DOMAIN',
    want: '%EMAILDOMAINDOMAIN',
  },
  {
    name: 'no replacement patterns',
    value: '<%EMAILADDRESS%>',
    localPart: "a$&$$$`$'$1b",
    want: "<a$&$$$`$'$1b@example.org>",
  },
  { name: 'a prototype name', value: '%EMAILLOCALPART%', localPart: '__proto__', want: '__proto__' },
]) {
  test(`fillPlaceholders: ${name}`, () => assert.equal(fillPlaceholders(value, at(localPart)), want));
}

test('fillPlaceholders encodes the filled-in parts only', () =>
  assert.equal(
    fillPlaceholders('a/%EMAILLOCALPART%', at('b'), (part) => part.toUpperCase()),
    'a/B',
  ));

for (const { name, url, localPart = 'ann', want } of [
  {
    name: 'an at sign stays',
    url: 'https://dav.example/%EMAILADDRESS%/',
    want: 'https://dav.example/ann@example.org/',
  },
  { name: 'the domain as host', url: 'https://dav.%EMAILDOMAIN%/', want: 'https://dav.example.org/' },
  {
    name: 'delimiters',
    url: 'https://dav.example/%EMAILLOCALPART%',
    localPart: 'a/b?c#d',
    want: 'https://dav.example/a%2Fb%3Fc%23d',
  },
  {
    name: 'percent signs',
    url: 'https://dav.example/%EMAILLOCALPART%',
    localPart: 'a%40b%2F',
    want: 'https://dav.example/a%2540b%252F',
  },
  {
    name: 'blanks and quotes',
    url: 'https://dav.example/%EMAILLOCALPART%',
    localPart: '"a b"',
    want: 'https://dav.example/%22a%20b%22',
  },
  {
    name: 'letters beyond ASCII',
    url: 'https://dav.example/%EMAILLOCALPART%',
    localPart: 'ü😀',
    want: 'https://dav.example/%C3%BC%F0%9F%98%80',
  },
  {
    name: 'what the operator wrote stays',
    url: 'https://dav.example/a b/%41%EMAILLOCALPART%?c',
    want: 'https://dav.example/a b/%41ann?c',
  },
  {
    name: 'client text is not expanded again',
    url: 'https://dav.example/%EMAILLOCALPART%',
    localPart: '%EMAILDOMAIN%',
    want: 'https://dav.example/%25EMAILDOMAIN%25',
  },
]) {
  test(`fillUrlPlaceholders: ${name}`, () => assert.equal(fillUrlPlaceholders(url, at(localPart)), want));
}

for (const { value, want } of [
  { value: '%EMAILADDRESS%', want: true },
  { value: '%EMAILLOCALPART%', want: true },
  { value: '%EMAILDOMAIN%', want: true },
  { value: '', want: false },
  { value: 'ann', want: false },
  { value: ' %EMAILADDRESS%', want: false },
  { value: '%EMAILADDRESS%\n', want: false },
  { value: '%EMAILLOCALPART%@%EMAILDOMAIN%', want: false },
  { value: '%emailaddress%', want: false },
  { value: '%REALNAME%', want: false },
]) {
  test(`isSinglePlaceholder: ${JSON.stringify(value)} is ${want ? 'one' : 'none'}`, () =>
    assert.equal(isSinglePlaceholder(value), want));
}

for (const { value, want } of [
  { value: '%EMAILLOCALPART%.%EMAILDOMAIN%', want: 'x.x' },
  { value: 'https://dav.example/%EMAILADDRESS%/%REALNAME%', want: 'https://dav.example/x/%REALNAME%' },
  { value: '', want: '' },
]) {
  test(`withSampleParts: ${JSON.stringify(value)}`, () => assert.equal(withSampleParts(value), want));
}
