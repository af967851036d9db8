/** The expected error conditions. Each protocol maps them to its own error answers in one table. */
export type FailureCode =
  | 'address_missing'
  | 'address_invalid'
  | 'request_malformed'
  | 'schema_unsupported'
  | 'protocol_unconfigured'
  | 'domain_unknown'
  | 'domain_unusable'
  | 'store_unavailable'
  | 'store_unprepared'
  | 'directory_unavailable'
  | 'signer_busy'
  | 'not_permitted'
  | 'not_json'
  | 'document_invalid'
  | 'data_exist'
  | 'change_failed'
  | 'rows_ambiguous'
  | 'rows_changed';

/**
 * What the log may hold of an unexpected error: its kind and where it was thrown. Its message stays out: drivers and
 * JSON.parse quote their input, which may be a secret.
 */
export function faultText(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line));
  return [error.name, ...frames.map((line) => line.trim())].join(' ');
}

/**
 * An expected error condition. `message` is one line without secrets or client input. It goes to the log, and to the
 * client only if the protocol's table says so.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    // Without a stack trace: strangers can cause thousands of these, and nobody reads the stack of an expected error.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, options);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
  }
}
