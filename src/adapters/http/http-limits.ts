/** What one client may cost us. Times in milliseconds, sizes in octets. */
export interface HttpLimits {
  readonly maxConnections: number;
  /** Request line and headers together. */
  readonly maxHeaderOctets: number;
  readonly headersTimeoutMs: number;
  /** For the whole request, body included. */
  readonly requestTimeoutMs: number;
  /** How long a connection without a request stays open. */
  readonly keepAliveTimeoutMs: number;
  /** How long a connection may make no progress, such as that of a client that does not read our answer. */
  readonly stallTimeoutMs: number;
  /** Requests that one connection may send ahead of our answers. */
  readonly maxPipelinedRequests: number;
  /** Body of an Autodiscover request. */
  readonly maxAutodiscoverOctets: number;
  /** Body of a seed document. */
  readonly maxSeedOctets: number;
}

export const HTTP_LIMITS: HttpLimits = {
  maxConnections: 1_000,
  maxHeaderOctets: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 5_000,
  stallTimeoutMs: 15_000,
  maxPipelinedRequests: 16,
  maxAutodiscoverOctets: 16 * 1024,
  maxSeedOctets: 8 * 1024 * 1024,
};
