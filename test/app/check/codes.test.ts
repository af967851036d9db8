import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { speaksNoTls } from '../../../src/app/check/answers.ts';
import { ownTrouble } from '../../../src/app/check/context.ts';

describe('codes of connections', () => {
  for (const code of ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']) {
    test(`${code}: something other than TLS`, () => assert.equal(speaksNoTls(code), true));
  }
  // nginx with ssl_reject_handshake, Caddy without a certificate, a server of TLS 1.0, one of HTTP/2 only.
  for (const code of [
    'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
    'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
    'ERR_SSL_UNSUPPORTED_PROTOCOL',
    'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
  ]) {
    test(`${code}: TLS that refuses us`, () => assert.equal(speaksNoTls(code), false));
  }
  for (const code of ['ENETUNREACH', 'EAFNOSUPPORT', 'EPERM', 'EMFILE']) {
    test(`${code}: this machine's own trouble`, () => assert.equal(ownTrouble({ state: 'unreachable', code }), code));
  }
  for (const code of ['ECONNREFUSED', 'ETIMEDOUT']) {
    test(`${code}: trouble of the peer`, () => assert.equal(ownTrouble({ state: 'unreachable', code }), undefined));
  }
});
