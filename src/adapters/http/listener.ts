import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Failure, faultText } from '../../domain/failure.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Lookup } from '../../ports/lookup.ts';
import type { Meter } from '../../ports/meter.ts';
import { failureReply, type Reply, textReply, VARIES_BY_HOST } from './reply.ts';
import { Request } from './request.ts';
import { refusedHead } from './request-head.ts';

/** Answers a request; undefined: its domain is not served here. */
export type Handler = (request: Request) => Promise<Reply | undefined>;

export interface Route {
  /** Name of the format, for the access log. */
  readonly format: string;
  readonly path: RegExp;
  /** By method, or ANY_METHOD. HEAD is GET without its body, unless it has a handler of its own. */
  readonly methods: Readonly<Record<string, Handler>>;
  /** How this protocol says what went wrong; undefined, or without it: in one line of text. */
  readonly onFailure?: (failure: Failure, request: Request) => Reply | undefined;
  /** The path as the log may show it, if a part of it names an address or a domain. */
  readonly logPath?: (path: string) => string;
}

/** For a route whose answer is the same whatever the method, those of WebDAV included. */
export const ANY_METHOD = '*';

export interface ListenerOptions {
  readonly routes: readonly Route[];
  readonly lookup: Lookup;
  /** Trusted reverse proxies in front. */
  readonly proxyCount: number;
  readonly log: Log;
  readonly clock: Clock;
  /** Undefined: requests are not counted. */
  readonly meter?: Meter | undefined;
}

/**
 * Answers one request; `viaUnixSocket`: it came to a Unix socket. Resolves when the answer is on its way, and never
 * rejects.
 */
export type Listener = (request: IncomingMessage, response: ServerResponse, viaUnixSocket: boolean) => Promise<void>;

/**
 * Answers every request: finds its route, lets the handler answer, maps what it throws, counts, writes one line of access
 * log.
 */
export function createListener({ routes, lookup, proxyCount, log, clock, meter }: ListenerOptions): Listener {
  const logUnforeseen = (error: unknown): void => log.write('ERROR', `unforeseen: ${faultText(error)}`);

  const answer = async (route: Route | undefined, request: Request): Promise<Reply> => {
    if (route === undefined) return textReply(404, 'Not found');
    const handler = handlerOf(route, request.method);
    if (handler === undefined) {
      const headers = { Allow: allowed(route) };
      // Load balancers use it as a health check (RFC 9110 section 9.3.7).
      if (request.method === 'OPTIONS') return { ...textReply(200, '', headers), body: '' };
      return textReply(405, 'This method is not allowed here', headers);
    }
    try {
      const reply = await handler(request);
      if (reply !== undefined) return reply;
      throw new Failure('domain_unknown', 'not served here');
    } catch (error) {
      if (!(error instanceof Failure)) {
        logUnforeseen(error);
        return failureReply(error);
      }
      log.write('DEBUG', error.message, { failure: error.code });
      return route.onFailure?.(error, request) ?? failureReply(error);
    }
  };

  const respond = async (message: IncomingMessage, response: ServerResponse, viaUnixSocket: boolean): Promise<void> => {
    const start = clock.elapsedMs();
    const request = new Request(message, lookup, { proxyCount, viaUnixSocket });
    const { path } = request.target;
    const refusal = refusedHead(message, request.target);
    const route = refusal === undefined ? routes.find((each) => each.path.test(path)) : undefined;
    const answered = refusal ?? (await answer(route, request));
    // Caches may keep even what says no-store, if their operator wants it.
    const headers = { ...VARIES_BY_HOST, ...answered.headers };
    const reply = request.hasAskedOrigin ? { ...answered, headers } : answered;
    const bytes = send(response, reply, request.method === 'HEAD');
    if (meter === undefined && !log.keeps('INFO')) return;
    const ms = clock.elapsedMs() - start;
    meter?.requestEnded(route?.format, request.method, reply.status, ms);
    if (!log.keeps('INFO')) return;
    // Of a path that is not served nothing is known: it may hold anything.
    const shown = route === undefined ? '/…' : (route.logPath?.(path) ?? path);
    const fields = {
      status: reply.status,
      bytes,
      ms: Number(ms.toFixed(2)),
      client: request.origin.client,
      domain: request.domain,
      format: route?.format,
    };
    log.write('INFO', `${request.method} ${shown}`, fields, { method: request.method, path: shown });
  };

  return (message, response, viaUnixSocket) =>
    // Nothing may be thrown past here: a rejection that nobody handles ends the process.
    respond(message, response, viaUnixSocket).catch((error: unknown) => {
      logUnforeseen(error);
      response.destroy();
    });
}

function handlerOf({ methods }: Route, method: string): Handler | undefined {
  const name = method === 'HEAD' && !Object.hasOwn(methods, 'HEAD') ? 'GET' : method;
  return Object.hasOwn(methods, name) ? methods[name] : methods[ANY_METHOD];
}

const allowed = ({ methods }: Route): string =>
  [...new Set(Object.keys(methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])))].join(', ');

/** Sends a reply and returns the number of octets of its body. */
function send(response: ServerResponse, reply: Reply, headOnly: boolean): number {
  const { status, contentType, body, headers, lengthVaries = false } = reply;
  const octets = Buffer.byteLength(body);
  const all: OutgoingHttpHeaders = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store', ...headers };
  // An answer that the client has already is described by its tag alone (RFC 9110 section 15.4.5).
  if (status !== 304) {
    all['Content-Type'] = contentType;
    if (!headOnly || !lengthVaries) all['Content-Length'] = octets;
  }
  response.writeHead(status, all);
  response.end(headOnly ? undefined : body);
  return headOnly ? 0 : octets;
}
