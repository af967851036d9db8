/**
 * Octets that a server may send for one operation. A login and a name need few hundred; the driver keeps everything
 * until the operation ends.
 */
const MAX_OPERATION_OCTETS = 1_048_576;

/** Tags of the messages whose form differs from that of a result, and of what is in messages (RFC 4511 section 4). */
const SEARCH_ENTRY = 0x64;
const SEARCH_DONE = 0x65;
const SEARCH_REFERENCE = 0x73;
const CONTROLS = 0xa0;
const INTEGER = 0x02;
const ENUMERATED = 0x0a;
const SEQUENCE = 0x30;
const SET = 0x31;
const OCTET_STRING = 0x04;
const SIZE_LIMIT_EXCEEDED = 4;

/** A BER element (X.690 section 8.1): its tag, and where its content begins and ends. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

const malformed = (): Error => new Error('malformed message');

/**
 * What a directory sends, message by message. The driver takes any number of octets and entries, calls itself for each
 * message of a chunk, and loops for ever where an element inside a message is longer than what holds it: it gets whole
 * messages that are sound, and no more than an operation may have. One operation runs at a time.
 */
export class Messages {
  #octets = 0;
  #entries = 0;
  #hasMore = false;
  /** Of a message that has not come whole. */
  #chunks: Buffer[] = [];
  #length = 0;
  /** Octets that make a step possible. */
  #wanted = 2;

  /** A new operation. */
  begin(): void {
    this.#octets = 0;
    this.#entries = 0;
    this.#hasMore = false;
  }

  /** Whether the search found more than the one entry it asks for. */
  get foundSeveral(): boolean {
    return this.#hasMore || this.#entries > 1;
  }

  /** Whether the end of a message has yet to come. */
  get isPartial(): boolean {
    return this.#length > 0;
  }

  /** Takes what arrived, and hands whole messages to `take`. Throws for what no directory sends. */
  read(chunk: Buffer, take: (message: Buffer) => void): void {
    this.#octets += chunk.length;
    if (this.#octets > MAX_OPERATION_OCTETS) throw new Error('answer too large');
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    // Joined only when that completes something: octets that arrive one by one would be copied again and again.
    if (this.#length < this.#wanted) return;
    let rest = Buffer.concat(this.#chunks);
    for (;;) {
      const message = elementAt(rest, 0, Number.POSITIVE_INFINITY);
      this.#wanted = message?.end ?? rest.length + 1;
      if (this.#wanted > MAX_OPERATION_OCTETS) throw new Error('answer too large');
      if (message === undefined || rest.length < message.end) break;
      this.#check(rest, message);
      take(rest.subarray(0, message.end));
      rest = rest.subarray(message.end);
    }
    this.#chunks = [rest];
    this.#length = rest.length;
  }

  #check(octets: Buffer, message: Element): void {
    const [id, operation, controls, ...others] = message.tag === SEQUENCE ? childrenOf(octets, message) : [];
    if (id?.tag !== INTEGER || operation === undefined || others.length > 0) throw malformed();
    if (controls !== undefined && !areControls(octets, controls)) throw malformed();
    if (operation.tag === SEARCH_ENTRY) {
      if (!isEntry(octets, operation)) throw malformed();
      this.#entries += 1;
      if (this.#entries > 1) throw new Error('more entries than requested');
    } else if (operation.tag === SEARCH_REFERENCE) {
      if (!haveTags(childrenOf(octets, operation), OCTET_STRING)) throw malformed();
    } else {
      const [code, name, text] = childrenOf(octets, operation);
      if (code?.tag !== ENUMERATED || name?.tag !== OCTET_STRING || text?.tag !== OCTET_STRING) throw malformed();
      if (operation.tag === SEARCH_DONE) this.#hasMore = octets[code.start] === SIZE_LIMIT_EXCEEDED;
    }
  }
}

/** Undefined: its header has not come whole. Throws if it cannot be within `limit`. */
function elementAt(octets: Buffer, offset: number, limit: number): Element | undefined {
  const [tag, short] = [octets[offset], octets[offset + 1]];
  if (tag === undefined || short === undefined) return undefined;
  const extra = short < 0x80 ? 0 : short & 0x7f;
  // RFC 4511 section 5.1: definite lengths only.
  if (short === 0x80 || extra > 4) throw malformed();
  const start = offset + 2 + extra;
  if (octets.length < start) return undefined;
  const end = start + (extra === 0 ? short : octets.readUIntBE(offset + 2, extra));
  if (end > limit) throw malformed();
  return { tag, start, end };
}

/** The elements that fill `parent`. */
function childrenOf(octets: Buffer, parent: Element): readonly Element[] {
  const children: Element[] = [];
  for (let offset = parent.start; offset < parent.end; ) {
    const child = elementAt(octets, offset, parent.end);
    if (child === undefined) throw malformed();
    children.push(child);
    offset = child.end;
  }
  return children;
}

const haveTags = (elements: readonly Element[], tag: number): boolean => elements.every((each) => each.tag === tag);

/** A name and a list. */
function listOf(octets: Buffer, pair: Element, tag: number): readonly Element[] | undefined {
  const [name, list, ...others] = childrenOf(octets, pair);
  const isPair = name?.tag === OCTET_STRING && list?.tag === tag && others.length === 0;
  return isPair ? childrenOf(octets, list) : undefined;
}

/** A name and a list of attributes, each a name and a set of values. */
function isEntry(octets: Buffer, entry: Element): boolean {
  const isAttribute = (each: Element): boolean => {
    const values = each.tag === SEQUENCE ? listOf(octets, each, SET) : undefined;
    return values !== undefined && haveTags(values, OCTET_STRING);
  };
  return listOf(octets, entry, SEQUENCE)?.every(isAttribute) === true;
}

/** A list of names, with a flag and a value or without. Servers send some that nobody asked for. */
function areControls(octets: Buffer, controls: Element): boolean {
  const forms = ['4', '4,1', '4,4', '4,1,4'];
  const isControl = (each: Element): boolean =>
    each.tag === SEQUENCE &&
    forms.includes(
      childrenOf(octets, each)
        .map(({ tag }) => tag)
        .join(),
    );
  return controls.tag === CONTROLS && childrenOf(octets, controls).every(isControl);
}
