import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchdogInterval } from '../../../src/adapters/systemd/service-manager.ts';

for (const { variables, ms } of [
  { variables: {}, ms: undefined },
  { variables: { WATCHDOG_USEC: '60000000' }, ms: 30_000 },
  { variables: { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '7' }, ms: 30_000 },
  { variables: { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '8' }, ms: undefined },
  { variables: { WATCHDOG_USEC: '1' }, ms: 1 },
  { variables: { WATCHDOG_USEC: '0' }, ms: undefined },
  { variables: { WATCHDOG_USEC: '-1' }, ms: undefined },
  { variables: { WATCHDOG_USEC: 'x' }, ms: undefined },
  { variables: { WATCHDOG_USEC: '18446744073709551615' }, ms: undefined },
]) {
  test(`a watchdog of ${JSON.stringify(variables)} is fed every ${ms} ms, and no child inherits it`, () => {
    const environment: Record<string, string | undefined> = { ...variables, OTHER: 'stays' };
    assert.equal(watchdogInterval(environment, 7), ms);
    assert.deepEqual(environment, { OTHER: 'stays' });
  });
}
