import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillSearchFilter, parseSearchFilter } from '../../src/domain/search-filter.ts';

const ANN = ['ann', 'local', 'domain'] as const;
const mail = { kind: '=', attribute: 'mail', value: 'ann' };

// Rows: the operator's text, and the filter for ANN; undefined: invalid.
for (const { text, want } of [
  { text: '(mail={0})', want: mail },
  { text: '(mail={})', want: mail },
  { text: 'mail={0}', want: mail },
  { text: ' ( mail = {0} ) ', want: mail },
  { text: '(mail;lang-de={0})', want: { ...mail, attribute: 'mail;lang-de' } },
  { text: '(2.5.4.3={0})', want: { ...mail, attribute: '2.5.4.3' } },
  { text: '(&(mail={0}))', want: { kind: 'and', filters: [mail] } },
  { text: '(| (mail={0}) (uid=x) )', want: { kind: 'or', filters: [mail, { ...mail, attribute: 'uid', value: 'x' }] } },
  { text: '(!(mail={0}))', want: { kind: 'not', filter: mail } },
  { text: '(mail={0}*)', want: { kind: 'substrings', attribute: 'mail', initial: 'ann', any: [], final: '' } },
  {
    text: '(mail=a*b**{0}*c)',
    want: { kind: 'substrings', attribute: 'mail', initial: 'a', any: ['b', 'ann'], final: 'c' },
  },
  { text: '(mail~={0})', want: { ...mail, kind: '~=' } },
  { text: '(mail>={0})', want: { ...mail, kind: '>=' } },
  { text: '(mail <= {0})', want: { ...mail, kind: '<=' } },
  { text: '(mail:={0})', want: { ...mail, kind: ':=', withDn: false, rule: '' } },
  { text: '(mail:dn:={0})', want: { ...mail, kind: ':=', withDn: true, rule: '' } },
  { text: '(mail:dn:1.2.3:={0})', want: { ...mail, kind: ':=', withDn: true, rule: '1.2.3' } },
  {
    text: '(:caseExactMatch:={0})',
    want: { ...mail, kind: ':=', attribute: '', withDn: false, rule: 'caseExactMatch' },
  },
  { text: '(mail={1})', want: { ...mail, value: 'local' } },
  { text: '(mail={1}@{2})', want: { ...mail, value: 'local@domain' } },
  { text: '(mail={{{0}}})', want: { ...mail, value: '{ann}' } },
  { text: '(|(mail={0})(uid={0}))', want: { kind: 'or', filters: [mail, { ...mail, attribute: 'uid' }] } },
  ...[
    ...['', ' ', '(mail={0}', 'mail={0})', '(mail={0}))', '(mail={0})(uid={0})', '(mail={0}) x', '(mail)', '(={0})'],
    ...['(&)', '(|)', '(!)', '(!(a=1)(b=2))', '(&(mail={0})x)', '(&mail={0})', '(mail={0}(a=1))', '((mail={0}))'],
    ...[
      '(mail={3})',
      '(mail={2})',
      '(mail={00})',
      '(mail={-1})',
      '(|(uid={1})(mail={}))',
      '(|(cn=\\ef\\b7\\90)(mail={0}))',
      '(mail={mail})',
      '(mail={)',
      '(mail=})',
      '(|(mail={})(uid={}))',
      '(|(mail={0})(uid={}))',
      '({0}=x)',
    ],
    ...[
      '(mail={0!r})',
      '(mail=\\2)',
      '(mail=\\zz)',
      '(mail=\\ff)',
      '(|(mail={0})(cn=\\ef\\bf\\bf))',
      '(|(mail={0})(cn=\uffff))',
      '(mail>=*)',
      '(mail:dn={0})',
      '(:={0})',
      '(a b={0})',
    ],
  ].map((text) => ({ text, want: undefined })),
]) {
  test(`the filter ${JSON.stringify(text)} ${want === undefined ? 'is invalid' : 'is read'}`, () => {
    const filter = parseSearchFilter(text);
    assert.deepEqual(filter && fillSearchFilter(filter, ANN), want);
  });
}

// Beside one that holds the address: a filter without would find the same entry for everybody.
for (const { text, want } of [
  { text: '(mail=*)', want: { kind: 'present', attribute: 'mail' } },
  { text: '(mail=**)', want: { kind: 'present', attribute: 'mail' } },
  { text: '(mail=\\28\\C3\\bc\\2a\\5c)', want: { ...mail, value: '(ü*\\' } },
  { text: '(mail=)', want: { ...mail, value: '' } },
  { text: '(mail={{0}})', want: { ...mail, value: '{0}' } },
]) {
  test(`the filter ${text} alone is invalid, beside another one it is read`, () => {
    assert.equal(parseSearchFilter(text), undefined);
    const filter = parseSearchFilter(`(&(mail={0})${text})`);
    assert.deepEqual(filter && fillSearchFilter(filter, ANN), { kind: 'and', filters: [mail, want] });
  });
}

test('nothing in an address is syntax, or filled again', () => {
  const filter = parseSearchFilter('(mail={0})');
  assert.ok(filter);
  for (const value of ['*', 'a)(uid=*', '\\2a', '{0}', '{1}', '$&', '\uffff', '\ufdd0']) {
    assert.deepEqual(fillSearchFilter(filter, [value, 'x', 'y']), { ...mail, value });
  }
});
