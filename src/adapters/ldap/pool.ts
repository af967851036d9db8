import type { Failure } from '../../domain/failure.ts';
import { unavailable } from './failure.ts';

/** How long a directory may let us wait, in milliseconds. */
export interface DirectoryDeadlines {
  /** For a request: its turn, the connection, the bind and the search. */
  readonly requestMs: number;
  /** For which a directory that failed is not asked again. */
  readonly restMs: number;
}

/** Connections to one directory; each serves one request at a time. */
const MAX_PER_DIRECTORY = 4;

/** Connections to all directories; above it, idle ones give way, but none in use. */
const MAX_DIRECTORY_CONNECTIONS = 64;

/** Requests that may wait for one directory; more fail at once, so that a slow one does not keep all clients' connections. */
const MAX_WAITING_FOR_DIRECTORY = 100;

/** What the pool needs of a connection. One that is no longer open after an error is given up. */
export interface Pooled {
  readonly isOpen: boolean;
  /** Connects. */
  open(): Promise<void>;
  close(): void;
  destroy(): void;
}

/** What we hold of one directory. */
interface Place<C> {
  readonly idle: C[];
  /** Idle, in use, and about to be opened. */
  connections: number;
  waiting: number;
  /** Until then it is not asked, for this reason. */
  rest: { readonly untilMs: number; readonly failure: Failure } | undefined;
}

/** A request that waits. */
interface Turn<C> {
  readonly place: Place<C>;
  /** Undefined: it may open one. */
  readonly start: (connection: C | undefined) => void;
  readonly fail: (failure: Failure) => void;
}

/** Connections to directories. Requests wait in the order in which they came. */
export class DirectoryPool<C extends Pooled> {
  readonly #deadlines: DirectoryDeadlines;
  readonly #places = new Map<string, Place<C>>();
  readonly #turns = new Set<Turn<C>>();
  #connections = 0;
  #isClosed = false;

  constructor(deadlines: DirectoryDeadlines) {
    this.#deadlines = deadlines;
  }

  /**
   * Runs `work` on a connection to the directory that `key` stands for; and once more, on a new one, if it was an old one
   * and turns out to be dead. Rejects with what `work` and `open` reject with, and with directory_unavailable.
   */
  async use<T>(key: string, connect: () => C, work: (connection: C) => Promise<T>): Promise<T> {
    const place = this.#places.get(key) ?? { idle: [], connections: 0, waiting: 0, rest: undefined };
    this.#places.set(key, place);
    let isLate = false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        isLate = true;
        reject(unavailable('timed out'));
      }, this.#deadlines.requestMs);
    });
    late.catch(() => undefined);
    try {
      let known = await this.#turn(place, late);
      for (;;) {
        const connection = known ?? connect();
        try {
          const ready = known === undefined ? connection.open() : Promise.resolve();
          const result = await Promise.race([ready.then(() => work(connection)), late]);
          this.#release(place, connection);
          return result;
        } catch (error) {
          if (isLate || !connection.isOpen) {
            connection.destroy();
            if (known !== undefined && !isLate) {
              known = undefined;
              continue;
            }
            this.#rest(place, error as Failure);
          }
          this.#release(place, connection);
          throw error;
        }
      }
    } finally {
      clearTimeout(timer);
      if (place.connections === 0 && place.waiting === 0 && place.rest === undefined) this.#places.delete(key);
    }
  }

  /** Connections in use are closed when they have served. */
  close(): void {
    this.#isClosed = true;
    for (const { idle } of this.#places.values()) for (const connection of idle) connection.close();
  }

  /** Waits for a connection; undefined: a new one may be opened. */
  async #turn(place: Place<C>, late: Promise<never>): Promise<C | undefined> {
    if (place.rest !== undefined) {
      if (performance.now() < place.rest.untilMs) throw place.rest.failure;
      place.rest = undefined;
    }
    const free = this.#take(place);
    if (free !== undefined) return free.connection;
    if (place.waiting >= MAX_WAITING_FOR_DIRECTORY) throw unavailable('too many requests wait for it');
    const { promise, resolve: start, reject: fail } = Promise.withResolvers<C | undefined>();
    const turn = { place, start, fail };
    this.#turns.add(turn);
    place.waiting += 1;
    try {
      return await Promise.race([promise, late]);
    } finally {
      this.#turns.delete(turn);
      place.waiting -= 1;
    }
  }

  /** An idle connection, or the right to open one; undefined: neither. */
  #take(place: Place<C>): { readonly connection: C | undefined } | undefined {
    for (let connection = place.idle.pop(); connection !== undefined; connection = place.idle.pop()) {
      if (connection.isOpen) return { connection };
      this.#forget(place);
    }
    if (place.connections >= MAX_PER_DIRECTORY) return undefined;
    if (this.#connections >= MAX_DIRECTORY_CONNECTIONS && !this.#closeIdle()) return undefined;
    place.connections += 1;
    this.#connections += 1;
    return { connection: undefined };
  }

  /** The connection is free for the next, or gone. */
  #release(place: Place<C>, connection: C): void {
    if (this.#isClosed) connection.close();
    if (connection.isOpen) place.idle.push(connection);
    else this.#forget(place);
    for (const turn of this.#turns) {
      const free = this.#take(turn.place);
      if (free === undefined) continue;
      this.#turns.delete(turn);
      turn.start(free.connection);
    }
  }

  #forget(place: Place<C>): void {
    place.connections -= 1;
    this.#connections -= 1;
  }

  /** Whether an idle connection has given way. */
  #closeIdle(): boolean {
    for (const place of this.#places.values()) {
      const connection = place.idle.shift();
      if (connection === undefined) continue;
      connection.close();
      this.#forget(place);
      return true;
    }
    return false;
  }

  /** Who waits would meet the same failure, one after the other. */
  #rest(place: Place<C>, failure: Failure): void {
    place.rest = { untilMs: performance.now() + this.#deadlines.restMs, failure };
    for (const turn of this.#turns) {
      if (turn.place !== place) continue;
      this.#turns.delete(turn);
      turn.fail(failure);
    }
  }
}
