// The Distinguished Encoding Rules of ASN.1 (X.690 sections 8 and 10), as far as a signature needs them.

/** Tags of the elements that occur. */
export const TAG = {
  integer: 0x02,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** [0] with something in it: explicit, or an implicit SET. */
  context0: 0xa0,
} as const;

/** The long form of a length begins here: the octet says how many octets hold the length. */
const LONG_FORM = 0x80;
/** Octets of a length that the reader takes: more than any file has. */
const MAX_LENGTH_OCTETS = 4;

function lengthOctets(length: number): readonly number[] {
  if (length < LONG_FORM) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [LONG_FORM | octets.length, ...octets];
}

/** One element: tag, length, and the parts as its content. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Uint8Array.of(tag, ...lengthOctets(length)), ...parts]);
}

/** A SET OF: its elements are sorted by their encodings (X.690 section 11.6). */
export const setOf = (tag: number, elements: readonly Uint8Array[]): Buffer =>
  der(tag, ...[...elements].sort(Buffer.compare));

/** Octets that are no DER, or not what is expected there. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** Where an element's content begins and ends. */
export interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** The element at an offset, which must end before `limit`. Throws DerError. */
export function element(octets: Uint8Array, at: number, limit = octets.length): Element {
  const [tag, first] = [octets[at], octets[at + 1]];
  if (tag === undefined || first === undefined || at + 2 > limit) throw new DerError('the element is cut off');
  const count = first < LONG_FORM ? 0 : first - LONG_FORM;
  if (first === LONG_FORM || count > MAX_LENGTH_OCTETS) throw new DerError('the length has no form of DER');
  const start = at + 2 + count;
  const length = count === 0 ? first : octets.subarray(at + 2, start).reduce((sum, octet) => sum * 256 + octet, 0);
  const end = start + length;
  if (end > limit) throw new DerError('the element is cut off');
  return { tag, start, end };
}
