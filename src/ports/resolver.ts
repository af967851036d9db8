/**
 * What DNS says of one name and type. "absent" is an answer: there is no such name, or nothing of that type. "unknown" is
 * none: nobody could be asked, or nobody could say; `reason` is the code of the system's resolver, such as ESERVFAIL, or
 * ELOOP (too many aliases) or ENOZONE (no name servers found that hold the name).
 */
export type DnsAnswer<T> =
  | { readonly state: 'found'; readonly records: readonly T[] }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly reason: string };

export interface AddressRecord {
  readonly address: string;
  /** Seconds for which a resolver may keep it. */
  readonly ttl: number;
}

/** A name that should have addresses. */
export interface HostAnswer {
  /**
   * The names that it is an alias of (CNAME), in the order in which they lead on; none: it is no alias. In a loop, the last
   * one is where it comes back to.
   */
  readonly aliases: readonly string[];
  /** Addresses of both families, IPv4 first, then by text; absent beside aliases: the last alias leads nowhere, or into a loop. */
  readonly addresses: DnsAnswer<AddressRecord>;
}

export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** Without the final dot, in lower case; "": the service is not offered (RFC 2782, "Target"). */
  readonly target: string;
}

export interface MxRecord {
  readonly preference: number;
  /** Without the final dot, in lower case; "": the domain takes no mail (RFC 7505). */
  readonly exchange: string;
}

/**
 * One view of DNS. No method rejects. A name is asked once; who asks again gets the same answer. Records are sorted, by
 * priority or preference first.
 */
export interface Resolver {
  host(name: string): Promise<HostAnswer>;
  srv(name: string): Promise<DnsAnswer<SrvRecord>>;
  /** Each record's strings joined. */
  txt(name: string): Promise<DnsAnswer<string>>;
  mx(name: string): Promise<DnsAnswer<MxRecord>>;
  /**
   * Certification authorities (`issue`, RFC 8659) that the name itself lists; parents are not looked at. Found without
   * records: there are CAA records, none of which is about `issue`.
   */
  caa(name: string): Promise<DnsAnswer<string>>;
}
