import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Listener } from '../listener.ts';
import { Connections } from './connections.ts';
import type { HttpLimits } from './limits.ts';

/** How often node:http looks for requests that are past their deadline. */
const DEADLINE_CHECK_MS = 1_000;

/** How long a stop waits for requests in flight. */
const GRACE_MS = 10_000;

/** How long a stop waits for the first octet on a connection that has not sent any. */
const FIRST_REQUEST_MS = 1_000;

/** How often a stop closes idle connections: long enough for a busy client to send its next request in between. */
const IDLE_CHECK_MS = 200;

/** An HTTP server that does not listen yet. */
export interface HttpServer {
  readonly server: Server;
  /** Those that are open. */
  connectionCount(): number;
  /** Changes the limits of new connections and new requests; the limit on headers stays as it was. */
  setLimits(limits: HttpLimits): void;
  /** Accepts no more connections, and resolves when all are closed: after the requests in flight, or the grace time. */
  stop(): Promise<void>;
}

/** Wires node:http to `listener`, within limits. */
export function createHttpServer(listener: Listener, initialLimits: HttpLimits): HttpServer {
  let isUnixSocket = false;
  const connections = new Connections(initialLimits);
  const respond = (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    listener(request, response, isUnixSocket);
  const server = createServer(
    { maxHeaderSize: initialLimits.maxHeaderOctets, connectionsCheckingInterval: DEADLINE_CHECK_MS },
    (request, response) => connections.serve(request, response, respond),
  );
  server.on('connection', (socket) => connections.admit(socket));
  // The address of a server on a Unix socket is a path, or null if another process opened the socket.
  server.on('listening', () => {
    const address = server.address();
    isUnixSocket = address === null || typeof address === 'string';
  });
  server.on('clientError', (error: NodeJS.ErrnoException, duplex) => {
    const socket = duplex as Socket;
    if (connections.mayAnswerError(socket)) refuse(error, socket);
    else socket.destroy();
  });
  const setLimits = (limits: HttpLimits): void => {
    connections.limits = limits;
    // Headers are a part of the request; node:http swaps the two times if the one for headers is longer.
    server.headersTimeout = Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs);
    server.requestTimeout = limits.requestTimeoutMs;
    server.keepAliveTimeout = limits.keepAliveTimeoutMs;
    server.timeout = limits.stallTimeoutMs;
  };
  setLimits(initialLimits);
  return { server, connectionCount: () => connections.size, setLimits, stop: () => stop(server, connections) };
}

async function stop(server: Server, connections: Connections): Promise<void> {
  const closed = once(server, 'close');
  // Only ends listening. The method of node:http would also close connections whose first request is on its way, and
  // no other process can answer that one. https://github.com/nodejs/node/pull/63470
  NetServer.prototype.close.call(server);
  connections.stop();
  const stopped = performance.now();
  const idle = setInterval(() => {
    const silent = [...connections.waiting()].filter(({ bytesRead }) => bytesRead === 0);
    if (silent.length > 0 && performance.now() - stopped < FIRST_REQUEST_MS) return;
    // Some versions of Node do not count these as idle.
    for (const socket of silent) socket.destroy();
    server.closeIdleConnections();
  }, IDLE_CHECK_MS);
  const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(grace);
  // Ends the check of deadlines, which has gone on until now.
  server.close();
}

/** Answers what node:http cannot parse or wait for, with a line of text like every other error. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  const body = `${status.slice(4)}\n`;
  socket.write(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `X-Content-Type-Options: nosniff\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  // end() would leave the connection open to a client that does not close its side.
  socket.destroySoon();
}
