import { resolve } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { spec } from 'node:test/reporters';
import reportOnTerminal from 'node-test-reporter';

// What `npm test` prints: node-test-reporter's lines on a terminal, where they overwrite each other; else those of Node.js,
// whose totals .ci/run reads.

async function* onTerminal(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const unloaded: string[] = [];
  async function* watched(): AsyncGenerator<TestEvent> {
    for await (const event of source) {
      // node-test-reporter counts a file that fails as a whole, such as one that cannot be loaded, and does not name it.
      if (event.type === 'test:fail' && event.data.file === resolve(event.data.name)) unloaded.push(event.data.name);
      yield event;
    }
  }
  yield* reportOnTerminal(watched());
  for (const file of unloaded) yield `${file} failed as a whole: node --test ${file}\n`;
}

export default process.stdout.isTTY ? onTerminal : spec;
