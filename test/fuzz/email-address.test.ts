import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressText, type EmailAddress, parseEmailAddress } from '../../src/domain/email-address.ts';
import { Failure } from '../../src/domain/failure.ts';
import { element, writeXml } from '../../src/domain/formats/xml.ts';
import { readXml } from '../domain/formats/read-xml.ts';
import { ROUNDS, randomFrom, SEED } from './random.ts';

const PIECES = [
  ...['@', '.', '"', '\\', 'a', 'B', '0', '-', '_', '+', ' ', '\t', '\r\n', '\0', '\x1f', '\x7f', '\u0085', '\u00a0'],
  ...['<', '>', '&', '&lt;', ']]>', "'", '%', '%EMAILADDRESS%', '%41', '$&', '$1', '__proto__', 'constructor'],
  ...['ü', 'u\u0308', 'ß', '例', '。', '．', '％', '\u00ad', '\u200d', '\u202e', '\u2028', '😀', '\ud83d', '\ude00'],
  ...['\ufffd', '\ufffe', '\uffff', '\u{10ffff}', 'xn--', 'xn--bcher-kva', 'example.org', '[192.0.2.1]'],
  ...['a'.repeat(62), 'a'.repeat(63), 'ü'.repeat(31), `${'a'.repeat(63)}.`.repeat(3)],
];
const octets = (text: string): number => Buffer.byteLength(text, 'utf8');

function check(text: string): boolean {
  let address: EmailAddress;
  try {
    address = parseEmailAddress(text);
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return false;
  }
  const { localPart, domain } = address;
  const whole = addressText(address);
  assert.equal(localPart, text.slice(0, text.lastIndexOf('@')), 'the local part is kept');
  assert.ok(localPart !== '' && octets(localPart) <= 64 && domain.length <= 253 && octets(whole) <= 254, 'limits');
  assert.match(domain, /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/);
  assert.doesNotMatch(whole, /[\p{Cc}\p{Surrogate}]/u);
  assert.deepEqual(parseEmailAddress(whole), address, 'what we write is read as the same');
  const root = readXml(writeXml(element('a', whole, { b: whole })));
  assert.deepEqual([root.text, root.attributes.get('b')], [whole, whole]);
  return true;
}

test('any text is either an address within the limits, which XML carries unchanged, or refused', () => {
  const random = randomFrom(SEED);
  const pieces = (most: number): string => random.text(PIECES, most);
  let read = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // Pieces alone seldom make an address: two rounds in three have its frame.
    const text = [pieces(11), `${pieces(3)}@example.org`, `"${pieces(5)}"@${pieces(3)}.example`][round % 3] ?? '';
    try {
      if (check(text)) read++;
    } catch (error) {
      assert.fail(`FUZZ_SEED=${SEED} round ${round}: ${JSON.stringify(text)} gave ${String(error)}`);
    }
  }
  assert.ok(read > 0 || ROUNDS < 500, `FUZZ_SEED=${SEED}: no round made an address`);
});
