import assert from 'node:assert/strict';
import type { Result } from '../support/process.ts';
import type { World } from './world.ts';

/** An item of the command's report. */
export interface Item {
  readonly check: string;
  readonly severity: 'error' | 'warning' | 'note' | 'ok' | 'unknown';
  readonly owner: string;
  readonly expected: string;
  readonly found: string;
  readonly advice: string;
  /** The name server that says so, where several differ. */
  readonly view?: string;
}

export interface DomainReport {
  readonly domain: string;
  readonly findings: readonly Item[];
  readonly clients: readonly { readonly client: string; readonly outcome: string; readonly text: string }[];
}

export interface Checked extends Result {
  readonly domains: readonly DomainReport[];
  /** What is reported of a domain. */
  of(domain: string): DomainReport;
}

/** Options with which all is found that the world has. */
export const wordsFor = ({ nameservers, ca }: World): readonly string[] => [
  '--nameserver',
  nameservers.current,
  '--ca',
  ca,
];

/** Runs the command for its JSON. */
export async function checked({ run }: Pick<World, 'run'>, ...words: readonly string[]): Promise<Checked> {
  const result = await run('check', '--json', ...words);
  assert.notEqual(result.out, '', result.err);
  const { domains } = JSON.parse(result.out) as { readonly domains: readonly DomainReport[] };
  return {
    ...result,
    domains,
    of(domain) {
      const report = domains.find((each) => each.domain === domain);
      assert.ok(report, `nothing is said of ${domain}`);
      return report;
    },
  };
}

/** Checks that are reported with one of the severities: "CHECK SEVERITY", each once, sorted. */
export const findings = (
  { findings: items }: DomainReport,
  ...severities: readonly Item['severity'][]
): readonly string[] =>
  [
    ...new Set(
      items
        .filter(({ severity }) => severities.includes(severity))
        .map(({ check, severity }) => `${check} ${severity}`),
    ),
  ].sort();

/** All but "ok" and "note". */
export const faultsOf = (report: DomainReport): readonly string[] => findings(report, 'error', 'warning', 'unknown');

/** What a failing test shows. */
export const detailsOf = ({ findings: items }: DomainReport): string =>
  items
    .filter(({ severity }) => severity !== 'ok')
    .map(({ check, severity, owner, found, advice }) => `${severity} ${check} ${owner}: ${found}; ${advice}`)
    .join('\n');
