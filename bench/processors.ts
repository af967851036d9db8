import { readFileSync } from 'node:fs';
import { findProgram } from '../test/support/database-server.ts';

const taskset = findProgram('taskset');

/** The numbers of the processors that we may run on, from a list such as "0-1,4" (proc_pid_status(5)). */
function allowed(): readonly number[] {
  const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_value, index) => first + index);
  });
}

const [FIRST, SECOND] = taskset === undefined ? [] : allowed();

/** Whether what is measured and what drives it have a processor each; two of them may be threads of one core. */
export const HAVE_OWN = taskset !== undefined && SECOND !== undefined;

/**
 * The words that start a program on one processor and nowhere else: what is measured on the first, what drives it on the
 * second. Left to itself, Linux has both on one for a while, then moves one away, and the figures jump with it.
 */
export function onOwnProcessor(who: 'measured' | 'driver', words: readonly string[]): readonly string[] {
  if (taskset === undefined || !HAVE_OWN) return words;
  return [taskset, '--cpu-list', String(who === 'measured' ? FIRST : SECOND), ...words];
}
