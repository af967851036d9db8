import { domainToASCII, domainToUnicode } from 'node:url';

/** A domain name as we compare and print it: lower-case A-labels (RFC 5890 section 2.3.2.1), no trailing dot. */
export type DomainName = string & { readonly _brand: 'DomainName' };

/** RFC 1035 section 2.3.4: octets of a name in text form, and of one label. */
const MAX_NAME_OCTETS = 253;

// RFC 952 excludes the underscore from host names, but domains with one exist and are served.
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const ASCII = /^[\x00-\x7f]*$/;
// No percent signs: domainToASCII would decode them.
const NON_ASCII_NAME = /^[a-z0-9_.\u0080-\u{10ffff}-]+$/iu;

/**
 * Reads a domain name in any letter case, as U-labels or A-labels, with or without one trailing dot.
 * Returns undefined for anything else: empty or over-long labels, blanks, other punctuation.
 */
export function parseDomainName(text: string): DomainName | undefined {
  if (text.length > 2 * MAX_NAME_OCTETS) return undefined;
  let name = text.toLowerCase();
  if (!ASCII.test(name)) name = NON_ASCII_NAME.test(name) ? toALabels(name) : '';
  if (name.endsWith('.')) name = name.slice(0, -1);
  if (name.length > MAX_NAME_OCTETS || !NAME.test(name)) return undefined;
  return name as DomainName;
}

/** The name of a row that serves every domain, `*`, or each below another one, `*.example.com`, without a row of its own. */
export type Wildcard = string & { readonly _brand: 'Wildcard' };

/** Labels of the parent in a wildcard at most: a stranger's long name must not become as many questions. */
const MAX_PARENT_LABELS = 10;

const EVERY = '*' as Wildcard;

/** Undefined: anything else. */
export function parseWildcard(text: string): Wildcard | undefined {
  if (text === '*') return EVERY;
  const parent = text.startsWith('*.') ? parseDomainName(text.slice('*.'.length)) : undefined;
  return parent !== undefined && parent.split('.').length <= MAX_PARENT_LABELS
    ? (`*.${parent}` as Wildcard)
    : undefined;
}

/** The wildcards that may serve a domain, that of the longest parent first. */
export function wildcardsFor(name: DomainName): readonly Wildcard[] {
  const labels = name.split('.');
  const parents = labels.map((_label, index) => labels.slice(index + 1)).slice(0, -1);
  const counting = parents.filter(({ length }) => length <= MAX_PARENT_LABELS);
  return [...counting.map((parent) => `*.${parent.join('.')}` as Wildcard), EVERY];
}

/** A domain that the wildcard serves, for what is checked without a client. */
export const sampleOf = (wildcard: Wildcard): DomainName =>
  (wildcard === EVERY ? 'sample.example' : wildcard.replace('*', 'sample')) as DomainName;

// domainToASCII reads a name whose last label is a number, in any script's digits, as an IPv4 address; ".x" prevents that.
const toALabels = (name: string): string => domainToASCII(`${name}.x`).slice(0, -'.x'.length);

/**
 * The likely stored spellings of `domain`, with ASCII letters in lower case: A-labels and U-labels, these in lower, upper
 * and title case and in both Unicode normal forms, each also with a trailing dot or blank.
 * For a store that folds the case of ASCII letters only. Read each match with parseDomainName again: "STRASSE" is the
 * upper case of "straße", but another domain.
 */
export function storedSpellings(domain: DomainName | Wildcard): readonly string[] {
  const spellings = new Set<string>([domain]);
  const unicode = domain.includes('xn--') ? domainToUnicode(domain) : '';
  if (unicode !== '') {
    const title = unicode.replace(/(^|\.)(.)/gu, (_match, dot: string, first: string) => dot + first.toUpperCase());
    for (const spelling of [unicode, unicode.toUpperCase(), title]) {
      for (const form of ['NFC', 'NFD']) {
        spellings.add(spelling.normalize(form).replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
      }
    }
  }
  return [...spellings].flatMap((spelling) => [spelling, `${spelling}.`, `${spelling} `]);
}
