import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { plain, readPlist } from '../domain/formats/read-plist.ts';
import { descendants, readXml } from '../domain/formats/read-xml.ts';
import { type Answer, askedFor, readRequest, send } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

/** Domains as A-labels and U-labels, and their stored spellings. */
const STORED = [
  { domain: 'xn--bcher-kva.example', name: 'bücher.example', stored: 'bücher.example' },
  { domain: 'xn--mller-kva.example', name: 'müller.example', stored: 'MÜLLER.EXAMPLE' },
  { domain: 'xn--mrz-qla.example', name: 'märz.example', stored: 'Ma\u0308rz.Example' },
  { domain: 'xn--strae-oqa.example', name: 'straße.example', stored: 'straße.example.' },
  { domain: 'xn--grn-ioa.example', name: 'grün.example', stored: 'XN--GRN-IOA.example' },
  { domain: 'xn--r8jz45g.xn--zckzah', name: '例え.テスト', stored: '例え.テスト' },
];

const ROWS = `
INSERT INTO provider (id, name, short_name) VALUES (1, 'Example', 'Example');
INSERT INTO server (id, prio, type, name, port, socket_type, user_name, authentication) VALUES
  (1, 10, 'imap', 'imap.example.com', 993, 'SSL', 'x-%EMAILLOCALPART%', 'plain'),
  (2, 10, 'smtp', 'smtp.example.com', 587, 'STARTTLS', 'x-%EMAILLOCALPART%', 'plain'),
  (3, 10, 'imap', 'imap.example.com', 993, 'SSL', '%EMAILADDRESS%', 'plain');
INSERT INTO davserver (id, url, port, type, use_ssl, domain_required, user_name) VALUES
  (1, 'https://dav.example.com/%EMAILADDRESS%/', 0, 'caldav', 1, 0, '%EMAILADDRESS%');
INSERT INTO domain (id, name, provider_id) VALUES (1, 'example.com', 1);
INSERT INTO server_domain (server_id, domain_id) VALUES (1, 1), (2, 1);
INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (1, 1);
${STORED.map(
  ({ stored }, index) => `
INSERT INTO domain (id, name, provider_id) VALUES (${index + 2}, '${stored}', 1);
INSERT INTO server_domain (server_id, domain_id) VALUES (2, ${index + 2}), (3, ${index + 2});`,
).join('')}`;

const { port } = await startTestDaemon({ after }, { rows: ROWS });

/** How a client may write the domain. */
const spellings = ({ domain, name }: (typeof STORED)[0]): ReadonlyMap<string, string> =>
  new Map([
    ['A-labels', domain],
    ['A-labels in capital letters', domain.toUpperCase()],
    ['A-labels with a trailing dot', `${domain}.`],
    ['U-labels', name],
    ['U-labels as NFD', name.normalize('NFD')],
    ['U-labels in mixed case', name.replace(/^./u, (first) => first.toUpperCase())],
    ['U-labels with a trailing dot', `${name}.`],
  ]);

/** The places for a domain in a request, its form in each, and the domain in the answer. */
const PLACES: readonly {
  readonly place: string;
  readonly request: (spelling: string) => Buffer;
  readonly found: (answer: Answer) => string | undefined;
}[] = [
  {
    place: 'query',
    request: (spelling) =>
      askedFor(readRequest('thunderbird/autoconfig-https'), { domain: encodeURIComponent(spelling), hostDomain: 'x' }),
    found: ({ body }) => descendants(readXml(body), 'domain')[0]?.text,
  },
  {
    place: 'Host',
    request: (spelling) => askedFor(readRequest('delta-chat/well-known'), { domain: spelling }),
    found: ({ body }) => descendants(readXml(body), 'domain')[0]?.text,
  },
  {
    place: 'path of the ISPDB form',
    request: (spelling) => askedFor(readRequest('kmail/private-ispdb'), { domain: encodeURIComponent(spelling) }),
    found: ({ body }) => descendants(readXml(body), 'domain')[0]?.text,
  },
  {
    place: 'POX',
    request: (spelling) => askedFor(readRequest('outlook/autodiscover-domain'), { domain: spelling, hostDomain: 'x' }),
    found: ({ body }) => descendants(readXml(body), 'DisplayName')[0]?.text.replace('fred@', ''),
  },
  {
    place: 'profile',
    request: (spelling) =>
      askedFor(readRequest('apple/profile'), { domain: encodeURIComponent(spelling), hostDomain: 'x' }),
    found: ({ headers }) => /filename="(.*)\.mobileconfig"/.exec(headers.get('content-disposition') ?? '')?.[1],
  },
  {
    place: 'JSON',
    request: (spelling) =>
      askedFor(readRequest('outlook/json-query'), { domain: encodeURIComponent(spelling), hostDomain: 'x' }),
    found: ({ body }) => JSON.parse(body).Url.replace(/^https:\/\/autodiscover\.(.*)\/autodiscover\/.*$/, '$1'),
  },
  {
    place: 'Host, for the URL in JSON',
    request: (spelling) => {
      const request = readRequest('outlook/json-query')
        .toString('latin1')
        .replace('fred%40example.com', 'a%40example.com');
      const host = Buffer.from(`Host: autodiscover.${spelling}`).toString('latin1');
      return Buffer.from(request.replace('Host: autodiscover.example.com', host), 'latin1');
    },
    found: ({ body }) => JSON.parse(body).Url.replace(/^https:\/\/autodiscover\.(.*)\/autodiscover\/.*$/, '$1'),
  },
];

for (const { place, request, found } of PLACES) {
  describe(`IDN domain in ${place}`, () => {
    for (const row of STORED) {
      test(`stored as ${row.stored}`, async () => {
        for (const [name, spelling] of spellings(row)) {
          const answer = await send(port, request(spelling));
          assert.equal(answer.status, 200, `${name}: ${answer.body}`);
          assert.equal(found(answer), row.domain, name);
        }
      });
    }
  });
}

const withAddress = (name: string, address: string): Buffer =>
  Buffer.from(
    readRequest(name)
      .toString('latin1')
      .replace(/fred(?:@|%40)example\.com/, () => Buffer.from(address).toString('latin1')),
    'latin1',
  );

describe('non-ASCII local parts', () => {
  for (const localPart of [
    'jürgen',
    'Jürgen',
    'ju\u0308rgen',
    '用户',
    'δοκιμή',
    'उपयोगकर्ता',
    '😀',
    "ü&'d",
    '"ü <b>"',
    '"ü]]>"',
    '%EMAILDOMAIN%ü',
    'ü'.repeat(32),
  ]) {
    const address = `${localPart}@example.com`;

    test(`Autoconfig: ${localPart}`, async () => {
      const { status, body } = await send(port, withAddress('delta-chat/autoconfig-host', encodeURIComponent(address)));
      assert.equal(status, 200);
      const root = readXml(body);
      assert.equal(descendants(root, 'username')[0]?.text, `x-${localPart}`);
      const url = descendants(root, 'url')[0]?.text ?? '';
      assert.match(url, /^[\x21-\x7e]+$/);
      assert.equal(decodeURIComponent(url), `https://dav.example.com/${address}/`);
    });

    test(`Autodiscover: ${localPart}`, async () => {
      const escaped = localPart.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      const { status, body } = await send(
        port,
        askedFor(readRequest('outlook/autodiscover-domain'), { localPart: escaped }),
      );
      assert.equal(status, 200);
      const root = readXml(body);
      assert.equal(descendants(root, 'DisplayName')[0]?.text, address);
      assert.equal(descendants(root, 'LoginName')[0]?.text, `x-${localPart}`);
    });

    test(`profile: ${localPart}`, async () => {
      const { status, body } = await send(port, withAddress('apple/profile', encodeURIComponent(address)));
      assert.equal(status, 200);
      const [mail] = (plain(readPlist(body)) as { PayloadContent: Record<string, string>[] }).PayloadContent;
      assert.equal(mail?.['EmailAddress'], address);
      assert.equal(mail?.['IncomingMailServerUsername'], `x-${localPart}`);
    });
  }
});

describe('refused', () => {
  const label = (octets: number): string => 'a'.repeat(octets);
  for (const { name, address } of [
    { name: 'a local part of 66 octets in 33 letters', address: `${'ü'.repeat(33)}@example.com` },
    { name: 'a label of 64 octets', address: `fred@${label(64)}.example` },
    { name: 'a U-label whose A-label has 64 octets', address: `fred@${'ü'.repeat(58)}.example` },
    { name: 'a name of 255 octets', address: `fred@${label(63)}.${label(63)}.${label(63)}.${label(63)}` },
    { name: 'an address of 255 octets', address: `${label(64)}@${label(63)}.${label(63)}.${label(55)}.example` },
    { name: 'two dots', address: 'fred@bücher..example' },
    { name: 'a leading dot', address: 'fred@.bücher.example' },
    { name: 'a blank in the domain', address: 'fred@bü cher.example' },
    { name: 'a slash in other letters', address: 'fred@bücher／x.example' },
    { name: 'no domain', address: 'jürgen@' },
    { name: 'a control character (C1)', address: 'j\u0085ürgen@example.com' },
    { name: 'U+FFFE', address: 'j\ufffeürgen@example.com' },
    { name: 'a percent sign in the domain', address: 'fred@b%cher.example' },
  ]) {
    test(`${name}: 400`, async () => {
      for (const file of ['thunderbird/autoconfig-https', 'apple/profile', 'outlook/json-query']) {
        assert.equal((await send(port, withAddress(file, encodeURIComponent(address)))).status, 400, file);
      }
    });

    test(`${name}: Error 600`, async () => {
      const [localPart = '', domain = ''] = address.split('@');
      const { status, body } = await send(
        port,
        askedFor(readRequest('outlook/autodiscover-domain'), { localPart, domain, hostDomain: 'x' }),
      );
      assert.equal(status, 200);
      assert.match(body, /<ErrorCode>600<\/ErrorCode>/);
    });
  }

  for (const [name, query] of [
    ['half a letter', 'j%C3rgen@example.com'],
    ['Latin-1', 'j%FCrgen@example.com'],
    ['an over-long form', 'j%C0%AFrgen@example.com'],
    ['half a surrogate pair', 'j%ED%A0%80rgen@example.com'],
    ['UTF-8 that is not percent-encoded', 'jürgen@example.com'],
    ['the domain in such', 'fred@bücher.example'],
  ] as const) {
    test(`in a query: ${name}`, async () => {
      assert.equal((await send(port, withAddress('nextcloud-mail/autoconfig-host', query))).status, 400);
    });
  }

  for (const [name, octets] of [
    ['Latin-1', Buffer.from('bücher.example', 'latin1')],
    ['percent-encoded', Buffer.from('b%C3%BCcher.example')],
    ['half a letter', Buffer.from('bücher.example').subarray(0, 2)],
  ] as const) {
    test(`in Host: ${name}`, async () => {
      const request = readRequest('delta-chat/well-known').toString('latin1');
      const changed = request.replace('host: example.com', () => `host: ${octets.toString('latin1')}`);
      assert.equal((await send(port, Buffer.from(changed, 'latin1'))).status, 400);
    });
  }
});
