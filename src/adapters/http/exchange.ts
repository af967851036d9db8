import type { DomainName } from '../../domain/domain-name.ts';
import type { Origin } from './origin.ts';
import type { RequestTarget } from './request-target.ts';

/** A request as handlers see it. */
export interface Exchange {
  readonly method: string;
  readonly target: RequestTarget;
  readonly origin: Origin;
  readonly contentType: string;
  /** The tags of answers that the client has already (RFC 9110 section 13.1.2); "" if it names none. */
  readonly ifNoneMatch: string;
  /** Reads the body; undefined if it is longer than `maxOctets`. */
  body(maxOctets: number): Promise<Uint8Array | undefined>;
  /** For the access log: set as soon as it is known. */
  domain?: DomainName;
}

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (exchange: Exchange) => Promise<Reply>;

export const TEXT = 'text/plain; charset=utf-8';
export const XML = 'text/xml; charset=utf-8';
export const HTML = 'text/html; charset=utf-8';

/** One line of text: KDE's client stops at an error without any. */
export const textReply = (status: number, line: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  contentType: TEXT,
  body: `${line}\n`,
  headers,
});
