import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EXTRA_KINDS, type ExtraKind, readExtra } from '../../src/domain/extras.ts';
import { FieldError } from '../../src/domain/fields.ts';

const URL_255 = `https://www.example.net/${'x'.repeat(255 - 'https://www.example.net/'.length)}`;
const issuer = 'https://login.example.net';
const scope = 'urn:ietf:params:oauth:scope:mail';
const imap = { type: 'imap', name: 'imap.example.net', port: 993 };
const image = { url: 'https://www.example.net/logo.svg', content_type: 'image/svg+xml' };

describe('readExtra', () => {
  for (const { kind, value, want = value } of [
    { kind: 'oauth2', value: { issuer, scope } },
    { kind: 'oauth2', value: { issuer, scope: ' a  b ', authURL: null }, want: { issuer, scope: 'a b' } },
    {
      kind: 'oauth2',
      value: {
        issuer: `${issuer}/tenant/`,
        scope,
        authURL: `${issuer}/authorize?a=b`,
        tokenURL: `${issuer}/token`,
        clientID: 'mail client',
      },
    },
    { kind: 'oauth2', value: { issuer: `${issuer}:8443/`, scope } },
    { kind: 'jmap', value: { url: 'https://jmap.example.net/session' } },
    { kind: 'jmap', value: { url: 'https://[2001:db8::1]/', comment: 'x' }, want: { url: 'https://[2001:db8::1]/' } },
    { kind: 'jmap', value: { url: ` ${URL_255} ` }, want: { url: URL_255 } },
    { kind: 'webmail', value: { url: 'HTTPS://webmail.example.net' } },
    { kind: 'activesync', value: { url: 'https://eas.example.net/Microsoft-Server-ActiveSync' } },
    { kind: 'activesync', value: { redirect: 'Bücher.example' }, want: { redirect: 'xn--bcher-kva.example' } },
    {
      kind: 'managesieve',
      value: { name: 'Sieve.Example.NET' },
      want: { name: 'sieve.example.net', port: 4190, socketType: 'STARTTLS' },
    },
    {
      kind: 'managesieve',
      value: { name: 'sieve.example.net', port: 993, socket_type: 'SSL' },
      want: { name: 'sieve.example.net', port: 993, socketType: 'SSL' },
    },
    ...['https://www.example.net/', 'mailto:help@example.net', 'tel:+49-30-123'].map((url) => {
      return { kind: 'support' as const, value: { url } };
    }),
    { kind: 'logo', value: image, want: { url: image.url, contentType: image.content_type } },
    {
      kind: 'logo',
      value: { ...image, width: 64, height: null },
      want: { url: image.url, contentType: image.content_type, width: 64 },
    },
    { kind: 'same_as', value: 'Example.COM.', want: 'example.com' },
    {
      kind: 'documentation',
      value: { url: 'https://www.example.net/a#b' },
      want: { url: 'https://www.example.net/a#b', descr: {} },
    },
    {
      kind: 'documentation',
      value: { url: 'https://www.example.net/', descr: { en: ' Help ', de: 'Hilfe', comment: 1 } },
      want: { url: 'https://www.example.net/', descr: { en: 'Help', de: 'Hilfe' } },
    },
    { kind: 'instructions', value: { url: 'https://www.example.net/', descr: { en: 'Switch IMAP on' } } },
    {
      kind: 'authentication',
      value: { ...imap, authentication: ['oauth2', 'PLAIN'] },
      want: { ...imap, authentication: ['OAuth2', 'password-cleartext'] },
    },
  ] as readonly { kind: ExtraKind; value: unknown; want?: unknown }[]) {
    test(`${kind} ${JSON.stringify(value)}`, () => assert.deepEqual(readExtra(kind, value, 'x'), want));
  }

  for (const { kind, value, path = 'x' } of [
    ...EXTRA_KINDS.flatMap((kind) => [null, 1, []].map((value) => ({ kind, value, path: 'x' }))),
    { kind: 'jmap', value: {}, path: 'x.url' },
    { kind: 'jmap', value: { url: 'https://jmap.example.net/', name: 'x' }, path: 'x.name' },
    ...[
      'http://jmap.example.net/',
      'https://ann@jmap.example.net/',
      'https://ann:secret@jmap.example.net/',
      'https:///jmap.example.net/',
      'https:jmap.example.net',
      'https://',
      'https://a b.example/',
      'https://jmap.example.net/a b',
      'https://jmap.example.net/%4',
      'https://jmap.example.net/%EMAILADDRESS%',
      'https://bücher.example/',
      'https://jmap.example.net\\@other.example/',
      'https://jmap.example.net/"><x>',
      'https://a..example/',
      'javascript:alert(1)',
      `${URL_255}x`,
      '',
      7,
    ].map((url) => ({ kind: 'jmap', value: { url }, path: 'x.url' })),
    { kind: 'webmail', value: { url: 'mailto:a@example.net' }, path: 'x.url' },
    { kind: 'support', value: { url: 'javascript:alert(1)' }, path: 'x.url' },
    { kind: 'support', value: { url: 'mailto:a b@example.net' }, path: 'x.url' },
    { kind: 'oauth2', value: { issuer }, path: 'x.scope' },
    { kind: 'oauth2', value: { scope }, path: 'x.issuer' },
    { kind: 'oauth2', value: { issuer, scope, clientSecret: 'x' }, path: 'x.clientSecret' },
    { kind: 'oauth2', value: { issuer, scope, authURL: 'http://x.example/' }, path: 'x.authURL' },
    { kind: 'oauth2', value: { issuer, scope, clientID: '' }, path: 'x.clientID' },
    ...['?a', '/#a', '/a/../b', '/%7Ea', '/%61', ':443/', '/a?'].map((rest) => {
      return { kind: 'oauth2', value: { issuer: issuer + rest, scope }, path: 'x.issuer' };
    }),
    { kind: 'oauth2', value: { issuer: 'https://LOGIN.example.net', scope }, path: 'x.issuer' },
    { kind: 'activesync', value: {}, path: 'x' },
    { kind: 'activesync', value: { url: 'https://eas.example.net/', redirect: 'a.example' }, path: 'x.redirect' },
    { kind: 'activesync', value: { redirect: 'ann@a.example' }, path: 'x.redirect' },
    { kind: 'managesieve', value: { name: 'a b' }, path: 'x.name' },
    { kind: 'managesieve', value: { name: 'a.example', port: 0 }, path: 'x.port' },
    { kind: 'managesieve', value: { name: 'a.example', socket_type: 'plain' }, path: 'x.socket_type' },
    { kind: 'logo', value: { url: image.url }, path: 'x.content_type' },
    { kind: 'logo', value: { ...image, content_type: 'text/html' }, path: 'x.content_type' },
    { kind: 'logo', value: { ...image, width: 0 }, path: 'x.width' },
    { kind: 'same_as', value: '*', path: 'x' },
    { kind: 'documentation', value: { url: 'https://a.example/', descr: { EN: 'x' } }, path: 'x.descr.EN' },
    { kind: 'documentation', value: { url: 'https://a.example/', descr: { en: 'x'.repeat(201) } }, path: 'x.descr.en' },
    { kind: 'documentation', value: { url: 'https://a.example/', descr: { en: 'a\nb' } }, path: 'x.descr.en' },
    { kind: 'instructions', value: { url: 'https://a.example/' }, path: 'x.descr' },
    { kind: 'authentication', value: { ...imap, authentication: [] }, path: 'x.authentication' },
    { kind: 'authentication', value: { ...imap, authentication: ['x'] }, path: 'x.authentication[0]' },
    { kind: 'authentication', value: { ...imap, authentication: ['plain', ''] }, path: 'x.authentication[1]' },
    { kind: 'authentication', value: { ...imap, type: 'caldav', authentication: ['plain'] }, path: 'x.type' },
  ] as readonly { kind: ExtraKind; value: unknown; path?: string }[]) {
    test(`${kind} ${JSON.stringify(value)?.slice(0, 80)} is refused at ${path}`, () =>
      assert.throws(
        () => readExtra(kind, value, 'x'),
        (error) => error instanceof FieldError && error.path === path,
      ));
  }
});
