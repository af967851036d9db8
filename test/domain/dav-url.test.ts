import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDavUrl } from '../../src/domain/dav-url.ts';
import { withSampleParts } from '../../src/domain/placeholders.ts';

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
