import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Failure } from '../../domain/failure.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { type Exchange, type Reply, textReply } from './exchange.ts';
import { failureReply } from './failure-reply.ts';
import { originOf } from './origin.ts';
import { readRequestTarget } from './request-target.ts';
import { ANY_METHOD, type Route } from './routes.ts';

export interface ListenerOptions {
  readonly routes: readonly Route[];
  /** Trusted reverse proxies in front. */
  readonly proxyCount: number;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * Answers one request; `viaUnixSocket`: it came to a Unix socket. Resolves when the answer is on its way, and never
 * rejects.
 */
export type Listener = (request: IncomingMessage, response: ServerResponse, viaUnixSocket: boolean) => Promise<void>;

/** A path as the log may show it: one that is served, less the part that names an address or a domain. */
const loggedPath = (route: Route | undefined, path: string): string =>
  route === undefined ? '/…' : path.replace(/(\/v1\.[01]\/).*/i, '$1…');

/** Answers every request: finds its route, lets the handler answer, maps what it throws, writes one line of access log. */
export function createRequestListener({ routes, proxyCount, log, clock }: ListenerOptions): Listener {
  /** The handler's reply, or the one to what it throws. */
  const answer = async (route: Route | undefined, exchange: Exchange): Promise<Reply> => {
    if (route === undefined) return textReply(404, 'Nothing is here');
    const { methods } = route;
    const method = exchange.method === 'HEAD' && !Object.hasOwn(methods, 'HEAD') ? 'GET' : exchange.method;
    const handler = Object.hasOwn(methods, method) ? methods[method] : methods[ANY_METHOD];
    if (handler === undefined) return textReply(405, 'This method is not allowed here', { Allow: allowed(route) });
    try {
      return await handler(exchange);
    } catch (error) {
      if (error instanceof Failure) log.write('DEBUG', error.message, { failure: error.code });
      else log.write('ERROR', `unforeseen: ${error instanceof Error ? error.stack : String(error)}`);
      return failureReply(error);
    }
  };

  const respond = async (request: IncomingMessage, response: ServerResponse, viaUnixSocket: boolean): Promise<void> => {
    const start = clock.elapsedMs();
    const target = readRequestTarget(request.url ?? '/');
    const origin = originOf(request, target.authority, { proxyCount, viaUnixSocket });
    const exchange: Exchange = {
      method: request.method ?? '',
      target,
      origin,
      contentType: request.headers['content-type'] ?? '',
      ifNoneMatch: request.headers['if-none-match'] ?? '',
      body: (maxOctets) => readBody(request, maxOctets),
    };
    const route = routes.find(({ path }) => path.test(target.path));
    const reply = await answer(route, exchange);
    const bytes = send(response, reply, exchange.method === 'HEAD');
    if (!log.keeps('INFO')) return;
    log.write('INFO', `${exchange.method} ${loggedPath(route, target.path)}`, {
      status: reply.status,
      bytes,
      ms: (clock.elapsedMs() - start).toFixed(2),
      client: origin.client,
      domain: exchange.domain,
      format: route?.format,
    });
  };

  return (request, response, viaUnixSocket) =>
    // Nothing may be thrown past here: a rejection that nobody handles ends the process.
    respond(request, response, viaUnixSocket).catch((error: unknown) => {
      log.write('ERROR', `unforeseen: ${error instanceof Error ? error.stack : String(error)}`);
      response.destroy();
    });
}

const allowed = ({ methods }: Route): string =>
  [...new Set(Object.keys(methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])))].join(', ');

/** Sends a reply and returns the number of octets of its body. */
function send(response: ServerResponse, { status, contentType, body, headers }: Reply, headOnly: boolean): number {
  const octets = Buffer.byteLength(body);
  const all: OutgoingHttpHeaders = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store', ...headers };
  // An answer that the client has already is described by its tag alone (RFC 9110 section 15.4.5).
  if (status !== 304) {
    all['Content-Type'] = contentType;
    all['Content-Length'] = octets;
  }
  response.writeHead(status, all);
  response.end(headOnly ? undefined : body);
  return headOnly ? 0 : octets;
}

/**
 * Reads a body to its end, for a client that is still sending does not read our answer; what goes beyond `maxOctets` is
 * thrown away, and the result is undefined. The server's deadline for requests bounds how long this takes.
 */
function readBody(request: IncomingMessage, maxOctets: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let octets = 0;
    const fail = (cause?: Error): void =>
      reject(new Failure('request_malformed', 'the client went away in the middle of its request', { cause }));
    request.on('data', (chunk: Buffer) => {
      octets += chunk.length;
      if (octets > maxOctets) chunks = [];
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(octets > maxOctets ? undefined : Buffer.concat(chunks)));
    request.once('error', fail);
    request.once('close', () => {
      if (!request.readableEnded) fail();
    });
  });
}
