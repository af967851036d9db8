import { Failure, type FailureCode } from '../../domain/failure.ts';
import type { AutodiscoverErrorCode } from '../../domain/formats/autodiscover.ts';
import type { SharedDocument } from '../../domain/formats/shared.ts';

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  /** Text goes out in UTF-8; with node:http, in one write with the headers. */
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body has another length each time, as some signatures have: HEAD cannot tell that of GET (RFC 9110 section 8.6). */
  readonly lengthVaries?: boolean;
}

export const TEXT = 'text/plain; charset=utf-8';
export const HTML = 'text/html; charset=utf-8';

/** One line of text: KDE's client stops at an error without any. */
export const textReply = (status: number, line: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  contentType: TEXT,
  body: `${line}\n`,
  headers,
});

/** What clients learn of a failure. */
export interface FailureAnswer {
  readonly status: number;
  /** The line that the client sees; undefined: the failure's own message. */
  readonly text?: string;
  /** For a POST to Autodiscover, whose errors are answers with status 200; undefined: the status counts there, too. */
  readonly autodiscover?: AutodiscoverErrorCode;
  /** The message beside that code, where it is not `text`: it is for people who debug a client. */
  readonly autodiscoverText?: string;
}

const BAD_REQUEST = { status: 400, autodiscover: 600, autodiscoverText: 'Invalid request' } as const;
const NO_PROVIDER = 'Provider is not available';

/** The one place that knows our failures and HTTP (RFC 9110 section 15) and [MS-OXDSCLI] section 2.2.4.1.1.2. */
const ANSWERS: Readonly<Record<FailureCode, FailureAnswer>> = {
  address_missing: { ...BAD_REQUEST, text: 'Missing request argument "emailaddress"' },
  address_invalid: { ...BAD_REQUEST, text: 'This is not a valid email address' },
  request_malformed: { ...BAD_REQUEST, text: 'Invalid request' },
  schema_unsupported: { status: 400, text: NO_PROVIDER, autodiscover: 601 },
  protocol_unconfigured: {
    status: 404,
    text: 'This protocol is not configured here',
    autodiscover: 601,
    autodiscoverText: NO_PROVIDER,
  },
  domain_unknown: { status: 404, text: 'This domain is not served here', autodiscover: 500 },
  domain_unusable: { status: 404, text: 'Nothing usable is configured for this domain', autodiscover: 500 },
  store_unavailable: { status: 503, text: 'The database is unreachable, try again later' },
  store_unprepared: { status: 503, text: 'The database is not prepared yet' },
  directory_unavailable: { status: 503, text: 'The directory cannot answer, try again later' },
  signer_busy: { status: 503, text: 'Too many profiles are requested at once, try again later' },
  not_permitted: { status: 403 },
  not_json: { status: 415, text: 'Content-Type must be application/json' },
  document_invalid: { status: 400 },
  change_failed: { status: 503, text: 'The change failed; the log says why' },
  rows_ambiguous: { status: 409 },
  rows_changed: { status: 409 },
  data_exist: { status: 409, text: 'The database holds data already; nothing was changed' },
};

/** The answer to a failure, its text filled in. */
export function failureAnswer({ code, message }: Failure): FailureAnswer & { readonly text: string } {
  return { text: message, ...ANSWERS[code] };
}

const RETRY_AFTER_SECONDS = 30;
const LATER = { 'Retry-After': String(RETRY_AFTER_SECONDS) };

/** The reply to a failure in one line of text. Any other error is a mistake of ours: 500, without details. */
export function failureReply(error: unknown): Reply {
  if (!(error instanceof Failure)) return textReply(500, 'Internal error');
  const { status, text } = failureAnswer(error);
  return textReply(status, text, failureHeaders(status));
}

/** Headers that belong to the status of a failure, whatever the body looks like. */
export const failureHeaders = (status: number): Readonly<Record<string, string>> => (status === 503 ? LATER : {});

/**
 * Of an answer to which the domain may come from these. A proxy's cache key may hold neither: nginx's holds path and query
 * only. A proxy may pass on a client's X-Forwarded-Host: other clients must not get the answer to that.
 */
export const VARIES_BY_HOST = { Vary: 'Host, X-Forwarded-Host' } as const;
export const VARIES_BY_HOST_AND_LANGUAGE = { Vary: `Accept-Language, ${VARIES_BY_HOST.Vary}` } as const;

/** How long a cache may answer in our place, in seconds: what the operator changes is not seen before. */
const MAX_AGE_SECONDS = 300;

/**
 * A document that is the same for everyone, and that caches may keep, or 304 if `ifNoneMatch` says that the client has it
 * (RFC 9110 section 13.1.2, weak comparison).
 */
export function sharedReply({ text, digest }: SharedDocument, contentType: string, ifNoneMatch: string): Reply {
  const etag = `"${digest}"`;
  const headers = {
    ETag: etag,
    'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}`,
    // For mail clients in a browser: any web page may read what holds nothing of a user.
    'Access-Control-Allow-Origin': '*',
    ...VARIES_BY_HOST,
  };
  const isKnown =
    ifNoneMatch !== '' &&
    (ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag));
  return isKnown ? { status: 304, contentType, body: '', headers } : { status: 200, contentType, body: text, headers };
}
