import type { Framing } from '../answers.ts';

/**
 * MySQL manual, "Protocol Basics": a length of 3 octets, and a number that counts the messages. The driver writes a line
 * to standard error for each that comes out of order; what is inside messages it checks by itself.
 */
export const MYSQL_FRAMING: Framing = {
  headerOctets: 4,
  lengthOf: (octets, offset) => 4 + octets.readUIntLE(offset, 3),
  isSound: (message, previous) => previous === undefined || message[3] === ((previous[3] ?? 0) + 1) % 256,
};
