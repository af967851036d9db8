/** An element with either text or elements inside; names are ours, attributes and text may be anybody's. */
export interface XmlElement {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly content: string | readonly XmlElement[];
}

export const element = (
  name: string,
  content: string | readonly XmlElement[],
  attributes?: Readonly<Record<string, string>>,
): XmlElement => (attributes === undefined ? { name, content } : { name, content, attributes });

// XML 1.0 (fifth edition), productions [2] Char and [5] Name, the latter in ASCII and without colon.
const NOT_CHAR = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu;
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
// Most texts are of this kind and go out as they are: printable ASCII less "&", "<", ">" and the quotation mark.
const NEEDS_NOTHING = /^[ !#-%'-;=?-~]*$/;

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
const reference = (character: string): string =>
  REFERENCES[character] ?? `&#x${character.codePointAt(0)?.toString(16)};`;

/** The text less the characters that XML 1.0 cannot carry even as a reference. */
export const xmlText = (text: string): string => (NEEDS_NOTHING.test(text) ? text : text.replace(NOT_CHAR, ''));

// A parser turns CR into LF, and in attributes every blank into a space (XML 1.0 sections 2.11 and 3.3.3): both escaped.
// So is what is not seen, but obeyed by a terminal or a viewer: other control characters, Unicode's format characters
// (changes of direction, tags and the like), and its line ends.
const IN_TEXT = /[&<>\r\x7f-\x9f\u2028\u2029]|\p{Format}/gu;
const IN_ATTRIBUTE = new RegExp(`["\\t\\n]|${IN_TEXT.source}`, 'gu');

/** The text as it is written between tags, without what XML cannot carry. */
export const escapeText = (text: string): string =>
  NEEDS_NOTHING.test(text) ? text : xmlText(text).replace(IN_TEXT, reference);
const escapeAttribute = (text: string): string =>
  NEEDS_NOTHING.test(text) ? text : xmlText(text).replace(IN_ATTRIBUTE, reference);

// Names are ours, and few.
const checkedNames = new Set<string>();

function checkedName(name: string): string {
  if (checkedNames.has(name)) return name;
  if (!NAME.test(name)) throw new TypeError(`no XML name: ${JSON.stringify(name)}`);
  checkedNames.add(name);
  return name;
}

function write({ name, attributes, content }: XmlElement, indent: string): string {
  let tag = checkedName(name);
  for (const key in attributes) tag += ` ${checkedName(key)}="${escapeAttribute(attributes[key] ?? '')}"`;
  if (content.length === 0) return `${indent}<${tag}/>\n`;
  if (typeof content === 'string') return `${indent}<${tag}>${escapeText(content)}</${name}>\n`;
  const deeper = `${indent}  `;
  let inside = '';
  for (const child of content) inside += write(child, deeper);
  return `${indent}<${tag}>\n${inside}${indent}</${name}>\n`;
}

/** The first line of every document. */
export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/**
 * Writes a document in UTF-8: declaration and the element. Whatever texts and attribute values
 * hold, the result is well-formed; an invalid name is a mistake of ours and throws TypeError.
 */
export const writeXml = (root: XmlElement): string => XML_DECLARATION + write(root, '');
