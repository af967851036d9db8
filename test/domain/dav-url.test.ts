import assert from 'node:assert/strict';
import { test } from 'node:test';
import { davContextUrl, readDavUrl } from '../../src/domain/dav-url.ts';
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
    assert.equal(readDavUrl(text) !== undefined, want));
}

// As RFC 3986 wants it; what is written so already stays.
for (const { text, want } of [
  {
    text: 'HTTPS://Dav.Example.org:8443/a%20b/%C3%BC?x=[1]#y',
    want: 'HTTPS://Dav.Example.org:8443/a%20b/%C3%BC?x=[1]#y',
  },
  { text: "https://u:p@[2001:db8::1]/~a/(b)'!*;,$&+=", want: "https://u:p@[2001:db8::1]/~a/(b)'!*;,$&+=" },
  {
    text: 'https://bücher.Example/größe/%EMAILADDRESS%/',
    want: 'https://xn--bcher-kva.Example/gr%C3%B6%C3%9Fe/%EMAILADDRESS%/',
  },
  { text: 'https://müll.%EMAILDOMAIN%/', want: 'https://xn--mll-hoa.%EMAILDOMAIN%/' },
  {
    text: 'https://a.example/my calendar/100%/%EMAILLOCALPART%',
    want: 'https://a.example/my%20calendar/100%25/%EMAILLOCALPART%',
  },
  { text: 'https://a.example/%EMAIL%/"<x>"', want: 'https://a.example/%25EMAIL%25/%22%3Cx%3E%22' },
  { text: 'https://a.example/\\x\ud800', want: 'https://a.example/\\x%EF%BF%BD' },
  { text: 'https://dav\u3002%EMAILDOMAIN%/x', want: 'https://dav.%EMAILDOMAIN%/x' },
  { text: 'https://dav.例え.テスト:8443/', want: 'https://dav.xn--r8jz45g.xn--zckzah:8443/' },
  { text: 'https://user@bücher.example/', want: 'https://user@xn--bcher-kva.example/' },
  { text: 'https://a.example/\u017f\u212a', want: 'https://a.example/%C5%BF%E2%84%AA' },
  { text: 'https://ü%EMAILDOMAIN%/', want: undefined },
  { text: 'https://a.example\\@b.example/', want: undefined },
  { text: 'https://a.example\t/x', want: undefined },
  { text: 'https://%61.example/', want: undefined },
  { text: 'https://ü.%61.example/', want: undefined },
  { text: 'https:///a.example/', want: undefined },
  { text: 'https://\ud800@a.example/', want: 'https://%EF%BF%BD@a.example/' },
  { text: 'https:a.example', want: undefined },
  { text: 'https:\\\\a.example', want: undefined },
  { text: 'https://☃☃ ☃.example/', want: undefined },
]) {
  test(`the DAV URL ${JSON.stringify(text)} is written ${want}`, () => assert.equal(readDavUrl(text), want));
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
