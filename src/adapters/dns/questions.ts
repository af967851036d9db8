import { Resolver as NodeResolver } from 'node:dns/promises';
import type { Gate } from '../../ports/gate.ts';
import type { AddressRecord, DnsAnswer, MxRecord, SrvRecord } from '../../ports/resolver.ts';

/** First wait for a server, in milliseconds. Each is asked twice; the second wait is twice as long. */
const TIMEOUT_MS = 2_000;
const TRIES = 2;
/** A question ends by then, however many servers there are. */
const QUESTION_MS = 6_000;

/** The types of records, and what is read of each. */
export interface RecordTypes {
  readonly A: AddressRecord;
  readonly AAAA: AddressRecord;
  readonly CNAME: string;
  readonly NS: string;
  readonly SRV: SrvRecord;
  readonly TXT: string;
  readonly MX: MxRecord;
  /** The set of a name, as a whole. */
  readonly CAA: readonly string[];
}

/** A name as it is compared: lower case, without the final dot. */
export const canonicalName = (name: string): string => name.toLowerCase().replace(/(?<=[^.])\.$/, '');

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const READERS: {
  readonly [Type in keyof RecordTypes]: (resolver: NodeResolver, name: string) => Promise<RecordTypes[Type][]>;
} = {
  A: async (resolver, name) =>
    (await resolver.resolve4(name, { ttl: true })).sort((a, b) => byText(a.address, b.address)),
  AAAA: async (resolver, name) =>
    (await resolver.resolve6(name, { ttl: true })).sort((a, b) => byText(a.address, b.address)),
  CNAME: async (resolver, name) => (await resolver.resolveCname(name)).map(canonicalName),
  NS: async (resolver, name) => (await resolver.resolveNs(name)).map(canonicalName).sort(byText),
  SRV: async (resolver, name) =>
    (await resolver.resolveSrv(name))
      .map(({ priority, weight, port, name: target }) => ({ priority, weight, port, target: canonicalName(target) }))
      .sort((a, b) => a.priority - b.priority || b.weight - a.weight || byText(a.target, b.target) || a.port - b.port),
  TXT: async (resolver, name) => (await resolver.resolveTxt(name)).map((strings) => strings.join('')).sort(byText),
  MX: async (resolver, name) =>
    (await resolver.resolveMx(name))
      .map(({ priority, exchange }) => ({ preference: priority, exchange: canonicalName(exchange) }))
      .sort((a, b) => a.preference - b.preference || byText(a.exchange, b.exchange)),
  CAA: async (resolver, name) => {
    const records = await resolver.resolveCaa(name);
    const issuers = records.flatMap(({ issue }) => (issue === undefined ? [] : [issue])).sort(byText);
    return records.length === 0 ? [] : [issuers];
  },
};

/**
 * No such name; nothing of the type; a name that DNS cannot hold, such as one with a label of more than 63 octets: nobody
 * can publish anything there.
 */
const ABSENT_CODES: readonly string[] = ['ENOTFOUND', 'ENODATA', 'EBADNAME'];

/** Codes by which a name server has answered. */
const ANSWER_CODES: readonly string[] = ['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EREFUSED', 'EFORMERR', 'ENOTIMP'];

/** Asks name servers; the same question is asked once. */
export class Questions {
  readonly #gate: Gate;
  readonly #signal: AbortSignal | undefined;
  readonly #answers = new Map<string, Promise<DnsAnswer<unknown>>>();
  /** Servers that have answered something, and those that let a question's time go by. */
  readonly #answering = new Set<string>();
  readonly #silent = new Set<string>();

  /** When `signal` is aborted, open questions and later ones are answered with ECANCELLED. */
  constructor(gate: Gate, signal: AbortSignal | undefined) {
    this.#gate = gate;
    this.#signal = signal;
  }

  /** Servers as IP or IP:PORT, tried one after the other until one answers; undefined: the system's. Never rejects. */
  ask<Type extends keyof RecordTypes>(
    type: Type,
    name: string,
    servers: readonly string[] | undefined,
  ): Promise<DnsAnswer<RecordTypes[Type]>> {
    const key = [type, name, ...(servers ?? [])].join(' ');
    const known = this.#answers.get(key);
    if (known !== undefined) return known as Promise<DnsAnswer<RecordTypes[Type]>>;
    const answer = this.#gate(() => this.#ask(type, name, servers));
    this.#answers.set(key, answer);
    return answer;
  }

  async #ask<Type extends keyof RecordTypes>(
    type: Type,
    name: string,
    servers: readonly string[] | undefined,
  ): Promise<DnsAnswer<RecordTypes[Type]>> {
    if (this.#signal?.aborted) return { state: 'unknown', reason: 'ECANCELLED' };
    // A server that has never answered is not asked again: each of its questions would take all of its time.
    const asked = String(servers);
    if (this.#silent.has(asked) && !this.#answering.has(asked)) return { state: 'unknown', reason: 'ETIMEOUT' };
    // A resolver of its own for each question: one that got quick answers, from a cache, shortens its waits down to 250 ms,
    // and gives up where the next answer has to be fetched.
    const resolver = new NodeResolver({ timeout: TIMEOUT_MS, tries: TRIES });
    const cancel = (): void => resolver.cancel();
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      cancel();
    }, QUESTION_MS);
    this.#signal?.addEventListener('abort', cancel);
    try {
      if (servers !== undefined) resolver.setServers(servers);
      const records = await READERS[type](resolver, name);
      this.#answering.add(asked);
      // An alias whose target is not in the answer comes as no records, and no error.
      return records.length === 0 ? { state: 'absent' } : { state: 'found', records };
    } catch (error) {
      const code = isLate ? 'ETIMEOUT' : ((error as NodeJS.ErrnoException).code ?? 'EUNKNOWN');
      if (code === 'ETIMEOUT') this.#silent.add(asked);
      else if (ANSWER_CODES.includes(code)) this.#answering.add(asked);
      return ABSENT_CODES.includes(code) ? { state: 'absent' } : { state: 'unknown', reason: code };
    } finally {
      clearTimeout(limit);
      this.#signal?.removeEventListener('abort', cancel);
    }
  }
}
