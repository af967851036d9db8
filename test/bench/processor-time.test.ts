import assert from 'node:assert/strict';
import { closeSync, openSync, readSync } from 'node:fs';
import { test } from 'node:test';
import { processorTimeIn, processorTimeOf, TICK_US } from '../../bench/processor-time.ts';

for (const { name, program, want } of [
  { name: 'user, system, and that of children that have ended', program: 'node', want: 70_000 + 30_000 + 2_000_000 },
  { name: 'a program whose name looks like more fields', program: 'a) R 1 (b', want: 70_000 + 30_000 + 2_000_000 },
]) {
  test(`processor time: ${name}`, () =>
    assert.equal(
      processorTimeIn(`9 (${program}) S 1 9 9 0 -1 4194560 2717 500 600 700 7 3 150 50 20 0 7 0 1286`),
      want,
    ));
}

test('processor time: of this process it is what the system says otherwise', () => {
  const spent = (): number => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  // Enough of both for neither to be overlooked.
  const zero = openSync('/dev/zero', 'r');
  while (process.cpuUsage().system < 20 * TICK_US) readSync(zero, Buffer.alloc(1 << 20));
  closeSync(zero);
  const before = spent();
  const read = processorTimeOf(process.pid);
  // User and system time are whole ticks each.
  assert.ok(read >= before - 2 * TICK_US && read <= spent() + TICK_US, `${read} but ${before}`);
});
