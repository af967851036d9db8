/** One element, as a reader sees it that shares no code with src/. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlNode[];
  /** Empty where there are child elements. */
  readonly text: string;
}

// XML 1.0 (fifth edition), production [2] Char.
const CHARS = /^[\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
const PROLOG = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n(?:<!DOCTYPE [^[>]*>\n)?/;
const TOKEN = /<(\/?)([A-Za-z_][\w.-]*)((?:\s+[A-Za-z_][\w.-]*="[^<"]*")*)\s*(\/?)>|([^<]+)/gy;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

const dereference = (text: string): string =>
  text.replace(/&([^;&]*)(;?)/g, (whole, name: string, semicolon: string) => {
    const number = /^#(?:x([0-9A-Fa-f]+)|([0-9]+))$/.exec(name);
    const point = number?.[1] === undefined ? Number(number?.[2]) : Number.parseInt(number[1], 16);
    const character = number === null ? ENTITIES.get(name) : String.fromCodePoint(point);
    if (semicolon === '' || character === undefined || !CHARS.test(character)) throw new Error(`reference ${whole}`);
    return character;
  });

function readAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/([\w.-]+)="([^"]*)"/g)) {
    if (attributes.has(name)) throw new Error(`attribute ${name} twice`);
    attributes.set(name, dereference(value.replace(/[\t\n]/g, ' ')));
  }
  return attributes;
}

/**
 * Reads a well-formed document of the kind that we write: declaration, perhaps a DOCTYPE without internal subset,
 * elements, text; no comments, no CDATA, no text beside elements. Throws at anything else.
 */
export function readXml(document: string): XmlNode {
  if (!CHARS.test(document)) throw new Error('a character that XML cannot carry');
  const body = document.replace(/\r\n?/g, '\n');
  const prolog = PROLOG.exec(body)?.[0];
  if (prolog === undefined) throw new Error('no declaration');
  const top: XmlNode[] = [];
  const open: { name: string; attributes: ReadonlyMap<string, string>; children: XmlNode[]; text: string }[] = [];
  const close = (node: XmlNode): void => {
    if (node.children.length > 0 && node.text.trim() !== '') throw new Error(`text beside elements in ${node.name}`);
    (open.at(-1)?.children ?? top).push(node.children.length > 0 ? { ...node, text: '' } : node);
  };
  let end = prolog.length;
  for (TOKEN.lastIndex = end; end < body.length; end = TOKEN.lastIndex) {
    const [token = '', slash, name = '', attributes = '', empty, text] = TOKEN.exec(body) ?? [];
    const inner = open.at(-1);
    if (token === '') throw new Error(`no markup: ${body.slice(end, end + 40)}`);
    if (text !== undefined) {
      if (text.includes(']]>')) throw new Error(']]> in text');
      if (inner !== undefined) inner.text += dereference(text);
      else if (text.trim() !== '') throw new Error('text outside the root element');
    } else if (slash === '/') {
      if (inner?.name !== name || attributes !== '' || empty === '/') throw new Error(`unexpected ${token}`);
      open.pop();
      close(inner);
    } else if (empty === '/') {
      close({ name, attributes: readAttributes(attributes), children: [], text: '' });
    } else {
      open.push({ name, attributes: readAttributes(attributes), children: [], text: '' });
    }
  }
  const [root] = top;
  if (root === undefined || top.length > 1 || open.length > 0) throw new Error('not exactly one closed root element');
  return root;
}

/** All elements of this name below the node, in document order. */
export const descendants = (node: XmlNode, name: string): readonly XmlNode[] =>
  node.children.flatMap((child) => [...(child.name === name ? [child] : []), ...descendants(child, name)]);

/** The texts of an element's children by their names; a name that stands there twice is a mistake. */
export function childTexts(node: XmlNode | undefined): Readonly<Record<string, string>> {
  const texts = new Map<string, string>();
  for (const { name, text } of node?.children ?? []) {
    if (texts.has(name)) throw new Error(`${name} stands there twice`);
    texts.set(name, text);
  }
  return Object.fromEntries(texts);
}
