import assert from 'node:assert/strict';
import { test } from 'node:test';
import { davContextUrl, isDavUrl } from '../../src/domain/dav-url.ts';
import { withSampleParts } from '../../src/domain/placeholders.ts';
import { domainName } from './samples.ts';

for (const { text, want } of [
  { text: 'https://dav.example.org/', want: true },
  { text: 'HTTP://dav.example.org:8008', want: true },
  { text: 'https://%EMAILDOMAIN%/%EMAILADDRESS%/', want: true },
  { text: 'https://bücher.example/', want: true },
  { text: '', want: false },
  { text: '/dav', want: false },
  { text: '//dav.example.org/', want: false },
  { text: 'dav.example.org', want: false },
  { text: 'httpx://dav.example.org/', want: false },
  { text: 'ftp://dav.example.org/', want: false },
  { text: 'javascript:alert(1)', want: false },
  { text: 'file:///etc/passwd', want: false },
  { text: 'https://', want: false },
  { text: 'https://a b/', want: false },
  { text: 'https://dav.example.org:65536/', want: false },
  { text: 'https://%REALNAME%/', want: false },
]) {
  test(`a DAV URL: ${JSON.stringify(text)} is ${want ? 'one' : 'none'}`, () =>
    assert.equal(isDavUrl(withSampleParts(text)), want));
}

for (const { url, want } of [
  { url: 'https://dav.example.org/dav', want: 'https://dav.example.org/dav' },
  { url: 'https://dav.example.org', want: 'https://dav.example.org/' },
  { url: 'https://dav.%EMAILDOMAIN%/%EMAILDOMAIN%/', want: 'https://dav.example.com/example.com/' },
  { url: 'https://dav.example.org/cal/%EMAILADDRESS%/home/', want: 'https://dav.example.org/cal/' },
  { url: 'https://dav.example.org/cal/u-%EMAILLOCALPART%@%EMAILDOMAIN%/', want: 'https://dav.example.org/cal/' },
  { url: 'https://dav.example.org/%EMAILADDRESS%/', want: undefined },
  { url: 'https://dav.example.org/?user=%EMAILADDRESS%', want: undefined },
  { url: 'https://%EMAILLOCALPART%.example.org/cal/', want: undefined },
  { url: 'https://bücher.example/größe', want: 'https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe' },
]) {
  test(`the context path of ${url} is ${want}`, () =>
    assert.equal(davContextUrl(url, domainName('example.com')), want));
}
