import { HEALTH_PATH, HEALTHY } from '../../adapters/http/operator/health.ts';
import type { LocalPeer } from '../../adapters/probe/attempt.ts';
import { SocketProber } from '../../adapters/probe/socket-prober.ts';
import { systemReason } from '../../domain/system-error.ts';
import type { HttpAnswer, HttpQuestion, Peer, Unreachable } from '../../ports/prober.ts';
import { EXIT, type ExitStatus, UsageError } from '../exit-status.ts';
import { createGate } from '../gate.ts';
import type { ListenPlace } from '../option-readers.ts';
import type { CommandCall } from './command.ts';

type HealthCall = CommandCall<{ readonly url: 'text' }>;

/** Where a daemon is asked. */
interface Target {
  readonly scheme: HttpQuestion['scheme'];
  readonly peer: Peer | LocalPeer;
  /** For messages. */
  readonly place: string;
}

const LOCAL_NAME = 'localhost';

/** Addresses that mean all of this machine's, with the one that leads to it. */
const LOOPBACK: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

function configuredTarget(place: ListenPlace | undefined): Target {
  const scheme = 'http';
  if (place !== undefined && 'path' in place) {
    const { path } = place;
    return { scheme, peer: { path, name: LOCAL_NAME }, place: `unix:${path}` };
  }
  if (place === undefined || 'descriptor' in place || place.port === 0) {
    throw new UsageError('health: the option listen names no port; use --url to say where the daemon listens');
  }
  const { host, port } = place;
  const address = LOOPBACK.get(host) ?? host;
  const shown = address.includes(':') ? `[${address}]` : address;
  return { scheme, peer: { address, port, name: LOCAL_NAME }, place: `http://${shown}:${port}` };
}

/** A scheme, a host and perhaps a port: URL would read much more. */
const BASE = /^https?:\/\/[^\s/?#@\\]+\/?$/i;
const DEFAULT_PORTS = { http: 80, https: 443 } as const;

function namedTarget(text: string): Target {
  const url = BASE.test(text) ? URL.parse(text) : null;
  // Not quoted: it may hold a password.
  if (url === null) throw new UsageError('--url: must be http://HOST[:PORT] or https://HOST[:PORT]');
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? DEFAULT_PORTS[scheme] : Number(url.port);
  return { scheme, peer: { address: name, port, name }, place: url.origin };
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was closed without an answer',
  ETIMEDOUT: 'no answer in time',
};

function reasonOf(answer: Unreachable): string {
  if (answer.code.startsWith('HPE_')) return 'the answer is not HTTP';
  return REASONS[answer.code] ?? systemReason(answer);
}

/** One line that is safe to show, of an answer that nobody has vouched for. */
const LINE = /^[ -~]{1,200}\n$/;

/** The daemon's line, or else what is wrong. */
function judge(answer: HttpAnswer): { readonly line: string } | { readonly wrong: string } {
  if (answer.state === 'unreachable') return { wrong: reasonOf(answer) };
  const { status, certificate } = answer;
  if (certificate?.fault !== undefined) return { wrong: `the certificate is not valid: ${certificate.fault}` };
  const text = new TextDecoder().decode(answer.body);
  if (status === 200 && HEALTHY.test(text)) return { line: text.trimEnd() };
  if (status === 503 && LINE.test(text)) return { wrong: `status ${status}: ${text.trimEnd()}` };
  return { wrong: `status ${status} with an answer that automx2 does not give to ${HEALTH_PATH}` };
}

/** Asks the running daemon whether it can answer; neither settings nor database are opened here. */
export async function run({ configuration, options, say, complain }: HealthCall): Promise<ExitStatus> {
  const { url } = options;
  const { scheme, peer, place } =
    url === undefined ? configuredTarget(configuration.settings.listen[0]) : namedTarget(url);
  const prober = new SocketProber({ ca: undefined, gate: createGate(1) });
  const found = judge(await prober.request(peer, { scheme, method: 'GET', path: HEALTH_PATH }));
  if ('line' in found) {
    say(`${place}: ${found.line}`);
    return EXIT.ok;
  }
  complain(`${place}: ${found.wrong}`);
  return EXIT.failed;
}
