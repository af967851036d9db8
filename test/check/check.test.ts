import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CHECKS } from '../../src/app/check/finding.ts';
import { findProgram } from '../support/database-server.ts';
import { zoneText } from '../support/nsd-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Fault, nameOf } from './fault.ts';
import { DNS_FAULTS } from './faults-dns.ts';
import { MAIL_FAULTS } from './faults-mail.ts';
import { SRV_FAULTS } from './faults-srv.ts';
import { TLS_FAULTS } from './faults-tls.ts';
import { SLOW_FAULTS, WEB_FAULTS } from './faults-web.ts';
import { type Checked, checked, detailsOf, faultsOf, findings, wordsFor } from './report.ts';
import { assertNothingKnown, checkedInSilence, runTests } from './runs.ts';
import { startWorld, type World, worldMissing } from './world.ts';

const HEALTHY: Fault = {
  domain: 'healthy',
  title: 'all is well',
  expect: [],
  clients: {
    Thunderbird: 'works',
    Outlook: 'works',
    // A profile is installed by hand.
    iPhone: 'asks',
    FairEmail: 'works',
    'Evolution, Himalaya (PACC)': 'works',
    'Calendars and contacts': 'works',
  },
};
const FAULTS: readonly Fault[] = [
  HEALTHY,
  ...SLOW_FAULTS,
  ...DNS_FAULTS,
  ...SRV_FAULTS,
  ...TLS_FAULTS,
  ...WEB_FAULTS,
  ...MAIL_FAULTS,
];

/** Checks that fail somewhere in the table. */
const FAILING: ReadonlySet<string> = new Set(
  FAULTS.flatMap(({ expect, notes = [] }) => [...expect, ...notes]).map((each) => each.replace(/ .*/, '')),
);

// It takes longest, so it goes on beside all others.
const silence = worldMissing === false ? checkedInSilence({ after }) : undefined;
silence?.catch(() => undefined);
const started: World | undefined = worldMissing === false ? await startWorld({ after }, FAULTS) : undefined;
const world = (): World => {
  assert.ok(started);
  return started;
};

test('what automx2 dns prints makes a zone that nsd-checkzone accepts', { skip: worldMissing }, (t) => {
  const file = join(temporaryFolder(t), 'zone');
  writeFileSync(file, zoneText(nameOf(HEALTHY), world().zones[nameOf(HEALTHY)] ?? ''));
  const checkzone = findProgram('nsd-checkzone') ?? 'nsd-checkzone';
  assert.match(execFileSync(checkzone, [nameOf(HEALTHY), file], { encoding: 'utf8' }), /is ok/);
});

test('each check has a domain that fails it; those of the service and of extras have tests of their own', () => {
  assert.deepEqual(
    CHECKS.filter((check) => !FAILING.has(check)),
    ['service-address', 'service-alias', 'well-known-jmap', 'jmap', 'oauth2', 'managesieve'],
  );
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

  test('says nothing twice', () => {
    for (const { domain, findings: items } of all.domains) {
      const lines = items.map((item) => JSON.stringify(item));
      assert.deepEqual(lines, [...new Set(lines)], domain);
    }
  });

  test('each check of the table passes where all is well', () => {
    const report = all.of(nameOf(HEALTHY));
    assert.deepEqual(faultsOf(report), [], detailsOf(report));
    const passed = new Set<string>(
      report.findings.filter(({ severity }) => severity === 'ok').map(({ check }) => check),
    );
    assert.deepEqual(
      [...FAILING].filter((check) => !passed.has(check)),
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
      if (fault.advises !== undefined) assert.match(detailsOf(report), fault.advises);
      const clients = Object.fromEntries(report.clients.map(({ client, outcome }) => [client, outcome]));
      assert.deepEqual(clients, { ...clients, ...fault.clients });
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
  const result = await silence;
  assertNothingKnown(result);
  // Those in flight at once: when no answer came, no more are asked.
  assert.ok(result.questions.size > 0 && result.questions.size <= 16, `${result.questions.size}`);
});
