import { Failure, type FailureCode } from '../../domain/failure.ts';
import type { AutodiscoverErrorCode } from '../../domain/formats/autodiscover.ts';
import { type Reply, textReply } from './exchange.ts';

interface Answer {
  readonly status: number;
  /** The line that the client sees; undefined: the failure's own message. */
  readonly text?: string;
  /** For a POST to Autodiscover, whose errors are answers with status 200; undefined: the status counts there, too. */
  readonly autodiscover?: AutodiscoverErrorCode;
}

/** The one place that knows our failures and HTTP (RFC 9110 section 15) and [MS-OXDSCLI] section 2.2.4.1.1.2. */
const ANSWERS: Readonly<Record<FailureCode, Answer>> = {
  address_missing: { status: 400, text: 'Missing request argument "emailaddress"', autodiscover: 600 },
  address_invalid: { status: 400, text: 'This is no e-mail address', autodiscover: 600 },
  request_malformed: { status: 400, text: 'Invalid request', autodiscover: 600 },
  schema_unsupported: { status: 400, text: 'Provider is not available', autodiscover: 601 },
  protocol_unconfigured: { status: 404, text: 'This protocol is not configured here' },
  domain_unknown: { status: 404, text: 'This domain is not served here', autodiscover: 500 },
  domain_unusable: { status: 404, text: 'Nothing usable is configured for this domain', autodiscover: 500 },
  store_unavailable: { status: 503, text: 'The database is away, try again later' },
  store_unprepared: { status: 503, text: 'The database is not prepared yet' },
  directory_unavailable: { status: 503, text: 'The directory is away, try again later' },
  not_permitted: { status: 403 },
  not_json: { status: 415, text: 'Content-Type application/json is wanted' },
  seed_invalid: { status: 400 },
  data_exist: { status: 409, text: 'The database holds data already; nothing was changed' },
};

const RETRY_AFTER_SECONDS = 30;

/** What Autodiscover answers to a failure, or undefined where the HTTP status says it. */
export function autodiscoverError(error: unknown): { code: AutodiscoverErrorCode; message: string } | undefined {
  if (!(error instanceof Failure)) return undefined;
  const { autodiscover: code, text } = ANSWERS[error.code];
  // The message is for people who debug a client: there is no argument "emailaddress" in a POST.
  return code === undefined ? undefined : { code, message: code === 600 ? 'Invalid request' : (text ?? '') };
}

/** The answer to a failure. Anything else that was thrown is a mistake of ours: 500, and no word of it. */
export function failureReply(error: unknown): Reply {
  if (!(error instanceof Failure)) return textReply(500, 'Internal error');
  const { status, text } = ANSWERS[error.code];
  return textReply(status, text ?? error.message, status === 503 ? { 'Retry-After': String(RETRY_AFTER_SECONDS) } : {});
}
