import type { DomainName } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import type { MailDomain } from '../../domain/mail-domain.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Health } from '../../ports/health.ts';
import type { Log } from '../../ports/log.ts';
import type { SettingsReader } from '../../ports/settings-reader.ts';
import { outageWatch } from '../outage-watch.ts';

/** How much is kept. Unknown domains are counted apart: a stranger who invents names must not push out real ones. */
export const CACHE_LIMITS = {
  maxDomains: 4_096,
  /** Of all kept domains together, written as JSON; in memory it is about three times as much. */
  maxCharacters: 8_000_000,
  maxUnknownDomains: 4_096,
} as const;

/** While the database is away, it is asked again after so long, for domains of which we have an answer. */
const RETRY_MS = 1_000;

export interface CacheOptions {
  /** How old an answer may be where the database cannot tell that something changed. 0: each request asks. */
  readonly cacheSeconds: number;
  /** How long the last good answer serves while the database is away. 0: never. */
  readonly staleSeconds: number;
}

interface Answer {
  /** Undefined: not served here. */
  readonly domain: MailDomain | undefined;
  /** When the question was asked: what was stored later may be missing in the answer. */
  readonly askedMs: number;
  readonly version: number | undefined;
  /** The era in which it was asked; in a later one it is only good for when the database is away. */
  readonly era: number;
}

/** How old an answer to a ping may be. */
const PING_MS = 1_000;

interface Ping {
  readonly askedMs: number;
  readonly answer: Promise<boolean>;
  hasFailed: boolean;
}

interface Question {
  readonly answer: Promise<MailDomain | undefined>;
  readonly askedMs: number;
}

interface Entry {
  readonly answer: Answer;
  readonly characters: number;
  /** Since it was put at the end. */
  isUsed: boolean;
}

/**
 * Answers by domain. When it is full, the first ones go that were not used since they were put at the end; one that was is
 * put there once more. (Moving it with each use would let the Map grow and be copied, time and again.)
 */
class Answers {
  readonly #maxEntries: number;
  readonly #maxCharacters: number;
  readonly #entries = new Map<DomainName, Entry>();
  #characters = 0;

  constructor(maxEntries: number, maxCharacters: number) {
    this.#maxEntries = maxEntries;
    this.#maxCharacters = maxCharacters;
  }

  get(name: DomainName): Answer | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    entry.isUsed = true;
    return entry.answer;
  }

  set(name: DomainName, answer: Answer): void {
    this.delete(name);
    const characters = name.length + (answer.domain === undefined ? 0 : JSON.stringify(answer.domain).length);
    if (characters > this.#maxCharacters) return;
    // Room is made before: the new one, not used yet, would go itself where all others were.
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size < this.#maxEntries && this.#characters + characters <= this.#maxCharacters) break;
      if (entry.isUsed) {
        entry.isUsed = false;
        this.#entries.delete(oldest);
        this.#entries.set(oldest, entry);
      } else this.delete(oldest);
    }
    this.#entries.set(name, { answer, characters, isUsed: false });
    this.#characters += characters;
  }

  delete(name: DomainName): void {
    this.#characters -= this.#entries.get(name)?.characters ?? 0;
    this.#entries.delete(name);
  }

  some(isWanted: (answer: Answer) => boolean): boolean {
    return [...this.#entries.values()].some(({ answer }) => isWanted(answer));
  }

  clear(): void {
    this.#entries.clear();
    this.#characters = 0;
  }
}

/**
 * The settings store with its answers kept: everything that the daemon caches of the database is in this file. What is
 * made of a MailDomain that is kept here, its account without an address and the Autoconfig document of that, is made once
 * (WeakMaps in look-up.ts and autoconfig-handler.ts) and goes with it.
 * Served domains and unknown ones are kept for `cacheSeconds`, or as long as the store's data version stays the same if it
 * tells one. Many who ask for a domain at once are one question. While the store is away, served domains are answered
 * as they were known for `staleSeconds`, unknown ones fail. What changes the store through us is seen at once.
 */
export class CachedSettings implements Health {
  readonly #store: SettingsReader;
  readonly #clock: Clock;
  readonly #watch: ReturnType<typeof outageWatch>;
  readonly #served = new Answers(CACHE_LIMITS.maxDomains, CACHE_LIMITS.maxCharacters);
  readonly #unknown = new Answers(CACHE_LIMITS.maxUnknownDomains, Number.POSITIVE_INFINITY);
  readonly #questions = new Map<DomainName, Question>();
  #pinged: Ping | undefined;
  #options: CacheOptions;
  /** Becomes another one when no answer is to be trusted any more: what was asked before has to be asked anew. */
  #era = 0;
  /**
   * Whether a domain was found since. In an empty database that cannot tell when it is filled none is unknown: the seed
   * that comes is to be seen at once.
   */
  #hasFound = false;
  /** While the store is away: when to ask again. */
  #retryMs: number | undefined;
  /** When the latest of the questions was asked that were answered. */
  #answeredMs = Number.NEGATIVE_INFINITY;

  constructor(
    store: SettingsReader,
    options: CacheOptions,
    { clock, log }: { readonly clock: Clock; readonly log: Log },
  ) {
    this.#store = store;
    this.#options = options;
    this.#clock = clock;
    this.#watch = outageWatch('look-ups', log);
  }

  /** Takes other options, and asks anew for every domain; while the database is away, old answers still serve. */
  configure(options: CacheOptions): void {
    this.#options = options;
    this.#distrust();
  }

  async find(name: DomainName): Promise<MailDomain | undefined> {
    const nowMs = this.#clock.elapsedMs();
    const served = this.#served.get(name);
    const stale =
      served !== undefined && nowMs - served.askedMs < this.#options.staleSeconds * 1_000 ? served.domain : undefined;
    if (stale !== undefined && this.#retryMs !== undefined) {
      if (nowMs >= this.#retryMs) {
        // One request finds out whether the store is back, and does not wait for it either.
        this.#retryMs = nowMs + RETRY_MS;
        this.#ask(name, nowMs).catch(() => undefined);
      }
      return stale;
    }
    const known = served ?? this.#unknown.get(name);
    if (known !== undefined && this.#isFresh(known, nowMs)) return known.domain;
    try {
      const question = this.#questions.get(name);
      const isRecent = question !== undefined && nowMs - question.askedMs < this.#options.cacheSeconds * 1_000;
      return await (isRecent ? question.answer : this.#ask(name, nowMs));
    } catch (error) {
      if (stale === undefined || !isAway(error)) throw error;
      return stale;
    }
  }

  async check(): Promise<'ready' | 'empty'> {
    const nowMs = this.#clock.elapsedMs();
    if (this.#pinged === undefined || nowMs - this.#pinged.askedMs >= PING_MS) {
      const ping: Ping = { askedMs: nowMs, answer: this.#store.ping(), hasFailed: false };
      ping.answer.catch(() => {
        ping.hasFailed = true;
      });
      this.#pinged = ping;
    }
    try {
      return (await this.#pinged.answer) ? 'ready' : 'empty';
    } catch (error) {
      const staleMs = this.#options.staleSeconds * 1_000;
      if (isAway(error) && this.#served.some(({ askedMs }) => nowMs - askedMs < staleMs)) return 'ready';
      throw error;
    }
  }

  /**
   * We have changed what is stored, or tried to: every domain is asked for anew. `succeeded`: what was known before must
   * not serve while the database is unreachable, either.
   */
  changed(succeeded: boolean): void {
    if (succeeded) {
      this.#served.clear();
      this.#hasFound = false;
    }
    this.#pinged = undefined;
    this.#distrust();
  }

  #isFresh({ askedMs, version, era }: Answer, nowMs: number): boolean {
    if (era !== this.#era) return false;
    if (version === undefined) return nowMs - askedMs < this.#options.cacheSeconds * 1_000;
    try {
      return this.#store.version() === version;
    } catch {
      return false; // the question that follows meets the same and tells it
    }
  }

  /** Asks the store, once for all who want to know it now. */
  #ask(name: DomainName, askedMs: number): Promise<MailDomain | undefined> {
    const question = { askedMs, answer: this.#watch(this.#fetch(name, askedMs)) };
    this.#questions.set(name, question);
    const done = (): void => {
      if (this.#questions.get(name) === question) this.#questions.delete(name);
    };
    question.answer.then(done, done);
    return question.answer;
  }

  async #fetch(name: DomainName, askedMs: number): Promise<MailDomain | undefined> {
    const era = this.#era;
    let isReadable = false;
    try {
      const version = this.#store.version();
      isReadable = version !== undefined;
      const domain = await this.#store.find(name);
      this.#retryMs = undefined;
      if (this.#pinged?.hasFailed === true) this.#pinged = undefined;
      this.#answeredMs = Math.max(this.#answeredMs, askedMs);
      this.#keep(name, { domain, askedMs, version, era });
      return domain;
    } catch (error) {
      // What can tell its version is there, whatever is the matter with this domain. And one domain that cannot be read
      // must not keep others from being asked for: a moment that is set already stays, an old question says nothing new.
      if (isAway(error) && !isReadable && askedMs >= this.#answeredMs) {
        this.#retryMs ??= this.#clock.elapsedMs() + RETRY_MS;
      }
      throw error;
    }
  }

  #keep(name: DomainName, answer: Answer): void {
    // A question that took long may be answered after a later one.
    const known = this.#served.get(name) ?? this.#unknown.get(name);
    if (answer.era !== this.#era || (known?.era === this.#era && known.askedMs > answer.askedMs)) return;
    const isServed = answer.domain !== undefined;
    this.#hasFound ||= isServed;
    (isServed ? this.#unknown : this.#served).delete(name);
    if (isServed) this.#served.set(name, answer);
    else if (this.#hasFound || answer.version !== undefined) this.#unknown.set(name, answer);
  }

  #distrust(): void {
    this.#era += 1;
    this.#unknown.clear();
    this.#questions.clear();
  }
}

/** Tables that are missing are those of a database that is being restored. */
const isAway = (error: unknown): boolean =>
  error instanceof Failure && (error.code === 'store_unavailable' || error.code === 'store_unprepared');
