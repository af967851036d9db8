import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { METRICS, type MetricName } from '../../../src/adapters/metrics/metrics.ts';
import { Counter, Histogram, type Sample, single } from '../../../src/adapters/metrics/numbers.ts';
import { metricsText } from '../../../src/adapters/metrics/text.ts';

const NOTHING = Object.fromEntries(Object.keys(METRICS).map((name) => [name, []])) as unknown as Readonly<
  Record<MetricName, readonly Sample[]>
>;
const written = (name: MetricName, samples: readonly Sample[]): readonly string[] =>
  metricsText({ ...NOTHING, [name]: samples }).split('\n');

describe('text', () => {
  for (const { title, name, samples, want } of [
    { title: 'no label', name: 'automx2_store_up', samples: single(1), want: ['automx2_store_up 1'] },
    {
      title: 'a fraction',
      name: 'process_cpu_seconds_total',
      samples: single(0.25),
      want: ['process_cpu_seconds_total 0.25'],
    },
    {
      title: 'labels in the order of the table, escaped',
      name: 'automx2_build_info',
      samples: [{ values: ['a"b', 'c\\d\ne'], value: 1 }],
      want: ['automx2_build_info{version="a\\"b",node="c\\\\d\\ne"} 1'],
    },
    {
      title: 'a histogram: buckets add up',
      name: 'automx2_http_request_duration_seconds',
      samples: durations([0.001, 0.0011, 0.5, 11]).samples(['pacc']),
      want: [
        ...[...Object.entries({ 0.001: 1, 0.005: 2, 0.025: 2, 0.1: 2, 0.5: 3, 2.5: 3, 10: 3, '+Inf': 4 })].map(
          ([le, count]) => `automx2_http_request_duration_seconds_bucket{route="pacc",le="${le}"} ${count}`,
        ),
        'automx2_http_request_duration_seconds_sum{route="pacc"} 11.5021',
        'automx2_http_request_duration_seconds_count{route="pacc"} 4',
      ],
    },
  ] as const satisfies readonly {
    readonly title: string;
    readonly name: MetricName;
    readonly samples: readonly Sample[];
    readonly want: readonly string[];
  }[]) {
    test(title, () => {
      const { help, type } = METRICS[name];
      const lines = written(name, samples);
      assert.deepEqual(lines.slice(0, 2), [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]);
      // Buckets have no order to rely on.
      assert.deepEqual([...lines.slice(2, -1)].sort(), [...want].sort());
      assert.equal(lines.at(-1), '');
    });
  }

  test('a metric without a sample is not named', () => {
    assert.equal(metricsText({ ...NOTHING, automx2_store_up: single(undefined) }), '\n');
  });
});

test('a counter has every combination from the start, and counts what no list has as the last of each', () => {
  const counter = new Counter(['a', 'b'], ['1', 'other']);
  const shown = (): unknown => Object.fromEntries(counter.samples().map(({ values, value }) => [values.join(), value]));
  assert.deepEqual(shown(), { 'a,1': 0, 'a,other': 0, 'b,1': 0, 'b,other': 0 });
  counter.add('a', '1');
  counter.add('a', 'stranger');
  counter.add('stranger', '1');
  counter.add('a,1', '');
  assert.deepEqual(shown(), { 'a,1': 1, 'a,other': 1, 'b,1': 1, 'b,other': 1 });
});

test('the table says what the format allows', () => {
  for (const [name, { help, labels }] of Object.entries(METRICS)) {
    assert.match(name, /^[a-z][a-z0-9_]*$/);
    assert.doesNotMatch(help, /[\\\n]/, name);
    for (const label of labels) assert.match(label, /^[a-z]+$/, name);
  }
});

function durations(all: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const each of all) histogram.add(each);
  return histogram;
}
