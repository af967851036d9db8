import type { DnsAnswer } from '../../ports/resolver.ts';
import type { Questions } from './questions.ts';

/** Name servers of a zone, and addresses of them, that are asked: the next one only when the one before does not answer. */
const MAX_AUTHORITIES = 4;

/** Reason of an answer: no zone was found that holds the name, or none of its name servers has an address. */
const NO_ZONE: DnsAnswer<never> = { state: 'unknown', reason: 'ENOZONE' };

const ROOT = '.';

/** Finds the name servers that hold a name, as addresses. */
export class Authorities {
  readonly #questions: Questions;
  readonly #servers: readonly string[] | undefined;
  readonly #zones = new Map<string, Promise<DnsAnswer<string>>>();

  /** `servers` are asked for the zones. */
  constructor(questions: Questions, servers: readonly string[] | undefined) {
    this.#questions = questions;
    this.#servers = servers;
  }

  /** Walks up from the name to the first one that has NS records. */
  of(name: string): Promise<DnsAnswer<string>> {
    const known = this.#zones.get(name);
    if (known !== undefined) return known;
    const zone = this.#find(name);
    this.#zones.set(name, zone);
    return zone;
  }

  async #find(name: string): Promise<DnsAnswer<string>> {
    const [alias, hosts] = await Promise.all([
      this.#questions.ask('CNAME', name, this.#servers),
      this.#questions.ask('NS', name, this.#servers),
    ]);
    // NS records that come at an alias are those of its target. An alias is no zone (RFC 1034 section 3.6.2).
    if (alias.state === 'found' || hosts.state === 'absent') {
      return name === ROOT ? NO_ZONE : this.of(name.split('.').slice(1).join('.') || ROOT);
    }
    if (hosts.state === 'unknown') return hosts;
    if (alias.state === 'unknown') return alias;
    return this.#addresses(hosts.records.slice(0, MAX_AUTHORITIES));
  }

  async #addresses(hosts: readonly string[]): Promise<DnsAnswer<string>> {
    const types = ['A', 'AAAA'] as const;
    // IPv4 first: where there is no route for IPv6, no time is lost.
    const answers = await Promise.all(
      types.flatMap((type) => hosts.map((host) => this.#questions.ask(type, host, this.#servers))),
    );
    const addresses = answers.flatMap((answer) => (answer.state === 'found' ? answer.records : []));
    if (addresses.length === 0) return answers.find((answer) => answer.state === 'unknown') ?? NO_ZONE;
    return { state: 'found', records: addresses.slice(0, MAX_AUTHORITIES).map(({ address }) => address) };
  }
}
