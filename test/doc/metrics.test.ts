import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { METRICS } from '../../src/adapters/metrics/metrics.ts';

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const page = read('doc/metrics.md');

const SUFFIXES = ['_bucket', '_sum', '_count'];
const series = Object.entries(METRICS).flatMap(([name, { type }]) =>
  type === 'histogram' ? SUFFIXES.map((suffix) => name + suffix) : [name],
);
const LABELS = [...new Set(Object.values(METRICS).flatMap(({ labels }): readonly string[] => labels))];

/** Words of an expression that are metrics, and labels that it asks for. */
const metricsIn = (expression: string): readonly string[] => expression.match(/\b(?:automx2|process)_\w+/g) ?? [];
const labelsIn = (expression: string): readonly string[] =>
  [...expression.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"|\bby \(([^)]*)\)/g)].flatMap(([, label, list]) =>
    (label ?? list ?? '').split(/,\s*/),
  );

/** That an expression asks only for what there is; `job` and `instance` are Prometheus's own. */
function check(expression: string): void {
  assert.ok(metricsIn(expression).length > 0 || expression.startsWith('up{'), expression);
  for (const name of metricsIn(expression)) assert.ok(series.includes(name), `${name} in ${expression}`);
  for (const label of labelsIn(expression)) {
    assert.ok([...LABELS, 'le', 'job', 'instance'].includes(label), `${label} in ${expression}`);
  }
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}
interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

describe('doc/metrics.md', () => {
  test('has every metric with its type, labels and meaning, in the order of output, and no other', () => {
    const rows = [...page.matchAll(/^\| `((?:automx2|process)_\w+)` \| (\w+) \| (.*?) ?\| (.*) \|$/gm)];
    assert.deepEqual(
      rows.map(([, name, type, labels = '', help]) => [name, type, labels.match(/\w+/g) ?? [], help]),
      Object.entries(METRICS).map(([name, { type, labels, help }]) => [name, type, labels, help]),
    );
  });

  test('has every alert, and the alerts ask for metrics that there are', () => {
    const rules = (parse(read('contrib/prometheus/automx2.rules.yml')) as Rules).groups.flatMap((group) => group.rules);
    assert.deepEqual(
      [...page.matchAll(/^\| `(Automx2\w+)` \|/gm)].map(([, name]) => name),
      rules.map(({ alert }) => alert),
    );
    for (const { expr } of rules) check(expr);
  });
});

test('each panel of the dashboard asks for metrics that there are, and every metric of ours is in one', () => {
  const { panels } = JSON.parse(read('contrib/grafana/automx2.json')) as Dashboard;
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  assert.ok(expressions.length >= panels.length);
  for (const each of expressions) check(each);
  const shown = new Set(expressions.flatMap(metricsIn).map((name) => name.replace(/_(?:bucket|sum|count)$/, '')));
  const NOT_SHOWN = [
    'automx2_build_info',
    'automx2_config_last_reload_success_timestamp_seconds',
    'process_start_time_seconds',
  ];
  assert.deepEqual(
    Object.keys(METRICS).filter((name) => !shown.has(name)),
    NOT_SHOWN,
  );
});
