import { type HtmlElement, html } from '../../../domain/formats/html.ts';
import type { QrModules } from '../../../ports/qr-encoder.ts';
import { qrImage } from './qr-image.ts';

export const steps = (texts: readonly string[]): HtmlElement =>
  html('ol', {}, ...texts.map((text) => html('li', {}, text)));
export const paragraph = (text: string, className?: string): HtmlElement => html('p', { class: className }, text);

/** A link to another part of the page. */
export const anchor = (id: string, text: string): HtmlElement => html('a', { href: `#${id}` }, text);

/** A code beside the text that follows. */
export const figure = (modules: QrModules | undefined, id: string, caption: string): HtmlElement | undefined =>
  modules && html('figure', {}, qrImage(modules, id), html('figcaption', { id }, caption));
