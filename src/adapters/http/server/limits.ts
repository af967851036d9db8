/**
 * Limits on what one client may cost: the default of each, and the smallest and largest value that an operator can set.
 * Times in milliseconds, sizes in octets.
 */
export const HTTP_LIMITS = {
  /** Per address that the daemon listens on. */
  maxConnections: { byDefault: 1_000, least: 10, most: 100_000 },
  /** Target, names and values of headers, as node:http counts them; this many are already too many. */
  maxHeaderOctets: { byDefault: 16 * 1024, least: 1024, most: 1024 * 1024 },
  headersTimeoutMs: { byDefault: 10_000, least: 1_000, most: 600_000 },
  /** For the whole request, body included. */
  requestTimeoutMs: { byDefault: 30_000, least: 1_000, most: 600_000 },
  /** How long a connection stays open after an answer. */
  keepAliveTimeoutMs: { byDefault: 5_000, least: 1_000, most: 600_000 },
  /** How long a connection may make no progress, for example because its client does not read our answer. */
  stallTimeoutMs: { byDefault: 15_000, least: 1_000, most: 600_000 },
  /** Requests in flight on one connection. */
  maxPipelinedRequests: { byDefault: 16, least: 1, most: 1_000 },
  /** Body of an Autodiscover request. */
  maxAutodiscoverOctets: { byDefault: 16 * 1024, least: 1024, most: 64 * 1024 },
  /** Body of a seed document. */
  maxSeedOctets: { byDefault: 8 * 1024 * 1024, least: 1024, most: 256 * 1024 * 1024 },
} as const;

export type HttpLimits = Readonly<Record<keyof typeof HTTP_LIMITS, number>>;
