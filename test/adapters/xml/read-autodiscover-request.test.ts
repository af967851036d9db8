import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readAutodiscoverRequest } from '../../../src/adapters/xml/read-autodiscover-request.ts';
import { addressText } from '../../../src/domain/email-address.ts';
import type { FailureCode } from '../../../src/domain/failure.ts';

const SCHEMAS = 'http://schemas.microsoft.com/exchange/autodiscover';
const OUTLOOK = `${SCHEMAS}/outlook/requestschema/2006`;
const MOBILESYNC = `${SCHEMAS}/mobilesync/requestschema/2006`;
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
const ADDRESS = '<EMailAddress>fred@example.com</EMailAddress>';
const wants = (schema: string): string => `<AcceptableResponseSchema>${schema}</AcceptableResponseSchema>`;
const WANTS_MOBILESYNC = wants(`${SCHEMAS}/mobilesync/responseschema/2006`);
const WANTS_OURS = wants(`${SCHEMAS}/outlook/responseschema/2006a`);

const request = (inside: string, schema = OUTLOOK): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<Autodiscover xmlns="${schema}">\n  <Request>\n    ${inside}\n  </Request>\n</Autodiscover>`;
/** A request with this text as the content of its address element. */
const asks = (address: string): string => request(`<EMailAddress>${address}</EMailAddress>${WANTS_OURS}`);
const PLAIN = asks('fred@example.com');

const little = (text: string): Uint8Array => Buffer.from(text, 'utf16le');
const big = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16();
const declared = (encoding: string): string => PLAIN.replace('"utf-8"', `"${encoding}"`);

const read = (body: string | Uint8Array): string => addressText(readAutodiscoverRequest(Buffer.from(body)).address);

function accepts(name: string, body: string | Uint8Array, want = 'fred@example.com'): void {
  test(name, () => assert.equal(read(body), want));
}
function refuses(name: string, body: string | Uint8Array, code: FailureCode): void {
  test(name, () => assert.throws(() => read(body), { name: 'Failure', code }));
}

describe('encodings', () => {
  for (const { name, body } of [
    { name: 'UTF-8', body: PLAIN },
    { name: 'UTF-8 with byte order mark', body: `\ufeff${PLAIN}` },
    { name: 'UTF-16LE with byte order mark', body: little(`\ufeff${declared('utf-16')}`) },
    { name: 'UTF-16BE with byte order mark', body: big(`\ufeff${declared('utf-16')}`) },
    { name: 'UTF-16LE, declared only', body: little(declared('utf-16')) },
    { name: 'UTF-16BE, declared only', body: big(declared('utf-16')) },
    { name: 'UTF-8, no declaration', body: PLAIN.slice(PLAIN.indexOf('<Auto')) },
    { name: 'UTF-8 that says it is UTF-16', body: declared('utf-16') },
    { name: 'ASCII that says so', body: declared('us-ascii') },
  ]) {
    accepts(name, body);
  }
  accepts('letters beyond ASCII in UTF-8', asks('jürgen@exämple.com'), 'jürgen@xn--exmple-cua.com');
  accepts('letters beyond ASCII in UTF-16BE', big(`\ufeff${asks('jürgen@example.com')}`), 'jürgen@example.com');

  for (const { name, body } of [
    { name: 'Latin-1', body: Buffer.from(asks('jürgen@example.com'), 'latin1') },
    { name: 'UTF-8 cut off within a character', body: Buffer.from(`${PLAIN}ü`).subarray(0, -1) },
    { name: 'UTF-16 with half a character', body: little(`\ufeff${asks('fr\ud800ed@example.com')}`) },
    { name: 'UTF-16 with an odd number of octets', body: Buffer.concat([little(`\ufeff${PLAIN}`), Buffer.from([0])]) },
    { name: 'UTF-32LE', body: Buffer.from(new Uint32Array([0xfeff, ...Buffer.from(PLAIN)]).buffer) },
    { name: 'zeros', body: new Uint8Array(64) },
    { name: 'gzip', body: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]) },
  ]) {
    refuses(`no: ${name}`, body, 'request_malformed');
  }
});

describe('what clients send', () => {
  const prefixed = `<a:Autodiscover xmlns:a="${OUTLOOK}"><a:Request><a:EMailAddress>fred@example.com</a:EMailAddress></a:Request></a:Autodiscover>`;
  for (const { name, body } of [
    { name: 'blanks and line ends before the declaration', body: ` \r\n\t\n${PLAIN}` },
    { name: 'the same after a byte order mark', body: `\ufeff\n${PLAIN}` },
    { name: 'blanks after the end', body: `${PLAIN} \r\n\n` },
    { name: 'CRLF everywhere', body: PLAIN.replaceAll('\n', '\r\n') },
    { name: 'all in one line', body: PLAIN.replaceAll('\n', '') },
    { name: 'prefixes', body: prefixed },
    {
      name: 'other prefixes in the same name',
      body: prefixed.replace(/<a:Request>/, `<a:Request xmlns:b="${OUTLOOK}">`),
    },
    {
      name: 'a prefix in the place of the default namespace, and an attribute of XML itself',
      body: prefixed.replace('<a:Request>', '<a:Request xml:lang="en" a:b="c">'),
    },
    {
      name: 'a prefix that means something else inside',
      body: prefixed.replace('<a:Request>', '<a:Request><a:x xmlns:a="u"/>'),
    },
    { name: 'schema before address', body: request(WANTS_OURS + ADDRESS) },
    { name: 'no response schema', body: request(ADDRESS) },
    { name: 'an empty response schema', body: request(`${ADDRESS}<AcceptableResponseSchema/>`) },
    { name: 'a blank response schema', body: request(`${ADDRESS}${wants(' \n ')}`) },
    { name: 'https in the request schema', body: request(ADDRESS, OUTLOOK.replace('http:', 'https:')) },
    { name: 'https in the response schema', body: request(ADDRESS + WANTS_OURS.replace('http:', 'https:')) },
    { name: 'a request schema with a letter after the year', body: request(ADDRESS + WANTS_OURS, `${OUTLOOK}a`) },
    {
      name: 'a response schema with blanks around',
      body: request(ADDRESS + wants(`\n ${SCHEMAS}/outlook/responseschema/2006a\n `)),
    },
    { name: 'an address with blanks around', body: asks('\r\n\t fred@example.com \r\n') },
    {
      name: 'comments between elements',
      body: request(`<!-- a -->${ADDRESS}<!-- <EMailAddress>x@y</EMailAddress> -->`),
    },
    { name: 'processing instructions', body: request(`<?a b?>${ADDRESS}`) },
    { name: 'elements that we do not know', body: request(`<Culture>en</Culture>${ADDRESS}<x><y/></x>`) },
    { name: 'attributes that we do not know', body: asks('fred@example.com').replace('<Request>', '<Request a="b">') },
  ]) {
    accepts(name, body);
  }
});

describe('which answer is wanted', () => {
  for (const { name, body, schema } of [
    { name: 'mail settings, by both schemas', body: PLAIN, schema: 'outlook' },
    { name: 'mail settings, by the request alone', body: request(ADDRESS), schema: 'outlook' },
    {
      name: 'ActiveSync, by both schemas',
      body: request(ADDRESS + WANTS_MOBILESYNC, MOBILESYNC),
      schema: 'mobilesync',
    },
    { name: 'ActiveSync, by the request alone', body: request(ADDRESS, MOBILESYNC), schema: 'mobilesync' },
    { name: 'ActiveSync in a request of Outlook', body: request(ADDRESS + WANTS_MOBILESYNC), schema: 'mobilesync' },
    {
      name: 'ActiveSync, https and blanks in the names',
      body: request(ADDRESS + WANTS_MOBILESYNC.replace('>http:', '>\n https:'), MOBILESYNC.replace('http:', 'https:')),
      schema: 'mobilesync',
    },
  ]) {
    test(name, () => {
      const read = readAutodiscoverRequest(Buffer.from(body));
      assert.deepEqual([read.schema, addressText(read.address)], [schema, 'fred@example.com']);
    });
  }
});

describe('the text of the address', () => {
  for (const { name, text, want } of [
    {
      name: 'the local part keeps its case, the domain does not',
      text: 'Fred.B@Example.COM',
      want: 'Fred.B@example.com',
    },
    { name: 'an escaped "&"', text: 'r&amp;d@example.com', want: 'r&d@example.com' },
    { name: 'an "&" that nobody escaped', text: 'r&d@example.com', want: 'r&d@example.com' },
    { name: '"&" before "="', text: 'a&b=c@example.com', want: 'a&b=c@example.com' },
    { name: '"&" right before "@"', text: 'r&@example.com', want: 'r&@example.com' },
    { name: '"&&"', text: 'r&&d@example.com', want: 'r&&d@example.com' },
    { name: '"&#"', text: 'r&#d@example.com', want: 'r&#d@example.com' },
    { name: '"&lt" that is no reference', text: 'r&lt@example.com', want: 'r&lt@example.com' },
    { name: 'one "&" escaped, one not', text: 'r&amp;d&x@example.com', want: 'r&d&x@example.com' },
    { name: 'what was escaped twice is read once', text: "a&amp;'amp@example.com", want: "a&'amp@example.com" },
    { name: 'CDATA', text: '<![CDATA[fred@example.com]]>', want: 'fred@example.com' },
    { name: 'CDATA with "&"', text: '<![CDATA[r&d@example.com]]>', want: 'r&d@example.com' },
    { name: 'CDATA in the middle', text: 'fr<![CDATA[ed@exam]]>ple.com', want: 'fred@example.com' },
    { name: 'two of CDATA', text: '<![CDATA[fred]]><![CDATA[@example.com]]>', want: 'fred@example.com' },
    { name: 'a comment inside', text: 'fr<!-- x@y -->ed@example.com', want: 'fred@example.com' },
    { name: 'a comment in front', text: '<!---->fred@example.com', want: 'fred@example.com' },
    { name: 'numbers for letters', text: 'fred&#64;example&#x2e;com', want: 'fred@example.com' },
    { name: 'the apostrophe by name', text: 'o&apos;hara@example.com', want: "o'hara@example.com" },
    { name: 'a quoted local part', text: '&quot;a b&quot;@example.com', want: '"a b"@example.com' },
    { name: 'a quoted local part with "<"', text: '&quot;a&lt;b&quot;@example.com', want: '"a<b"@example.com' },
    { name: 'a tag', text: 'fred+tag@example.com', want: 'fred+tag@example.com' },
  ]) {
    accepts(name, asks(text), want);
  }
});

describe('nothing that we could answer', () => {
  for (const { name, body, code } of [
    { name: 'no address', body: request(WANTS_OURS), code: 'address_missing' },
    { name: 'an empty address', body: asks(''), code: 'address_missing' },
    { name: 'an empty element', body: request('<EMailAddress/>'), code: 'address_missing' },
    { name: 'a blank address', body: asks(' \n\t'), code: 'address_missing' },
    {
      name: 'LegacyDN alone',
      body: request(`<LegacyDN>/o=a/cn=fred</LegacyDN>${WANTS_OURS}`),
      code: 'address_missing',
    },
    { name: 'an address in a comment', body: request(`<!--${ADDRESS}-->`), code: 'address_missing' },
    { name: 'an address outside of Request', body: PLAIN.replaceAll(/<.?Request>/g, ''), code: 'address_missing' },
    { name: 'an address too deep', body: request(`<a>${ADDRESS}</a>`), code: 'address_missing' },
    { name: 'another root', body: PLAIN.replaceAll('Autodiscover', 'Autoconfig'), code: 'address_missing' },
    { name: 'no domain', body: asks('fred'), code: 'address_invalid' },
    { name: 'no local part', body: asks('@example.com'), code: 'address_invalid' },
    { name: 'a blank inside', body: asks('fr ed@example.com'), code: 'address_invalid' },
    { name: 'two addresses in one element', body: asks('fred@example.com,ann@example.com'), code: 'address_invalid' },
    { name: 'an unknown response schema', body: request(ADDRESS + wants('urn:x')), code: 'schema_unsupported' },
    {
      name: 'ours with something behind',
      body: request(ADDRESS + wants(`${SCHEMAS}/outlook/responseschema/2006ab`)),
      code: 'schema_unsupported',
    },
    {
      name: 'ours at another host',
      body: request(ADDRESS + WANTS_OURS.replace('microsoft', 'example')),
      code: 'schema_unsupported',
    },
    {
      name: 'mobilesync with something behind',
      body: request(ADDRESS + wants(`${SCHEMAS}/mobilesync/responseschema/2006a`), MOBILESYNC),
      code: 'schema_unsupported',
    },
    {
      name: 'mail asked for in mobilesync',
      body: request(ADDRESS + WANTS_OURS, MOBILESYNC),
      code: 'schema_unsupported',
    },
    {
      name: 'mobilesync asked for in an unknown schema',
      body: request(ADDRESS + WANTS_MOBILESYNC, 'urn:x'),
      code: 'schema_unsupported',
    },
    {
      name: 'a request and a response schema in the wrong place',
      body: request(ADDRESS + wants(MOBILESYNC), `${SCHEMAS}/mobilesync/responseschema/2006`),
      code: 'schema_unsupported',
    },
    // As where ActiveSync is not configured, however the address looks.
    ...['', 'fred', '@example.com'].map((text) => ({
      name: `mobilesync for what is no address: ${text}`,
      body: request(`<EMailAddress>${text}</EMailAddress>${WANTS_MOBILESYNC}`, MOBILESYNC),
      code: 'schema_unsupported' as const,
    })),
    {
      name: 'mobilesync, no address',
      body: request(WANTS_MOBILESYNC, MOBILESYNC),
      code: 'address_missing',
    },
    {
      name: 'an unknown request schema, no response schema',
      body: request(ADDRESS, 'urn:x'),
      code: 'schema_unsupported',
    },
  ] satisfies readonly { name: string; body: string; code: FailureCode }[]) {
    refuses(name, body, code);
  }
});

describe('no XML', () => {
  for (const { name, body } of [
    { name: 'nothing', body: '' },
    { name: 'blanks', body: ' \n ' },
    { name: 'a byte order mark', body: '\ufeff' },
    { name: 'a form', body: 'EMailAddress=fred%40example.com' },
    { name: 'JSON', body: '{"EMailAddress":"fred@example.com"}' },
    { name: 'an address', body: 'fred@example.com' },
    { name: 'HTML', body: '<html><body><p>fred@example.com<br></body></html>' },
    { name: 'a declaration alone', body: '<?xml version="1.0"?>' },
    { name: 'a comment alone', body: '<!-- a -->' },
  ]) {
    refuses(name, body, 'request_malformed');
  }
});

// hazards.md, "sax", by its numbers.
describe('hostile', () => {
  const nested = (depth: number, open: (level: number) => string): string =>
    Array.from({ length: depth }, (_, level) => open(level)).join('') + '</a>'.repeat(depth);
  /** As much of it as a body of 16 KiB takes. */
  const filled = (piece: (index: number) => string): number => {
    let octets = PLAIN.length;
    let count = 0;
    for (; octets < 16_384; count++) octets += piece(count).length;
    return count - 1;
  };
  const prefixed = (prefix: string): string =>
    `<Autodiscover xmlns:${prefix}="${OUTLOOK}"><${prefix}:Request>${ADDRESS}</${prefix}:Request></Autodiscover>`;
  const declaring = (name: string, uri: string): string => PLAIN.replace('<Request>', `<Request><a ${name}="${uri}"/>`);
  const declares = (index: number): string => `<a xmlns:p${index}="u">`;
  const attributes = (count: number): string =>
    Array.from({ length: count }, (_, index) => ` xmlns:p${index}="u${index}"`).join('');

  for (const { name, body } of [
    { name: '1: "<" after a whole request', body: `${PLAIN}<` },
    { name: '1: text after a whole request', body: `${PLAIN}x` },
    { name: '1: an end too many', body: `${PLAIN}</Autodiscover>` },
    { name: '1: an end too few', body: PLAIN.replace('</Autodiscover>', '') },
    {
      name: '1: ends in the wrong order',
      body: PLAIN.replace('</Request>\n</Autodiscover>', '</Autodiscover></Request>'),
    },
    { name: '1: ends in another letter case', body: PLAIN.replace('</EMailAddress>', '</EmailAddress>') },
    { name: '1: text before the root', body: `x${PLAIN}` },
    { name: '1: an attribute without quotes', body: PLAIN.replace('<Request>', '<Request a=b>') },
    { name: '1: an attribute without value', body: PLAIN.replace('<Request>', '<Request a>') },
    { name: '1: an unbound prefix', body: PLAIN.replace('<Request>', '<Request><p:a/>') },
    { name: '1: an unbound prefix of an attribute', body: PLAIN.replace('<Request>', '<Request p:a="b">') },
    {
      name: '1: a prefix bound to nothing',
      body: PLAIN.replace('<Request>', '<Request xmlns:p=""><p:a/>'),
    },
    { name: '1: a prefix bound to nothing that is not used', body: PLAIN.replace('<Request>', '<Request xmlns:p="">') },
    { name: '1: "xml" bound to something else', body: prefixed('xml') },
    { name: '1: "xmlns" bound to something', body: prefixed('xmlns') },
    { name: '1: "xmlns:" alone', body: PLAIN.replace('xmlns=', 'xmlns:=') },
    { name: '1: the namespace of "xml" for another prefix', body: declaring('xmlns:p', XML_NAMESPACE) },
    { name: '1: the namespace of "xml" without a prefix', body: declaring('xmlns', XML_NAMESPACE) },
    { name: '1: a prefix without a name', body: PLAIN.replace('<Request>', '<Request><xml:/>') },
    { name: '1: an empty prefix', body: PLAIN.replace('<Request>', '<Request><:a/>') },
    { name: '1: two prefixes', body: PLAIN.replace('<Request>', '<Request><xml:a:b/>') },
    { name: '1: two prefixes of an attribute', body: PLAIN.replace('<Request>', '<Request xml:a:b="c">') },
    {
      name: '1: a prefix whose element has ended',
      body: PLAIN.replace('<Request>', '<Request><a xmlns:p="u"/><p:a/>'),
    },
    {
      name: '2: an attribute called hasOwnProperty',
      body: PLAIN.replace('<Request>', '<Request hasOwnProperty="1" b="2">'),
    },
    { name: '2: a number beyond Unicode', body: asks('fred&#x110000;@example.com') },
    { name: '2: NUL by number', body: asks('fred&#0;@example.com') },
    { name: '2: half a character by number', body: asks('fred&#xd83d;@example.com') },
    { name: '2: a huge number', body: asks('fred&#99999999999;@example.com') },
    {
      name: '3: 16 KiB of nested declarations',
      body: request(
        ADDRESS +
          nested(
            filled((index) => `${declares(index)}</a>`),
            declares,
          ),
      ),
    },
    {
      name: '3: nested declarations that never end',
      body: Array.from({ length: 900 }, (_, index) => declares(index)).join(''),
    },
    {
      name: '3: 16 KiB of nesting',
      body: request(
        ADDRESS +
          nested(
            filled(() => '<a></a>'),
            () => '<a>',
          ),
      ),
    },
    { name: '3: nesting that never ends', body: '<a>'.repeat(5_461) },
    {
      name: '3: nesting before the address',
      body: request(
        nested(
          filled(() => '<a></a>'),
          () => '<a>',
        ) + ADDRESS,
      ),
    },
    { name: '3: 16 KiB of declarations on one element', body: request(`<a${attributes(800)}/>${ADDRESS}`) },
    { name: '3: 16 KiB of children with a declaration each', body: request(ADDRESS + '<a xmlns:p="u"/>'.repeat(900)) },
    { name: '3: 17 levels', body: request(ADDRESS + nested(15, () => '<a>')) },
    { name: '3: 17 declarations', body: request(`${ADDRESS}<a${attributes(16)}/>`) },
    { name: '4: a document type', body: `<!DOCTYPE a>${PLAIN}` },
    { name: '4: after the declaration', body: PLAIN.replace('?>', '?><!DOCTYPE Autodiscover SYSTEM "http://x/">') },
    { name: '4: one that never ends', body: `<!DOCTYPE a [${PLAIN}` },
    { name: '4: in small letters', body: `<!doctype a>${PLAIN}` },
    { name: '4: in UTF-16', body: little(`\ufeff<!DocType a>${PLAIN}`) },
    { name: '4: after a blank', body: `< !DOCTYPE a [< !ENTITY x "fred">]>${PLAIN}` },
    { name: '4: after a line end', body: `<\r\n!DOCTYPE a>${PLAIN}` },
    { name: '4: with an entity', body: `<!DOCTYPE a [<!ENTITY x "fred">]>${asks('&x;@example.com')}` },
    { name: '5: an entity of HTML', body: asks('fred&nbsp;@example.com') },
    { name: '5: "&constructor;"', body: asks('fred&constructor;@example.com') },
    { name: '5: "&toString;"', body: asks('fred&toString;@example.com') },
    { name: '5: an unknown one in the schema', body: request(ADDRESS + wants('&x;')) },
    { name: '6: two roots', body: `${PLAIN}<a/>` },
    { name: '6: two requests', body: `${PLAIN}${PLAIN.slice(PLAIN.indexOf('<Auto'))}` },
    { name: '6: two addresses', body: request(ADDRESS + ADDRESS) },
    {
      name: '6: two addresses in two Requests',
      body: PLAIN.replace('</Request>', `</Request><Request>${ADDRESS}</Request>`),
    },
    { name: '6: two response schemas', body: request(ADDRESS + WANTS_OURS + WANTS_OURS) },
    { name: '6: an element inside the address', body: asks('fr<b/>ed@example.com') },
    { name: '6: an address inside the address', body: asks(`${ADDRESS}fred@example.com`) },
  ]) {
    refuses(name, body, 'request_malformed');
  }

  for (const { name, text } of [
    { name: '6: a control character', text: 'fr\x01ed@example.com' },
    { name: '6: a line end', text: 'fr\ned@example.com' },
    { name: '6: "]]>"', text: 'fr]]>ed@example.com' },
    { name: '6: a line end by number', text: 'fr&#13;&#10;ed@example.com' },
  ]) {
    refuses(name, asks(text), 'address_invalid');
  }

  for (const { name, body } of [
    { name: '3: 16 levels', body: request(ADDRESS + nested(14, () => '<a>')) },
    { name: '1: the namespace of "xml" for "xml"', body: declaring('xmlns:xml', XML_NAMESPACE) },
    { name: '1: no default namespace inside', body: declaring('xmlns', '') },
    { name: '3: 16 declarations', body: request(`${ADDRESS}<a${attributes(15)}/>`) },
    { name: '7: elements called constructor and __proto__', body: request(`<constructor/><__proto__/>${ADDRESS}`) },
    {
      name: '8: CRLF around the schema',
      body: request(ADDRESS + wants(`\r\n${SCHEMAS}/outlook/responseschema/2006a\r\n`)),
    },
  ]) {
    accepts(name, body);
  }

  for (const prefix of ['constructor', '__proto__', 'hasOwnProperty', 'toString']) {
    test(`7: a prefix that nobody bound: ${prefix}`, () => {
      const body = `<${prefix}:Autodiscover><${prefix}:Request>${ADDRESS}</${prefix}:Request></${prefix}:Autodiscover>`;
      assert.throws(() => read(body), { name: 'Failure' });
    });
  }
});
