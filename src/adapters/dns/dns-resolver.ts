import type { Gate } from '../../ports/gate.ts';
import type { AddressRecord, DnsAnswer, HostAnswer, MxRecord, Resolver, SrvRecord } from '../../ports/resolver.ts';
import { Authorities } from './authorities.ts';
import { canonicalName, Questions, type RecordTypes } from './questions.ts';

export interface DnsOptions {
  /** An IP address, IPv4:port or [IPv6]:port; undefined: the system's name servers. */
  readonly server: string | undefined;
  /** Whether names are asked at the servers of their zones, whose answers come from no cache; `server` finds these. */
  readonly authoritative: boolean;
  /** Each question passes it. */
  readonly gate: Gate;
  /** Ends all questions; what is not answered by then is unknown. */
  readonly signal?: AbortSignal;
}

/** Aliases that are followed from a name. Resolvers stop at about as many. */
const MAX_ALIASES = 8;

/** The code that the system has for too many symbolic links. */
const TOO_MANY_ALIASES = { state: 'unknown', reason: 'ELOOP' } as const;

const ABSENT = { state: 'absent' } as const;

/** Asks DNS itself: neither /etc/hosts nor nsswitch.conf is read, as they say nothing about what clients get. */
export class DnsResolver implements Resolver {
  readonly #questions: Questions;
  readonly #servers: readonly string[] | undefined;
  readonly #authorities: Authorities | undefined;

  constructor({ server, authoritative, gate, signal }: DnsOptions) {
    this.#questions = new Questions(gate, signal);
    this.#servers = server === undefined ? undefined : [server];
    this.#authorities = authoritative ? new Authorities(this.#questions, this.#servers) : undefined;
  }

  /** Follows aliases itself: an answer does not show them, nor whether a missing name is an alias without target. */
  async host(name: string): Promise<HostAnswer> {
    const aliases: string[] = [];
    for (let owner = canonicalName(name); ; ) {
      const [alias, v4, v6] = await Promise.all([
        this.#ask('CNAME', owner),
        this.#ask('A', owner),
        this.#ask('AAAA', owner),
      ]);
      const [target] = alias.state === 'found' ? alias.records : [];
      if (target === undefined) return { aliases, addresses: joined(v4, v6, alias) };
      if (aliases.length === MAX_ALIASES) return { aliases, addresses: TOO_MANY_ALIASES };
      const isLoop = [canonicalName(name), ...aliases].includes(target);
      aliases.push(target);
      if (isLoop) return { aliases, addresses: ABSENT };
      owner = target;
    }
  }

  srv(name: string): Promise<DnsAnswer<SrvRecord>> {
    return this.#records('SRV', name);
  }

  txt(name: string): Promise<DnsAnswer<string>> {
    return this.#records('TXT', name);
  }

  mx(name: string): Promise<DnsAnswer<MxRecord>> {
    return this.#records('MX', name);
  }

  async caa(name: string): Promise<DnsAnswer<string>> {
    const answer = await this.#records('CAA', name);
    return answer.state === 'found' ? { state: 'found', records: answer.records.flat() } : answer;
  }

  /** Follows aliases into other zones, which the servers of one zone do not. */
  async #records<Type extends keyof RecordTypes>(type: Type, name: string): Promise<DnsAnswer<RecordTypes[Type]>> {
    let owner = canonicalName(name);
    for (let followed = 0; followed <= MAX_ALIASES; followed++) {
      const answer = await this.#ask(type, owner);
      if (answer.state !== 'absent' || this.#authorities === undefined) return answer;
      const alias = await this.#ask('CNAME', owner);
      if (alias.state === 'unknown') return alias;
      const [target] = alias.state === 'found' ? alias.records : [];
      if (target === undefined) return answer;
      owner = target;
    }
    return TOO_MANY_ALIASES;
  }

  async #ask<Type extends keyof RecordTypes>(type: Type, name: string): Promise<DnsAnswer<RecordTypes[Type]>> {
    if (this.#authorities === undefined) return this.#questions.ask(type, name, this.#servers);
    const servers = await this.#authorities.of(name);
    return servers.state === 'found' ? this.#questions.ask(type, name, servers.records) : servers;
  }
}

/** Addresses of both families; what is unknown of one family does not count beside addresses of the other. */
function joined(
  v4: DnsAnswer<AddressRecord>,
  v6: DnsAnswer<AddressRecord>,
  alias: DnsAnswer<string>,
): DnsAnswer<AddressRecord> {
  const records = [v4, v6].flatMap((answer) => (answer.state === 'found' ? answer.records : []));
  if (records.length > 0) return { state: 'found', records };
  // Without an answer about aliases, it may be one that leads nowhere.
  return [v4, v6, alias].find((answer) => answer.state === 'unknown') ?? ABSENT;
}
