import { execFile } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { promisify } from 'node:util';

type Environment = Record<string, string | undefined>;

/** The first descriptor that is handed over (sd_listen_fds(3)). */
const FIRST_DESCRIPTOR = 3;
const STANDARD_ERROR = 2;

/**
 * The listening sockets that systemd hands over (sd_listen_fds(3)), as file descriptors; none if they are not for this
 * process. The variables are taken away: they are not for our children.
 */
export function inheritedSockets(environment: Environment, pid: number): readonly number[] {
  const { LISTEN_PID, LISTEN_FDS = '' } = environment;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete environment[name];
  const count = /^\d{1,4}$/.test(LISTEN_FDS) ? Number(LISTEN_FDS) : 0;
  return LISTEN_PID === String(pid) ? Array.from({ length: count }, (_value, index) => FIRST_DESCRIPTOR + index) : [];
}

/** Whether what we write to standard error goes to systemd's journal (systemd.exec(5), JOURNAL_STREAM). */
export function writesToJournal(environment: Environment): boolean {
  try {
    const { dev, ino } = fstatSync(STANDARD_ERROR);
    return environment['JOURNAL_STREAM'] === `${dev}:${ino}`;
  } catch {
    return false; // standard error is closed
  }
}

/** States of a service (sd_notify(3)). */
export type ServiceState = 'ready' | 'reloading' | 'stopping';

/** How long the helper program may take. */
const NOTIFY_TIMEOUT_MS = 5_000;

/**
 * Tells the service manager a state, if there is one (NOTIFY_SOCKET). Node.js has no Unix datagram sockets, so systemd's
 * own program does it. Rejects if that fails.
 */
export async function notifyServiceManager(environment: Environment, state: ServiceState): Promise<void> {
  if (!environment['NOTIFY_SOCKET']) return;
  // Type=notify-reload wants to know when, by the clock that process.hrtime reads, too.
  const monotonic = `MONOTONIC_USEC=${process.hrtime.bigint() / 1_000n}`;
  const words = { ready: ['READY=1'], reloading: ['RELOADING=1', monotonic], stopping: ['STOPPING=1'] }[state];
  try {
    await promisify(execFile)('systemd-notify', words, { timeout: NOTIFY_TIMEOUT_MS });
  } catch (cause) {
    // What the program said, or why it did not run; in one line.
    const { stderr = '', message } = cause as Error & { stderr?: string };
    throw new Error((stderr || message).trim().split('\n', 1)[0], { cause });
  }
}
