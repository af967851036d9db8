import { METRICS, type MetricName } from './metrics.ts';
import type { Sample } from './numbers.ts';

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function line(name: string, labels: readonly string[], { values, value, suffix, le }: Sample): string {
  const pairs = labels.map((label, index) => [label, values[index] ?? '']);
  if (le !== undefined) pairs.push(['le', le]);
  const shown = pairs.map(([label, text = '']) => `${label}="${escaped(text)}"`).join();
  return `${name}${suffix ?? ''}${shown === '' ? '' : `{${shown}}`} ${value}`;
}

/** The metrics as text; those without a sample are left out. Spec: Prometheus, "Exposition formats", text format 0.0.4. */
export function metricsText(all: Readonly<Record<MetricName, readonly Sample[]>>): string {
  const names = (Object.keys(METRICS) as MetricName[]).filter((name) => all[name].length > 0);
  const lines = names.flatMap((name) => {
    const { type, help, labels } = METRICS[name];
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...all[name].map((each) => line(name, labels, each))];
  });
  return `${lines.join('\n')}\n`;
}
