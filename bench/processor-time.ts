import { existsSync, readFileSync } from 'node:fs';

/** Linux counts processor time in ticks of a hundredth of a second, whatever the kernel's own (proc_pid_stat(5)). */
export const TICK_US = 10_000;

/**
 * Processor time in microseconds, user and system, that the text of a /proc/PID/stat names: of all threads of the process
 * since its start, and of its children that have ended.
 */
export function processorTimeIn(stat: string): number {
  // The second field is the program's name, which may hold blanks and parentheses; the third follows the last one.
  const fromThird = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime, stime, cutime and cstime are fields 14 to 17.
  return fromThird.slice(14 - 3, 17 - 3 + 1).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_US;
}

/** The same of several processes together. One that has ended meanwhile counts with its parent. */
export const processorTimeOf = (...pids: readonly number[]): number =>
  pids
    .filter((pid) => existsSync(`/proc/${pid}/stat`))
    .reduce((sum, pid) => sum + processorTimeIn(readFileSync(`/proc/${pid}/stat`, 'utf8')), 0);
