import { urlEncoded } from '../placeholders.ts';
import type { DocumentUser, Format } from './format.ts';
import { xmlText } from './xml.ts';

// Characters that no writer escapes, and of one octet each in memory. An operator's text that holds them is noticed below.
const MARKERS = { localPart: '¤¦¤', name: '§¬§' };
const OTHER_MARKERS = { localPart: '¦¤¦', name: '¬§¬' };

/** Everything by which documents of a format differ within a domain, as it appears in them. */
const gapValues = (
  { derived }: Format,
  escapeText: NonNullable<Format['escapeText']>,
  { address, displayName = '' }: DocumentUser,
): readonly string[] => [
  escapeText(address.localPart),
  urlEncoded(address.localPart), // nothing is left to escape
  escapeText(displayName),
  ...(derived?.(address) ?? []),
];

/** Another user of the same domain, without a directory's entry. */
export type UserOf = (localPart: string, displayName: string | undefined) => DocumentUser;

/** A document with gaps where users differ. */
type Fill = (user: DocumentUser) => string;

/**
 * Writes the document for a marker in place of a local part and cuts it where the marker, or what follows from it,
 * appears. Undefined: filled for a second marker, it is not what the format writes for that, so it cannot be cut. Validity
 * that depends on the local part goes unnoticed here: see ServedDomain.
 */
function cut(format: Format, userOf: UserOf, hasName: boolean): Fill | undefined {
  const { escapeText } = format;
  if (escapeText === undefined) return undefined;
  const [user, other] = [MARKERS, OTHER_MARKERS].map(({ localPart, name }) =>
    userOf(localPart, hasName ? name : undefined),
  ) as [DocumentUser, DocumentUser];
  const tokens = gapValues(format, escapeText, user);
  const pattern = new RegExp(`(${tokens.filter((token) => token !== '').join('|')})`);
  // Texts and tokens in turn.
  const parts = format.write(user).split(pattern);
  const gaps = parts.map((part, index) => (index % 2 === 0 ? -1 : tokens.indexOf(part)));
  const fill: Fill = (account) => {
    const values = gapValues(format, escapeText, account);
    let text = '';
    for (let index = 0; index < parts.length; index++) text += values[gaps[index] ?? -1] ?? parts[index];
    return text;
  };
  return fill(other) === format.write(other) ? fill : undefined;
}

/**
 * The documents of one format for the users of one domain: the first is cut into a template, and filling that costs a
 * fraction of writing. What cannot be cut is written each time.
 */
export class UserDocuments {
  readonly #format: Format;
  /** By whether the user's own name is known. */
  readonly #templates = new Map<boolean, Fill | undefined>();

  constructor(format: Format) {
    this.#format = format;
  }

  /** Throws domain_unusable where the format cannot be made of the domain's settings. */
  of(user: DocumentUser, userOf: UserOf): string {
    const { displayName } = user;
    const hasName = displayName !== undefined;
    // Formats differ in what they make of such a name.
    if (hasName && xmlText(displayName) === '') return this.#format.write(user);
    if (!this.#templates.has(hasName)) {
      this.#templates.set(hasName, cut(this.#format, userOf, hasName));
    }
    return this.#templates.get(hasName)?.(user) ?? this.#format.write(user);
  }
}
