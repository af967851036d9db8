import type { Mutant } from './list.ts';

const daemon = { file: 'src/app/daemon.ts', test: 'test/app/metrics.test.ts' };
const metrics = { ...daemon, file: 'src/app/metrics.ts' };
const cache = { ...daemon, file: 'src/app/cache/cached-settings.ts' };
const text = { file: 'src/adapters/metrics/text.ts', test: 'test/adapters/metrics/text.test.ts' };
const numbers = { ...text, file: 'src/adapters/metrics/numbers.ts' };

/** Changes with which metrics mislead an operator, or tell too much. */
export const METRICS_MUTANTS: readonly Mutant[] = [
  { ...text, name: 'a label value ends early', from: `.replaceAll('"', '\\\\"')`, to: '' },
  { ...numbers, name: 'buckets do not add up', from: 'value += count;', to: 'value = count;' },
  {
    ...numbers,
    name: 'what no list has is not counted',
    from: ' ?? this.#counts.get(this.#listed(values).join())',
    to: '',
  },
  {
    ...numbers,
    name: 'an error is no series before it happens',
    from: '...this.#counts.values()]',
    to: '...this.#counts.values()].filter(({ value }) => value > 0)',
  },
  {
    ...metrics,
    name: 'a stale answer counts twice',
    from: 'value - stale : value',
    to: 'value : value',
    only: 'the store',
  },
  {
    ...metrics,
    name: 'a database that is away is up',
    from: "state !== 'remembered'",
    to: "state !== 'empty'",
    only: 'the store',
  },
  { ...cache, name: 'every look-up is a hit', from: 'this.#counts.misses += 1;', to: '', only: 'requests' },
  {
    ...daemon,
    name: 'a scrape reaches any of the processes',
    from: '{ ...settings, reusePort: false }',
    to: 'settings',
    only: 'the listener of metrics',
  },
  {
    file: 'src/app/option-readers.ts',
    test: 'test/app/options.test.ts',
    name: 'metrics are served to the network',
    from: "'host' in place && !isLoopbackHost(place.host)",
    to: "'host' in place && place.host === ''",
    only: 'refused',
  },
  {
    file: 'src/app/commands/serve.ts',
    test: 'test/contrib/prometheus.test.ts',
    name: 'a reload that was refused has succeeded',
    from: 'daemon.reloadEnded(false);',
    to: '',
    program: 'promtool',
  },
];
