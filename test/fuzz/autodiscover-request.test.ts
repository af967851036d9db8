import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAutodiscoverRequest } from '../../src/adapters/xml/read-autodiscover-request.ts';
import { Failure } from '../../src/domain/failure.ts';
import { ROUNDS, randomFrom, SEED } from './random.ts';

const SCHEMAS = 'http://schemas.microsoft.com/exchange/autodiscover/outlook';
const MOBILESYNC = 'http://schemas.microsoft.com/exchange/autodiscover/mobilesync';
const WHOLE =
  `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="${SCHEMAS}/requestschema/2006"><Request>` +
  '<EMailAddress>fred@example.com</EMailAddress>' +
  `<AcceptableResponseSchema>${SCHEMAS}/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`;
const PIECES = [
  ...['<?xml version="1.0"?>', `<Autodiscover xmlns="${SCHEMAS}/requestschema/2006">`, '</Autodiscover>', '<Request>'],
  ...['</Request>', '<EMailAddress>', '</EMailAddress>', 'fred@example.com', 'a@b', '@', '<a/>', '<p:q:r>', '</', '>'],
  ...['<AcceptableResponseSchema>', '</AcceptableResponseSchema>', `${SCHEMAS}/responseschema/2006a`],
  ...[`<Autodiscover xmlns="${MOBILESYNC}/requestschema/2006">`, `${MOBILESYNC}/responseschema/2006`],
  ...['<a b="c" b="d">'],
  ...['<![CDATA[', ']]>', '<!--', '-->', '<!DOCTYPE a [', '<!ENTITY x "y">', ']>', '<?p', '?>', '<!', '<'],
  ...['&', '&amp;', '&x;', '&nbsp;', '&constructor;', '&#x110000;', '&#0;', '&#', ';', '"', "'", '=', ' ', '\r\n'],
  ...[' xmlns:p="u"', '<a xmlns:b="u">', '<constructor:a>', '<__proto__:a b="c">', '<a hasOwnProperty="1">', '\0'],
  ...['\ufeff', '\u2028', 'ü', '😀', '\ud83d', '<Autodiscover>', '<a>'],
];

const random = randomFrom(SEED);

function check(body: Uint8Array, round: number): void {
  try {
    const { localPart, domain } = readAutodiscoverRequest(body).address;
    assert.ok(localPart !== '' && domain !== '');
  } catch (error) {
    const input = Buffer.from(body).toString('base64');
    assert.ok(error instanceof Failure, `FUZZ_SEED=${SEED} round ${round}: ${input} gave ${String(error)}`);
  }
}

test('any pieces of XML are either read or refused', () => {
  for (let round = 0; round < ROUNDS; round++) check(Buffer.from(random.text(PIECES, 40)), round);
});

test('a whole request with some of it changed is either read or refused', () => {
  for (let round = 0; round < ROUNDS; round++) {
    let xml = WHOLE;
    for (let changes = random.below(4); changes >= 0; changes--) {
      const at = random.below(xml.length + 1);
      xml = xml.slice(0, at) + random.text(PIECES, 2) + xml.slice(at + random.below(20));
    }
    check(Buffer.from(xml, random.pick(['utf8', 'utf8', 'utf16le', 'latin1'])), round);
  }
});

test('any octets are either read or refused', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const body = Buffer.from(random.pick([WHOLE, `\ufeff${WHOLE}`, '']), random.pick(['utf8', 'utf16le']));
    for (let changes = random.below(6); changes > 0 && body.length > 0; changes--) {
      body[random.below(body.length)] = random.below(256);
    }
    const tail = Uint8Array.from({ length: random.below(30) }, () => random.below(256));
    check(random.pick([body, Buffer.concat([body, tail]), Buffer.concat([tail, body])]), round);
  }
});
