import type { Texts } from './texts.ts';
import { GERMAN } from './texts-de.ts';
import { ENGLISH } from './texts-en.ts';

/** Languages of the page for people; the first one is for everybody else. */
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What the page says in each. */
export const TEXTS: Readonly<Record<Language, Texts>> = { en: ENGLISH, de: GERMAN };

const [BY_DEFAULT] = LANGUAGES;

/** What a browser sends is shorter; a longer header is not looked at. */
const MAX_CHARACTERS = 1_024;
const MAX_RANGES = 20;

/** By truncation from the right (RFC 4647 section 3.4): "de-AT" finds "de". */
const languageOf = (range: string): Language | undefined =>
  LANGUAGES.find((language) => range === language || range.startsWith(`${language}-`));

/** The language that a word names in any letter case. */
export const readLanguage = (word: string): Language | undefined => languageOf(word.toLowerCase());

/** The language that a browser likes best, as its header Accept-Language says it (RFC 9110 section 12.5.4). */
export function preferredLanguage(acceptLanguage: string): Language {
  const ranges = acceptLanguage.split(',');
  if (acceptLanguage.length > MAX_CHARACTERS || ranges.length > MAX_RANGES) return BY_DEFAULT;
  const wanted = ranges.map((item) => {
    const [range = '', weight = 'q=1'] = item.split(';').map((part) => part.trim().toLowerCase());
    const quality = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(weight)?.[1];
    return { language: range === '*' ? BY_DEFAULT : languageOf(range), quality: Number(quality ?? 0) };
  });
  // The sort is stable: of equal ones the first counts.
  const [best] = wanted
    .filter(({ language, quality }) => language !== undefined && quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return best?.language ?? BY_DEFAULT;
}
