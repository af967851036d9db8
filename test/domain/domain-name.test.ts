import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDomainName, storedSpellings } from '../../src/domain/domain-name.ts';
import { domainName } from './samples.ts';

const label = (length: number): string => 'a'.repeat(length);
const longest = `${label(63)}.${label(63)}.${label(63)}.${label(61)}`; // 253 octets

for (const { name, text, want = text } of [
  { name: 'letters, digits, hyphens', text: 'a-1.example' },
  { name: 'one label', text: 'localhost' },
  { name: 'upper case', text: 'EXAMPLE.Org', want: 'example.org' },
  { name: 'a trailing dot', text: 'example.org.', want: 'example.org' },
  { name: 'underscores', text: '_dmarc.ex_ample.org' },
  { name: 'names of prototype members are names', text: 'constructor.__proto__' },
  { name: 'a label of 63 octets', text: `${label(63)}.example` },
  { name: 'a name of 253 octets', text: longest },
  { name: 'a name of 253 octets and a trailing dot', text: `${longest}.`, want: longest },
  { name: 'A-labels in upper case', text: 'XN--BCHER-KVA.example', want: 'xn--bcher-kva.example' },
  { name: 'U-labels', text: 'bücher.example', want: 'xn--bcher-kva.example' },
  { name: 'U-labels in upper case', text: 'BÜCHER.EXAMPLE', want: 'xn--bcher-kva.example' },
  { name: 'U-labels as NFD', text: 'bu\u0308cher.example', want: 'xn--bcher-kva.example' },
  { name: 'U-labels with a trailing dot', text: 'bücher.example.', want: 'xn--bcher-kva.example' },
  { name: 'U-labels in every label', text: '例え.テスト', want: 'xn--r8jz45g.xn--zckzah' },
  { name: 'U-labels beside A-labels', text: 'bücher.xn--zckzah', want: 'xn--bcher-kva.xn--zckzah' },
  { name: 'ideographic full stops (UTS 46)', text: 'bücher。example。', want: 'xn--bcher-kva.example' },
  { name: 'full-width letters (UTS 46)', text: 'ｅｘａｍｐｌｅ.org', want: 'example.org' },
  { name: 'a last label of full-width digits (UTS 46)', text: 'example.１２', want: 'example.12' },
  { name: 'a number in full-width digits, which is no IPv4 address', text: '１２', want: '12' },
  { name: 'sharp s is a letter (UTS 46, nontransitional)', text: 'faß.de', want: 'xn--fa-hia.de' },
  { name: 'a letter outside the BMP', text: '𝐞xample.org', want: 'example.org' },
  { name: 'a U-label of 63 octets', text: `${'ü'.repeat(57)}.de`, want: `xn--tda${label(56)}.de` },
]) {
  test(`parseDomainName reads ${name}`, () => assert.equal(parseDomainName(text), want));
}

for (const { name, text } of [
  { name: 'nothing', text: '' },
  { name: 'the root', text: '.' },
  { name: 'a leading dot', text: '.example.org' },
  { name: 'an empty label', text: 'example..org' },
  { name: 'two trailing dots', text: 'example.org..' },
  { name: 'an empty label beside a U-label', text: 'bücher..example' },
  { name: 'a label of 64 octets', text: `${label(64)}.example` },
  { name: 'a U-label of 64 octets', text: `${'ü'.repeat(58)}.de` },
  { name: 'a name of 254 octets', text: `${longest}a` },
  { name: 'a name of 254 octets and a trailing dot', text: `${longest}a.` },
  { name: 'a very long text', text: 'a.'.repeat(100_000) },
  { name: 'a leading hyphen', text: '-a.example' },
  { name: 'a trailing hyphen', text: 'a-.example' },
  { name: 'a blank before it', text: ' example.org' },
  { name: 'a blank behind it', text: 'example.org ' },
  { name: 'a line end behind it', text: 'example.org\n' },
  { name: 'a tab', text: 'example\t.org' },
  { name: 'NUL', text: 'example\0.org' },
  { name: 'DEL', text: 'example\x7f.org' },
  { name: 'a control character beside a U-label', text: 'bü\x01cher.example' },
  { name: 'a percent sign', text: '%41.example' },
  { name: 'a percent sign beside a U-label', text: 'ü%41.example' },
  { name: 'a full-width percent sign', text: '％41.example' },
  { name: 'a port', text: 'example.org:25' },
  { name: 'a path beside a U-label', text: 'bücher.example/a' },
  { name: 'an at sign', text: 'a@example.org' },
  { name: 'an address literal', text: '[192.0.2.1]' },
  { name: 'markup', text: '<b>.example' },
  { name: 'a lone high surrogate', text: 'a\ud800.example' },
  { name: 'a lone low surrogate', text: 'a\udc00.example' },
  { name: 'a combining mark alone', text: '\u0308.example' },
  { name: 'a U-label that vanishes (soft hyphen)', text: '\u00ad.example' },
  { name: 'an A-label prefix alone', text: 'xn--.example' },
]) {
  test(`parseDomainName refuses ${name}`, () => assert.equal(parseDomainName(text), undefined));
}

for (const { name, domain, includes } of [
  { name: 'the canonical name, with and without a dot', domain: 'example.org', includes: ['example.org'] },
  { name: 'the U-labels', domain: 'bücher.example', includes: ['xn--bcher-kva.example', 'bücher.example'] },
  // The store folds ASCII letters: only the others keep their case.
  { name: 'upper case', domain: 'öäb.example', includes: ['ÖÄb.example'] },
  { name: 'title case of each label', domain: 'öä.öä', includes: ['Öä.Öä'] },
  { name: 'NFD', domain: 'bücher.example', includes: ['bu\u0308cher.example'] },
  { name: 'an A-label without a U-label', domain: 'xn--zzzzzzzz', includes: ['xn--zzzzzzzz'] },
]) {
  test(`storedSpellings has ${name}`, () => {
    const spellings = storedSpellings(domainName(domain));
    for (const spelling of includes) {
      assert.ok(spellings.includes(spelling), spelling);
      assert.ok(spellings.includes(`${spelling}.`), `${spelling}.`);
    }
  });
}

test('storedSpellings of a name without A-labels are three', () =>
  assert.deepEqual(storedSpellings(domainName('example.org')), ['example.org', 'example.org.', 'example.org ']));

test('storedSpellings are distinct and have no upper-case ASCII letter', () => {
  const spellings = storedSpellings(domainName('straße.bücher.例え'));
  assert.equal(new Set(spellings).size, spellings.length);
  assert.deepEqual(
    spellings.filter((spelling) => /[A-Z]/.test(spelling)),
    [],
  );
});

test('storedSpellings are read back as the domain they were made of', () => {
  for (const spelling of storedSpellings(domainName('bücher.example'))) {
    assert.equal(parseDomainName(spelling.trim()), 'xn--bcher-kva.example', spelling);
  }
});
