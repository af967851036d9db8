import { Failure } from '../domain/failure.ts';
import type { Log } from '../ports/log.ts';

/** How questions to one server fare: the log says once when they begin to fail and once when they are answered again. */
export class Outage {
  readonly #questions: string;
  readonly #log: Log;
  /** Questions so far; each has its number. */
  #asked = 0;
  /** The latest that was answered. */
  #answered = 0;
  /** How many had been asked when one failed last: an answer to one of these does not end the outage. 0: no outage. */
  #failed = 0;

  constructor(questions: string, log: Log) {
    this.#questions = questions;
    this.#log = log;
  }

  get isOngoing(): boolean {
    return this.#failed > 0;
  }

  /** Passes the answer on. */
  async watch<T>(answer: Promise<T>): Promise<T> {
    this.#asked += 1;
    const number = this.#asked;
    try {
      const value = await answer;
      this.#answered = Math.max(this.#answered, number);
      if (this.isOngoing && number > this.#failed) {
        this.#failed = 0;
        this.#log.write('WARNING', `${this.#questions} are answered again`);
      }
      return value;
    } catch (error) {
      // An old question says nothing of now if a later one was answered.
      if (number < this.#answered) throw error;
      if (!this.isOngoing && error instanceof Failure) {
        this.#log.write('ERROR', `${this.#questions} fail: ${error.message}`);
      }
      this.#failed = this.#asked;
      throw error;
    }
  }
}
