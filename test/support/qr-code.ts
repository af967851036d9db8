import assert from 'node:assert/strict';
import decodeQr from 'qr/decode.js';
import type { QrModules } from '../../src/ports/qr-encoder.ts';
import { elementsOf, type HtmlTree } from '../domain/formats/read-html.ts';

/** The dark modules that a path of horizontal lines draws. */
export function drawnModules(path: string, size: number): QrModules {
  assert.match(path, /^(?:M\d+ \d+\.5h\d+(?:m\d+ 0h\d+)*)*$/);
  const modules = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  let [x, y] = [0, 0];
  for (const [, command, one = '', two = ''] of path.matchAll(/([Mmh])(\d+)(?: (\d+))?/g)) {
    if (command === 'M') [x, y] = [Number(one), Number(two)];
    if (command === 'm') x += Number(one);
    for (let left = command === 'h' ? Number(one) : 0; left > 0; left--, x++) (modules[y] as boolean[])[x] = true;
  }
  return modules;
}

/** Pixels of a module. */
const SCALE = 4;

/** What a camera reads from the modules. */
export function codeText(modules: QrModules): string {
  const size = modules.length * SCALE;
  const data = new Uint8ClampedArray(size * size * 4).map((_, index) => {
    const pixel = Math.floor(index / 4);
    const [x, y] = [pixel % size, Math.floor(pixel / size)].map((at) => Math.floor(at / SCALE)) as [number, number];
    return index % 4 < 3 && modules[y]?.[x] === true ? 0 : 255;
  });
  return decodeQr({ width: size, height: size, data });
}

/** What the code of a page says; `id`: of its label. Undefined: there is none. */
export function codeIn(page: HtmlTree, id: string): string | undefined {
  const image = elementsOf(page, 'svg').find(({ attributes }) => attributes.get('aria-labelledby') === id);
  if (image === undefined) return undefined;
  const [, dark] = elementsOf(image, 'path');
  return codeText(drawnModules(dark?.attributes.get('d') ?? '', Number(image.attributes.get('width')) / 4));
}
