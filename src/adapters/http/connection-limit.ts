import type { Socket } from 'node:net';

/** What we know of an open connection. */
interface Connection {
  /** How many of its requests we are at work on. */
  working: number;
  /** When we began to wait for its client, in turns; counts only while we are not at work. */
  turn: number;
}

/**
 * Keeps a server's connections within a limit. One more takes the place of the one whose client has kept us waiting
 * longest, be it for a request, for the rest of one or to read its answer; while every connection has a request that we
 * are at work on, the new one is closed. Beyond the limit all are looked through: a few microseconds for each thousand.
 * (A Set in the order of turns would be written anew every few requests, and V8 keeps what such a Set has left behind
 * until it collects the whole heap.)
 */
export class ConnectionLimit {
  #max: number;
  readonly #open = new Map<Socket, Connection>();
  #turns = 0;

  constructor(max: number) {
    this.#max = max;
  }

  set max(max: number) {
    this.#max = max;
  }

  /** Takes a new connection in, or closes it. */
  admit(socket: Socket): void {
    // Last in the order: many that come at once do not drive each other out before their requests can be read.
    this.#open.set(socket, { working: 0, turn: this.#nextTurn() });
    socket.once('close', () => this.#open.delete(socket));
    while (this.#open.size > this.#max) {
      // If we are at work for all others, it is the new one itself.
      const longest = this.#longestWaiting() ?? socket;
      this.#open.delete(longest);
      longest.destroy();
      if (longest === socket) return;
    }
  }

  /** All connections. */
  open(): readonly Socket[] {
    return [...this.#open.keys()];
  }

  /** The client has done something: its turn to keep us waiting begins anew. */
  progress(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection !== undefined) connection.turn = this.#nextTurn();
  }

  /** From now until the promise is settled the client is waiting for us. */
  async work(socket: Socket, answer: Promise<void>): Promise<void> {
    const connection = this.#open.get(socket);
    if (connection === undefined) return;
    connection.working += 1;
    await answer;
    connection.working -= 1;
    connection.turn = this.#nextTurn();
  }

  #nextTurn(): number {
    this.#turns += 1;
    return this.#turns;
  }

  #longestWaiting(): Socket | undefined {
    let longest: Socket | undefined;
    let first = Number.POSITIVE_INFINITY;
    for (const [socket, { working, turn }] of this.#open) {
      if (working === 0 && turn < first) [longest, first] = [socket, turn];
    }
    return longest;
  }
}
