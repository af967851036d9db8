import { availableParallelism } from 'node:os';
import { findProgram } from '../test/support/database-server.ts';

const taskset = findProgram('taskset');

/** Whether what is measured and what drives it have a processor each. */
export const HAVE_OWN = taskset !== undefined && availableParallelism() > 1;

/**
 * The words that start a program on one processor and nowhere else: what is measured on the first, what drives it on the
 * second. Left to itself, Linux has both on one for a while, then moves one away, and the figures jump with it.
 */
export function onOwnProcessor(who: 'measured' | 'driver', words: readonly string[]): readonly string[] {
  if (taskset === undefined || !HAVE_OWN) return words;
  return [taskset, '--cpu-list', who === 'measured' ? '0' : '1', ...words];
}
