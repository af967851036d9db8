import sax from 'sax';
import { type EmailAddress, parseEmailAddress } from '../../domain/email-address.ts';
import { Failure } from '../../domain/failure.ts';

/** Schema names without "http://": https occurs, too. Older request schemas end with the year. */
const REQUEST_SCHEMA = 'schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006';
const RESPONSE_SCHEMA = 'schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

/** A request has three levels and one namespace. */
const MAX_DEPTH = 16;
const MAX_NAMESPACE_DECLARATIONS = 16;

// We resolve namespaces ourselves: sax takes twice as long for a normal request, and cubic time for hostile ones.
const PARSER_OPTIONS = { xmlns: false, strictEntities: true, position: false };

const malformed = (message: string, cause?: unknown): Failure => new Failure('request_malformed', message, { cause });

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';
const decoder = (encoding: Encoding) => new TextDecoder(encoding, { fatal: true });
const DECODERS = {
  'utf-8': decoder('utf-8'),
  'utf-16le': decoder('utf-16le'),
  'utf-16be': decoder('utf-16be'),
} as const;

/** Bytes to text: UTF-8 or UTF-16, by byte order mark or by the zero byte beside the first character (XML 1.0, F.1). */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    (first === 0xff && second === 0xfe) || (first !== 0 && second === 0)
      ? 'utf-16le'
      : (first === 0xfe && second === 0xff) || (first === 0 && second !== 0)
        ? 'utf-16be'
        : 'utf-8';
  try {
    return DECODERS[encoding].decode(bytes);
  } catch (cause) {
    throw malformed('the body is not valid UTF-8 or UTF-16', cause);
  }
}

const withoutScheme = (uri: string): string => uri.trim().replace(/^https?:\/\//i, '');

/** Namespace names in scope by prefix, the default one under "" (Namespaces in XML 1.0, section 6). */
type Scope = ReadonlyMap<string, string>;
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
const OUTERMOST: Scope = new Map([['xml', XML_NAMESPACE]]);

/** One name, or two separated by a colon (Namespaces in XML 1.0, section 4); sax checks the rest. */
const QUALIFIED_NAME = /^[^:]+(?::[^:]+)?$/;
const prefixOf = (name: string): string => name.slice(0, Math.max(name.indexOf(':'), 0));
const localOf = (name: string): string => name.slice(name.indexOf(':') + 1);

interface Fields {
  readonly addresses: string[];
  readonly responseSchemas: string[];
  requestSchema: string;
}

function parse(xml: string): Fields {
  const fields: Fields = { addresses: [], responseSchemas: [], requestSchema: '' };
  const path: string[] = [];
  const scopes: Scope[] = [OUTERMOST];
  let text = '';
  let roots = 0;
  let declarations = 0;
  /** The namespaces that the current tag declares, and the prefixes of its other attributes. */
  let declared: [prefix: string, uri: string][] = [];
  let used: string[] = [];
  // Name by name: joining the path would cost the length of a long outer name for each element.
  const isAt = (...names: readonly string[]): boolean =>
    path.length === names.length && names.every((name, index) => name === path[index]);
  const parser = sax.parser(true, PARSER_OPTIONS);
  // sax reports errors and continues; we stop at the first.
  parser.onerror = (error) => {
    throw error;
  };
  // sax reports only the first of several attributes with the same name.
  parser.onattribute = ({ name, value }) => {
    if (!QUALIFIED_NAME.test(name)) throw malformed('misplaced colon in a name');
    const prefix = prefixOf(name);
    if (name !== 'xmlns' && prefix !== 'xmlns') used.push(prefix);
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
    if (path.length === 0) roots += 1;
    path.push(localOf(name));
    if (path.length > MAX_DEPTH) throw malformed('elements nested too deeply');
    if (path[2] === 'EMailAddress' && path.length > 3) throw malformed('element inside the address');
    const outer = scopes.at(-1) ?? OUTERMOST;
    const scope = declared.length === 0 ? outer : new Map([...outer, ...declared]);
    scopes.push(scope);
    for (const prefix of [...used, prefixOf(name)]) {
      if (prefix !== '' && !scope.has(prefix)) throw malformed('undeclared namespace prefix');
    }
    if (isAt('Autodiscover', 'Request')) fields.requestSchema = withoutScheme(scope.get(prefixOf(name)) ?? '');
    text = '';
    declared = [];
    used = [];
  };
  parser.ontext = (part) => {
    text += part;
  };
  parser.oncdata = (part) => {
    text += part;
  };
  parser.onclosetag = () => {
    if (isAt('Autodiscover', 'Request', 'EMailAddress')) fields.addresses.push(text);
    if (isAt('Autodiscover', 'Request', 'AcceptableResponseSchema')) fields.responseSchemas.push(text);
    path.pop();
    scopes.pop();
  };
  parser.write(xml).close();
  if (roots !== 1) throw malformed('must have exactly one root element');
  return fields;
}

function parseStrictly(xml: string): Fields {
  try {
    return parse(xml);
  } catch (cause) {
    // sax itself throws, too; every such error means that the text is not well-formed.
    throw cause instanceof Failure ? cause : malformed('XML is not well-formed', cause);
  }
}

/** Parses the text; if that fails, escapes each "&" that does not start a reference, and retries. */
function parseTolerantly(xml: string): Fields {
  const escaped = xml.replace(/&(?!(?:[a-z]+|#\d+|#x[0-9a-f]+);)/gi, '&amp;');
  if (escaped === xml) return parseStrictly(xml);
  try {
    return parse(xml); // in CDATA a lone "&" is valid
  } catch {
    return parseStrictly(escaped);
  }
}

/**
 * Reads the address from an Autodiscover request; see the port AutodiscoverRequestReader.
 * Spec: [MS-OXDSCLI] section 2.2.3. Tolerates what real clients send: UTF-8 or UTF-16, blanks before the declaration,
 * prefixes, https in schema names, no AcceptableResponseSchema, an unescaped "&" (Thunderbird).
 */
export function readAutodiscoverRequest(body: Uint8Array): EmailAddress {
  const xml = decode(body).trimStart();
  // sax reports a DTD only at its end, or never, and reads text after "<!" in quadratic time: 16 KiB took half a minute.
  // Only comments and CDATA may start with it. sax also accepts blanks between the two characters.
  if (/<(?:\s+!|!(?!--|\[CDATA\[))/.test(xml)) throw malformed('markup declarations such as a DTD are refused');
  const { addresses, responseSchemas, requestSchema } = parseTolerantly(xml);
  const responseSchema = withoutScheme(responseSchemas[0] ?? '');
  if (addresses.length > 1 || responseSchemas.length > 1) throw malformed('more than one address or schema');
  if (addresses[0] === undefined) throw new Failure('address_missing', 'no EMailAddress in the request');
  if (!requestSchema.startsWith(REQUEST_SCHEMA) || (responseSchema !== '' && responseSchema !== RESPONSE_SCHEMA)) {
    throw new Failure('schema_unsupported', 'not a schema of mail settings');
  }
  return parseEmailAddress(addresses[0].trim());
}
