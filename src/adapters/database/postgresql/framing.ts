import type { Framing } from '../answers.ts';

/** PostgreSQL manual, "Message Formats": a letter, and a length that counts itself but not the letter. */
export const POSTGRESQL_FRAMING: Framing = {
  headerOctets: 5,
  lengthOf: (octets, offset) => 1 + octets.readUInt32BE(offset + 1),
  isSound(message) {
    const check = MESSAGES.get(String.fromCharCode(message[0] ?? 0));
    return check?.(message) === true;
  },
};

type Check = (message: Buffer) => boolean;

const BODY = 5;
const octets =
  (count: number): Check =>
  (message) =>
    message.length === BODY + count;

/** Where the text that begins at `offset` ends, behind its zero; -1: it does not. */
const endOfText = (message: Buffer, offset: number): number => {
  const end = message.indexOf(0, offset);
  return end < 0 ? -1 : end + 1;
};

/** Texts that fill the message from `offset` on. */
const texts =
  (count: number, offset = BODY): Check =>
  (message) => {
    let end = offset;
    for (let number = 0; number < count && end >= 0; number++) end = endOfText(message, end);
    return end === message.length;
  };

/**
 * A number of items that fill the message. `endOf`: where the item that begins at `offset` ends, -1 where it does not; an
 * offset behind the message is no end.
 */
const list =
  (endOf: (message: Buffer, offset: number) => number): Check =>
  (message) => {
    if (message.length < BODY + 2) return false;
    const count = message.readInt16BE(BODY);
    let end = BODY + 2;
    for (let number = 0; number < count && end >= 0 && end <= message.length; number++) end = endOf(message, end);
    return count >= 0 && end === message.length;
  };

/** A column: its name, and 18 octets of numbers. */
const endOfColumn = (message: Buffer, offset: number): number => {
  const end = endOfText(message, offset);
  return end < 0 ? -1 : end + 18;
};

/** A value: its length, -1 for NULL, and its octets. */
const endOfValue = (message: Buffer, offset: number): number => {
  if (offset + 4 > message.length) return -1;
  const length = message.readInt32BE(offset);
  return length < -1 ? -1 : offset + 4 + Math.max(length, 0);
};

/** Letters and texts, up to a zero in place of a letter. */
const report: Check = (message) => {
  let offset = BODY;
  while (offset >= 0 && message[offset] !== 0 && offset < message.length) offset = endOfText(message, offset + 1);
  return offset === message.length - 1;
};

/** By kind, with what follows it; without those that the driver does not know, and would throw at. */
const AUTHENTICATION: ReadonlyMap<number, Check> = new Map<number, Check>([
  [0, octets(4)], // ok
  [3, octets(4)], // password in clear text
  [5, octets(8)], // MD5 with a salt
  [10, (message) => message.length > BODY + 5 && message.at(-1) === 0 && message.at(-2) === 0], // SASL mechanisms
  [11, () => true], // SASL data
  [12, () => true],
]);

const authentication: Check = (message) =>
  message.length >= BODY + 4 && AUTHENTICATION.get(message.readInt32BE(BODY))?.(message) === true;

/** Every message that an answer to us may hold: no COPY, no replication. */
const MESSAGES: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['R', authentication],
  ['S', texts(2)],
  ['K', octets(8)],
  ['Z', octets(1)],
  ['T', list(endOfColumn)],
  ['D', list(endOfValue)],
  ['t', list((_message, offset) => offset + 4)],
  ['C', texts(1)],
  ['E', report],
  ['N', report],
  ['A', texts(2, BODY + 4)],
  ['1', octets(0)], // parsed
  ['2', octets(0)], // bound
  ['3', octets(0)], // closed
  ['n', octets(0)], // no columns
  ['I', octets(0)], // no statement
]);
