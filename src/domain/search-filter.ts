/**
 * A search filter (RFC 4511 section 4.5.1.7). In the operator's, gaps in values wait for the address. `rule` is the matching
 * rule's name or number, empty: the attribute's own.
 */
export type SearchFilter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly SearchFilter[] }
  | { readonly kind: 'not'; readonly filter: SearchFilter }
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: '=' | '~=' | '>=' | '<='; readonly attribute: string; readonly value: string }
  | {
      readonly kind: 'substrings';
      readonly attribute: string;
      readonly initial: string;
      readonly any: readonly string[];
      readonly final: string;
    }
  | {
      readonly kind: ':=';
      readonly attribute: string;
      readonly withDn: boolean;
      readonly rule: string;
      readonly value: string;
    };

/** What a filter is filled with, as "{0}", "{1}" and "{2}". */
export type FilterArguments = readonly [address: string, localPart: string, domain: string];

/** Where these belong: noncharacters of Unicode, which no filter may hold itself. */
const GAPS: readonly string[] = ['\uffff', '\ufffe', '\ufdd0'];
const ANY_GAP = new RegExp(`[${GAPS.join('')}]`, 'g');
/** What differs between the users of a domain. */
const USER_GAP = new RegExp(`[${GAPS[0]}${GAPS[1]}]`);

const hasGap = (text: string): boolean => text.search(ANY_GAP) >= 0;

const COMPOSITE = { '&': 'and', '|': 'or' } as const;

/** An attribute with options (RFC 4512 section 2.5), or nothing before a matching rule; ":dn"; ":rule"; what it compares. */
const ASSERTION =
  /^(?<attribute>[\w.-]+(?:;[\w-]+)*)?\s*(?<dn>:\s*dn\s*(?=:))?(?::\s*(?<rule>[\w.-]+)\s*(?=:))?(?<kind>[~<>:]?=)(?<value>.*)$/is;

/**
 * Fills a template as Python's str.format does: "{0}" to "{2}", or one "{}" for the first, are gaps, "{{" and "}}" are
 * braces. Undefined: anything else in braces.
 */
function withGaps(template: string): string | undefined {
  if (hasGap(template)) return undefined;
  const seen = new Set<string>();
  let isValid = true;
  const text = template.replace(/\{\{|\}\}|\{[0-2]?\}|[{}]/g, (part) => {
    if (part === '{{' || part === '}}') return part.charAt(0);
    // A second "{}" would be a second argument, of which automx2 has none, and numbers do not mix with it.
    isValid &&= part.length > 1 && !seen.has('{}') && (part !== '{}' || seen.size === 0);
    seen.add(part);
    return GAPS[Number(part.charAt(1)) || 0] ?? '';
  });
  return isValid ? text : undefined;
}

/** Decodes the escapes of a value (RFC 4515 section 3). Undefined: a malformed escape, no UTF-8, or what means a gap. */
function unescaped(text: string): string | undefined {
  if (/\\(?![0-9a-f]{2})|[()]/i.test(text)) return undefined;
  try {
    return text.replace(/(?:\\[0-9a-f]{2})+/gi, (escapes) => {
      const decoded = decodeURIComponent(escapes.replaceAll('\\', '%'));
      if (hasGap(decoded)) throw new RangeError('a noncharacter');
      return decoded;
    });
  } catch {
    return undefined;
  }
}

function readAssertion(text: string): SearchFilter | undefined {
  const { attribute = '', dn, rule = '', kind, value: given = '' } = ASSERTION.exec(text.trim())?.groups ?? {};
  const values = given
    .trim()
    .split('*')
    .map((part) => unescaped(part));
  if (!values.every((part) => part !== undefined)) return undefined;
  const [value = '', ...further] = values;
  if (kind === ':=') {
    if (further.length > 0 || (attribute === '' && rule === '')) return undefined;
    return { kind, attribute, withDn: dn !== undefined, rule, value };
  }
  if (attribute === '' || dn !== undefined || rule !== '') return undefined;
  const final = further.pop();
  if (kind === '~=' || kind === '>=' || kind === '<=') {
    return final === undefined ? { kind, attribute, value } : undefined;
  }
  if (kind !== '=') return undefined;
  if (final === undefined) return { kind, attribute, value };
  // Two asterisks in a row are one.
  const any = further.filter((part) => part !== '');
  if (value === '' && any.length === 0 && final === '') return { kind: 'present', attribute };
  return { kind: 'substrings', attribute, initial: value, any, final };
}

/** Reads a filter's text from left to right. */
class Reader {
  #rest: string;

  constructor(text: string) {
    this.#rest = text;
  }

  get isAtEnd(): boolean {
    return this.#rest.trim() === '';
  }

  /** A filter in parentheses. */
  filter(): SearchFilter | undefined {
    if (!this.#take('(')) return undefined;
    const filter = this.#content();
    return this.#take(')') ? filter : undefined;
  }

  #content(): SearchFilter | undefined {
    if (this.#take('!')) {
      const filter = this.filter();
      return filter === undefined ? undefined : { kind: 'not', filter };
    }
    for (const [sign, kind] of Object.entries(COMPOSITE)) {
      if (this.#take(sign)) return this.#composite(kind);
    }
    const end = this.#rest.indexOf(')');
    const text = this.#rest.slice(0, Math.max(end, 0));
    this.#rest = this.#rest.slice(text.length);
    return readAssertion(text);
  }

  #composite(kind: 'and' | 'or'): SearchFilter | undefined {
    const filters: SearchFilter[] = [];
    do {
      const filter = this.filter();
      if (filter === undefined) return undefined;
      filters.push(filter);
    } while (!/^\s*\)/.test(this.#rest));
    return { kind, filters };
  }

  /** Whether the character is next, blanks aside; then it is read. */
  #take(character: string): boolean {
    const rest = this.#rest.trimStart();
    if (!rest.startsWith(character)) return false;
    this.#rest = rest.slice(1);
    return true;
  }
}

/**
 * Reads the operator's filter, a template in which "{0}" stands for the address, "{1}" for its local part, "{2}" for its
 * domain. Spec: RFC 4515 section 3, with what ldap3, automx2's library, reads beside that: blanks between parts and around
 * names and values. The outer parentheses may be missing. Undefined: invalid, or without a place for address or local part:
 * it would find the same entry for everybody. They are filled in afterwards, so nothing in them is ever syntax.
 */
export function parseSearchFilter(template: string): SearchFilter | undefined {
  const text = withGaps(template)?.trim();
  if (text === undefined || !USER_GAP.test(text)) return undefined;
  const reader = new Reader(text.startsWith('(') ? text : `(${text})`);
  const filter = reader.filter();
  return reader.isAtEnd ? filter : undefined;
}

/** The filter for one address. */
export function fillSearchFilter(filter: SearchFilter, values: FilterArguments): SearchFilter {
  // All at once: what a client sends may hold what stands for a gap.
  const fill = (text: string): string => text.replace(ANY_GAP, (gap) => values[GAPS.indexOf(gap)] ?? '');
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, filters: filter.filters.map((part) => fillSearchFilter(part, values)) };
    case 'not':
      return { ...filter, filter: fillSearchFilter(filter.filter, values) };
    case 'present':
      return filter;
    case 'substrings':
      return { ...filter, initial: fill(filter.initial), any: filter.any.map(fill), final: fill(filter.final) };
    default:
      return { ...filter, value: fill(filter.value) };
  }
}
