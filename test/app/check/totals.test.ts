import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DomainReport } from '../../../src/app/check/check-domain.ts';
import type { Severity } from '../../../src/app/check/finding.ts';
import { JsonReports, Totals } from '../../../src/app/check/report.ts';

const reportOf = (domain: string, ...severities: readonly Severity[]): DomainReport => ({
  domain,
  findings: severities.map((severity) => ({
    check: 'mx',
    severity,
    owner: domain,
    expected: '',
    found: 'a "line"\n\u009b1m',
    advice: '',
  })),
  clients: [],
});

describe('the report for programs', () => {
  for (const count of [0, 1, 3]) {
    test(`of ${count} domains is JSON, printed as it comes`, () => {
      const reports = Array.from({ length: count }, (_, index) => reportOf(`d${index}.example`, 'note'));
      let printed = '';
      const json = new JsonReports((line) => {
        printed += `${line}\n`;
      });
      for (const report of reports) json.add(report);
      assert.equal(printed.includes('d0.example'), count > 1);
      json.end();
      assert.equal(printed, `${JSON.stringify({ domains: reports }, null, 2).replaceAll('\u009b', '\\u009b')}\n`);
    });
  }
});

test('a domain of which nothing is known is not made up for by another one', () => {
  const totals = new Totals();
  totals.add(reportOf('a.example', 'ok'));
  assert.equal(totals.isBlind, false);
  totals.add(reportOf('b.example', 'unknown'));
  assert.equal(totals.isBlind, true);
});

describe('whether nothing was answered', () => {
  for (const { severities, nothing } of [
    { severities: [], nothing: false },
    { severities: ['unknown'], nothing: true },
    { severities: ['unknown', 'note'], nothing: true },
    { severities: ['unknown', 'ok'], nothing: false },
    { severities: ['unknown', 'warning'], nothing: false },
  ] satisfies readonly { severities: readonly Severity[]; nothing: boolean }[]) {
    test(`${severities.join(', ') || 'no domain'}: ${nothing}`, () => {
      const totals = new Totals();
      totals.add(reportOf('a.example', ...severities));
      assert.equal(totals.isBlind, nothing);
    });
  }
});
