import type { Socket } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { Gate } from '../../ports/gate.ts';
import type {
  HttpAnswer,
  HttpQuestion,
  Peer,
  Prober,
  StartTlsProtocol,
  TlsAnswer,
  Unreachable,
} from '../../ports/prober.ts';
import { Attempt, type LocalPeer } from './attempt.ts';
import { certificateSeen } from './certificate.ts';
import { askHttp } from './http-question.ts';
import { askForTls } from './start-tls.ts';

export interface ProbeOptions {
  /** Certificates (PEM) of authorities that are trusted beside those of Node.js. */
  readonly ca: string | undefined;
  /** Each question passes it. */
  readonly gate: Gate;
}

/** What clients of HTTP that speak no other version say (RFC 7301). */
const HTTP_PROTOCOLS = ['http/1.1'];

/** Asks over sockets of Node.js; each question has a connection of its own. */
export class SocketProber implements Prober {
  readonly #gate: Gate;
  /** One for all: to read some hundred certificates takes longer than a handshake. */
  readonly #context: SecureContext;

  constructor({ ca, gate }: ProbeOptions) {
    this.#gate = gate;
    // "default" has those of NODE_EXTRA_CA_CERTS, too.
    this.#context = createSecureContext(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] });
  }

  request(peer: Peer | LocalPeer, question: HttpQuestion): Promise<HttpAnswer> {
    return this.#attempt(peer, async (attempt, socket) => {
      if (question.scheme === 'http') {
        return { ...(await askHttp(attempt, socket, peer.name, question)), certificate: undefined };
      }
      const secured = await attempt.secure(socket, this.#context, HTTP_PROTOCOLS);
      const certificate = certificateSeen(secured);
      return { ...(await askHttp(attempt, secured, peer.name, question)), certificate };
    });
  }

  tls(peer: Peer): Promise<TlsAnswer> {
    return this.#attempt(peer, (attempt, socket) => this.#handshake(attempt, socket));
  }

  startTls(peer: Peer, protocol: StartTlsProtocol): Promise<TlsAnswer> {
    return this.#attempt(peer, async (attempt, socket) => {
      await askForTls(attempt, socket, protocol);
      return this.#handshake(attempt, socket);
    });
  }

  connect(peer: Peer): Promise<{ readonly state: 'connected' } | Unreachable> {
    return this.#attempt(peer, async () => ({ state: 'connected' }));
  }

  async #handshake(attempt: Attempt, socket: Socket): Promise<TlsAnswer> {
    return { state: 'connected', certificate: certificateSeen(await attempt.secure(socket, this.#context)) };
  }

  /** Connects, and does the rest; whatever goes wrong, nothing stays open. */
  #attempt<T>(
    peer: Peer | LocalPeer,
    work: (attempt: Attempt, socket: Socket) => Promise<T>,
  ): Promise<T | Unreachable> {
    return this.#gate(async () => {
      const attempt = new Attempt(peer);
      try {
        return await work(attempt, await attempt.connect());
      } catch (error) {
        const { code = 'EUNKNOWN' } = error as NodeJS.ErrnoException;
        return { state: 'unreachable', code };
      } finally {
        attempt.end();
      }
    });
  }
}
