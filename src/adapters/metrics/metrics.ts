interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One line, for people, without backslashes. */
  readonly help: string;
  /** Names of its labels. Their values are words of ours: never a domain, a path or an address. */
  readonly labels: readonly string[];
}

/** Every metric, in the order of output. Names follow Prometheus's "Metric and label naming". */
export const METRICS = {
  automx2_build_info: { type: 'gauge', help: 'Always 1; its labels say what runs.', labels: ['version', 'node'] },
  automx2_http_requests_total: {
    type: 'counter',
    help: 'Answered requests; those that cannot be parsed as HTTP are not counted.',
    labels: ['route', 'method', 'code'],
  },
  automx2_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the headers of a request to its answer.',
    labels: ['route'],
  },
  automx2_http_connections: { type: 'gauge', help: 'Open connections, of clients and proxies.', labels: [] },
  automx2_lookups_total: {
    type: 'counter',
    help: 'Names that were looked up in the settings; stale: found in memory while the database did not answer.',
    labels: ['result'],
  },
  automx2_lookup_duration_seconds: { type: 'histogram', help: 'Time that such a look-up took.', labels: [] },
  automx2_cache_hits_total: {
    type: 'counter',
    help: 'Look-ups that memory answered at once, stale ones included.',
    labels: [],
  },
  automx2_cache_misses_total: { type: 'counter', help: 'All other look-ups.', labels: [] },
  automx2_cache_entries: {
    type: 'gauge',
    help: 'Names that are kept; other: aliases, and names that are not served.',
    labels: ['kind'],
  },
  automx2_directory_searches_total: {
    type: 'counter',
    help: 'Addresses that were looked up in a directory.',
    labels: ['result'],
  },
  automx2_store_up: { type: 'gauge', help: '1 while the database, or the settings file, answers.', labels: [] },
  automx2_signing_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When the certificate of sign_certificate ends.',
    labels: [],
  },
  automx2_config_last_reload_successful: {
    type: 'gauge',
    help: '1 if the configuration was last read without a mistake.',
    labels: [],
  },
  automx2_config_last_reload_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When the configuration in use was read.',
    labels: [],
  },
  automx2_event_loop_delay_p99_seconds: {
    type: 'gauge',
    help: '99th percentile, since the last scrape, of how late the event loop was.',
    labels: [],
  },
  automx2_event_loop_delay_max_seconds: {
    type: 'gauge',
    help: 'How late the event loop was at most since the last scrape.',
    labels: [],
  },
  process_cpu_seconds_total: { type: 'counter', help: 'Processor time, of user and system.', labels: [] },
  process_resident_memory_bytes: { type: 'gauge', help: 'Resident memory.', labels: [] },
  process_start_time_seconds: { type: 'gauge', help: 'When the process started.', labels: [] },
  process_open_fds: { type: 'gauge', help: 'Open file descriptors; on Linux only.', labels: [] },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
