import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAuthentication, readSocketType, socketTypeByPort } from '../../src/domain/connection-words.ts';

const UNKNOWN = ['tlsv1', 'x', ' ', ' SSL', 'SSL ', 'SSL\n', '__proto__', 'constructor', 'toString', 'hasOwnProperty'];
const cases = (word: string): string[] => [
  word,
  word.toUpperCase(),
  word.toLowerCase(),
  word.replace(/[a-z]/i, (letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase())),
];

for (const { word, want } of [
  { word: 'SSL', want: 'SSL' },
  { word: 'TLS', want: 'SSL' },
  { word: 'SSL/TLS', want: 'SSL' },
  { word: 'STARTTLS', want: 'STARTTLS' },
  { word: 'plain', want: 'plain' },
  { word: 'none', want: 'plain' },
  { word: 'Auto', want: 'auto' },
]) {
  test(`readSocketType: ${word} is ${want} in any letter case on any port`, () => {
    for (const spelling of cases(word)) {
      for (const port of [143, 993]) assert.equal(readSocketType(spelling, port), want, spelling);
    }
  });
}

for (const { port, want } of [
  { port: 465, want: 'SSL' },
  { port: 993, want: 'SSL' },
  { port: 995, want: 'SSL' },
  { port: 25, want: 'STARTTLS' },
  { port: 110, want: 'STARTTLS' },
  { port: 143, want: 'STARTTLS' },
  { port: 464, want: 'STARTTLS' },
  { port: 466, want: 'STARTTLS' },
  { port: 587, want: 'STARTTLS' },
  { port: 992, want: 'STARTTLS' },
  { port: 994, want: 'STARTTLS' },
  { port: 996, want: 'STARTTLS' },
]) {
  test(`port ${port} alone means ${want}, an empty socket type too`, () => {
    assert.equal(socketTypeByPort(port), want);
    assert.equal(readSocketType('', port), want);
  });
}

for (const { word, want } of [
  { word: '', want: 'password-cleartext' },
  { word: 'plain', want: 'password-cleartext' },
  { word: 'password-cleartext', want: 'password-cleartext' },
  { word: 'secure', want: 'password-encrypted' },
  { word: 'password-encrypted', want: 'password-encrypted' },
  { word: 'CRAM-MD5', want: 'password-encrypted' },
  { word: 'NTLM', want: 'NTLM' },
  { word: 'none', want: 'none' },
  { word: 'OAuth2', want: 'OAuth2' },
  { word: 'GSSAPI', want: 'GSSAPI' },
  { word: 'TLS-client-cert', want: 'TLS-client-cert' },
  { word: 'client-IP-address', want: 'client-IP-address' },
]) {
  test(`readAuthentication: ${word || 'an empty word'} is ${want} in any letter case`, () => {
    for (const spelling of cases(word)) assert.equal(readAuthentication(spelling), want, spelling);
  });
}

for (const word of UNKNOWN) {
  test(`${JSON.stringify(word)} is no word`, () => {
    assert.equal(readSocketType(word, 993), undefined);
    assert.equal(readAuthentication(word), undefined);
  });
}
for (const word of ['SSL', 'STARTTLS', 'Auto', 'login', 'digest-md5']) {
  test(`${word} is no authentication`, () => assert.equal(readAuthentication(word), undefined));
}
for (const word of ['secure', 'NTLM', 'password-cleartext']) {
  test(`${word} is no socket type`, () => assert.equal(readSocketType(word, 993), undefined));
}
