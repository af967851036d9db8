import type { Extras, Page, Translations } from '../../../domain/extras.ts';
import { type HtmlElement, html } from '../../../domain/formats/html.ts';
import { LANGUAGES, type Language } from './languages.ts';
import type { Texts } from './texts.ts';

/** A text and its language. */
interface Wording {
  readonly text: string;
  readonly language: string;
}

/** What is said in the language of the page, or else in that which everybody gets, or else in any. */
export function wordingOf(descr: Translations, language: Language): Wording | undefined {
  const known = [language, ...LANGUAGES, ...Object.keys(descr)].find((each) => Object.hasOwn(descr, each));
  const text = known === undefined ? undefined : descr[known];
  return known === undefined || text === undefined ? undefined : { text, language: known };
}

/** A link that the operator gave: whose page that is learns nothing of this one, whose URL may hold an address. */
const linkTo = (url: string, text: string, lang?: string): HtmlElement =>
  html('a', { href: url, rel: 'noreferrer noopener', lang }, text);

function pageLink({ url, descr }: Page, language: Language): HtmlElement {
  const wording = wordingOf(descr, language);
  if (wording === undefined) return linkTo(url, url);
  return linkTo(url, wording.text, wording.language === language ? undefined : wording.language);
}

const list = (items: readonly (readonly (HtmlElement | string)[])[]): readonly HtmlElement[] =>
  items.length === 0 ? [] : [html('ul', {}, ...items.map((item) => html('li', {}, ...item)))];

/** What to do before anything else. */
export const instructionList = ({ instructions }: Extras, language: Language): readonly HtmlElement[] =>
  list(instructions.map((page) => [pageLink(page, language)]));

/** The link to webmail; nothing where there is none. */
export const webmailLink = ({ webmail }: Extras, texts: Texts): readonly HtmlElement[] =>
  webmail === undefined ? [] : [html('p', {}, linkTo(webmail.url, texts.webmail.open))];

/** An address or a telephone number as people write it, any other URL in full. */
const shownUrl = (url: string): string => (/^(?:mailto|tel):/i.test(url) ? new URL(url).pathname : url);

/** Whom to ask, and what to read. */
export const supportList = (
  { support, documentation }: Extras,
  language: Language,
  texts: Texts,
): readonly HtmlElement[] =>
  list([
    ...(support === undefined ? [] : [[`${texts.support.contact} `, linkTo(support.url, shownUrl(support.url))]]),
    ...documentation.map((page) => [pageLink(page, language)]),
  ]);
