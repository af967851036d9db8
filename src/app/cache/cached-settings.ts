import type { DomainName, Wildcard } from '../../domain/domain-name.ts';
import { ServedDomain } from '../../domain/served-domain.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Health, HealthState } from '../../ports/health.ts';
import type { Log } from '../../ports/log.ts';
import type { SettingsReader } from '../../ports/settings-reader.ts';
import { Outage } from '../outage.ts';
import { type Answer, isUnreachable } from './answer.ts';
import { HealthLog } from './health-log.ts';
import { Pings } from './pings.ts';
import { SecondChanceMap } from './second-chance.ts';
import { inTime, type Question, Waiting } from './waiting.ts';
import { charactersOf } from './weight.ts';

/** How much is kept. Names that are not stored are counted apart: a stranger who invents names pushes out no stored one. */
export const CACHE_LIMITS = {
  maxDomains: 4_096,
  /** Of all kept domains together: their texts, and about what documents made of them add. */
  maxCharacters: 16_000_000,
  maxOtherNames: 4_096,
} as const;

type RowName = DomainName | Wildcard;

/** What the store said of a name without a row of its own: which wildcard serves it. */
type ByWildcard = Omit<Answer, 'domain'> & { readonly wildcard: Wildcard };

/** While the database is unreachable, it is asked again after so long, for domains that are answered from memory. */
const RETRY_MS = 1_000;

export interface CacheOptions {
  /** How old an answer may be where the database cannot tell that something changed. 0: each request asks. */
  readonly cacheSeconds: number;
  /** How long the last good answer serves while the database is unreachable or slow. 0: never. */
  readonly staleSeconds: number;
  /** How many connections clients may have. */
  readonly maxConnections: number;
}

/**
 * Everything that the daemon keeps of the database; what is made of a domain's settings, its documents among it, is in the
 * ServedDomain and goes with it. Answers are kept by stored row, for `cacheSeconds`, or as long as the store's version
 * stays the same if it can tell one. Requests that need the same domain at the same time share one question. While the
 * store is unreachable or slow, known domains are answered from memory for `staleSeconds`; other look-ups fail.
 */
export class CachedSettings implements Health {
  readonly #store: SettingsReader;
  readonly #clock: Clock;
  readonly #outage: Outage;
  readonly #healthLog: HealthLog;
  /** By name of the stored row: a wildcard's serves many domains, and is kept once. */
  readonly #rows = new SecondChanceMap<RowName, Answer>(CACHE_LIMITS.maxDomains, CACHE_LIMITS.maxCharacters);
  /** Names that were asked for and have no row of their own: not served, and apart from them those that a wildcard serves. */
  readonly #others = new SecondChanceMap<DomainName, Answer>(CACHE_LIMITS.maxOtherNames);
  readonly #byWildcard = new SecondChanceMap<DomainName, ByWildcard>(CACHE_LIMITS.maxOtherNames);
  readonly #questions = new Map<DomainName, Question<ServedDomain | undefined>>();
  /** All look-ups, those that memory could not answer at once, and those that got an old answer. */
  readonly #counts = { all: 0, misses: 0, stale: 0 };
  #options: CacheOptions;
  #generation = 0;
  /**
   * False until a domain has been found. Until then, names that are not stored are not kept unless the store can tell
   * that it changed, so that a first seed is visible at once.
   */
  #hasFound = false;
  /** During an outage: when it began, or the store was last tried. */
  #triedMs = Number.NEGATIVE_INFINITY;
  /** If it can, it is reachable, even if one domain cannot be read: others have to be asked for. */
  #canTellVersion = false;
  readonly #pings: Pings;
  readonly #waiting = new Waiting();

  constructor(
    store: SettingsReader,
    options: CacheOptions,
    { clock, log }: { readonly clock: Clock; readonly log: Log },
  ) {
    this.#store = store;
    this.#options = options;
    this.#clock = clock;
    this.#outage = new Outage('look-ups in the database', log);
    this.#healthLog = new HealthLog(log);
    this.#pings = new Pings(async () => ((await inTime(store.ping())) ? 'ready' : 'empty'));
    this.#waiting.configure(options.maxConnections);
  }

  /** Takes other options, and asks again for every domain; while the database is unreachable, old answers still serve. */
  configure(options: CacheOptions): void {
    this.#options = options;
    this.#waiting.configure(options.maxConnections);
    this.#startGeneration();
  }

  /** Undefined means "not served here". Rejects as SettingsReader.find does. */
  async find(name: DomainName): Promise<ServedDomain | undefined> {
    this.#counts.all += 1;
    const nowMs = this.#clock.elapsedMs();
    const known = this.#known(name);
    const stale = known !== undefined && this.#isUsableStale(known, nowMs) ? known.domain : undefined;
    if (stale !== undefined && this.#outage.isOngoing && !this.#canTellVersion) {
      // One request finds out whether the store is back, and does not wait for it either.
      if (nowMs - this.#triedMs >= RETRY_MS) {
        this.#triedMs = nowMs;
        this.#ask(name, nowMs);
      }
      return this.#oldAnswer(stale);
    }
    if (known !== undefined && this.#isFresh(known, nowMs)) return known.domain;
    this.#counts.misses += 1;
    try {
      const otherwise = stale && ((): ServedDomain => this.#oldAnswer(stale));
      return await this.#waiting.wait(nowMs, () => this.#question(name, nowMs), otherwise);
    } catch (error) {
      if (stale === undefined || !isUnreachable(error)) throw error;
      return this.#oldAnswer(stale);
    }
  }

  /** For metrics; `domains` and `others` are the names that are kept. */
  get counts(): Readonly<Record<'all' | 'misses' | 'stale' | 'domains' | 'others', number>> {
    return { ...this.#counts, domains: this.#rows.size, others: this.#others.size + this.#byWildcard.size };
  }

  check(): Promise<HealthState> {
    // Strangers can make the waiting requests too many, and few again: the log does not follow them.
    if (this.#waiting.isFull) return this.#check();
    return this.#healthLog.watch(this.#check(), this.#outage.isOngoing);
  }

  async #check(): Promise<HealthState> {
    const nowMs = this.#clock.elapsedMs();
    const { failure } = this.#pings;
    const ping = this.#pings.latest(nowMs);
    const canAnswer = this.#canAnswer(nowMs);
    // Nobody waits for a store that is known to be unreachable.
    if ((this.#outage.isOngoing || failure !== undefined) && canAnswer) return 'remembered';
    const lastKnown = (): 'remembered' => {
      if (canAnswer) return 'remembered';
      throw failure;
    };
    try {
      return await this.#waiting.wait<HealthState>(nowMs, () => ping, canAnswer || failure ? lastKnown : undefined);
    } catch (error) {
      if (isUnreachable(error) && canAnswer) return 'remembered';
      throw error;
    }
  }

  /**
   * We have changed what is stored, or tried to: every domain is asked for again. `succeeded`: what was known before must
   * not serve while the database is unreachable, either.
   */
  changed(succeeded: boolean): void {
    if (succeeded) {
      this.#rows.clear();
      this.#hasFound = false;
    }
    this.#pings.forget();
    this.#startGeneration();
  }

  /** Whether some domain is answered without the store. */
  #canAnswer(nowMs: number): boolean {
    for (const answer of this.#rows.values()) {
      const isYoung = answer.version === undefined && answer.domain !== undefined && this.#isFresh(answer, nowMs);
      if (isYoung || this.#isUsableStale(answer, nowMs)) return true;
    }
    return false;
  }

  #startGeneration(): void {
    this.#generation += 1;
    this.#others.clear();
    this.#byWildcard.clear();
    this.#questions.clear();
  }

  #oldAnswer(domain: ServedDomain): ServedDomain {
    this.#counts.stale += 1;
    return domain;
  }

  #known(name: DomainName): Answer | undefined {
    const known = this.#rows.get(name) ?? this.#others.get(name);
    if (known !== undefined) return known;
    const other = this.#byWildcard.get(name);
    const row = other && this.#rows.get(other.wildcard);
    if (other === undefined || row === undefined) return undefined;
    // That the name has no row of its own may be known for longer than what the wildcard's says, or shorter.
    const { askedMs, version, generation } = row.askedMs < other.askedMs ? row : other;
    return { domain: row.domain?.named(name), askedMs, version, generation };
  }

  #isFresh({ askedMs, version, generation }: Answer, nowMs: number): boolean {
    if (generation !== this.#generation) return false;
    if (version === undefined) return nowMs - askedMs < this.#options.cacheSeconds * 1_000;
    try {
      return this.#store.version() === version;
    } catch {
      return false; // the question that follows meets the same and reports it
    }
  }

  #isUsableStale({ domain, askedMs }: Answer, nowMs: number): boolean {
    return domain !== undefined && nowMs - askedMs < this.#options.staleSeconds * 1_000;
  }

  /** The question that is being asked already, unless its answer may be too old, or another one. */
  #question(name: DomainName, nowMs: number): Question<ServedDomain | undefined> {
    const question = this.#questions.get(name);
    const isRecent = question !== undefined && nowMs - question.askedMs < this.#options.cacheSeconds * 1_000;
    return isRecent ? question : this.#ask(name, nowMs);
  }

  /** Asks the store, once for all who want to know it now. */
  #ask(name: DomainName, askedMs: number): Question<ServedDomain | undefined> {
    const question = { askedMs, answer: this.#outage.watch(this.#fetch(name, askedMs)) };
    this.#questions.set(name, question);
    const done = (): void => {
      if (this.#questions.get(name) === question) this.#questions.delete(name);
    };
    question.answer.then(done, done);
    return question;
  }

  async #fetch(name: DomainName, askedMs: number): Promise<ServedDomain | undefined> {
    const generation = this.#generation;
    this.#canTellVersion = false;
    try {
      const version = this.#store.version();
      this.#canTellVersion = version !== undefined;
      const settings = await inTime(this.#store.find(name));
      if (this.#pings.failure !== undefined) this.#pings.forget();
      const domain = settings && new ServedDomain(settings);
      this.#keep(name, { domain, askedMs, version, generation });
      return domain;
    } catch (error) {
      // Later failures, of other domains perhaps, must not put the next try off.
      if (!this.#outage.isOngoing) this.#triedMs = this.#clock.elapsedMs();
      throw error;
    }
  }

  #keep(name: DomainName, answer: Answer): void {
    // A question that took long may be answered after a later one.
    const known = this.#known(name);
    if (answer.generation !== this.#generation) return;
    if (known?.generation === this.#generation && known.askedMs > answer.askedMs) return;
    const { domain } = answer;
    if (domain === undefined) {
      this.#rows.delete(name);
      this.#byWildcard.delete(name);
      if (this.#hasFound || answer.version !== undefined) this.#others.set(name, answer);
      return;
    }
    this.#hasFound = true;
    const { wildcard } = domain.settings;
    this.#rows.set(wildcard ?? name, answer, charactersOf(domain.settings));
    this.#others.delete(name);
    if (wildcard === undefined) {
      this.#byWildcard.delete(name);
      return;
    }
    this.#rows.delete(name);
    const { askedMs, version, generation } = answer;
    this.#byWildcard.set(name, { wildcard, askedMs, version, generation });
  }
}
