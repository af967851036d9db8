import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { html, writeHtml } from '../../../src/domain/formats/html.ts';
import { elementsOf, readHtml, textIn } from './read-html.ts';

test('a whole page', () =>
  assert.equal(
    writeHtml(
      html(
        'html',
        { lang: 'en', dir: undefined },
        html('meta', { charset: 'utf-8' }),
        undefined,
        html('p', {}, 'one', html('a', { href: '#x', 'aria-label': '' }, 'two'), 'three'),
        html('path', { strokeWidth: '1' }),
      ),
    ),
    '<!doctype html>\n<html lang="en"><meta charset="utf-8"><p>one<a href="#x" aria-label="">two</a>three</p>' +
      '<path strokeWidth="1"></path></html>\n',
  ));

describe('any text comes back from between tags, from an attribute and from the title', () => {
  for (const { name, text, want = text } of [
    { name: 'markup', text: '</p></body><script>alert(1)</script><!-- ' },
    { name: 'an attribute that ends', text: `" onfocus="alert(1)" x='` },
    { name: 'references', text: '&lt;&#60;&x;&amp&copy' },
    { name: 'the end of raw text', text: '</style></title></textarea>' },
    { name: 'line ends, which browsers make one of', text: 'a\r\nb\rc\nd\te' },
    { name: 'letters beyond ASCII', text: 'ü例😀\u00a0' },
    { name: 'replacement patterns', text: '$&$1$$' },
    { name: 'a prototype name', text: '__proto__' },
    { name: 'control characters, less them', text: 'a\0b\x01c\x0bd\x0ce\x1ff\x7fg\x80h\x9fi', want: 'abcdefghi' },
    { name: 'what turns the direction, less it', text: 'a\u202ab\u202ec\u2066d\u2069e', want: 'abcde' },
    { name: 'lone surrogates, less them', text: 'a\ud83db\ude00c\ud83d', want: 'abc' },
    { name: 'a pair behind a lone surrogate', text: '\ud83d😀', want: '😀' },
    { name: 'U+FFFE and U+FFFF, less them', text: 'a\ufffeb\uffffc', want: 'abc' },
    { name: 'markup that a control character splits', text: '<\0/p>&\0lt;', want: '</p>&lt;' },
  ]) {
    test(name, () => {
      const page = readHtml(writeHtml(html('html', {}, html('title', {}, text), html('p', { title: text }, text))));
      assert.equal(elementsOf(page, '*').length, 3);
      for (const element of ['title', 'p']) assert.equal(elementsOf(page, element).map(textIn).join(), want);
      assert.equal(elementsOf(page, 'p')[0]?.attributes.get('title'), want);
    });
  }
});

test('the style is written as it is, and cannot end its element', () => {
  const page = (...style: readonly string[]): string => writeHtml(html('html', {}, html('style', {}, ...style)));
  assert.match(page('a>b{content:"&<"}'), /<style>a>b\{content:"&<"\}<\/style>/);
  for (const style of [['a</style>'], ['</'], ['<', '/style>']]) assert.throws(() => page(...style), TypeError);
});

describe('a name that is none is refused', () => {
  for (const name of ['', 'A', '1', 'a b', 'a>', 'a"', 'a=', 'a\n', 'ü', '-a', 'on:x', '__proto__x']) {
    test(JSON.stringify(name), () => {
      assert.throws(() => writeHtml(html(name)), TypeError);
      assert.throws(() => writeHtml(html('p', { [name]: '' })), TypeError);
    });
  }
});
