import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressText, parseEmailAddress } from '../../src/domain/email-address.ts';
import { Failure } from '../../src/domain/failure.ts';
import { failure } from './samples.ts';

const label = (length: number): string => 'a'.repeat(length);
const domainOf = (length: number): string => (length > 64 ? `${label(63)}.${domainOf(length - 64)}` : label(length));

for (const { name, localPart } of [
  { name: 'atext', localPart: "aZ09!#$%&'*+/=?^_`{|}~-" },
  { name: 'letter case', localPart: 'Ann.OTHER' },
  { name: 'empty atoms', localPart: '.ann..other.' },
  { name: 'letters beyond ASCII', localPart: 'jörg.例え' },
  { name: 'a letter outside the BMP', localPart: '😀' },
  { name: 'U+FFFD, which XML can carry', localPart: 'a\ufffd' },
  { name: 'the last code point', localPart: '\u{10ffff}' },
  { name: 'a placeholder unchanged', localPart: '%EMAILDOMAIN%' },
  { name: 'replacement patterns unchanged', localPart: '$&$`$1' },
  { name: 'a name of a prototype member', localPart: '__proto__' },
  { name: 'another one', localPart: 'constructor' },
  { name: '64 octets', localPart: label(64) },
  { name: '64 octets in 32 characters', localPart: 'ü'.repeat(32) },
  { name: '64 octets in 16 characters', localPart: '😀'.repeat(16) },
  { name: 'a quoted string with blanks', localPart: '"ann other"' },
  { name: 'a quoted string with an at sign', localPart: '"ann@home"' },
  { name: 'an empty quoted string', localPart: '""' },
  { name: 'a quoted string with specials', localPart: '"()<>[]:;,."' },
  { name: 'quoted pairs', localPart: '"a\\"b\\\\c\\ d"' },
  { name: 'a quoted string with letters beyond ASCII', localPart: '"jörg 😀"' },
  { name: 'a quoted string of 64 octets', localPart: `"${label(62)}"` },
]) {
  test(`parseEmailAddress keeps ${name}`, () => {
    const address = parseEmailAddress(`${localPart}@Example.ORG`);
    assert.deepEqual(address, { localPart, domain: 'example.org' });
    assert.equal(addressText(address), `${localPart}@example.org`);
  });
}

for (const { name, text, want } of [
  { name: 'a trailing dot', text: 'ann@example.org.', want: 'ann@example.org' },
  { name: 'U-labels', text: 'ann@BÜCHER.example', want: 'ann@xn--bcher-kva.example' },
  { name: 'A-labels', text: 'ann@XN--BCHER-KVA.example', want: 'ann@xn--bcher-kva.example' },
  { name: 'a domain that a prototype has', text: 'ann@constructor', want: 'ann@constructor' },
  { name: '254 octets', text: `${label(64)}@${domainOf(189)}`, want: `${label(64)}@${domainOf(189)}` },
  { name: '254 octets with the least local part', text: `a@${domainOf(252)}`, want: `a@${domainOf(252)}` },
  {
    name: '254 octets in the form that answers carry, more as sent',
    text: `${label(64)}@${`${'ü'.repeat(57)}.`.repeat(2)}${label(61)}`,
    want: `${label(64)}@${`xn--tda${label(56)}.`.repeat(2)}${label(61)}`,
  },
]) {
  test(`parseEmailAddress writes the domain in its one form: ${name}`, () =>
    assert.equal(addressText(parseEmailAddress(text)), want));
}

for (const { name, text } of [
  { name: 'no at sign', text: 'example.org' },
  { name: 'an at sign alone', text: '@' },
  { name: 'no local part', text: '@example.org' },
  { name: 'no domain', text: 'ann@' },
  { name: 'a root domain', text: 'ann@.' },
  { name: 'two at signs', text: 'ann@home@example.org' },
  { name: 'a local part of 65 octets', text: `${label(65)}@example.org` },
  { name: 'a local part of 65 octets in 33 characters', text: `a${'ü'.repeat(32)}@example.org` },
  { name: 'a quoted string of 65 octets', text: `"${label(63)}"@example.org` },
  { name: '255 octets', text: `${label(64)}@${domainOf(190)}` },
  { name: '255 octets with the longest domain', text: `a@${domainOf(253)}` },
  {
    name: '255 octets in the form that answers carry',
    text: `${label(64)}@${`${'ü'.repeat(57)}.`.repeat(2)}${label(62)}`,
  },
  { name: 'a label of 64 octets', text: `ann@${label(64)}.org` },
  { name: 'a very long text', text: `${label(1_000_000)}@example.org` },
  { name: 'a blank before it', text: ' ann@example.org' },
  { name: 'a blank behind it', text: 'ann@example.org ' },
  { name: 'a line end behind it', text: 'ann@example.org\n' },
  { name: 'a blank in the local part', text: 'ann other@example.org' },
  { name: 'angle brackets', text: '<ann@example.org>' },
  { name: 'a display name', text: 'Ann <ann@example.org>' },
  { name: 'a comment', text: '(home)ann@example.org' },
  { name: 'a list', text: 'ann,ben@example.org' },
  { name: 'a backslash', text: 'ann\\@example.org' },
  { name: 'an address literal', text: 'ann@[192.0.2.1]' },
  { name: 'a lone high surrogate', text: 'a\ud83d@example.org' },
  { name: 'a lone low surrogate', text: 'a\ude00@example.org' },
  { name: 'surrogates in the wrong order', text: '\ude00\ud83d@example.org' },
  { name: 'a quoted lone surrogate', text: '"\ud83d"@example.org' },
  { name: 'a lone surrogate in the domain', text: 'ann@a\ud83d.example' },
  { name: 'U+FFFE, which XML cannot carry', text: 'a\ufffe@example.org' },
  { name: 'U+FFFF', text: '"\uffff"@example.org' },
  { name: 'a quoted string without end', text: '"ann@example.org' },
  { name: 'a quoted string without beginning', text: 'ann"@example.org' },
  { name: 'one quote', text: '"@example.org' },
  { name: 'a quote inside a quoted string', text: '"a"b"@example.org' },
  { name: 'text behind a quoted string', text: '"ann"other@example.org' },
  { name: 'a quoted pair without second half', text: '"ann\\"@example.org' },
  { name: 'a quoted pair beyond ASCII', text: '"\\ü"@example.org' },
  { name: 'a quoted pair of a control character', text: '"\\\x01"@example.org' },
]) {
  test(`parseEmailAddress refuses ${name}`, () =>
    assert.throws(() => parseEmailAddress(text), failure('address_invalid')));
}

test('parseEmailAddress refuses every control character, bare, quoted and in the domain', () => {
  const controls = Array.from({ length: 0xa0 }, (_, point) => String.fromCharCode(point)).filter((c) =>
    /\p{Cc}/u.test(c),
  );
  assert.equal(controls.length, 65); // C0, DEL, C1
  for (const control of controls) {
    for (const text of [`a${control}b@example.org`, `"a${control}b"@example.org`, `ann@a${control}b.example`]) {
      assert.throws(() => parseEmailAddress(text), failure('address_invalid'), JSON.stringify(text));
    }
  }
});

test('parseEmailAddress distinguishes a missing address from an invalid one', () =>
  assert.throws(() => parseEmailAddress(''), failure('address_missing')));

test('parseEmailAddress keeps client input out of the message', () =>
  assert.throws(
    () => parseEmailAddress('hostile text@example.org'),
    (error) => error instanceof Failure && !/hostile|example/.test(error.message) && !error.message.includes('\n'),
  ));
