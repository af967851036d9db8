import { domainToUnicode } from 'node:url';
import type { DomainName } from '../../../domain/domain-name.ts';
import { type HtmlElement, html, writeHtml } from '../../../domain/formats/html.ts';
import { anchor, paragraph } from './elements.ts';
import { LANGUAGES, type Language, TEXTS } from './languages.ts';
import { type Offers, section, sections } from './sections.ts';
import type { Subject } from './settings-tables.ts';
import { STYLE } from './style.ts';
import type { Texts } from './texts.ts';

/** What the visitor sent. */
export interface Query {
  readonly address: string;
  readonly name: string;
  /** Undefined: the browser decides. */
  readonly language: Language | undefined;
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
  const shown = subject === undefined ? [] : sections({ subject, offers, language }, texts);
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
                html('ul', {}, ...shown.map(({ id, heading }) => html('li', {}, anchor(id, heading)))),
              ),
          ...shown.map(section),
        ),
      ),
    ),
  );
}
