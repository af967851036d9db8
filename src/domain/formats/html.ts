/** An element of HTML; names are ours, attributes and texts may be anybody's. */
export interface HtmlElement {
  readonly name: string;
  /** Those that are undefined are left out. */
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly content: readonly HtmlNode[];
}

/** A part of a page; undefined: nothing. */
export type HtmlNode = HtmlElement | string | undefined;

/** An element with its attributes and what is in it. */
export const html = (
  name: string,
  attributes: HtmlElement['attributes'] = {},
  ...content: readonly HtmlNode[]
): HtmlElement => ({ name, attributes, content });

// HTML Standard, "Void elements": those that are used here. They have no content and no end tag.
const VOID: readonly string[] = ['input', 'meta'];
/** "Raw text elements": their content is not escaped, so only we may write it. */
const RAW = 'style';

const NAME = /^[a-z][a-zA-Z0-9-]*$/;

// What a page must not hold (HTML Standard, "control-character-reference"), and what would turn the direction of the texts
// around it (Unicode, UAX #9): no name of a provider or person needs either.
const LEFT_OUT = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;
const SPECIAL = /[&<>"\r\n]/g;
const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // Browsers make other characters of them.
  '\r': '&#13;',
  '\n': '&#10;',
};

/** The text as it is written between tags and in quotation marks. */
const escaped = (text: string): string =>
  text.replace(LEFT_OUT, '').replace(SPECIAL, (character) => REFERENCES[character] ?? '');

const checkedName = (name: string): string => {
  if (!NAME.test(name)) throw new TypeError(`no HTML name: ${JSON.stringify(name)}`);
  return name;
};

function raw(content: readonly HtmlNode[]): string {
  const text = content.join('');
  if (text.includes('</')) throw new TypeError('a raw text would end its element');
  return text;
}

function write(node: HtmlNode): string {
  if (node === undefined) return '';
  if (typeof node === 'string') return escaped(node);
  const { name, attributes, content } = node;
  let text = `<${checkedName(name)}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) text += ` ${checkedName(key)}="${escaped(value)}"`;
  }
  text += '>';
  if (VOID.includes(name)) return text;
  return `${text}${name === RAW ? raw(content) : content.map(write).join('')}</${name}>`;
}

/** Writes a page: the document type and the element. An invalid name is a mistake of ours and throws TypeError. */
export const writeHtml = (root: HtmlElement): string => `<!doctype html>\n${write(root)}\n`;
