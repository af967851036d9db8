import type { HealthState } from '../../ports/health.ts';
import type { Question } from './waiting.ts';

/** How old an answer to a ping may be. */
const PING_MS = 1_000;

interface Ping extends Question<HealthState> {
  isOpen: boolean;
}

/** Asks a store for its health: once a second at most, one question at a time, whoever asks how often. */
export class Pings {
  readonly #ask: () => Promise<HealthState>;
  #latest: Ping | undefined;
  #failure: unknown;

  constructor(ask: () => Promise<HealthState>) {
    this.#ask = ask;
  }

  /** Why the newest ping that is over failed; undefined: it did not. */
  get failure(): unknown {
    return this.#failure;
  }

  /** The newest ping, or another one if that is too old. */
  latest(nowMs: number): Question<HealthState> {
    const latest = this.#latest;
    if (latest !== undefined && (latest.isOpen || nowMs - latest.askedMs < PING_MS)) return latest;
    const ping: Ping = { askedMs: nowMs, answer: this.#ask(), isOpen: true };
    const settle = (failure: unknown): void => {
      ping.isOpen = false;
      if (this.#latest === ping) this.#failure = failure;
    };
    ping.answer.then(() => settle(undefined), settle);
    this.#latest = ping;
    return ping;
  }

  /** The store is known to be another than when it was asked. */
  forget(): void {
    this.#latest = undefined;
    this.#failure = undefined;
  }
}
