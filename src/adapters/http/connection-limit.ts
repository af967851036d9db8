import type { Socket } from 'node:net';

/**
 * Keeps a server's connections within a limit. One more takes the place of the one whose client has kept us waiting
 * longest, be it for a request, for the rest of one or to read its answer; while every connection has a request that we
 * are at work on, the new one is closed. Each step costs the same whatever the number of connections.
 */
export class ConnectionLimit {
  #max: number;
  readonly #open = new Set<Socket>();
  /** How many of a connection's requests we are at work on. */
  readonly #working = new WeakMap<Socket, number>();
  /** Connections without any such, in the order in which we began to wait. */
  readonly #waiting = new Set<Socket>();

  constructor(max: number) {
    this.#max = max;
  }

  set max(max: number) {
    this.#max = max;
  }

  /** Takes a new connection in, or closes it. */
  admit(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#waiting.delete(socket);
    });
    // Last in the order: many that come at once do not drive each other out before their requests can be read.
    this.#waiting.add(socket);
    while (this.#open.size > this.#max) {
      // If we are at work for all others, it is the new one itself.
      const [longest = socket] = this.#waiting;
      this.#waiting.delete(longest);
      this.#open.delete(longest);
      longest.destroy();
      if (longest === socket) return;
    }
  }

  /** All connections. */
  open(): readonly Socket[] {
    return [...this.#open];
  }

  /** The client has done something: its turn to keep us waiting begins anew. */
  progress(socket: Socket): void {
    if (this.#waiting.delete(socket)) this.#waiting.add(socket);
  }

  /** From now until the promise is settled the client is waiting for us. */
  async work(socket: Socket, answer: Promise<void>): Promise<void> {
    this.#waiting.delete(socket);
    this.#working.set(socket, (this.#working.get(socket) ?? 0) + 1);
    await answer;
    const left = (this.#working.get(socket) ?? 1) - 1;
    this.#working.set(socket, left);
    if (left === 0 && !socket.destroyed) this.#waiting.add(socket);
  }
}
