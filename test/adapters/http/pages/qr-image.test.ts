import assert from 'node:assert/strict';
import { test } from 'node:test';
import { qrImage } from '../../../../src/adapters/http/pages/qr-image.ts';
import { html, writeHtml } from '../../../../src/domain/formats/html.ts';
import type { QrModules } from '../../../../src/ports/qr-encoder.ts';
import { elementsOf, readHtml } from '../../../domain/formats/read-html.ts';
import { drawnModules } from '../../../support/qr-code.ts';

const bits = (...rows: readonly string[]): QrModules => rows.map((row) => [...row].map((bit) => bit === '#'));

for (const modules of [
  bits('    ', ' ## ', ' #  ', '    '),
  bits('####', '# # ', ' # #', '  ##'),
  bits('#  #', '    ', '   #', '#   '),
  bits('##', '##'),
]) {
  test(`${modules.length} modules: ${modules.flat().map(Number).join('')}`, () => {
    const size = modules.length;
    const page = readHtml(writeHtml(html('html', {}, qrImage(modules, 'code'))));
    const [image, light, dark] = ['svg', ...['path', 'path']].map(
      (name, index) => elementsOf(page, name)[Math.max(index - 1, 0)],
    );
    assert.deepEqual(Object.fromEntries(image?.attributes ?? []), {
      role: 'img',
      'aria-labelledby': 'code',
      viewBox: `0 0 ${size} ${size}`,
      width: String(4 * size),
      height: String(4 * size),
      'shape-rendering': 'crispEdges',
    });
    // White below, whatever the colours of the page.
    assert.deepEqual(Object.fromEntries(light?.attributes ?? []), { fill: '#fff', d: `M0 0h${size}v${size}H0z` });
    assert.equal(dark?.attributes.get('stroke'), '#000');
    assert.deepEqual(drawnModules(dark?.attributes.get('d') ?? '', size), modules);
  });
}
