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
  maxAutodiscoverOctets: 16 * 1024,
  maxSeedOctets: 8 * 1024 * 1024,
};
