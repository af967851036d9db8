import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { RunningProcess } from './process.ts';
import { launchProgram } from './program.ts';
import { type Cleanup, temporaryFolder } from './temporary-folder.ts';

export interface Service extends RunningProcess {
  readonly port: number;
  /** Ends it with SIGTERM and resolves with all that it has logged. */
  stop(): Promise<string>;
}

/** The program as a process that listens on a free port; `wrap` are words before it, such as those of setpriv(1). */
export async function startService(
  t: Cleanup,
  databaseUri: string,
  { options = [], wrap = [] }: { readonly options?: readonly string[]; readonly wrap?: readonly string[] } = {},
): Promise<Service> {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755); // `wrap` may make it another user's process
  const config = join(folder, 'automx2.conf');
  const lines = ['loglevel = INFO', `db_uri = ${databaseUri}`, 'listen = 127.0.0.1:0', ...options];
  writeFileSync(config, `[automx2]\n${lines.join('\n')}\n`);
  const running = launchProgram(t, folder, ['--config', config], { wrap });
  const [, port] = await running.said(/listening address=127\.0\.0\.1 port=(\d+)/);
  return {
    ...running,
    port: Number(port),
    async stop() {
      running.child.kill('SIGTERM');
      const { status, err } = await running.ended;
      assert.equal(status, 0, err);
      return err;
    },
  };
}

/** Warnings and errors, without the times, and without what is said at the start about the tests' schema and rows. */
export const noticed = (log: string): readonly string[] =>
  log
    .split('\n')
    .filter((line) =>
      / (?:WARNING|ERROR|CRITICAL) (?!look-ups are slow|some clients will fail|running as root)/.test(line),
    )
    .map((line) => line.replace(/^\S+ /, ''));

interface Question {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const autoconfigOf = (address: string): Question => ({
  path: `/mail/config-v1.1.xml?emailaddress=${address}`,
});

/** Asks on a connection of its own; the status and the body. */
export function ask(
  port: number,
  { path, method = 'GET', headers = {}, body }: Question,
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (part: string) => {
          text += part;
        })
        .on('end', () => resolve({ status: response.statusCode, text }))
        .on('error', reject);
    });
    asked.on('error', reject).end(body);
  });
}

/** Clients that ask the same questions again and again until the test ends. */
export class Traffic {
  readonly #seen = new Map<string, Map<string, number>>();
  #rounds = 0;
  #isOver = false;

  /** What is seen of an answer is its status, `look` has a closer one. */
  constructor(
    t: Cleanup,
    port: number,
    questions: Readonly<Record<string, Question>>,
    look: (status: number | undefined, text: string) => string = String,
  ) {
    t.after(() => {
      this.#isOver = true;
    });
    void this.#run(port, Object.entries(questions), look);
  }

  async #run(
    port: number,
    questions: readonly (readonly [string, Question])[],
    look: (status: number | undefined, text: string) => string,
  ): Promise<void> {
    while (!this.#isOver) {
      await Promise.all(
        questions.map(async ([name, question]) => {
          const seen = await ask(port, question).then(
            ({ status, text }) => look(status, text),
            (error: Error) => error.message,
          );
          const counts = this.#seen.get(name) ?? new Map<string, number>();
          counts.set(seen, (counts.get(seen) ?? 0) + 1);
          this.#seen.set(name, counts);
        }),
      );
      this.#rounds += 1;
    }
  }

  /**
   * What is seen in the next rounds: each name with its different answers. The first ones do not count, as they began
   * before, or were those in which the daemon became aware of a change.
   */
  async next(rounds = 5): Promise<Readonly<Record<string, string>>> {
    await this.#pass(3);
    this.#seen.clear();
    await this.#pass(rounds);
    return Object.fromEntries([...this.#seen].map(([name, counts]) => [name, [...counts.keys()].sort().join(' ')]));
  }

  async #pass(rounds: number): Promise<void> {
    for (const end = this.#rounds + rounds; this.#rounds < end; ) await setImmediate();
  }
}
