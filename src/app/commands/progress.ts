import type { Surroundings } from './command.ts';

/** What takes no longer is over before anybody wonders. */
const QUIET_MS = 1_000;

export interface Progress {
  /** What is done from now on. */
  stage(stage: string): void;
}

/** Says on a terminal what is being done, once it has taken a second. */
class ProgressLines implements Progress {
  readonly #write: (line: string) => void;
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #stage = '';
  #shown = '';

  constructor({ stderr }: Pick<Surroundings, 'stderr'>) {
    const isTerminal = 'isTTY' in stderr && stderr.isTTY === true;
    this.#write = isTerminal ? (line) => void stderr.write(line) : () => undefined;
    this.#timer = setTimeout(() => this.#show(), QUIET_MS).unref();
  }

  stage(stage: string): void {
    this.#stage = stage;
    // SQLite and plans hold up timers.
    if (performance.now() - this.#startMs >= QUIET_MS) this.#show();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #show(): void {
    if (this.#stage === this.#shown) return;
    this.#shown = this.#stage;
    this.#write(`${this.#stage} ...\n`);
  }
}

export async function withProgress<T>(
  surroundings: Pick<Surroundings, 'stderr'>,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = new ProgressLines(surroundings);
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
}
