import sax from 'sax';
import type { XmlTree } from '../../domain/documents/xml-tree.ts';
import { Failure, type FailureCode } from '../../domain/failure.ts';

/** What we read has at most five levels and one namespace. */
const MAX_DEPTH = 16;
const MAX_NAMESPACE_DECLARATIONS = 16;

// We resolve namespaces ourselves: sax takes twice as long for a normal request, and cubic time for hostile ones.
const PARSER_OPTIONS = { xmlns: false, strictEntities: true, position: true };

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';
const decoder = (encoding: Encoding) => new TextDecoder(encoding, { fatal: true });
const DECODERS = {
  'utf-8': decoder('utf-8'),
  'utf-16le': decoder('utf-16le'),
  'utf-16be': decoder('utf-16be'),
} as const;

/**
 * Octets to text: UTF-8 or UTF-16, by byte order mark or by the zero byte beside the first character (XML 1.0, F.1). Blanks
 * before the declaration, which some clients send, are cut off. Throws a Failure of the code.
 */
export function decodeXml(octets: Uint8Array, code: FailureCode): string {
  const [first, second] = octets;
  const encoding =
    (first === 0xff && second === 0xfe) || (first !== 0 && second === 0)
      ? 'utf-16le'
      : (first === 0xfe && second === 0xff) || (first === 0 && second !== 0)
        ? 'utf-16be'
        : 'utf-8';
  try {
    return DECODERS[encoding].decode(octets).trimStart();
  } catch (cause) {
    throw new Failure(code, 'not valid UTF-8 or UTF-16', { cause });
  }
}

/** Namespace names in scope by prefix, the default one under "" (Namespaces in XML 1.0, section 6). */
type Scope = ReadonlyMap<string, string>;
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
const OUTERMOST: Scope = new Map([['xml', XML_NAMESPACE]]);

/** One name, or two separated by a colon (Namespaces in XML 1.0, section 4); sax checks the rest. */
const QUALIFIED_NAME = /^[^:]+(?::[^:]+)?$/;
const prefixOf = (name: string): string => name.slice(0, Math.max(name.indexOf(':'), 0));
const localOf = (name: string): string => name.slice(name.indexOf(':') + 1);

/** An element whose end has not come yet. */
interface Open extends XmlTree {
  readonly children: Open[];
  text: string;
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

/** Feeds the parser, which throws errors of its own, too. */
function parse(parser: sax.SAXParser, xml: string, malformed: (message: string) => Failure): XmlTree {
  const roots: Open[] = [];
  const open: Open[] = [];
  const scopes: Scope[] = [OUTERMOST];
  let declarations = 0;
  /** The namespaces that the current tag declares, and its other attributes. */
  let declared: [prefix: string, uri: string][] = [];
  let attributes: [name: string, value: string][] = [];
  const addText = (part: string): void => {
    const inside = open.at(-1);
    if (inside !== undefined) inside.text += part;
  };
  const assertDeclared = (prefix: string, scope: Scope): void => {
    if (prefix !== '' && !scope.has(prefix)) throw malformed('undeclared namespace prefix');
  };
  // sax reports errors and continues; we stop at the first.
  parser.onerror = (error) => {
    throw error;
  };
  // sax reports only the first of several attributes with the same name.
  parser.onattribute = ({ name, value }) => {
    if (!QUALIFIED_NAME.test(name)) throw malformed('misplaced colon in a name');
    const prefix = prefixOf(name);
    if (name !== 'xmlns' && prefix !== 'xmlns') attributes.push([name, value]);
    else {
      declarations += 1;
      // Each scope with declarations is a copy of the one around it.
      if (declarations > MAX_NAMESPACE_DECLARATIONS) throw malformed('too many namespaces');
      const bound = prefix === '' ? '' : localOf(name);
      // Namespaces in XML 1.0, sections 3 and 5: "xml" has a fixed namespace, "xmlns" none, and prefixes cannot be undeclared.
      const isWrong =
        bound === 'xmlns' || (bound === 'xml') !== (value === XML_NAMESPACE) || (bound !== '' && value === '');
      if (isWrong) throw malformed('invalid namespace declaration');
      declared.push([bound, value]);
    }
  };
  parser.onopentag = ({ name }) => {
    if (!QUALIFIED_NAME.test(name)) throw malformed('misplaced colon in a name');
    if (open.length === 0 && roots.length > 0) throw malformed('more than one root element');
    if (open.length === MAX_DEPTH) throw malformed('elements nested too deeply');
    const outer = scopes.at(-1) ?? OUTERMOST;
    const scope = declared.length === 0 ? outer : new Map([...outer, ...declared]);
    scopes.push(scope);
    const prefix = prefixOf(name);
    assertDeclared(prefix, scope);
    for (const [attribute] of attributes) assertDeclared(prefixOf(attribute), scope);
    const element: Open = {
      name: localOf(name),
      namespace: scope.get(prefix) ?? '',
      line: parser.line + 1,
      attributes: attributes.length === 0 ? NO_ATTRIBUTES : new Map(attributes),
      children: [],
      text: '',
    };
    (open.at(-1)?.children ?? roots).push(element);
    open.push(element);
    declared = [];
    attributes = [];
  };
  parser.ontext = addText;
  parser.oncdata = addText;
  parser.onclosetag = () => {
    open.pop();
    scopes.pop();
  };
  parser.write(xml).close();
  const [root] = roots;
  if (root === undefined) throw malformed('no element');
  return root;
}

/**
 * Reads an XML document that may come from strangers: well-formed, with namespaces, without a document type definition, and
 * within the limits above; its length is for the caller to limit. Throws a Failure of the code.
 */
export function readXml(xml: string, code: FailureCode): XmlTree {
  // sax reports a DTD only at its end, or never, and reads text after "<!" in quadratic time: 16 KiB took half a minute.
  // Only comments and CDATA may start with it. sax also accepts blanks between the two characters.
  if (/<(?:\s+!|!(?!--|\[CDATA\[))/.test(xml)) throw new Failure(code, 'markup declarations such as a DTD are refused');
  const parser = sax.parser(true, PARSER_OPTIONS);
  const malformed = (message: string, cause?: unknown): Failure =>
    new Failure(code, `line ${parser.line + 1}: ${message}`, { cause });
  try {
    return parse(parser, xml, malformed);
  } catch (cause) {
    // Every error of sax means that the text is not well-formed.
    throw cause instanceof Failure ? cause : malformed('not well-formed XML', cause);
  }
}
