import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createListener, type Listener } from '../adapters/http/listener.ts';
import { metricsRoute } from '../adapters/http/operator/metrics.ts';
import { Counter, Histogram, OTHER, type Sample, single } from '../adapters/metrics/numbers.ts';
import { metricsText } from '../adapters/metrics/text.ts';
import type { DomainName } from '../domain/domain-name.ts';
import type { ServedDomain } from '../domain/served-domain.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory } from '../ports/directory.ts';
import type { Log } from '../ports/log.ts';
import type { Lookup } from '../ports/lookup.ts';
import type { Meter, MetricsText } from '../ports/meter.ts';
import type { CachedSettings } from './cache/cached-settings.ts';
import { version } from './version.ts';

/** A path that is no route's. */
const NO_ROUTE = 'none';
const METHODS = ['GET', 'HEAD', 'POST', OTHER];
/** The statuses of our answers; a test compares. Whole, for 404 and 503 are of one class with others and mean more. */
const CODES = ['200', '302', '304', '307', '400', '403', '404', '405', '409', '414', '415', '500', '503', OTHER];
const LOOKUP_RESULTS = ['served', 'unknown', 'failed'];
const SEARCH_RESULTS = ['found', 'unknown', 'failed'];

/** How often the event loop is watched, in milliseconds; what the histogram holds has this added. */
const LOOP_RESOLUTION_MS = 20;

/** What is asked at each scrape. */
export interface MetricsSources {
  readonly cache: CachedSettings;
  readonly connections: () => number;
  /** When the certificate that signs ends; undefined: none does. */
  readonly signedUntil: () => Date | undefined;
  readonly clock: Clock;
}

const NO_LOOKUP: Lookup = {
  domain: async () => undefined,
  host: async () => undefined,
  user: async () => undefined,
};

type Find = (name: DomainName) => Promise<ServedDomain | undefined>;

/**
 * Counts while the daemon runs, and says so in the format of Prometheus; loaded with `metrics_listen` only. It stands at
 * three places: where an answer has been sent, around the cache, and around the directories. All else is asked at a scrape.
 */
export class Metrics implements Meter, MetricsText {
  readonly #sources: MetricsSources;
  readonly #routes = new Map<string, { readonly requests: Counter; readonly durations: Histogram }>();
  readonly #lookups = new Counter(LOOKUP_RESULTS);
  readonly #lookupDurations = new Histogram();
  readonly #searches = new Counter(SEARCH_RESULTS);
  readonly #loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  readonly #started: number;
  #reload: { readonly succeeded: boolean; readonly successAt: Date };

  constructor(sources: MetricsSources) {
    this.#sources = sources;
    this.addRoutes([NO_ROUTE]);
    const now = sources.clock.now();
    this.#started = now.getTime() / 1_000 - process.uptime();
    this.#reload = { succeeded: true, successAt: now };
    this.#loop.enable();
  }

  /** What requests are counted by; a reload can bring another one. */
  addRoutes(names: readonly string[]): void {
    for (const name of names) {
      if (this.#routes.has(name)) continue;
      this.#routes.set(name, { requests: new Counter(METHODS, CODES), durations: new Histogram() });
    }
  }

  requestEnded(route: string | undefined, method: string, status: number, ms: number): void {
    const counts = this.#routes.get(route ?? NO_ROUTE);
    counts?.requests.add(method, String(status));
    counts?.durations.add(ms / 1_000);
  }

  reloadEnded(succeeded: boolean): void {
    this.#reload = { succeeded, successAt: succeeded ? this.#sources.clock.now() : this.#reload.successAt };
  }

  /** The same look-up, counted. */
  watchFind(find: Find): Find {
    const { clock } = this.#sources;
    return async (name) => {
      const start = clock.elapsedMs();
      let result = 'failed';
      try {
        const domain = await find(name);
        result = domain === undefined ? 'unknown' : 'served';
        return domain;
      } finally {
        this.#lookups.add(result);
        this.#lookupDurations.add((clock.elapsedMs() - start) / 1_000);
      }
    };
  }

  /** The same directory, counted. */
  watchDirectory(directory: Directory): Directory {
    return {
      find: async (server, address) => {
        let result = 'failed';
        try {
          const entry = await directory.find(server, address);
          result = entry === undefined ? 'unknown' : 'found';
          return entry;
        } finally {
          this.#searches.add(result);
        }
      },
      close: () => directory.close(),
    };
  }

  /** What serves them, and nothing else. */
  listener(log: Log): Listener {
    const { clock } = this.#sources;
    return createListener({ routes: [metricsRoute(this)], lookup: NO_LOOKUP, proxyCount: 0, log, clock });
  }

  async text(): Promise<string> {
    const { cache, connections, signedUntil } = this.#sources;
    const isUp = await cache.check().then(
      (state) => state !== 'remembered',
      () => false,
    );
    const { all, misses, domains, others } = cache.counts;
    const cpu = process.cpuUsage();
    const [p99, most] = [this.#loop.percentile(99), this.#loop.max].map(lateness);
    this.#loop.reset();
    return metricsText({
      automx2_build_info: [{ values: [version(), process.versions.node], value: 1 }],
      automx2_http_requests_total: [...this.#routes].flatMap(([route, { requests }]) =>
        requests.samples().map(({ values, value }) => ({ values: [route, ...values], value })),
      ),
      automx2_http_request_duration_seconds: [...this.#routes].flatMap(([route, { durations }]) =>
        durations.samples([route]),
      ),
      automx2_http_connections: single(connections()),
      automx2_lookups_total: this.#lookupSamples(),
      automx2_lookup_duration_seconds: this.#lookupDurations.samples(),
      automx2_cache_hits_total: single(all - misses),
      automx2_cache_misses_total: single(misses),
      automx2_cache_entries: [
        { values: ['domain'], value: domains },
        { values: ['other'], value: others },
      ],
      automx2_directory_searches_total: this.#searches.samples(),
      automx2_store_up: single(Number(isUp)),
      automx2_signing_certificate_expiry_timestamp_seconds: single(seconds(signedUntil())),
      automx2_config_last_reload_successful: single(Number(this.#reload.succeeded)),
      automx2_config_last_reload_success_timestamp_seconds: single(seconds(this.#reload.successAt)),
      automx2_event_loop_delay_p99_seconds: single(p99),
      automx2_event_loop_delay_max_seconds: single(most),
      process_cpu_seconds_total: single((cpu.user + cpu.system) / 1_000_000),
      process_resident_memory_bytes: single(process.memoryUsage.rss()),
      process_start_time_seconds: single(this.#started),
      process_open_fds: single(openDescriptors()),
    });
  }

  stop(): void {
    this.#loop.disable();
  }

  /** A stale answer is a domain that was found, in memory: only the cache can tell. */
  #lookupSamples(): readonly Sample[] {
    const { stale } = this.#sources.cache.counts;
    const samples = this.#lookups.samples();
    return [
      ...samples.map(({ values, value }) => ({ values, value: values[0] === 'served' ? value - stale : value })),
      { values: ['stale'], value: stale },
    ];
  }
}

const seconds = (time: Date | undefined): number | undefined => time && time.getTime() / 1_000;

/** In seconds, of what the histogram holds in nanoseconds. */
const lateness = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - LOOP_RESOLUTION_MS / 1_000);

function openDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
