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

  /** Most requests never ask. */
  get origin(): Origin {
    this.#origin ??= originOf(this.#message, this.target.authority, this.#trust);
    return this.#origin;
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

/**
 * Reads a body to its end, for a client that is still sending does not read our answer; what goes beyond `maxOctets` is
 * thrown away, and the result is undefined. The server's deadline for requests bounds how long this takes.
 */
function readBody(message: IncomingMessage, maxOctets: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let octets = 0;
    const fail = (cause?: Error): void =>
      reject(new Failure('request_malformed', 'the connection ended within the request', { cause }));
    message.on('data', (chunk: Buffer) => {
      octets += chunk.length;
      if (octets > maxOctets) chunks = [];
      else chunks.push(chunk);
    });
    message.once('end', () => resolve(octets > maxOctets ? undefined : Buffer.concat(chunks)));
    message.once('error', fail);
    message.once('close', () => {
      if (!message.readableEnded) fail();
    });
  });
}
