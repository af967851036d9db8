import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpLimits } from './limits.ts';

/** Answers one request; resolves when the answer has been handed to node:http, and never rejects. */
type Respond = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

type ConnectionLimits = Pick<HttpLimits, 'maxConnections' | 'maxPipelinedRequests'>;

/** Tells the client that this answer is the last one on its connection, so that it sends the next request elsewhere. */
const LAST_ANSWER = ['Connection', 'close'] as const;

/** A node of a doubly linked ring; outside of any ring it is linked to itself. */
class RingNode {
  previous: RingNode = this;
  next: RingNode = this;

  leave(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this;
    this.next = this;
  }

  moveBefore(other: RingNode): void {
    this.leave();
    this.previous = other.previous;
    this.next = other;
    this.previous.next = this;
    other.previous = this;
  }
}

/**
 * What we know of one connection. While `working` is 0 we wait for the client: for a request, for the rest of one, or
 * until it has read our answers. Only then is the connection in the ring, and only then may it be closed for another.
 */
class Connection extends RingNode {
  readonly socket: Socket;
  /** Requests whose headers have arrived and whose response is not closed yet. */
  inFlight = 0;
  /** Requests that have arrived completely and whose answer has not been handed to node:http yet. */
  working = 0;
  /** The response to the newest request. */
  latest: ServerResponse | undefined;

  constructor(socket: Socket) {
    super();
    this.socket = socket;
  }
}

/**
 * The open connections of one server, kept within its limits. When there is one too many, the client that has kept us
 * waiting longest loses its connection; while all others are being answered, that is the new one. Each step costs the
 * same, however many connections there are.
 */
export class Connections {
  /** New limits apply to connections and requests that arrive later. */
  limits: ConnectionLimits;
  readonly #open = new Map<Socket, Connection>();
  /**
   * Head of the ring of connections whose client we wait for, longest wait first. A Set would keep the order too, but
   * each request would write to it, and V8 reclaims what that leaves behind only when it collects the whole heap.
   */
  readonly #ring = new RingNode();
  #isStopping = false;

  constructor(limits: ConnectionLimits) {
    this.limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Takes in a new connection, and closes one if there are too many. */
  admit(socket: Socket): void {
    const connection = new Connection(socket);
    this.#open.set(socket, connection);
    socket.once('close', () => this.#remove(socket));
    // Joins at the end: of many that arrive at once, none is closed before its request could be read.
    connection.moveBefore(this.#ring);
    for (const longest of this.waiting()) {
      if (this.#open.size <= this.limits.maxConnections) break;
      this.#remove(longest);
      longest.destroy();
    }
  }

  /**
   * Answers a request whose headers have arrived; its client waits for us from the end of the request until `respond`
   * resolves. Closes the connection instead if the client has sent too many requests ahead.
   */
  serve(request: IncomingMessage, response: ServerResponse, respond: Respond): void {
    const { socket } = request;
    const connection = this.#open.get(socket);
    // node:http reads as many requests as fit into its buffer, and each costs memory until it is answered.
    if (connection === undefined || connection.inFlight >= this.limits.maxPipelinedRequests) {
      socket.destroy();
      return;
    }
    connection.inFlight += 1;
    connection.latest = response;
    response.once('close', () => {
      connection.inFlight -= 1;
    });
    if (this.#isStopping) response.setHeader(...LAST_ANSWER);
    const answer = respond(request, response);
    if (!hasBody(request)) {
      void this.#work(connection, answer);
      return;
    }
    // The headers end one wait for the client, and the body begins the next.
    if (connection.working === 0) connection.moveBefore(this.#ring);
    request.once('end', () => void this.#work(connection, answer));
    // A handler that reads the body has begun to by now. Any other body has to be discarded to reach its end.
    if (request.readableFlowing === null) request.resume();
  }

  /**
   * Whether an error that node:http reports on a connection may be answered. It is about the newest request if that one is
   * incomplete, else about what follows it. While answers to other requests are due, an error response would be taken for one
   * of them; and a request that has its answer gets no second one, however its body ends.
   */
  mayAnswerError(socket: Socket): boolean {
    const connection = this.#open.get(socket);
    if (connection === undefined) return true;
    const { inFlight, latest } = connection;
    const isWithin = latest?.req.complete === false;
    return inFlight <= (isWithin ? 1 : 0) && !(isWithin && latest.headersSent);
  }

  /** Makes the last answer that is due on each connection say that it is the last one, and all later ones, too. */
  stop(): void {
    this.#isStopping = true;
    for (const { latest } of this.#open.values()) {
      if (latest?.headersSent === false) latest.setHeader(...LAST_ANSWER);
    }
  }

  /** Connections whose client we wait for, longest wait first: the order in which they would be closed. */
  *waiting(): Iterable<Socket> {
    let node = this.#ring.next;
    while (node instanceof Connection) {
      // The caller may remove the node.
      const { next } = node;
      yield node.socket;
      node = next;
    }
  }

  async #work(connection: Connection, answer: Promise<void>): Promise<void> {
    connection.leave();
    connection.working += 1;
    await answer;
    connection.working -= 1;
    if (connection.working === 0 && this.#open.has(connection.socket)) connection.moveBefore(this.#ring);
  }

  #remove(socket: Socket): void {
    this.#open.get(socket)?.leave();
    this.#open.delete(socket);
  }
}

/** RFC 9112 section 6. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
