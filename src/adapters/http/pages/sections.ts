import { addressText } from '../../../domain/email-address.ts';
import { type HtmlElement, type HtmlNode, html } from '../../../domain/formats/html.ts';
import type { QrModules } from '../../../ports/qr-encoder.ts';
import { anchor, figure, paragraph, steps } from './elements.ts';
import type { Language } from './languages.ts';
import { instructionList, supportList, webmailLink } from './operator-links.ts';
import { davTables, extraTables, mailTables, type Subject } from './settings-tables.ts';
import type { Texts } from './texts.ts';

/** Where the code leads to: there, a phone has a button for the profile. */
export const PROFILE_SECTION = 'iphone';
const MANUAL_SECTION = 'manual';

/** What an address adds to the page. */
export interface Offers {
  /** Undefined: no profile can be made of the servers. */
  readonly profileUrl: string | undefined;
  /** Undefined: there is no ActiveSync, or a profile cannot name it. */
  readonly exchangeUrl: string | undefined;
  readonly isSigned: boolean;
  /** Leads to this page on another device. */
  readonly pageCode: QrModules | undefined;
  readonly thunderbirdCode: QrModules | undefined;
}

/** What the sections are about, and in which language what the operator wrote is shown. */
interface Content {
  readonly subject: Subject;
  readonly offers: Offers | undefined;
  readonly language: Language;
}

interface Section {
  readonly id: string;
  readonly heading: string;
  readonly content: readonly HtmlNode[];
}

export const section = ({ id, heading, content }: Section): HtmlElement =>
  html('section', { id, 'aria-labelledby': `${id}-heading` }, html('h2', { id: `${id}-heading` }, heading), ...content);

/** Leads to the values for those whose program does not find them. */
const byHand = ({ manual }: Texts): HtmlElement => html('p', {}, anchor(MANUAL_SECTION, manual.heading));

const afterLoading = ({ profile }: Texts, { isSigned }: Offers, how: readonly string[]): HtmlNode[] => [
  steps(how),
  isSigned ? undefined : paragraph(profile.unsigned, 'soft'),
];

/** The button for the profile and what to do with it; `code` leads a phone to this page. */
function profileSection(texts: Texts, offers: Offers | undefined, how: readonly string[], code?: HtmlNode): HtmlNode[] {
  const { profile } = texts;
  if (offers === undefined) return [html('p', {}, anchor('address', texts.addressFirst))];
  if (offers.profileUrl === undefined) return [paragraph(profile.none), byHand(texts)];
  return [
    code,
    html('a', { class: 'button', href: offers.profileUrl }, profile.load),
    ...afterLoading(texts, offers, how),
  ];
}

/** The same account in another way, where both profiles would bring everything twice. */
function exchangePart(texts: Texts, offers: Offers | undefined): HtmlNode[] {
  const { exchange, iphone } = texts;
  if (offers?.exchangeUrl === undefined) return [];
  const isAlone = offers.profileUrl === undefined;
  return [
    html('h3', {}, exchange.heading),
    paragraph(isAlone ? exchange.what : `${exchange.what} ${exchange.instead}`),
    html('a', { class: 'button', href: offers.exchangeUrl }, exchange.load),
    ...(isAlone ? afterLoading(texts, offers, iphone.steps) : []),
  ];
}

function androidSection({ android }: Texts, address: string, code: HtmlNode): readonly HtmlNode[] {
  const { heading, steps: how } = android.byCode;
  return [
    steps(android.steps(address)),
    ...(code === undefined ? [] : [html('div', { class: 'scan' }, html('h3', {}, heading), code, steps(how))]),
  ];
}

/** Nothing, or a section with something in it. */
const unlessEmpty = (id: string, heading: string, content: readonly HtmlNode[]): readonly Section[] =>
  content.length === 0 ? [] : [{ id, heading, content }];

/** The page's sections, each with the anchor that links lead to. */
export function sections({ subject, offers, language }: Content, texts: Texts): readonly Section[] {
  const { automatic, before, iphone, mac, profile, android, outlook, manual, dav, webmail, support } = texts;
  const { domain, user } = subject;
  const { extras, provider } = domain.settings;
  const address = user === undefined ? manual.wholeAddress : addressText(user.address);
  const pageCode = figure(offers?.pageCode, 'page-code', profile.code);
  const thunderbirdCode = figure(offers?.thunderbirdCode, 'thunderbird-code', android.byCode.code);
  const calendars = davTables(subject, texts);
  const withProfile = offers?.profileUrl === undefined ? undefined : paragraph(dav.withProfile);
  return [
    ...unlessEmpty('before', before.heading, instructionList(extras, language)),
    {
      id: PROFILE_SECTION,
      heading: iphone.heading,
      content: [...profileSection(texts, offers, iphone.steps, pageCode), ...exchangePart(texts, offers)],
    },
    { id: 'android', heading: android.heading, content: androidSection(texts, address, thunderbirdCode) },
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
      content: [paragraph(manual.intro, 'soft'), ...mailTables(subject, texts), ...extraTables(subject, texts)],
    },
    ...unlessEmpty('dav', dav.heading, calendars.length === 0 ? [] : [withProfile, paragraph(dav.intro), ...calendars]),
    ...unlessEmpty('webmail', webmail.heading, webmailLink(extras, texts)),
    {
      id: 'support',
      heading: support.heading,
      content: [
        paragraph(support.ask(provider.name || domain.name)),
        ...supportList(extras, language, texts),
        paragraph(support.tell),
      ],
    },
  ];
}
