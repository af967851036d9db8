import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkCaa } from '../../../src/app/check/caa.ts';
import type { DnsAnswer } from '../../../src/ports/resolver.ts';
import { contextFor, emptyScript, found, UNKNOWN } from './scripted.ts';

const NAME = 'mail.example.org';

describe('CAA', () => {
  for (const { what, caa, issuer = "Let's Encrypt", want } of [
    { what: 'no record', caa: {}, want: 'ok' },
    { what: 'its authority', caa: { [NAME]: found('letsencrypt.org') }, want: 'ok' },
    { what: 'in capitals, with parameters', caa: { [NAME]: found(' LetsEncrypt.org ; a=b') }, want: 'ok' },
    { what: 'another one', caa: { [NAME]: found('digicert.com') }, want: 'note' },
    { what: 'a name that holds it', caa: { [NAME]: found('letsencrypt.org.example') }, want: 'note' },
    { what: 'nobody may issue', caa: { [NAME]: found(';') }, want: 'note' },
    { what: 'a set without "issue"', caa: { [NAME]: found<string>() }, want: 'ok' },
    { what: 'one of several', caa: { [NAME]: found('digicert.com', 'letsencrypt.org') }, want: 'ok' },
    { what: 'of the parent', caa: { 'example.org': found('digicert.com') }, want: 'note' },
    {
      what: 'its own in place of those of the parent',
      caa: { [NAME]: found('letsencrypt.org'), 'example.org': found('digicert.com') },
      want: 'ok',
    },
    { what: 'of the top-level domain, which nobody asks', caa: { org: found('digicert.com') }, want: 'ok' },
    { what: 'nobody knows', caa: { [NAME]: UNKNOWN }, want: 'unknown' },
    { what: 'nobody knows of the parent', caa: { 'example.org': UNKNOWN }, want: 'unknown' },
    { what: 'no certificate was seen', caa: { [NAME]: found(';') }, issuer: '', want: 'ok' },
    { what: 'an authority whose names we do not know', caa: { [NAME]: found(';') }, issuer: 'Ours', want: 'ok' },
  ] satisfies readonly {
    what: string;
    caa: Record<string, DnsAnswer<string>>;
    issuer?: string;
    want: string;
  }[]) {
    test(`${what}: ${want}`, async () => {
      const { list } = await checkCaa(contextFor({ ...emptyScript(), caa }), NAME, issuer || undefined);
      assert.deepEqual(
        list.map(({ check, severity, owner }) => [check, severity, owner]),
        [['caa', want, NAME]],
      );
    });
  }
});
