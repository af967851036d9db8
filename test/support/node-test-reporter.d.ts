declare module 'node-test-reporter' {
  import type { TestEvent } from 'node:test/reporters';
  /** Makes text for a terminal of what Node.js's test runner reports. */
  export default function report(source: AsyncIterable<TestEvent>): AsyncGenerator<string>;
}
