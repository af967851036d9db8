/** How old an answer to a ping may be. */
const PING_MS = 1_000;

interface Ping {
  readonly askedMs: number;
  readonly answer: Promise<boolean>;
  isOpen: boolean;
}

/** Asks a store for its health: once a second at most, one question at a time, whoever asks how often. */
export class Pings {
  readonly #ask: () => Promise<boolean>;
  #latest: Ping | undefined;
  #hasFailed = false;

  constructor(ask: () => Promise<boolean>) {
    this.#ask = ask;
  }

  /** Whether the newest ping that is over failed. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The answer to the newest ping, or to another one if that is too old. */
  latest(nowMs: number): Promise<boolean> {
    const latest = this.#latest;
    if (latest !== undefined && (latest.isOpen || nowMs - latest.askedMs < PING_MS)) return latest.answer;
    const ping: Ping = { askedMs: nowMs, answer: this.#ask(), isOpen: true };
    const settle = (hasFailed: boolean): void => {
      ping.isOpen = false;
      if (this.#latest === ping) this.#hasFailed = hasFailed;
    };
    ping.answer.then(
      () => settle(false),
      () => settle(true),
    );
    this.#latest = ping;
    return ping.answer;
  }

  /** The store is known to be another than when it was asked. */
  forget(): void {
    this.#latest = undefined;
    this.#hasFailed = false;
  }
}
