import { execFile } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { promisify } from 'node:util';
import { parseWholeNumber } from '../../domain/whole-number.ts';

type Environment = Record<string, string | undefined>;

/** The first inherited descriptor (sd_listen_fds(3)). */
const FIRST_DESCRIPTOR = 3;
const STANDARD_ERROR = 2;
/** More than that is not a number of sockets. */
const MAX_DESCRIPTORS = 9_999;

/**
 * The listening sockets passed by systemd (sd_listen_fds(3)), as file descriptors; empty if they are for another process.
 * Deletes the variables, so that child processes do not inherit them.
 */
export function inheritedSockets(environment: Environment, pid: number): readonly number[] {
  const { LISTEN_PID, LISTEN_FDS = '' } = environment;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete environment[name];
  const count = parseWholeNumber(LISTEN_FDS, 0, MAX_DESCRIPTORS) ?? 0;
  return LISTEN_PID === String(pid) ? Array.from({ length: count }, (_value, index) => FIRST_DESCRIPTOR + index) : [];
}

/** Whether standard error is systemd's journal (systemd.exec(5), JOURNAL_STREAM). */
export function writesToJournal(environment: Environment): boolean {
  try {
    const { dev, ino } = fstatSync(STANDARD_ERROR);
    return environment['JOURNAL_STREAM'] === `${dev}:${ino}`;
  } catch {
    return false; // standard error is closed
  }
}

/** States of a service (sd_notify(3)); "alive" feeds the watchdog. */
export type ServiceState = 'ready' | 'reloading' | 'stopping' | 'alive';

/** The longest watchdog interval that is accepted, in microseconds: 16 minutes. */
const MAX_WATCHDOG_USEC = 999_999_999;

/**
 * How often to feed the service manager's watchdog, in milliseconds: half of its interval (sd_watchdog_enabled(3)).
 * Undefined: the watchdog is off for this process. Deletes the variables, so that child
 * processes do not inherit them.
 */
export function watchdogInterval(environment: Environment, pid: number): number | undefined {
  const { WATCHDOG_PID = String(pid), WATCHDOG_USEC = '' } = environment;
  for (const name of ['WATCHDOG_PID', 'WATCHDOG_USEC']) delete environment[name];
  const microseconds = parseWholeNumber(WATCHDOG_USEC, 1, MAX_WATCHDOG_USEC);
  return microseconds === undefined || WATCHDOG_PID !== String(pid) ? undefined : Math.ceil(microseconds / 2_000);
}

/** Time limit of systemd-notify. */
const NOTIFY_TIMEOUT_MS = 5_000;

/**
 * Reports a state to the service manager, if there is one (NOTIFY_SOCKET). Runs systemd-notify, because Node.js has no
 * Unix datagram sockets. Rejects if that fails.
 */
export async function notifyServiceManager(environment: Environment, state: ServiceState): Promise<void> {
  if (!environment['NOTIFY_SOCKET']) return;
  // Type=notify-reload needs the time of the monotonic clock, which process.hrtime reads.
  const monotonic = `MONOTONIC_USEC=${process.hrtime.bigint() / 1_000n}`;
  const words = {
    ready: ['READY=1'],
    reloading: ['RELOADING=1', monotonic],
    stopping: ['STOPPING=1'],
    alive: ['WATCHDOG=1'],
  }[state];
  try {
    await promisify(execFile)('systemd-notify', words, { timeout: NOTIFY_TIMEOUT_MS });
  } catch (cause) {
    // The first line of the program's error output, or the reason why it did not run.
    const { stderr = '', message } = cause as Error & { stderr?: string };
    throw new Error((stderr || message).trim().split('\n', 1)[0], { cause });
  }
}
