import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from '../test/support/database-server.ts';
import type { Request } from './ask.ts';
import { onOwnProcessor } from './processors.ts';

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));

/** Enough to keep the server busy all the time. */
export const CONNECTIONS = 16;

/** What wrk saw. */
export interface Run {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

interface Report {
  readonly requests: number;
  readonly durationUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Requests for unknown domains that the traffic held, answered or not. */
  readonly unknown: number;
  readonly above399: number;
  readonly socketErrors: number;
}

export interface Load {
  readonly request: Request;
  /** Instead of the one request: this kind of traffic, over so many domains. */
  readonly traffic?: { readonly kind: 'mixed' | 'spread'; readonly domains: number; readonly seed: number } | undefined;
  /** Which requests have to be refused, with a status of 400 or more. */
  readonly refused: 'none' | 'all' | 'unknown';
  /** Several servers share all processors, so wrk does, too. */
  readonly isAnywhere?: boolean;
}

export const findWrk = (): string | undefined => findProgram('wrk');

/** Drives a server for some seconds. Throws if not every request got the answer that it should. */
export async function drive(wrk: string, port: number, seconds: number, load: Load): Promise<Run> {
  const { request, traffic, refused, isAnywhere = false } = load;
  const headers = Object.entries(request.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const script =
    traffic === undefined
      ? ['fixed', request.method, request.body ?? '']
      : [traffic.kind, String(traffic.domains), String(traffic.seed)];
  const url = `http://127.0.0.1:${port}${request.path}`;
  const words = ['-t', '1', '-c', String(CONNECTIONS), '-d', String(seconds), ...headers, '-s', SCRIPT, url, '--'];
  const command = [wrk, ...words, ...script];
  const [program = '', ...rest] = isAnywhere ? command : onOwnProcessor('driver', command);
  const { stdout } = await promisify(execFile)(program, rest);
  const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Report;
  const { requests, durationUs, p50Us, p99Us, unknown, above399, socketErrors } = report;
  const most = { none: 0, all: requests, unknown }[refused];
  // Of each connection the last request may be unanswered when wrk stops.
  const least = refused === 'unknown' ? most - CONNECTIONS : most;
  const areRight = above399 <= most && above399 >= least;
  if (requests === 0 || socketErrors > 0 || !areRight) {
    throw new Error(`not every request was answered as it should be: ${JSON.stringify({ url, ...report })}`);
  }
  return { requests, requestsPerSecond: requests / (durationUs / 1e6), p50Us, p99Us };
}
