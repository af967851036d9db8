import { childrenOf, type XmlTree } from '../../domain/documents/xml-tree.ts';
import { type EmailAddress, parseEmailAddress } from '../../domain/email-address.ts';
import { Failure } from '../../domain/failure.ts';
import type { AutodiscoverRequest } from '../../ports/autodiscover-request-reader.ts';
import { decodeXml, readXml } from './read-xml.ts';

type Schema = AutodiscoverRequest['schema'];

/** Schema names without "http://": https occurs, too. Older request schemas end with the year. */
const SCHEMAS = 'schemas.microsoft.com/exchange/autodiscover';
const RESPONSE_SCHEMAS: Readonly<Record<Schema, string>> = {
  outlook: `${SCHEMAS}/outlook/responseschema/2006a`,
  mobilesync: `${SCHEMAS}/mobilesync/responseschema/2006`,
};
const KNOWN: readonly Schema[] = ['outlook', 'mobilesync'];

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

/** What a request in one schema asks for: the answer in that of the response, or, where it names none, in its own. */
function schemaWanted(request: string, response: string): Schema {
  const own = KNOWN.find((schema) => request.startsWith(`${SCHEMAS}/${schema}/requestschema/2006`));
  if (own !== undefined && response === RESPONSE_SCHEMAS.mobilesync) return 'mobilesync';
  if (own !== undefined && (response === '' || response === RESPONSE_SCHEMAS[own])) return own;
  throw new Failure('schema_unsupported', 'neither a schema of mail settings nor that of ActiveSync');
}

/** An invalid address has no ActiveSync, and gets the same answer as an address without it. */
function addressFor(schema: Schema, text: string): EmailAddress {
  try {
    return parseEmailAddress(text);
  } catch (cause) {
    if (schema === 'outlook') throw cause;
    throw new Failure('schema_unsupported', 'no ActiveSync for what is not an address', { cause });
  }
}

/**
 * Reads an Autodiscover request; see the port AutodiscoverRequestReader.
 * Spec: [MS-OXDSCLI] section 2.2.3. Tolerates what real clients send: UTF-8 or UTF-16, blanks before the declaration,
 * prefixes, https in schema names, no AcceptableResponseSchema, an unescaped "&" (Thunderbird).
 */
export function readAutodiscoverRequest(body: Uint8Array): AutodiscoverRequest {
  const root = readTolerantly(decodeXml(body, MALFORMED));
  const requests = root.name === 'Autodiscover' ? childrenOf(root, 'Request') : [];
  const inRequests = (wanted: string): readonly XmlTree[] => requests.flatMap((request) => childrenOf(request, wanted));
  const [addresses, schemas] = [inRequests('EMailAddress'), inRequests('AcceptableResponseSchema')];
  if (addresses.length > 1 || schemas.length > 1) throw new Failure(MALFORMED, 'more than one address or schema');
  const [address] = addresses;
  if (address === undefined) throw new Failure('address_missing', 'no EMailAddress in the request');
  if (address.children.length > 0) throw new Failure(MALFORMED, 'element inside the address');
  const schema = schemaWanted(withoutScheme(requests.at(-1)?.namespace ?? ''), withoutScheme(schemas[0]?.text ?? ''));
  return { schema, address: addressFor(schema, address.text.trim()) };
}
