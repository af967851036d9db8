import type { IncomingMessage } from 'node:http';
import type { DomainName } from '../../domain/domain-name.ts';
import type { EmailAddress } from '../../domain/email-address.ts';
import { Failure } from '../../domain/failure.ts';
import type { Lookup } from '../../ports/lookup.ts';
import { type Origin, originOf } from './origin.ts';
import { type RequestTarget, readRequestTarget } from './request-target.ts';

/** The look-up of one request: it notes the domain, for the access log. */
class NotingLookup implements Lookup {
  noted: DomainName | undefined;
  readonly #lookup: Lookup;

  constructor(lookup: Lookup) {
    this.#lookup = lookup;
  }

  domain(name: DomainName): ReturnType<Lookup['domain']> {
    this.noted = name;
    return this.#lookup.domain(name);
  }

  async host(host: string): ReturnType<Lookup['host']> {
    const found = await this.#lookup.host(host);
    this.noted ??= found?.name;
    return found;
  }

  user(address: EmailAddress): ReturnType<Lookup['user']> {
    this.noted = address.domain;
    return this.#lookup.user(address);
  }
}

/** What is trusted about a connection; see originOf. */
export type Trust = Parameters<typeof originOf>[2];

/** A request as handlers see it. */
export class Request {
  readonly target: RequestTarget;
  readonly #message: IncomingMessage;
  readonly #trust: Trust;
  readonly #lookup: NotingLookup;
  #origin: Origin | undefined;

  constructor(message: IncomingMessage, lookup: Lookup, trust: Trust) {
    this.target = readRequestTarget(message.url ?? '/');
    this.#message = message;
    this.#trust = trust;
    this.#lookup = new NotingLookup(lookup);
  }

  get method(): string {
    return this.#message.method ?? '';
  }

  get contentType(): string {
    return this.#message.headers['content-type'] ?? '';
  }

  /** The tags of answers that the client has already (RFC 9110 section 13.1.2); "" if it names none. */
  get ifNoneMatch(): string {
    return this.#message.headers['if-none-match'] ?? '';
  }

  /** The languages that the client likes (RFC 9110 section 12.5.4); "" if it names none. */
  get acceptLanguage(): string {
    return this.#message.headers['accept-language'] ?? '';
  }

  /** Most requests never ask. */
  get origin(): Origin {
    this.#origin ??= originOf(this.#message, this.target.authority, this.#trust);
    return this.#origin;
  }

  /** Whether the answer may depend on who asked, or under which name. */
  get hasAskedOrigin(): boolean {
    return this.#origin !== undefined;
  }

  get lookup(): Lookup {
    return this.#lookup;
  }

  /** The domain that was looked up. */
  get domain(): DomainName | undefined {
    return this.#lookup.noted;
  }

  /** Reads the body; undefined if it is longer than `maxOctets`. */
  body(maxOctets: number): Promise<Uint8Array | undefined> {
    return readBody(this.#message, maxOctets);
  }
}

/** This many pieces of a body may have any size; with more, their average must be MIN_PIECE_OCTETS: each one costs more than that. */
const FREE_PIECES = 256;
const MIN_PIECE_OCTETS = 16;
/** The first buffer of a body: requests of Autodiscover fit. */
const FIRST_BUFFER_OCTETS = 1_024;

/**
 * Reads a body to its end, for a client that is still sending does not read our answer; what goes beyond `maxOctets` is
 * thrown away, and the result is undefined. The server's deadline for requests bounds how long this takes. A client that
 * sends crumbs loses its connection.
 */
function readBody(message: IncomingMessage, maxOctets: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    // Copied, because each piece would keep the whole buffer that node:http read it into.
    let held = Buffer.alloc(0);
    let octets = 0;
    let pieces = 0;
    const fail = (cause?: Error): void =>
      reject(new Failure('request_malformed', 'the connection ended within the request', { cause }));
    message.on('data', (piece: Buffer) => {
      const before = octets;
      octets += piece.length;
      pieces += 1;
      if (pieces > FREE_PIECES && octets < pieces * MIN_PIECE_OCTETS) {
        message.destroy();
        return;
      }
      if (octets > maxOctets) {
        held = Buffer.alloc(0);
        return;
      }
      if (octets > held.length) {
        const larger = Buffer.allocUnsafe(Math.min(maxOctets, Math.max(2 * octets, FIRST_BUFFER_OCTETS)));
        held.copy(larger, 0, 0, before);
        held = larger;
      }
      piece.copy(held, before);
    });
    message.once('end', () => resolve(octets > maxOctets ? undefined : held.subarray(0, octets)));
    message.once('error', fail);
    message.once('close', () => {
      if (!message.readableEnded) fail();
    });
  });
}
