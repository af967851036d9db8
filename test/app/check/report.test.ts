import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DomainReport } from '../../../src/app/check/check-domain.ts';
import { type CheckName, type Finding, Findings, type Severity } from '../../../src/app/check/finding.ts';
import { reportLines, Totals } from '../../../src/app/check/report.ts';

const finding = (severity: Severity, owner: string, members: Partial<Finding> = {}): Finding => ({
  ...{ check: 'address' as CheckName, expected: '', found: 'x', advice: '' },
  ...{ severity, owner, ...members },
});
const reportOf = (...findings: readonly Finding[]): DomainReport => ({
  ...{ domain: 'd.example', findings },
  clients: [{ client: 'Outlook', outcome: 'works', text: 'works' }],
});
/** Severity or "client", and owners, of each line. */
const shapes = (report: DomainReport, isQuiet = false): readonly string[] =>
  reportLines(report, isQuiet).map((line) => line.replace(/^(\w+) +d\.example (?:address )?([^:]*):.*$/, '$1 $2'));

describe('lines', () => {
  test('what is worst stands last, then clients', () => {
    const severities = ['error', 'note', 'warning', 'ok', 'unknown'] as const;
    const lines = shapes(reportOf(...severities.map((each) => finding(each, 'a'))));
    assert.deepEqual(lines, ['ok a', 'note a', 'unknown a', 'warning a', 'error a', 'client Outlook']);
  });

  test('--quiet: nothing that needs no hand', () => {
    const severities = ['error', 'note', 'warning', 'ok', 'unknown'] as const;
    const lines = shapes(reportOf(...severities.map((each) => finding(each, 'a'))), true);
    assert.deepEqual(lines, ['unknown a', 'warning a', 'error a']);
  });

  test('what is right in the same way is one line, each owner once; what is wrong is never folded', () => {
    const lines = shapes(
      reportOf(
        finding('ok', 'a'),
        finding('error', 'a'),
        finding('ok', 'b'),
        finding('error', 'b'),
        finding('ok', 'a'),
        finding('ok', 'c', { found: 'y' }),
        finding('ok', 'd', { view: 'v' }),
      ),
    );
    assert.deepEqual(lines, ['ok a, b', 'ok c', 'ok d (according to v)', 'error a', 'error b', 'client Outlook']);
  });

  test('what strangers write is cut', () => {
    const findings = new Findings();
    findings.ok('address', 'o'.repeat(10_000), 'f'.repeat(10_000));
    const [line = ''] = reportLines(reportOf(...findings.list), false);
    assert.ok(line.length < 1_100, String(line.length));
  });
});

describe('totals', () => {
  test('of several domains', () => {
    const totals = new Totals();
    totals.add(reportOf(finding('error', 'a'), finding('ok', 'a')));
    totals.add(reportOf(finding('error', 'b'), finding('warning', 'b'), finding('unknown', 'b')));
    assert.deepEqual(
      (['error', 'warning', 'unknown', 'ok', 'note'] as const).map((each) => totals.count(each)),
      [2, 1, 1, 1, 0],
    );
    assert.deepEqual(totals.line.match(/\d+/g), ['2', '2', '1', '0', '1']);
  });
});

describe('what could not be asked', () => {
  test('is unknown, with an advice for each reason', () => {
    const findings = new Findings();
    const reasons = ['ESERVFAIL', 'EREFUSED', 'ENETUNREACH', 'ETOOMANYREQUESTS', 'EDEADLINE', 'ETIMEOUT'];
    for (const reason of reasons) findings.unknown('autoconfig', 'https://autoconfig.d.example/x', reason);
    const { list } = findings;
    assert.ok(list.every(({ severity, advice }) => severity === 'unknown' && !advice.includes('https:')));
    assert.deepEqual(
      list.map(({ found }) => found),
      reasons,
    );
    assert.equal(new Set(list.map(({ advice }) => advice)).size, reasons.length);
  });
});
