import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { der, TAG } from '../../../src/adapters/signing/der.ts';
import {
  type Expectation,
  fetchDocument,
  type Outcome,
  outcomeAdvice,
  outcomeText,
  unreachableAdvice,
} from '../../../src/app/check/answers.ts';
import { get } from '../../../src/app/check/questions.ts';
import type { HttpAnswer } from '../../../src/ports/prober.ts';
import {
  answered,
  certificate,
  contextFor,
  emptyScript,
  hostAt,
  NO_HOST,
  status,
  UNKNOWN_HOST,
  unreachable,
  type Web,
} from './scripted.ts';

const HOST = 'a.example';
const EXPECTED = { octets: '<settings>ours</settings>', sign: /<settings>/ };
/** As far as it is looked at: a SEQUENCE with an OCTET STRING; in ASCII, as short as these are. */
const signed = (document: string): string => der(TAG.sequence, der(TAG.octetString, Buffer.from(document))).toString();
const OURS = answered(EXPECTED.octets);

/** What is asked, as SCHEME://NAME:PORT/PATH, and what comes of it. */
async function fetched(web: Web, host = hostAt('192.0.2.1'), expectation: Expectation = EXPECTED) {
  const asked: string[] = [];
  const script = { ...emptyScript(), hosts: { [HOST]: host, 'b.example': hostAt('192.0.2.9') } };
  script.web = (peer, question) => {
    asked.push(`${question.scheme}://${peer.name}:${peer.port}${question.path}`);
    return web(peer, question);
  };
  return { asked, ...(await fetchDocument(contextFor(script), HOST, get('/x'), expectation)) };
}

describe('what a document is taken for', () => {
  for (const { what, answer, kind } of [
    { what: 'ours', answer: OURS, kind: 'ours' },
    { what: 'ours with an octet more', answer: answered(`${EXPECTED.octets}\n`), kind: 'other' },
    { what: 'ours in capitals', answer: answered('<settings>OURS</settings>'), kind: 'other' },
    { what: 'others', answer: answered('<settings>theirs</settings>'), kind: 'other' },
    { what: 'something else', answer: answered('hello'), kind: 'html' },
    { what: 'a page by its type', answer: answered(EXPECTED.octets, { contentType: 'text/html' }), kind: 'html' },
    { what: 'a page by its begin', answer: answered('\n<!DOCTYPE html><settings>'), kind: 'html' },
    { what: 'a page without document type', answer: answered('<html><settings>'), kind: 'html' },
    { what: 'not there', answer: status(404), kind: 'status' },
    { what: 'ours with another status', answer: answered(EXPECTED.octets, { status: 203 }), kind: 'status' },
    {
      what: 'ours behind a certificate that is refused',
      answer: answered(EXPECTED.octets, { certificate: certificate({ fault: 'CERT_HAS_EXPIRED' }) }),
      kind: 'certificate',
    },
    { what: 'refused', answer: unreachable('ECONNREFUSED'), kind: 'unreachable' },
    { what: 'not to be asked from here', answer: unreachable('ENETUNREACH'), kind: 'unknown' },
    { what: 'not asked in time', answer: unreachable('EDEADLINE'), kind: 'unknown' },
    { what: 'asked for too often', answer: unreachable('ETOOMANYREQUESTS'), kind: 'unknown' },
  ] satisfies readonly { what: string; answer: HttpAnswer; kind: Outcome['kind'] }[]) {
    test(`${what}: ${kind}`, async () => assert.equal((await fetched(() => answer)).outcome.kind, kind));
  }

  for (const { what, body, maybeSigned, want } of [
    { what: 'ours, signed', body: signed(EXPECTED.octets), maybeSigned: true, want: { kind: 'ours', isSigned: true } },
    { what: 'ours, where signatures are known', body: EXPECTED.octets, maybeSigned: true, want: { kind: 'ours' } },
    { what: 'others, signed', body: signed('<settings>theirs</settings>'), maybeSigned: true, want: { kind: 'other' } },
    { what: 'a part, signed', body: signed(`${EXPECTED.octets}x`), maybeSigned: true, want: { kind: 'other' } },
    { what: 'ours after something', body: `x${signed(EXPECTED.octets)}`, maybeSigned: true, want: { kind: 'other' } },
    { what: 'ours, signed in vain', body: signed(EXPECTED.octets), maybeSigned: false, want: { kind: 'other' } },
  ]) {
    test(`${what}: ${want.kind}`, async () => {
      const { outcome } = await fetched(() => answered(body), undefined, { ...EXPECTED, maybeSigned });
      assert.deepEqual(outcome, want);
    });
  }

  test('no address, and one that nobody knows', async () => {
    const none = await fetched(() => OURS, NO_HOST);
    assert.deepEqual([none.outcome.kind, none.isAsked, none.asked], ['no address', false, []]);
    const unknown = await fetched(() => OURS, UNKNOWN_HOST);
    assert.deepEqual([unknown.outcome, unknown.isAsked], [{ kind: 'unknown', reason: 'ESERVFAIL' }, false]);
  });
});

describe('several addresses', () => {
  const ANSWERS: Readonly<Record<string, HttpAnswer>> = {
    ours: OURS,
    other: answered('<settings>theirs</settings>'),
    html: answered('<html>'),
    status: status(404),
    certificate: answered(EXPECTED.octets, { certificate: certificate({ fault: 'X' }) }),
    unreachable: unreachable('ECONNREFUSED'),
    unknown: unreachable('ENETUNREACH'),
  };
  for (const [kinds, want] of [
    [['ours', 'ours'], 'ours'],
    [['ours', 'other'], 'other'],
    [['ours', 'status'], 'status'],
    // Clients go on to the other address.
    [['ours', 'unreachable'], 'ours'],
    [['other', 'html'], 'html'],
    [['other', 'certificate'], 'certificate'],
    [['certificate', 'html'], 'html'],
    [['status', 'unreachable'], 'status'],
    // Where this machine has no IPv6, IPv4 counts; where it has neither, nothing is known.
    [['ours', 'unknown'], 'ours'],
    [['status', 'unknown'], 'status'],
    [['unknown', 'unknown'], 'unknown'],
  ] satisfies readonly (readonly [readonly string[], Outcome['kind']])[]) {
    for (const order of [kinds, kinds.toReversed()]) {
      test(`${order.join(', ')}: ${want}`, async () => {
        const byAddress = new Map(order.map((kind, index) => [`192.0.2.${index + 1}`, ANSWERS[kind]]));
        const { outcome } = await fetched(({ address }) => byAddress.get(address), hostAt(...byAddress.keys()));
        assert.equal(outcome.kind, want);
      });
    }
  }

  test('no more than a few are asked', async () => {
    const { asked } = await fetched(
      () => OURS,
      hostAt(...Array.from({ length: 50 }, (_value, i) => `192.0.2.${i + 1}`)),
    );
    assert.equal(asked.length, 4);
  });
});

describe('redirects', () => {
  const START = `https://${HOST}:443/x`;
  for (const { what, location, asked, kind } of [
    {
      what: 'to another host',
      location: 'https://b.example/y?z',
      asked: [START, 'https://b.example:443/y?z'],
      kind: 'ours',
    },
    { what: 'relative', location: '/y', asked: [START, `https://${HOST}:443/y`], kind: 'ours' },
    { what: 'to plain http', location: 'http://b.example/y', asked: [START], kind: 'status' },
    { what: 'to another port', location: 'https://b.example:8443/y', asked: [START], kind: 'status' },
    { what: 'to nothing that is a URL', location: 'https://', asked: [START], kind: 'status' },
    { what: 'to a host without address', location: 'https://c.example/', asked: [START], kind: 'status' },
    { what: 'without a place', location: '', asked: [START], kind: 'status' },
  ] satisfies readonly { what: string; location: string; asked: readonly string[]; kind: Outcome['kind'] }[]) {
    test(`${what}: ${kind}`, async () => {
      const result = await fetched(({ name }, { path }) =>
        name === HOST && path === '/x' ? status(302, location) : OURS,
      );
      assert.deepEqual(result.asked, asked);
      assert.equal(result.outcome.kind, kind);
      assert.equal(result.hops.length, location === '' ? 0 : 1);
    });
  }

  test('in a circle: some are followed, and that is no answer', async () => {
    const { asked, hops, outcome } = await fetched(() => status(301, START));
    assert.deepEqual([asked.length, hops.length, outcome], [4, 4, { kind: 'status', status: 301 }]);
  });

  test('at the next host, a certificate that is refused', async () => {
    const bad = answered(EXPECTED.octets, { certificate: certificate({ fault: 'X' }) });
    const result = await fetched(({ name }) => (name === HOST ? status(302, 'https://b.example/') : bad));
    assert.deepEqual(result.outcome, { kind: 'certificate', fault: 'X' });
    // Those of the asked name.
    assert.deepEqual(
      result.certificates.map(({ fault }) => fault),
      [undefined],
    );
  });
});

test('each outcome has a text and an advice of its own', () => {
  const outcomes: readonly Outcome[] = [
    ...(['ours', 'other', 'html', 'no address'] as const).map((kind) => ({ kind })),
    { kind: 'status', status: 404 },
    { kind: 'certificate', fault: 'X' },
    { kind: 'unknown', reason: 'X' },
    ...['ECONNREFUSED', 'ECONNRESET', 'EPROTO', 'HPE_INVALID_CONSTANT'].map((code) => ({
      kind: 'unreachable' as const,
      code,
    })),
  ];
  assert.equal(new Set(outcomes.map(outcomeText)).size, outcomes.length);
  assert.equal(new Set(outcomes.map((each) => outcomeAdvice(each, HOST, 's.example'))).size, outcomes.length);
  assert.notEqual(unreachableAdvice('ERR_SSL_X', HOST), unreachableAdvice('EPROTO', HOST));
});
