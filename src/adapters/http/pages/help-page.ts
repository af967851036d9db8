import { domainToUnicode } from 'node:url';
import type { DomainName } from '../../../domain/domain-name.ts';
import { addressText } from '../../../domain/email-address.ts';
import { type HtmlElement, type HtmlNode, html, writeHtml } from '../../../domain/formats/html.ts';
import type { QrModules } from '../../../ports/qr-encoder.ts';
import { LANGUAGES, type Language, TEXTS } from './languages.ts';
import { qrImage } from './qr-image.ts';
import { davTables, mailTables, type Subject } from './settings-tables.ts';
import { STYLE } from './style.ts';
import type { Texts } from './texts.ts';

/** Where the code leads to: there, a phone has a button for the profile. */
export const PROFILE_SECTION = 'iphone';
const MANUAL_SECTION = 'manual';

/** What the visitor sent. */
export interface Query {
  readonly address: string;
  readonly name: string;
  /** Undefined: the browser decides. */
  readonly language: Language | undefined;
}

/** What an address adds to the page. */
export interface Offers {
  /** Undefined: no profile can be made of the servers. */
  readonly profileUrl: string | undefined;
  readonly isSigned: boolean;
  /** Leads to this page on another device. */
  readonly pageCode: QrModules | undefined;
  readonly thunderbirdCode: QrModules | undefined;
}

export type Problem =
  | { readonly kind: 'invalid' | 'unavailable' }
  | { readonly kind: 'unknown'; readonly domain: DomainName | undefined };

/** Everything that the page is made of. */
export interface HelpView {
  readonly language: Language;
  readonly query: Query;
  readonly problem?: Problem;
  /** Undefined: the form alone. */
  readonly subject?: Subject | undefined;
  readonly offers?: Offers;
}

/** A query as the page's links and codes hold it; parameters without a value are left out. */
export function queryText({ address, name, language }: Query): string {
  const pairs = Object.entries({ emailaddress: address, name, lang: language ?? '' });
  return pairs
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&');
}

const steps = (texts: readonly string[]): HtmlElement => html('ol', {}, ...texts.map((text) => html('li', {}, text)));
const paragraph = (text: string, className?: string): HtmlElement => html('p', { class: className }, text);

const link = (id: string, text: string): HtmlElement => html('a', { href: `#${id}` }, text);

/** Leads to the values for those whose program does not find them. */
const byHand = ({ manual }: Texts): HtmlElement => html('p', {}, link(MANUAL_SECTION, manual.heading));

/** A code beside the text that follows. */
const figure = (modules: QrModules | undefined, id: string, caption: string): HtmlElement | undefined =>
  modules && html('figure', {}, qrImage(modules, id), html('figcaption', { id }, caption));

interface Section {
  readonly id: string;
  readonly heading: string;
  readonly content: readonly HtmlNode[];
}

const section = ({ id, heading, content }: Section): HtmlElement =>
  html('section', { id, 'aria-labelledby': `${id}-heading` }, html('h2', { id: `${id}-heading` }, heading), ...content);

function problemText({ problem: texts }: Texts, problem: Problem): string {
  if (problem.kind !== 'unknown') return texts[problem.kind];
  return texts.unknown(problem.domain && domainToUnicode(problem.domain));
}

function form({ query, problem }: HelpView, texts: Texts): HtmlElement {
  const isInvalid = problem?.kind === 'invalid';
  const problemId = problem && 'problem';
  return html(
    'form',
    // Without an action, the page comes back under the path by which a proxy let the visitor in. What is wrong with an
    // address is said by us: browsers refuse addresses in other scripts than ASCII.
    { method: 'get', novalidate: '' },
    problem && html('p', { id: problemId, class: 'problem' }, problemText(texts, problem)),
    html('label', { for: 'address' }, texts.form.address),
    html('input', {
      id: 'address',
      name: 'emailaddress',
      type: 'email',
      autocomplete: 'email',
      required: '',
      value: query.address,
      'aria-describedby': problemId,
      'aria-invalid': isInvalid ? 'true' : undefined,
    }),
    html('label', { for: 'name' }, texts.form.name),
    html('input', { id: 'name', name: 'name', autocomplete: 'name', maxlength: '64', value: query.name }),
    query.language && html('input', { type: 'hidden', name: 'lang', value: query.language }),
    html('button', {}, texts.form.show),
    paragraph(texts.form.noPassword, 'soft'),
  );
}

/** The button for the profile and what to do with it; `code` leads a phone to this page. */
function profileSection(texts: Texts, offers: Offers | undefined, how: readonly string[], code?: HtmlNode): HtmlNode[] {
  const { profile } = texts;
  if (offers === undefined) return [html('p', {}, link('address', texts.addressFirst))];
  if (offers.profileUrl === undefined) return [paragraph(profile.none), byHand(texts)];
  return [
    code,
    html('a', { class: 'button', href: offers.profileUrl }, profile.load),
    steps(how),
    offers.isSigned ? undefined : paragraph(profile.unsigned, 'soft'),
  ];
}

function sections(subject: Subject, offers: Offers | undefined, texts: Texts): readonly Section[] {
  const { automatic, iphone, mac, profile, android, outlook, manual, dav, support } = texts;
  const { domain, user } = subject;
  const address = user === undefined ? manual.wholeAddress : addressText(user.address);
  const pageCode = figure(offers?.pageCode, 'page-code', profile.code);
  const thunderbirdCode = figure(offers?.thunderbirdCode, 'thunderbird-code', android.byCode.code);
  const calendars = davTables(subject, texts);
  const withProfile = offers?.profileUrl === undefined ? undefined : paragraph(dav.withProfile);
  return [
    { id: PROFILE_SECTION, heading: iphone.heading, content: profileSection(texts, offers, iphone.steps, pageCode) },
    {
      id: 'android',
      heading: android.heading,
      content: [
        steps(android.steps(address)),
        ...(thunderbirdCode === undefined
          ? []
          : [
              html(
                'div',
                { class: 'scan' },
                html('h3', {}, android.byCode.heading),
                thunderbirdCode,
                steps(android.byCode.steps),
              ),
            ]),
      ],
    },
    { id: 'mac', heading: mac.heading, content: profileSection(texts, offers, mac.steps) },
    {
      id: 'outlook',
      heading: outlook.heading,
      content: [
        html('h3', {}, outlook.classic),
        steps(outlook.classicSteps(address)),
        html('h3', {}, outlook.others),
        steps(outlook.othersSteps(address)),
        byHand(texts),
        paragraph(outlook.othersNote, 'soft'),
      ],
    },
    {
      id: 'programs',
      heading: automatic.heading,
      content: [steps(automatic.steps(address)), paragraph(automatic.programs, 'soft'), byHand(texts)],
    },
    {
      id: MANUAL_SECTION,
      heading: manual.heading,
      content: [paragraph(manual.intro, 'soft'), ...mailTables(subject, texts)],
    },
    ...(calendars.length === 0
      ? []
      : [{ id: 'dav', heading: dav.heading, content: [withProfile, paragraph(dav.intro), ...calendars] }]),
    {
      id: 'support',
      heading: support.heading,
      content: [paragraph(support.ask(domain.settings.provider.name || domain.name)), paragraph(support.tell)],
    },
  ];
}

/** The same page in the other languages. */
const languageLinks = ({ language, query }: HelpView): HtmlElement =>
  html(
    'header',
    {},
    ...LANGUAGES.filter((each) => each !== language).map((other) =>
      html(
        'a',
        { href: `?${queryText({ ...query, language: other })}`, hreflang: other, lang: other },
        TEXTS[other].language,
      ),
    ),
  );

/** The page for people (HTML Standard; WCAG 2.2 AA): no script, no request for anything else, no field for a password. */
export function helpPage(view: HelpView): string {
  const { language, query, subject, offers } = view;
  const texts = TEXTS[language];
  const title = texts.title(subject && domainToUnicode(subject.domain.name));
  const shown = subject === undefined ? [] : sections(subject, offers, texts);
  return writeHtml(
    html(
      'html',
      { lang: language },
      html(
        'head',
        {},
        html('meta', { charset: 'utf-8' }),
        html('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
        query.address === '' ? undefined : html('meta', { name: 'robots', content: 'noindex' }),
        html('title', {}, title),
        html('style', {}, STYLE),
      ),
      html(
        'body',
        {},
        languageLinks(view),
        html(
          'main',
          {},
          html('h1', {}, title),
          form(view, texts),
          shown.length === 0
            ? undefined
            : html(
                'nav',
                { 'aria-labelledby': 'contents' },
                html('p', { id: 'contents' }, texts.contents),
                html('ul', {}, ...shown.map(({ id, heading }) => html('li', {}, link(id, heading)))),
              ),
          ...shown.map(section),
        ),
      ),
    ),
  );
}
