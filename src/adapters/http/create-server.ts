import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { ConnectionLimit } from './connection-limit.ts';
import type { HttpLimits } from './http-limits.ts';
import type { Listener } from './listener.ts';

/** How often node:http looks for requests that have outstayed their deadline. */
const DEADLINE_CHECK_MS = 1_000;

/** How long requests in flight may take once the server is to stop. */
const GRACE_MS = 10_000;

/** How long, of that, a connection may take that has not sent anything yet. */
const FIRST_REQUEST_MS = 1_000;

/** While the server stops, each answer tells the client that no other one will come: it asks again elsewhere. */
const LAST_ANSWER = ['Connection', 'close'] as const;

/** How often, meanwhile, connections are closed that have nothing to answer: a client at work has asked again by then. */
const IDLE_CHECK_MS = 200;

/** An HTTP server that does not listen yet. */
export interface HttpServer {
  readonly server: Server;
  /** Sets limits anew, for connections that come and requests that have not begun; the size of headers stays. */
  setLimits(limits: HttpLimits): void;
  /** Takes no new connection, lets requests in flight end within the grace time; resolves when all are closed. */
  stop(): Promise<void>;
}

export function createHttpServer(listener: Listener, initialLimits: HttpLimits): HttpServer {
  let isUnixSocket = false;
  let limits = initialLimits;
  const connections = new ConnectionLimit(limits.maxConnections);
  const inFlight = new WeakMap<Socket, number>();
  const latest = new WeakMap<Socket, ServerResponse<IncomingMessage>>();
  const server = createServer(
    { maxHeaderSize: limits.maxHeaderOctets, connectionsCheckingInterval: DEADLINE_CHECK_MS },
    (request, response) => {
      const { socket } = request;
      const ahead = (inFlight.get(socket) ?? 0) + 1;
      inFlight.set(socket, ahead);
      latest.set(socket, response);
      // node:http takes as many requests as fit into what it has read; each costs memory until it is answered.
      if (ahead > limits.maxPipelinedRequests) {
        socket.destroy();
        return;
      }
      if (!server.listening) response.setHeader(...LAST_ANSWER);
      response.once('close', () => inFlight.set(socket, (inFlight.get(socket) ?? 1) - 1));
      const answer = listener(request, response, isUnixSocket);
      if (!hasBody(request)) void connections.work(socket, answer);
      else {
        connections.progress(socket);
        request.once('end', () => void connections.work(socket, answer));
        // A handler that wants the body has asked for it by now. Else it is let go, so that the request is seen to end.
        if (request.readableFlowing === null) request.resume();
      }
    },
  );
  server.on('connection', (socket) => connections.admit(socket));
  // The address of a server on a Unix socket is a path, or null if somebody else opened the socket.
  server.on('listening', () => {
    const address = server.address();
    isUnixSocket = address === null || typeof address === 'string';
  });
  server.on('clientError', (error: NodeJS.ErrnoException, duplex) => {
    const socket = duplex as Socket;
    // What went wrong is a new request, or the rest of the latest one. Answers to others that are still to come would be
    // taken for ours, and ours for theirs.
    const others = (inFlight.get(socket) ?? 0) - (latest.get(socket)?.req.complete === false ? 1 : 0);
    if (others > 0) socket.destroy();
    else refuse(error, socket);
  });
  const setLimits = (next: HttpLimits): void => {
    limits = next;
    connections.max = limits.maxConnections;
    // node:http exchanges the two if the headers, which are a part of the request, may take longer than all of it.
    server.headersTimeout = Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs);
    server.requestTimeout = limits.requestTimeoutMs;
    server.keepAliveTimeout = limits.keepAliveTimeoutMs;
    server.timeout = limits.stallTimeoutMs;
  };
  setLimits(limits);
  const stop = async (): Promise<void> => {
    const closed = close(server, connections);
    for (const socket of connections.open()) {
      const response = latest.get(socket);
      if (response?.headersSent === false) response.setHeader(...LAST_ANSWER);
    }
    await closed;
  };
  return { server, setLimits, stop };
}

async function close(server: Server, connections: ConnectionLimit): Promise<void> {
  const closed = once(server, 'close');
  // Only stops listening. node:http's own method would also close connections whose first request is still on its way:
  // they came to us and not to the process that takes our place. https://github.com/nodejs/node/pull/63470
  NetServer.prototype.close.call(server);
  const stopped = performance.now();
  const idle = setInterval(() => {
    const silent = connections.open().filter(({ bytesRead }) => bytesRead === 0);
    if (silent.length > 0 && performance.now() - stopped < FIRST_REQUEST_MS) return;
    // Not every version of Node counts these as idle.
    for (const socket of silent) socket.destroy();
    server.closeIdleConnections();
  }, IDLE_CHECK_MS);
  const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(grace);
  // Ends the watch over deadlines, which went on until now.
  server.close();
}

/** RFC 9112 section 6. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

/** What node:http itself cannot read or wait for is answered here, with a line of text as everywhere. */
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
  // Not end: a peer that does not close its side would keep the connection.
  socket.destroySoon();
}
