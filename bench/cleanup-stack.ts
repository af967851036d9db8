import type { Cleanup } from '../test/support/temporary-folder.ts';

/** What has to be undone, the last first, however the run ends. */
export class CleanupStack implements Cleanup {
  readonly #callbacks: (() => unknown)[] = [];

  after(callback: () => unknown): void {
    this.#callbacks.push(callback);
  }

  async run(): Promise<void> {
    for (let callback = this.#callbacks.pop(); callback !== undefined; callback = this.#callbacks.pop())
      await callback();
  }
}
