/**
 * What one client may cost us: the limit without a word of the operator's, and the least and the most that he may set.
 * Times in milliseconds, sizes in octets.
 */
export const HTTP_LIMITS = {
  /** For each address listened on. */
  maxConnections: { byDefault: 1_000, least: 10, most: 100_000 },
  /** Target, names and values of headers, as node:http counts them; as many are too many. */
  maxHeaderOctets: { byDefault: 16 * 1024, least: 1024, most: 1024 * 1024 },
  headersTimeoutMs: { byDefault: 10_000, least: 1_000, most: 600_000 },
  /** For the whole request, body included. */
  requestTimeoutMs: { byDefault: 30_000, least: 1_000, most: 600_000 },
  /** How long a connection stays open after an answer. */
  keepAliveTimeoutMs: { byDefault: 5_000, least: 1_000, most: 600_000 },
  /** How long a connection may make no progress, such as that of a client that does not read our answer. */
  stallTimeoutMs: { byDefault: 15_000, least: 1_000, most: 600_000 },
  /** Requests that one connection may send ahead of our answers. */
  maxPipelinedRequests: { byDefault: 16, least: 1, most: 1_000 },
  /** Body of an Autodiscover request. */
  maxAutodiscoverOctets: { byDefault: 16 * 1024, least: 1024, most: 64 * 1024 },
  /** Body of a seed document. */
  maxSeedOctets: { byDefault: 8 * 1024 * 1024, least: 1024, most: 256 * 1024 * 1024 },
} as const;

export type HttpLimits = Readonly<Record<keyof typeof HTTP_LIMITS, number>>;
