import type { IncomingMessage } from 'node:http';
import type { DomainName } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import type { Lookup } from '../../ports/lookup.ts';
import { type Origin, originOf } from './origin.ts';
import { type RequestTarget, readRequestTarget } from './request-target.ts';

/** A request as handlers see it. */
export interface Request {
  readonly method: string;
  readonly target: RequestTarget;
  readonly origin: Origin;
  readonly contentType: string;
  /** The tags of answers that the client has already (RFC 9110 section 13.1.2); "" if it names none. */
  readonly ifNoneMatch: string;
  /** Reads the body; undefined if it is longer than `maxOctets`. */
  body(maxOctets: number): Promise<Uint8Array | undefined>;
  /** Notes the domain for the access log. */
  readonly lookup: Lookup;
  /** The domain that was looked up. */
  readonly domain: DomainName | undefined;
}

/** What is trusted about a connection; see originOf. */
export type Trust = Parameters<typeof originOf>[2];

export function readRequest(message: IncomingMessage, lookup: Lookup, trust: Trust): Request {
  const target = readRequestTarget(message.url ?? '/');
  let domain: DomainName | undefined;
  return {
    method: message.method ?? '',
    target,
    origin: originOf(message, target.authority, trust),
    contentType: message.headers['content-type'] ?? '',
    ifNoneMatch: message.headers['if-none-match'] ?? '',
    body: (maxOctets) => readBody(message, maxOctets),
    lookup: {
      domain(name) {
        domain = name;
        return lookup.domain(name);
      },
      async host(host) {
        const found = await lookup.host(host);
        domain ??= found?.name;
        return found;
      },
      user(address) {
        domain = address.domain;
        return lookup.user(address);
      },
    },
    get domain() {
      return domain;
    },
  };
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
