import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Certificate } from '../test/support/certificates.ts';
import { freePort } from '../test/support/database-server.ts';
import { type Answer, ask, type Request } from './ask.ts';
import { processorTimeOf, TICK_US } from './processor-time.ts';
import { onOwnProcessor } from './processors.ts';

/** Where `npm run build` puts the program. */
export const DIST = fileURLToPath(new URL('../dist', import.meta.url));

/** What is started of a build. */
export const mainOf = (dist: string): string => join(dist, 'app/main.js');

const BARE = fileURLToPath(new URL('bare-server.ts', import.meta.url));

/** A program that is being measured. */
export interface MeasuredServer {
  readonly port: number;
  /** Resident memory, in MiB. */
  rssMib(): number;
  /** Time on the processor since its start, user and system, of all its threads, in microseconds. */
  cpuUs(): number;
  stop(): Promise<void>;
}

function measured(child: ChildProcess, port: number): MeasuredServer {
  const pid = child.pid ?? Number.NaN;
  return {
    port,
    rssMib: () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    cpuUs: () => processorTimeOf(pid),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

/** Starts a server that answers whatever it is asked with `answer`, and with nothing but node:http. */
export async function startBareServer(answer: Answer): Promise<MeasuredServer> {
  const [program = '', ...words] = onOwnProcessor('measured', [process.execPath, BARE, JSON.stringify(answer)]);
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  return measured(child, Number(port));
}

/** Where a daemon differs from one with nothing but a database. */
export interface Special {
  /** A port for several processes. */
  readonly shared?: number;
  /** Signs profiles. */
  readonly signer?: Certificate | undefined;
}

/** Writes the configuration of a daemon: defaults, but for its database and what is special. */
export function writeConfiguration(
  folder: string,
  databaseUrl: string,
  port: number,
  { shared, signer }: Special = {},
): string {
  const file = join(folder, `automx2-${port}.conf`);
  const more = shared === undefined ? '' : ` 127.0.0.1:${shared}\nreuse_port = yes`;
  const signing = signer === undefined ? '' : `sign_certificate = ${signer.chainFile}\nsign_key = ${signer.keyFile}\n`;
  writeFileSync(file, `[automx2]\ndb_uri = ${databaseUrl}\nlisten = 127.0.0.1:${port}${more}\n${signing}`);
  return file;
}

/** How often a daemon that starts is asked whether it answers already. */
const POLL_MS = 2;

const IDLE_WINDOW_MS = 2_000;

/** Resolves when a daemon has done what it does by itself after its start, such as looking through all domains. */
export async function settled(server: MeasuredServer): Promise<void> {
  for (let isBusy = true; isBusy; ) {
    const before = server.cpuUs();
    await new Promise((resolve) => setTimeout(resolve, IDLE_WINDOW_MS));
    isBusy = server.cpuUs() - before > TICK_US;
  }
}

/**
 * Starts a built daemon and resolves, with the time that it took, when it has answered a first request at a port of its
 * own; one that listens at a shared port, too, runs on any processor.
 */
export async function startDaemon(
  main: string,
  folder: string,
  databaseUrl: string,
  first: Request,
  special: Special = {},
): Promise<{ readonly server: MeasuredServer; readonly startMs: number }> {
  const port = await freePort();
  const configuration = writeConfiguration(folder, databaseUrl, port, special);
  const start = performance.now();
  const command = [process.execPath, main, '--config', configuration];
  const [program = '', ...words] = special.shared === undefined ? onOwnProcessor('measured', command) : command;
  const child = spawn(program, words, { stdio: ['ignore', 'inherit', 'inherit'] });
  for (;;) {
    try {
      const { status } = await ask(port, first);
      if (status !== 200) throw new Error(`the daemon's first answer has status ${status}`);
      return { server: measured(child, port), startMs: performance.now() - start };
    } catch (error) {
      const isStarting = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' && child.exitCode === null;
      if (!isStarting) {
        child.kill();
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
