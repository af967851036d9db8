import type { Socket } from 'node:net';

/** The largest message, which is a row: settings of one server, or the name of a domain. */
const MAX_MESSAGE_OCTETS = 16_777_216;

/** All messages of one answer. The largest is a page of domains with everything that belongs to them. */
const MAX_ANSWER_OCTETS = 67_108_864;

/** Messages of one answer. Each row costs the driver some hundred octets, however short it is. */
const MAX_ANSWER_MESSAGES = 200_000;

/** How an engine divides what it sends into messages. */
export interface Framing {
  readonly headerOctets: number;
  /** Length of a whole message, from its header. */
  lengthOf(octets: Buffer, offset: number): number;
  /** Whether the driver can read the message; `previous` is the one before in the same answer. */
  isSound(message: Buffer, previous: Buffer | undefined): boolean;
}

/**
 * Puts a check between what a database server sends on `socket` and the driver, which trusts the server: a length of 0, a
 * row that ends early or an answer without end would stop the process, or keep it busy for ever. The driver gets whole
 * messages that are sound; anything else, and what it throws itself, closes the connection. The driver takes sockets only,
 * no stream in their place.
 */
export function checkAnswers(socket: Socket, framing: Framing): void {
  const answer = new Answer(framing);
  const emit = socket.emit.bind(socket);
  let asked = socket.bytesWritten;
  socket.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== 'data') return emit(event, ...values);
    // A connection asks one thing at a time: what comes after we wrote answers that.
    if (socket.bytesWritten !== asked) answer.begin();
    asked = socket.bytesWritten;
    try {
      const whole = answer.read(values[0] as Buffer);
      return whole.length === 0 || emit('data', whole);
    } catch (error) {
      socket.destroy(error as Error);
      return true;
    }
  };
}

/** Collects an answer's octets until they make whole messages. */
class Answer {
  readonly #framing: Framing;
  #octets = 0;
  #messages = 0;
  #previous: Buffer | undefined;
  /** Of a message that has not come whole. */
  #chunks: Buffer[] = [];
  #length = 0;
  /** Octets that make a step possible. */
  #wanted: number;

  constructor(framing: Framing) {
    this.#framing = framing;
    this.#wanted = framing.headerOctets;
  }

  begin(): void {
    this.#octets = 0;
    this.#messages = 0;
    this.#previous = undefined;
  }

  /** The messages that are whole now. Throws for what no server sends. */
  read(chunk: Buffer): Buffer {
    const { headerOctets, lengthOf, isSound } = this.#framing;
    this.#octets += chunk.length;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    // Joined only when that completes something: octets that arrive one by one would be copied again and again.
    const octets = this.#length < this.#wanted ? Buffer.alloc(0) : Buffer.concat(this.#chunks);
    let offset = 0;
    let length = this.#wanted;
    while (octets.length - offset >= headerOctets) {
      length = lengthOf(octets, offset);
      if (length > MAX_MESSAGE_OCTETS) throw tooLarge();
      if (length < headerOctets) throw malformed();
      if (octets.length - offset < length) break;
      const message = octets.subarray(offset, offset + length);
      if (!isSound(message, this.#previous)) throw malformed();
      this.#previous = message;
      this.#messages += 1;
      offset += length;
      length = headerOctets;
    }
    if (this.#octets > MAX_ANSWER_OCTETS || this.#messages > MAX_ANSWER_MESSAGES) throw tooLarge();
    if (octets.length > 0) {
      this.#chunks = offset === octets.length ? [] : [octets.subarray(offset)];
      this.#length = octets.length - offset;
      this.#wanted = length;
    }
    return octets.subarray(0, offset);
  }
}

const malformed = (): Error => new Error('malformed message from the server');
const tooLarge = (): Error => new Error('answer of the server too large');
