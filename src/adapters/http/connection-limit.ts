import type { Socket } from 'node:net';

/** An open connection, or what a ring of them begins with, and its place in a ring; by itself it is one of its own. */
class Connection {
  readonly socket: Socket | undefined;
  /** How many of its requests we are at work on. */
  working = 0;
  previous: Connection = this;
  next: Connection = this;

  constructor(socket?: Socket) {
    this.socket = socket;
  }

  leave(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this;
    this.next = this;
  }

  moveBefore(other: Connection): void {
    this.leave();
    this.previous = other.previous;
    this.next = other;
    this.previous.next = this;
    other.previous = this;
  }
}

/**
 * Keeps a server's connections within a limit. One more takes the place of the one whose client has kept us waiting
 * longest, be it for a request, for the rest of one or to read its answer; while every connection has a request that we
 * are at work on, the new one is closed. Each step costs the same whatever the number of connections.
 */
export class ConnectionLimit {
  #max: number;
  readonly #open = new Map<Socket, Connection>();
  /**
   * Before the connections that we are not at work for, in the order in which we began to wait. No Set: each request
   * changes the order, so it would be written anew time and again, and V8 keeps what it leaves behind until it collects
   * the whole heap.
   */
  readonly #waiting = new Connection();

  constructor(max: number) {
    this.#max = max;
  }

  set max(max: number) {
    this.#max = max;
  }

  /** Takes a new connection in, or closes it. */
  admit(socket: Socket): void {
    const connection = new Connection(socket);
    this.#open.set(socket, connection);
    socket.once('close', () => {
      this.#open.delete(socket);
      connection.leave();
    });
    // Last in the order: many that come at once do not drive each other out before their requests can be read.
    connection.moveBefore(this.#waiting);
    while (this.#open.size > this.#max) {
      // If we are at work for all others, it is the new one itself.
      const longest = this.#waiting.next;
      longest.leave();
      if (longest.socket === undefined) return;
      this.#open.delete(longest.socket);
      longest.socket.destroy();
      if (longest === connection) return;
    }
  }

  /** All connections. */
  open(): readonly Socket[] {
    return [...this.#open.keys()];
  }

  /** The client has done something: its turn to keep us waiting begins anew. */
  progress(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection?.working === 0) connection.moveBefore(this.#waiting);
  }

  /** From now until the promise is settled the client is waiting for us. */
  async work(socket: Socket, answer: Promise<void>): Promise<void> {
    const connection = this.#open.get(socket);
    if (connection === undefined) return;
    connection.leave();
    connection.working += 1;
    await answer;
    connection.working -= 1;
    if (connection.working === 0 && this.#open.has(socket)) connection.moveBefore(this.#waiting);
  }
}
