/** What can go wrong in a way that we foresaw. Each protocol maps these to its own error answer in one table. */
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
  | 'not_permitted'
  | 'not_json'
  | 'seed_invalid'
  | 'data_exist';

/**
 * A condition we foresaw. `message` is one line, holds no secret and nothing that a client sent; it goes to the log,
 * and to the client only where the protocol's table of answers says so.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    // Strangers cause these by the thousand, and nobody reads where a foreseen condition was met: no stack is collected.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, options);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
  }
}
