import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Fault } from '../check/fault.ts';
import { checked, detailsOf, faultsOf, wordsFor } from '../check/report.ts';
import { startWorld, worldMissing } from '../check/world.ts';

const HOSTS = Array.from({ length: 100 }, (_, index) => `h${index}`);

/** More mail hosts that never say a word than can be asked in a domain's time. */
const mute = (domain: string): Fault => ({
  domain,
  title: 'mute mail hosts',
  zone: Object.fromEntries(HOSTS.map((host) => [host, ['A HUNG']])),
  servers: (name) => [
    ...HOSTS.map((host) => ({ type: 'imap', name: `${host}.${name}`, port: 443, socket_type: 'SSL' })),
    { type: 'smtp', name: `smtp.${name}`, port: 465, socket_type: 'SSL' },
  ],
  expect: [],
});
const [MUTE, HEALTHY] = [
  ['mute1', 'mute2', 'mute3'].map(mute),
  ['good1', 'good2', 'good3', 'good4'].map((domain): Fault => ({ domain, title: 'all is well', expect: [] })),
];
const world = worldMissing === false ? await startWorld({ after }, [...MUTE, ...HEALTHY]) : undefined;

test('domains with mute servers take no time from others, nor mail servers from the web', {
  skip: worldMissing,
}, async () => {
  assert.ok(world);
  const result = await checked(world, ...wordsFor(world));
  for (const { domain } of HEALTHY) {
    const report = result.of(`${domain}.test`);
    assert.deepEqual(faultsOf(report), [], detailsOf(report));
  }
  for (const { domain } of MUTE) {
    const report = result.of(`${domain}.test`);
    assert.ok(faultsOf(report).includes('mail-host unknown'), detailsOf(report));
    assert.ok(!faultsOf(report).includes('caa unknown'), detailsOf(report));
    const web = report.findings.filter(({ check }) => check === 'autoconfig' || check === 'autodiscover');
    assert.deepEqual([...new Set(web.map(({ severity }) => severity))], ['ok'], detailsOf(report));
  }
});
