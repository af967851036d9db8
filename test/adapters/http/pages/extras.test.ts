import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type Language, TEXTS } from '../../../../src/adapters/http/pages/languages.ts';
import { wordingOf } from '../../../../src/adapters/http/pages/operator-links.ts';
import { type Extras, NO_EXTRAS } from '../../../../src/domain/extras.ts';
import type { MailDomain } from '../../../../src/domain/mail-domain.ts';
import { elementsOf, type HtmlTree, readHtml, textIn } from '../../../domain/formats/read-html.ts';
import { domain, domainName, imap, smtp } from '../../../domain/samples.ts';
import { send } from '../../../support/replay.ts';
import { serveDomains } from '../../../support/served-domains.ts';

const activesync = { url: 'https://eas.example.org/Microsoft-Server-ActiveSync' };
const page = (path: string, descr: Readonly<Record<string, string>>) => ({
  url: `https://help.example.org/${path}`,
  descr,
});
const EXTRAS: Partial<Extras> = {
  activesync,
  webmail: { url: 'https://webmail.example.org/?a=b&c' },
  support: { url: 'mailto:help@example.org?subject=Mail' },
  instructions: [
    page('imap', { en: 'Switch IMAP on', de: 'IMAP einschalten' }),
    page('fr', { fr: 'Créer <un> mot de passe' }),
  ],
  documentation: [page('docs', { en: 'All settings' }), page('plain', {})],
  // A page of ours holds nothing from elsewhere.
  logo: { url: 'https://cdn.example.org/logo.png', contentType: 'image/png' },
};
const named = (name: string, extras: Partial<Extras>, members: Partial<MailDomain> = {}) =>
  domain({ name: domainName(name), extras: { ...NO_EXTRAS, ...extras }, ...members });

const NO_PROFILE = { mailServers: [{ ...imap, authentication: 'GSSAPI' }, smtp] } as const;
const { base, port } = await serveDomains({ after }, [
  named('all.example', EXTRAS),
  named('none.example', {}),
  named('moved.example', { activesync: { redirect: domainName('new.example') } }),
  named('port.example', { activesync: { url: 'https://eas.example.org:444/Microsoft-Server-ActiveSync' } }),
  named('exchange.example', { activesync }, NO_PROFILE),
  named('phone.example', { support: { url: 'tel:+49-30-1234567' } }),
  named('web.example', { support: { url: 'https://help.example.org/?q=1' } }),
]);
const ask = (name: string, more = ''): Promise<Response> => fetch(`${base}/?emailaddress=ann@${name}${more}`);
const pageOf = async (name: string, language: Language = 'en'): Promise<HtmlTree> =>
  readHtml(await (await ask(name, `&lang=${language}`)).text());

const sectionOf = (tree: HtmlTree, id: string): HtmlTree | undefined =>
  elementsOf(tree, 'section').find(({ attributes }) => attributes.get('id') === id);
/** Links of a section: URL, text, language. */
const linksOf = (tree: HtmlTree, id: string) =>
  [sectionOf(tree, id)]
    .flatMap((section) => (section === undefined ? [] : elementsOf(section, 'a')))
    .map((link) => [link.attributes.get('href'), textIn(link), link.attributes.get('lang')]);
const sectionsOf = (tree: HtmlTree) => elementsOf(tree, 'section').map(({ attributes }) => attributes.get('id'));

const IMAP_PAGE = 'https://help.example.org/imap';
const FRENCH = ['https://help.example.org/fr', 'Créer <un> mot de passe', 'fr'];
const REST = ['https://help.example.org/plain', 'https://help.example.org/plain', undefined];
const SUPPORT = ['mailto:help@example.org?subject=Mail', 'help@example.org', undefined];

describe('what the operator links to', () => {
  for (const { language, before, support } of [
    {
      language: 'en',
      before: [[IMAP_PAGE, 'Switch IMAP on', undefined], FRENCH],
      support: [SUPPORT, ['https://help.example.org/docs', 'All settings', undefined], REST],
    },
    {
      language: 'de',
      before: [[IMAP_PAGE, 'IMAP einschalten', undefined], FRENCH],
      support: [SUPPORT, ['https://help.example.org/docs', 'All settings', 'en'], REST],
    },
  ] as const) {
    test(language, async () => {
      const tree = await pageOf('all.example', language);
      assert.deepEqual(linksOf(tree, 'before'), before);
      assert.deepEqual(linksOf(tree, 'support'), support);
      assert.deepEqual(linksOf(tree, 'webmail'), [
        ['https://webmail.example.org/?a=b&c', TEXTS[language].webmail.open, undefined],
      ]);
      assert.deepEqual(
        sectionsOf(tree),
        'before iphone android mac outlook programs manual webmail support'.split(' '),
      );
    });
  }

  test('leads there without the address of this page', async () => {
    const links = elementsOf(await pageOf('all.example'), 'a');
    const outside = links.filter(({ attributes }) => /^[a-z]+:/.test(attributes.get('href') ?? ''));
    assert.equal(outside.length, 6);
    for (const { attributes } of outside) assert.equal(attributes.get('rel'), 'noreferrer noopener');
  });

  test('nothing is loaded from elsewhere', async () => {
    const response = await ask('all.example');
    assert.match(response.headers.get('content-security-policy') ?? '', /^default-src 'none'; /);
    const text = await response.text();
    assert.doesNotMatch(text, /<(?:img|script|link|iframe|object)|cdn\.example/);
  });

  for (const { name, link } of [
    { name: 'phone.example', link: ['tel:+49-30-1234567', '+49-30-1234567', undefined] },
    { name: 'web.example', link: ['https://help.example.org/?q=1', 'https://help.example.org/?q=1', undefined] },
  ]) {
    test(`support: ${link[1]}`, async () => assert.deepEqual(linksOf(await pageOf(name), 'support'), [link]));
  }

  test('without an address, too', async () => {
    const request = 'GET /?lang=en HTTP/1.1\r\nHost: autoconfig.all.example\r\n\r\n';
    const tree = readHtml((await send(port, Buffer.from(request))).body);
    assert.deepEqual(linksOf(tree, 'before'), [[IMAP_PAGE, 'Switch IMAP on', undefined], FRENCH]);
    assert.deepEqual(linksOf(tree, 'support')[0], SUPPORT);
    assert.deepEqual(linksOf(tree, 'iphone'), [['#address', TEXTS.en.addressFirst, undefined]]);
  });

  test('a domain without has no word of it', async () => {
    const tree = await pageOf('none.example');
    assert.deepEqual(sectionsOf(tree), 'iphone android mac outlook programs manual support'.split(' '));
    assert.deepEqual(linksOf(tree, 'support'), []);
  });
});

describe('the second profile for iPhone and iPad', () => {
  const { profile, exchange, iphone, mac } = TEXTS.en;
  const IMAP = (name: string) => [`/mobileconfig/?emailaddress=ann%40${name}`, profile.load, undefined];
  const EXCHANGE = (name: string) => [
    `/mobileconfig/?emailaddress=ann%40${name}&account=exchange`,
    exchange.load,
    undefined,
  ];
  const isProfile = ([href]: readonly (string | undefined)[]): boolean => href?.startsWith('/mobileconfig') === true;

  for (const { name, want } of [
    { name: 'all.example', want: [IMAP, EXCHANGE] },
    { name: 'none.example', want: [IMAP] },
    { name: 'moved.example', want: [IMAP] },
    { name: 'port.example', want: [IMAP] },
    { name: 'exchange.example', want: [EXCHANGE] },
  ]) {
    test(`${name}: ${want.length}`, async () => {
      const tree = await pageOf(name);
      const links = linksOf(tree, 'iphone').filter(isProfile);
      assert.deepEqual(
        links,
        want.map((link) => link(name)),
      );
      // Macs do not take it.
      assert.deepEqual(
        linksOf(tree, 'mac').filter(isProfile),
        want.filter((link) => link === IMAP).map((link) => link(name)),
      );
      for (const [href = ''] of links) assert.equal((await fetch(base + href)).status, 200);
    });
  }

  test('it is said that it stands in place of the other one', async () => {
    const words = async (name: string) => textIn(sectionOf(await pageOf(name), 'iphone') ?? assert.fail());
    assert.ok((await words('all.example')).includes(exchange.instead));
    const alone = await words('exchange.example');
    assert.ok(!alone.includes(exchange.instead) && alone.includes(iphone.steps[1]) && !alone.includes(mac.steps[1]));
  });
});

describe('the language of a text', () => {
  for (const { descr, language, want } of [
    { descr: { en: 'a', de: 'b', fr: 'c' }, language: 'de', want: { text: 'b', language: 'de' } },
    { descr: { fr: 'c', en: 'a' }, language: 'de', want: { text: 'a', language: 'en' } },
    { descr: { fr: 'c', it: 'd' }, language: 'de', want: { text: 'c', language: 'fr' } },
    { descr: { fr: 'c', de: 'b' }, language: 'en', want: { text: 'b', language: 'de' } },
    { descr: {}, language: 'en', want: undefined },
  ] as const) {
    test(`${language} of ${Object.keys(descr).join(', ') || 'none'}: ${want?.language ?? 'none'}`, () =>
      assert.deepEqual(wordingOf(descr, language), want));
  }
});
