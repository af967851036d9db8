import { Failure } from '../../domain/failure.ts';

/** Requests that wait for the store at the same time; further ones are not kept waiting. */
const MAX_WAITING = 500;

/** How long a request waits that can be answered from memory, counted from the question. */
const STALE_AFTER_MS = 300;

/** How long any other request waits, counted from the question; waiting for a free connection is included. */
const ANSWER_MS = 5_000;

/** What was asked of the store, for all who want to know it. */
export interface Question<T> {
  readonly askedMs: number;
  readonly answer: Promise<T>;
}

const LATE = Symbol('late');

/** The answer, or what `otherwise` returns if that takes longer; an answer that is there counts however late it is. */
async function within<T>(answer: Promise<T>, ms: number, otherwise: () => T): Promise<T> {
  const { promise: late, resolve } = Promise.withResolvers<typeof LATE>();
  const timer = setTimeout(resolve, Math.max(ms, 0), LATE);
  try {
    const first = await Promise.race([answer, late]);
    return first === LATE ? otherwise() : first;
  } finally {
    clearTimeout(timer);
  }
}

/** The store's answer; rejects with store_unavailable if it takes too long. */
export const inTime = <T>(answer: Promise<T>): Promise<T> =>
  within(answer, ANSWER_MS, () => {
    throw new Failure('store_unavailable', `no answer from the database within ${ANSWER_MS} ms`);
  });

/** The requests that wait for the store. A store that hangs must not hold up every connection of ours. */
export class Waiting {
  #most = MAX_WAITING;
  #count = 0;

  /** The other half of the connections is left to requests that are answered from memory. */
  configure(maxConnections: number): void {
    this.#most = Math.min(MAX_WAITING, Math.ceil(maxConnections / 2));
  }

  get isFull(): boolean {
    return this.#count >= this.#most;
  }

  /**
   * The answer to the question that `ask` makes or joins. `otherwise` returns what is known without it: taken if the
   * answer is slow or too many requests wait. Without that, rejects with store_unavailable if too many wait.
   */
  async wait<T>(nowMs: number, ask: () => Question<T>, otherwise: (() => T) | undefined): Promise<T> {
    if (this.isFull) {
      if (otherwise !== undefined) return otherwise();
      throw new Failure('store_unavailable', `${this.#most} requests wait for the database already`);
    }
    this.#count += 1;
    try {
      const { answer, askedMs } = ask();
      return await (otherwise === undefined ? answer : within(answer, askedMs + STALE_AFTER_MS - nowMs, otherwise));
    } finally {
      this.#count -= 1;
    }
  }
}
