import { type HtmlElement, html } from '../../../domain/formats/html.ts';
import type { QrModules } from '../../../ports/qr-encoder.ts';

/** One line for each run of dark modules of a row: shorter than a square for each module. */
function runs(row: readonly boolean[]): string {
  let path = '';
  for (let from = row.indexOf(true); from >= 0; ) {
    const end = row.indexOf(false, from);
    const to = end < 0 ? row.length : end;
    const next = row.indexOf(true, to);
    path += `h${to - from}${next < 0 ? '' : `m${next - to} 0`}`;
    from = next;
  }
  return path;
}

/**
 * A code as an image in the page; a screen reader says the text of the element `labelId`. Dark on white in dark mode, too:
 * older scanners read no inverted codes.
 */
export function qrImage(modules: QrModules, labelId: string): HtmlElement {
  const size = modules.length;
  const path = modules.map((row, y) => (row.includes(true) ? `M${row.indexOf(true)} ${y}.5${runs(row)}` : '')).join('');
  return html(
    'svg',
    // Four CSS pixels a module, so that the camera of an older phone reads it.
    {
      role: 'img',
      'aria-labelledby': labelId,
      viewBox: `0 0 ${size} ${size}`,
      width: String(4 * size),
      height: String(4 * size),
      'shape-rendering': 'crispEdges',
    },
    html('path', { fill: '#fff', d: `M0 0h${size}v${size}H0z` }),
    html('path', { stroke: '#000', d: path }),
  );
}
