import assert from 'node:assert/strict';
import { test } from 'node:test';
import { element, writeXml, xmlText } from '../../../src/domain/formats/xml.ts';
import { readXml } from './read-xml.ts';

test('writeXml: a whole document', () =>
  assert.equal(
    writeXml(
      element('a', [element('b', 'text', { x: '1', y: '2' }), element('c', [element('d', '')]), element('e', [])], {
        xmlns: 'urn:a',
      }),
    ),
    `<?xml version="1.0" encoding="UTF-8"?>
<a xmlns="urn:a">
  <b x="1" y="2">text</b>
  <c>
    <d/>
  </c>
  <e/>
</a>
`,
  ));

for (const { name, text, want = text } of [
  { name: 'markup', text: '<b a="1">&amp;</b>' },
  { name: 'the end of a CDATA section', text: ']]>' },
  { name: 'a comment', text: '<!-- -- -->' },
  { name: 'a processing instruction', text: '<?xml version="1.0"?>' },
  { name: 'references', text: '&lt;&#60;&x;&' },
  { name: 'quotes', text: `"'` },
  { name: 'blanks at both ends', text: '  a \t\n\r\r\n ' },
  { name: 'letters beyond ASCII', text: 'ü例😀' },
  { name: 'replacement patterns', text: '$&$1$$' },
  { name: 'a prototype name', text: '__proto__' },
  { name: 'U+0085 and U+2028, which are no line ends in XML 1.0', text: 'a\u0085b\u2028c' },
  { name: 'control characters, less them', text: 'a\0b\x01c\x1fd', want: 'abcd' },
  { name: 'nothing but control characters', text: '\0\x1b', want: '' },
  { name: 'lone surrogates, less them', text: 'a\ud83db\ude00c', want: 'abc' },
  { name: 'surrogates in the wrong order, less them', text: '\ude00\ud83d', want: '' },
  { name: 'a pair behind a lone surrogate', text: '\ud83d😀', want: '😀' },
  { name: 'U+FFFE and U+FFFF, less them', text: 'a\ufffeb\uffffc', want: 'abc' },
  { name: 'markup that a control character splits', text: ']]\0>&\0lt;', want: ']]>&lt;' },
]) {
  test(`writeXml: ${name} comes back from text and attribute`, () => {
    const root = readXml(writeXml(element('a', text, { b: text })));
    assert.equal(root.text, want);
    assert.equal(root.attributes.get('b'), want);
    assert.deepEqual(root.children, []);
    assert.equal(xmlText(text), want);
  });
}

test('writeXml: what a terminal would obey is written as a reference', () => {
  const text = 'a\x7f\x9b31m\u200b\u2028\u202eb\u2066\ufeff\u{e0041}';
  const written = 'a&#x7f;&#x9b;31m&#x200b;&#x2028;&#x202e;b&#x2066;&#xfeff;&#xe0041;';
  assert.equal(
    writeXml(element('a', text, { b: text })),
    `<?xml version="1.0" encoding="UTF-8"?>\n<a b="${written}">${written}</a>\n`,
  );
});

test('writeXml: of all characters just those that XML 1.0 allows come back', () => {
  // Production [2] Char.
  const allowed = (point: number): boolean =>
    point === 0x9 ||
    point === 0xa ||
    point === 0xd ||
    (point >= 0x20 && point <= 0xd7ff) ||
    (point >= 0xe000 && point <= 0xfffd) ||
    point >= 0x10000;
  const points = [...Array.from({ length: 0x10100 }, (_, point) => point), 0x1fffe, 0x1ffff, 0x10fffe, 0x10ffff];
  // The "x" keeps surrogates lone.
  const text = points.map((point) => `${String.fromCodePoint(point)}x`).join('');
  const want = points.map((point) => (allowed(point) ? `${String.fromCodePoint(point)}x` : 'x')).join('');
  const root = readXml(writeXml(element('a', text, { b: text })));
  assert.ok(root.text === want, 'text');
  assert.ok(root.attributes.get('b') === want, 'attribute');
});

for (const name of ['', ' ', 'a b', '1a', '-a', '.a', 'a:b', 'a>', 'a/', 'a\n', 'a="1"', 'ä', '<', 'a\0']) {
  test(`writeXml refuses the name ${JSON.stringify(name)}`, () => {
    assert.throws(() => writeXml(element(name, 'x')), TypeError);
    assert.throws(() => writeXml(element('a', [element(name, '')])), TypeError);
    assert.throws(() => writeXml(element('a', 'x', { [name]: 'x' })), TypeError);
  });
}

for (const name of ['a', '_', 'A-1.b_c', 'constructor', '__proto__']) {
  test(`writeXml takes the name ${name}`, () => {
    const root = readXml(writeXml(element(name, 'x', { [name]: 'y' })));
    assert.deepEqual([root.name, root.text, root.attributes.get(name)], [name, 'x', 'y']);
  });
}

// The reader that these tests trust refuses what is not well-formed.
for (const { name, body } of [
  { name: 'an open element', body: '<a>' },
  { name: 'elements that overlap', body: '<a><b></a></b>' },
  { name: 'two roots', body: '<a/><b/>' },
  { name: 'no root', body: '\n' },
  { name: 'text behind the root', body: '<a/>x' },
  { name: 'text beside elements', body: '<a>x<b/></a>' },
  { name: 'a bare ampersand', body: '<a>&</a>' },
  { name: 'a bare ampersand before a reference', body: '<a>& &lt;</a>' },
  { name: 'an unknown entity', body: '<a>&nbsp;</a>' },
  { name: 'a reference to no character', body: '<a>&#0;</a>' },
  { name: 'a control character', body: '<a>\x01</a>' },
  { name: 'a lone surrogate', body: '<a>\ud800</a>' },
  { name: 'U+FFFE', body: '<a>\ufffe</a>' },
  { name: ']]> in text', body: '<a>]]></a>' },
  { name: 'a bracket in an attribute', body: '<a b="<"/>' },
  { name: 'a quote in an attribute', body: '<a b="""/>' },
  { name: 'an attribute twice', body: '<a b="1" b="2"/>' },
  { name: 'an attribute in the end tag', body: '<a></a b="1">' },
  { name: 'a comment', body: '<!-- a --><a/>' },
]) {
  test(`the reader refuses ${name}`, () =>
    assert.throws(() => readXml(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`)));
}
test('the reader refuses a document without declaration', () => assert.throws(() => readXml('<a/>')));
test('the reader turns line ends and attribute blanks as a parser does', () => {
  const root = readXml('<?xml version="1.0" encoding="UTF-8"?>\n<a b="1\n2\t3&#10;">1\r2\r\n3&#13;</a>');
  assert.equal(root.text, '1\n2\n3\r');
  assert.equal(root.attributes.get('b'), '1 2 3\n');
});
