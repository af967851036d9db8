import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PlistDictionary, writePlist } from '../../../src/domain/formats/plist.ts';
import { plain, readPlist } from './read-plist.ts';

test('writePlist: a whole document, its keys sorted', () =>
  assert.equal(
    writePlist({ b: [{ port: 993 }, 'x'], a: true, e: {}, f: [], d: false, c: 'A & B' }),
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
  <dict>
    <key>a</key>
    <true/>
    <key>b</key>
    <array>
      <dict>
        <key>port</key>
        <integer>993</integer>
      </dict>
      <string>x</string>
    </array>
    <key>c</key>
    <string>A &amp; B</string>
    <key>d</key>
    <false/>
    <key>e</key>
    <dict/>
    <key>f</key>
    <array/>
  </dict>
</plist>
`,
  ));

for (const { name, value, want } of [
  { name: 'a key without value is left out', value: { a: undefined, b: 1 }, want: { b: 1 } },
  { name: 'a key with an empty text is left out', value: { a: '', b: 1 }, want: { b: 1 } },
  { name: 'a text that is empty in XML is left out', value: { a: '\0\ud800', b: 1 }, want: { b: 1 } },
  { name: 'false and 0 are values', value: { a: false, b: 0 }, want: { a: false, b: 0 } },
  { name: 'a blank text is a value', value: { a: ' ' }, want: { a: ' ' } },
  { name: 'nothing at all', value: {}, want: {} },
  { name: 'inner dictionaries, too', value: { a: [{ b: '', c: 'd' }] }, want: { a: [{ c: 'd' }] } },
  { name: 'a negative number', value: { a: -1 }, want: { a: -1 } },
  { name: 'the greatest whole number', value: { a: 2 ** 53 - 1 }, want: { a: 2 ** 53 - 1 } },
  { name: 'hostile texts', value: { a: '</string><true/>&]]>' }, want: { a: '</string><true/>&]]>' } },
  { name: 'hostile keys', value: { '</key><&': 'a' }, want: { '</key><&': 'a' } },
  { name: 'control characters go', value: { a: 'x\x00y\ud800z' }, want: { a: 'xyz' } },
  {
    name: 'prototype names are keys',
    value: JSON.parse('{"__proto__": "a", "constructor": "b"}') as PlistDictionary,
    want: JSON.parse('{"__proto__": "a", "constructor": "b"}'),
  },
] satisfies { name: string; value: PlistDictionary; want: unknown }[]) {
  test(`writePlist: ${name}`, () => assert.deepEqual(plain(readPlist(writePlist(value))), want));
}

test('writePlist: the order of the members does not matter', () =>
  assert.equal(writePlist({ a: 1, B: 2, c: { e: 1, d: 2 } }), writePlist({ c: { d: 2, e: 1 }, B: 2, a: 1 })));

for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
  test(`writePlist refuses ${value}`, () => assert.throws(() => writePlist({ a: [value] }), TypeError));
}

// The reader that these tests trust refuses what is no property list.
for (const { name, xml } of [
  { name: 'a key without value', xml: '<dict><key>a</key></dict>' },
  { name: 'a value without key', xml: '<dict><true/><true/></dict>' },
  { name: 'a key twice', xml: '<dict><key>a</key><true/><key>a</key><true/></dict>' },
  { name: 'an unknown element', xml: '<number>1</number>' },
  { name: 'a number with blanks', xml: '<integer> 1</integer>' },
  { name: 'a number with a fraction', xml: '<integer>1.5</integer>' },
  { name: 'no number', xml: '<integer/>' },
  { name: 'a boolean with text', xml: '<true>yes</true>' },
  { name: 'elements in a text', xml: '<string><b/></string>' },
  { name: 'two values', xml: '<true/><true/>' },
  { name: 'no value', xml: '' },
]) {
  test(`the reader refuses ${name}`, () => {
    const good = writePlist({});
    assert.throws(() => readPlist(good.replace(/<dict\/>/, xml)));
  });
}
test('the reader refuses a document without DOCTYPE', () =>
  assert.throws(() => readPlist(writePlist({}).replace(/<!DOCTYPE[^>]*>\n/, ''))));
