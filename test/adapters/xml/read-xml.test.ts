import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeXml, readXml } from '../../../src/adapters/xml/read-xml.ts';
import type { XmlTree } from '../../../src/domain/documents/xml-tree.ts';

// What is refused is in read-autodiscover-request.test.ts ("hostile"): both read through this.

const read = (xml: string): XmlTree => readXml(decodeXml(Buffer.from(xml), 'document_invalid'), 'document_invalid');

describe('readXml', () => {
  test('names, namespaces, lines, attributes and texts', () => {
    const root = read(
      '<a:b xmlns:a="u" c="1" a:d="&lt;">\n<e\n/><f xmlns="v">x<!-- n --><![CDATA[<]]>y<g>z</g>!</f></a:b>',
    );
    const [e, f] = root.children;
    assert.deepEqual([root.name, root.namespace, root.line, root.text], ['b', 'u', 1, '\n']);
    assert.deepEqual(
      [...root.attributes],
      [
        ['c', '1'],
        ['a:d', '<'],
      ],
    );
    assert.deepEqual([e?.name, e?.namespace, e?.line, e?.children, e?.text], ['e', '', 3, [], '']);
    assert.deepEqual([f?.name, f?.namespace, f?.text, f?.children[0]?.text], ['f', 'v', 'x<y!', 'z']);
  });

  for (const { name, xml, place } of [
    { name: 'an end tag in the wrong place', xml: '<a>\n<b>\n</a>', place: /^line 3: / },
    { name: 'a second root', xml: '<a/>\n<b/>', place: /^line 2: / },
    { name: 'too deep', xml: `${'<a>\n'.repeat(17)}${'</a>'.repeat(17)}`, place: /^line 17: / },
  ]) {
    test(`the line of a mistake: ${name}`, () => {
      assert.throws(() => read(xml), { name: 'Failure', code: 'document_invalid', message: place });
    });
  }

  test('failures have the code of the caller', () => {
    for (const xml of ['', '<a>', '<!DOCTYPE a><a/>']) {
      assert.throws(() => readXml(xml, 'request_malformed'), { code: 'request_malformed' });
    }
    assert.throws(() => decodeXml(Buffer.from([0xff]), 'document_invalid'), { code: 'document_invalid' });
  });
});
