import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { percentDecode, queryParameter, readRequestTarget } from '../../../src/adapters/http/request-target.ts';

describe('readRequestTarget', () => {
  for (const { target, path, query = '', authority } of [
    { target: '/', path: '/' },
    { target: '/mail/config-v1.1.xml', path: '/mail/config-v1.1.xml' },
    { target: '/a?b=c', path: '/a', query: 'b=c' },
    { target: '/a?', path: '/a' },
    { target: '/?a', path: '/', query: 'a' },
    { target: '/a?b?c=d?e', path: '/a', query: 'b?c=d?e' },
    { target: '/a%2Fb%3f?c%20', path: '/a%2Fb%3f', query: 'c%20' },
    { target: '/v1.0/a@b.example?c', path: '/v1.0/a@b.example', query: 'c' },
    { target: '//evil/mail', path: '/evil/mail' },
    { target: '///', path: '/' },
    { target: '////a//b', path: '/a//b' },
    { target: '/\\evil/mail', path: '/\\evil/mail' },
    { target: '/../a/./b', path: '/../a/./b' },
    { target: '/http://evil/mail', path: '/http://evil/mail' },
    { target: '/a?http://evil/mail', path: '/a', query: 'http://evil/mail' },
    { target: 'http://example.org/a?b', path: '/a', query: 'b', authority: 'example.org' },
    { target: 'HTTPS://example.org:8443/a', path: '/a', authority: 'example.org:8443' },
    { target: 'http://[::1]:80/a', path: '/a', authority: '[::1]:80' },
    { target: 'http://example.org', path: '/', authority: 'example.org' },
    { target: 'http://example.org?a', path: '/', query: 'a', authority: 'example.org' },
    { target: 'http://example.org//a', path: '/a', authority: 'example.org' },
    { target: 'http://[', path: '/', authority: '[' },
    { target: 'http:///a', path: '/a', authority: '' },
  ] satisfies readonly { target: string; path: string; query?: string; authority?: string }[]) {
    test(target, () => assert.deepEqual(readRequestTarget(target), { path, query, authority }));
  }
});

describe('percentDecode', () => {
  for (const { part, want } of [
    { part: '', want: '' },
    { part: 'user+tag@example.org', want: 'user+tag@example.org' },
    { part: 'user%2Btag%40example.org', want: 'user+tag@example.org' },
    { part: 'a%20b', want: 'a b' },
    { part: '%C3%BC%c3%bc', want: 'üü' },
    { part: '%F0%9F%98%80', want: '😀' },
    { part: 'ü', want: 'ü' },
    { part: '%2540', want: '%40' },
    { part: '%EMAILADDRESS%', want: '%EMAILADDRESS%' },
    { part: '100%', want: '100%' },
    { part: 'a%4', want: 'a%4' },
    { part: 'a%zz', want: 'a%zz' },
    { part: 'a%u0041', want: 'a%u0041' },
    { part: '%00', want: '\0' },
  ]) {
    test(JSON.stringify(part), () => assert.equal(percentDecode(part), want));
  }
  for (const part of ['%FF', 'a%C3', '%C3(', '%C0%AF', '%ED%A0%80', '%F4%90%80%80']) {
    test(`${part} is no UTF-8`, () =>
      assert.throws(() => percentDecode(part), { name: 'Failure', code: 'request_malformed' }));
  }
});

describe('queryParameter', () => {
  for (const { query, want } of [
    { query: 'emailaddress=a@b.example', want: 'a@b.example' },
    { query: 'x=1&emailaddress=a%2Bb@c.example&y', want: 'a+b@c.example' },
    { query: 'emailaddress=a+b@c.example', want: 'a+b@c.example' },
    { query: 'emailaddress=a=b@c.example', want: 'a=b@c.example' },
    { query: 'emailaddress=a%26b@c.example', want: 'a&b@c.example' },
    { query: 'emailaddress=first&emailaddress=second', want: 'first' },
    { query: '&&emailaddress=a', want: 'a' },
    { query: 'emailaddress=', want: '' },
    { query: 'emailaddress', want: '' },
    { query: '', want: undefined },
    { query: 'x=emailaddress', want: undefined },
    { query: 'xemailaddress=a&emailaddressx=b', want: undefined },
    { query: 'EmailAddress=a', want: undefined },
    { query: 'other=%FF&emailaddress=a', want: 'a' },
  ]) {
    test(JSON.stringify(query), () => assert.equal(queryParameter(query, 'emailaddress'), want));
  }
  test('names may be compared in another way', () => {
    assert.equal(
      queryParameter('EMAIL=a', 'email', (a, b) => a.toLowerCase() === b),
      'a',
    );
  });
  test('a value that is no UTF-8', () => {
    assert.throws(() => queryParameter('emailaddress=%FF', 'emailaddress'), { code: 'request_malformed' });
  });
});
