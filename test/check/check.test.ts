import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findProgram } from '../support/database-server.ts';
import { zoneText } from '../support/nsd-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Fault, nameOf } from './fault.ts';
import { DNS_FAULTS } from './faults-dns.ts';
import { MAIL_FAULTS } from './faults-mail.ts';
import { WEB_FAULTS } from './faults-web.ts';
import { type Checked, checked, detailsOf, faultsOf, findings, wordsFor } from './report.ts';
import { assertNothingKnown, checkedInSilence, runTests } from './runs.ts';
import { startWorld, type World, worldMissing } from './world.ts';

const HEALTHY: Fault = { domain: 'healthy', title: 'all is well', expect: [] };
/** It takes longest, so it comes first. */
const HUNG: Fault = {
  domain: 'hung',
  title: 'a web server never answers',
  zone: { autoconfig: ['A HUNG'] },
  expect: ['address error', 'autoconfig error'],
};
const FAULTS: readonly Fault[] = [HUNG, HEALTHY, ...DNS_FAULTS, ...WEB_FAULTS, ...MAIL_FAULTS];

const started: World | undefined = worldMissing === false ? await startWorld({ after }, FAULTS) : undefined;
const world = (): World => {
  assert.ok(started);
  return started;
};
// It takes longest, so it goes on beside all others.
const silence = started && checkedInSilence(started);
silence?.catch(() => undefined);

test('what automx2 dns prints makes a zone that nsd-checkzone accepts', { skip: worldMissing }, (t) => {
  const file = join(temporaryFolder(t), 'zone');
  writeFileSync(file, zoneText(nameOf(HEALTHY), world().zones[nameOf(HEALTHY)] ?? ''));
  const checkzone = findProgram('nsd-checkzone') ?? 'nsd-checkzone';
  assert.match(execFileSync(checkzone, [nameOf(HEALTHY), file], { encoding: 'utf8' }), /is ok/);
});

describe('automx2 check of all domains', { skip: worldMissing }, () => {
  let all: Checked;
  before(async () => {
    all = await checked(world(), ...wordsFor(world()));
  });

  test('ends with 1, as there are errors', () => assert.equal(all.status, 1));

  test('reports in the order of the settings', () =>
    assert.deepEqual(
      all.domains.map(({ domain }) => domain),
      FAULTS.map(nameOf),
    ));

  test('each check of the table passes where all is well', () => {
    const report = all.of(nameOf(HEALTHY));
    assert.deepEqual(faultsOf(report), [], detailsOf(report));
    const passed = new Set(report.findings.filter(({ severity }) => severity === 'ok').map(({ check }) => check));
    const failing = FAULTS.filter(({ nameserver }) => nameserver === undefined).flatMap(({ expect, notes = [] }) => [
      ...expect.map((each) => each.split(' ')[0]),
      ...notes,
    ]);
    assert.deepEqual(
      [...new Set(failing)].filter((check) => !passed.has(check ?? '')),
      [],
    );
  });

  test('advice about mail servers is not about the proxy', () => {
    const advice = all.domains.flatMap(({ findings: items }) => items.filter(({ check }) => check === 'mail-host'));
    assert.deepEqual(
      advice.filter((item) => /proxy|--connect/.test(item.advice)),
      [],
    );
  });

  for (const fault of FAULTS.filter(({ nameserver }) => nameserver === undefined)) {
    test(`${nameOf(fault)}: ${fault.title}`, () => {
      const report = all.of(nameOf(fault));
      assert.deepEqual(faultsOf(report), [...fault.expect].sort(), detailsOf(report));
      const notes = findings(report, 'note');
      for (const note of fault.notes ?? []) assert.ok(notes.includes(`${note} note`), `${note}: ${detailsOf(report)}`);
      for (const note of fault.silent ?? []) assert.ok(!notes.includes(`${note} note`), detailsOf(report));
      for (const [name, outcome] of Object.entries(fault.clients ?? {})) {
        assert.equal(report.clients.find(({ client }) => client === name)?.outcome, outcome, name);
      }
    });
  }

  for (const fault of FAULTS.filter(({ nameserver }) => nameserver !== undefined)) {
    test(`${nameOf(fault)}: ${fault.title}: what could not be asked is not missing`, () => {
      const report = all.of(nameOf(fault));
      assert.deepEqual(findings(report, 'error', 'warning'), [], detailsOf(report));
      assert.ok(findings(report, 'unknown').includes('autoconfig-name unknown'), detailsOf(report));
    });
  }
});

runTests(world, worldMissing);

test('automx2 check with a name server that never answers: nothing is known', { skip: worldMissing }, async () => {
  assert.ok(silence);
  assertNothingKnown(await silence);
});
