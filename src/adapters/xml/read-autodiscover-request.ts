import { childrenOf, type XmlTree } from '../../domain/documents/xml-tree.ts';
import { type EmailAddress, parseEmailAddress } from '../../domain/email-address.ts';
import { Failure } from '../../domain/failure.ts';
import { decodeXml, readXml } from './read-xml.ts';

/** Schema names without "http://": https occurs, too. Older request schemas end with the year. */
const REQUEST_SCHEMA = 'schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006';
const RESPONSE_SCHEMA = 'schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

const MALFORMED = 'request_malformed';

const withoutScheme = (uri: string): string => uri.trim().replace(/^https?:\/\//i, '');

/** Reads the text; if that fails, escapes each "&" that does not start a reference, and retries. */
function readTolerantly(xml: string): XmlTree {
  const escaped = xml.replace(/&(?!(?:[a-z]+|#\d+|#x[0-9a-f]+);)/gi, '&amp;');
  if (escaped === xml) return readXml(xml, MALFORMED);
  try {
    return readXml(xml, MALFORMED); // in CDATA a lone "&" is valid
  } catch {
    return readXml(escaped, MALFORMED);
  }
}

/**
 * Reads the address from an Autodiscover request; see the port AutodiscoverRequestReader.
 * Spec: [MS-OXDSCLI] section 2.2.3. Tolerates what real clients send: UTF-8 or UTF-16, blanks before the declaration,
 * prefixes, https in schema names, no AcceptableResponseSchema, an unescaped "&" (Thunderbird).
 */
export function readAutodiscoverRequest(body: Uint8Array): EmailAddress {
  const root = readTolerantly(decodeXml(body, MALFORMED));
  const requests = root.name === 'Autodiscover' ? childrenOf(root, 'Request') : [];
  const inRequests = (wanted: string): readonly XmlTree[] => requests.flatMap((request) => childrenOf(request, wanted));
  const [addresses, schemas] = [inRequests('EMailAddress'), inRequests('AcceptableResponseSchema')];
  if (addresses.length > 1 || schemas.length > 1) throw new Failure(MALFORMED, 'more than one address or schema');
  const [address] = addresses;
  if (address === undefined) throw new Failure('address_missing', 'no EMailAddress in the request');
  if (address.children.length > 0) throw new Failure(MALFORMED, 'element inside the address');
  const requestSchema = withoutScheme(requests.at(-1)?.namespace ?? '');
  const responseSchema = withoutScheme(schemas[0]?.text ?? '');
  if (!requestSchema.startsWith(REQUEST_SCHEMA) || (responseSchema !== '' && responseSchema !== RESPONSE_SCHEMA)) {
    throw new Failure('schema_unsupported', 'not a schema of mail settings');
  }
  return parseEmailAddress(address.text.trim());
}
