import type { ServerUrl } from './database-url.ts';

/** Of a text that a server or the system wrote; longer ones are cut. */
const MAX_TEXT_CHARACTERS = 300;

/** So many characters in a row that a text shares with a part of the URL give it away. */
const WINDOW_CHARACTERS = 6;

/** Parts shorter than this are looked for as whole words only: others are in every text. */
const SHORT_CHARACTERS = 4;

/** Options after "?" whose values are words of ours. */
const FIXED_OPTIONS = ['sslmode', 'ssl_verify_identity', 'charset'];

/** A text to print in place of the driver's; undefined: nothing may be printed. */
export type Redact = (text: string) => string | undefined;

/**
 * Makes texts of the driver, the server and the system printable. Each part of the URL is replaced by its name, for where a
 * password is not escaped, any part may be a part of the password. Of a text with the password itself nothing is left: what
 * stands around it could tell it.
 */
export function redactorOf({ user, password, host, socket, database, query }: ServerUrl): Redact {
  const free = [...query].filter(([name]) => !FIXED_OPTIONS.includes(name));
  const parts = [...Object.entries({ password, host, socket, database, user }), ...free]
    .flatMap(([name, value = '']) => (value === '' ? [] : [{ name, value, folded: value.toLowerCase() }]))
    // A part may hold another one.
    .sort((one, other) => other.value.length - one.value.length);
  if (parts.length === 0) return cut;
  const pattern = new RegExp(parts.map(({ value }) => patternOf(value)).join('|'), 'giu');
  const secret = password === undefined ? undefined : new RegExp(patternOf(password), 'iu');
  const nameOf = (found: string): string =>
    `<${parts.find(({ folded }) => folded === found.toLowerCase())?.name ?? 'db_uri'}>`;
  return (text) => {
    const whole = cut(text);
    if (secret?.test(whole) === true) return undefined;
    const isTelling = whole.split(pattern).some((between) => sharesWindow(between.toLowerCase(), parts));
    return isTelling ? undefined : whole.replace(pattern, nameOf);
  };
}

const cut = (text: string): string => text.slice(0, MAX_TEXT_CHARACTERS).replace(/\p{Cc}+/gu, ' ');

const patternOf = (part: string): string => {
  const literal = part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return part.length < SHORT_CHARACTERS ? `(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])` : literal;
};

/** Servers cut long names, and the resolver spells hosts in its own way. */
function sharesWindow(text: string, parts: readonly { readonly folded: string }[]): boolean {
  for (let start = 0; start + WINDOW_CHARACTERS <= text.length; start++) {
    const window = text.slice(start, start + WINDOW_CHARACTERS);
    if (parts.some(({ folded }) => folded.includes(window))) return true;
  }
  return false;
}
