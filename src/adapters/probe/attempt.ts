import { once } from 'node:events';
import { isIP, connect as openSocket, type Socket } from 'node:net';
import { connect as openTls, type SecureContext, type TLSSocket } from 'node:tls';
import type { Peer } from '../../ports/prober.ts';

/** Milliseconds for one question, from connecting to the end of the answer; node:http's `timeout` is about silence only. */
const ATTEMPT_MS = 5_000;

/** A reason of ours, in the form of the system's errors. */
export const coded = (code: string): Error => Object.assign(new Error(code), { code });

/** A Unix socket in place of address and port. */
export interface LocalPeer {
  readonly path: string;
  readonly name: string;
}

/** One question to a peer: its connection, and the time that it has. */
export class Attempt {
  readonly #peer: Peer | LocalPeer;
  /** The outermost. */
  #socket: Socket | undefined;
  readonly #failure = Promise.withResolvers<never>();
  readonly #limit = setTimeout(() => this.fail(coded('ETIMEDOUT')), ATTEMPT_MS);

  constructor(peer: Peer | LocalPeer) {
    this.#peer = peer;
    this.#failure.promise.catch(() => undefined);
  }

  /** Ends what is waited for. */
  fail(error: Error): void {
    this.#failure.reject(error);
  }

  /** The result of a step, unless the attempt fails before. */
  async step<T>(work: Promise<T>): Promise<T> {
    work.catch(() => undefined);
    return await Promise.race([work, this.#failure.promise]);
  }

  async connect(): Promise<Socket> {
    const peer = this.#peer;
    const socket = this.#own(
      openSocket('path' in peer ? { path: peer.path } : { host: peer.address, port: peer.port }),
    );
    await this.step(once(socket, 'connect'));
    return socket;
  }

  /** A handshake is completed whatever the certificate is like: it is what the question is about, and nothing secret follows. */
  async secure(socket: Socket, context: SecureContext, protocols: string[] = []): Promise<TLSSocket> {
    const { name } = this.#peer;
    const secured = this.#own(
      openTls({
        socket,
        secureContext: context,
        rejectUnauthorized: false,
        // What the certificate is compared with; SNI (RFC 6066 section 3) has no addresses.
        host: name,
        ...(isIP(name) === 0 ? { servername: name } : {}),
        ...(protocols.length > 0 ? { ALPNProtocols: protocols } : {}),
      }),
    );
    await this.step(once(secured, 'secureConnect'));
    return secured;
  }

  end(): void {
    clearTimeout(this.#limit);
    // TLS destroys the socket below it itself. In the other order, Node.js 24 ends with a segmentation fault.
    this.#socket?.destroy();
  }

  #own<T extends Socket>(socket: T): T {
    this.#socket = socket;
    return socket.on('error', (error) => this.fail(error));
  }
}
