/** One element of a page, as a reader sees it that shares no code with src/. */
export interface HtmlTree {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (HtmlTree | string)[];
}

/** The elements of our page; another one would have come from a text. */
const ELEMENTS: readonly string[] = [
  ...['html', 'head', 'meta', 'title', 'style', 'body', 'header', 'main', 'nav', 'section', 'h1', 'h2', 'h3', 'p', 'a'],
  ...['ul', 'ol', 'li', 'form', 'label', 'input', 'button', 'div', 'figure', 'figcaption', 'svg', 'path'],
  ...['table', 'caption', 'tbody', 'tr', 'th', 'td'],
];
const VOID: readonly string[] = ['meta', 'input'];
/** No control character but tab and line feed (HTML Standard, "Preprocessing the input stream"), no lone surrogate. */
const CHARS = /^[\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
const DOCTYPE = '<!doctype html>\n';
const STYLE = /<style>([^<]*)<\/style>/y;
const TOKEN = /<(\/?)([a-z][a-z0-9]*)((?: [A-Za-z][A-Za-z0-9-]*="[^<>"]*")*)>|([^<>]+)/y;
const CHARACTERS: ReadonlyMap<string, string> = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#10;', '\n'],
  ['&#13;', '\r'],
]);

const dereference = (text: string): string =>
  text.replace(/&[^;&]*;?/g, (reference) => {
    const character = CHARACTERS.get(reference);
    if (character === undefined) throw new Error(`reference ${reference}`);
    return character;
  });

function readAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/ ([\w-]+)="([^"]*)"/g)) {
    if (attributes.has(name)) throw new Error(`attribute ${name} twice`);
    attributes.set(name, dereference(value));
  }
  return attributes;
}

/** Reads a page of the kind that we write, and throws at anything else that a browser would have to guess about. */
export function readHtml(page: string): HtmlTree {
  if (!CHARS.test(page)) throw new Error('a character that a page must not hold');
  if (!page.startsWith(DOCTYPE) || !page.endsWith('</html>\n')) throw new Error('no page');
  const root: { children: (HtmlTree | string)[] } = { children: [] };
  const open: { name: string; attributes: HtmlTree['attributes']; children: (HtmlTree | string)[] }[] = [];
  const put = (node: HtmlTree | string): void => void (open.at(-1) ?? root).children.push(node);
  for (let at = DOCTYPE.length; at < page.length - 1; ) {
    STYLE.lastIndex = TOKEN.lastIndex = at;
    const style = STYLE.exec(page);
    const [token = '', slash, name = '', attributes = '', text] = style ?? TOKEN.exec(page) ?? [];
    if (token === '') throw new Error(`no markup: ${page.slice(at, at + 40)}`);
    at += token.length;
    if (style !== null) {
      put({ name: 'style', attributes: new Map(), children: [style[1] ?? ''] });
    } else if (text !== undefined) {
      put(dereference(text));
    } else if (!ELEMENTS.includes(name)) {
      throw new Error(`element ${name}`);
    } else if (slash === '/') {
      const inner = open.pop();
      if (inner?.name !== name || attributes !== '') throw new Error(`end of ${name} in ${inner?.name}`);
      put(inner);
    } else if (VOID.includes(name)) {
      put({ name, attributes: readAttributes(attributes), children: [] });
    } else {
      open.push({ name, attributes: readAttributes(attributes), children: [] });
    }
  }
  const [top, ...rest] = root.children;
  if (top === undefined || typeof top === 'string' || rest.length > 0 || open.length > 0)
    throw new Error('not one root');
  return top;
}

/** The elements of that name, in order; of "*", all. */
export const elementsOf = (tree: HtmlTree, name: string): readonly HtmlTree[] => [
  ...(name === '*' || tree.name === name ? [tree] : []),
  ...tree.children.flatMap((child) => (typeof child === 'string' ? [] : elementsOf(child, name))),
];

/** All text in an element. */
export const textIn = (tree: HtmlTree): string =>
  tree.children.map((child) => (typeof child === 'string' ? child : textIn(child))).join('');

/** The page without its texts: names of elements and of their attributes. */
export const structureOf = ({ name, attributes, children }: HtmlTree): string =>
  `<${[name, ...attributes.keys()].join(' ')}>${children.map((child) => (typeof child === 'string' ? '' : structureOf(child))).join('')}</>`;
