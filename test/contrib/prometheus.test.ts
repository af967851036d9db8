import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../support/database-server.ts';
import { launchProgram } from '../support/program.ts';
import { reportMissing } from '../support/server-database.ts';
import { ask, autoconfigOf } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const promtool = findProgram('promtool');
const MISSING = 'promtool (Debian: prometheus) is not installed';
reportMissing(MISSING, promtool === undefined);

const RULES = fileURLToPath(new URL('../../contrib/prometheus/automx2.rules.yml', import.meta.url));
const CASES = new URL('../testdata/prometheus/rules.test.yml', import.meta.url);

/** Runs promtool, which must find nothing. */
function succeeds(words: readonly string[], input = ''): void {
  const { status, stdout, stderr } = spawnSync(promtool ?? '', words, { input, encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  // What its linter finds does not always change its exit status.
  assert.equal(stderr, '');
}

describe('Prometheus', { skip: promtool === undefined && MISSING }, () => {
  test('accepts the metrics of a daemon that was used and reloaded, and they say so', async (t) => {
    const folder = temporaryFolder(t);
    const config = join(folder, 'automx2.conf');
    const write = (line: string): void =>
      writeFileSync(
        config,
        `[automx2]\nloglevel = INFO\nlisten = 127.0.0.1:0\nmetrics_listen = 127.0.0.1:0\n${line}\n`,
      );
    write('');
    const { child, said, ended } = launchProgram(t, folder, ['--config', config]);
    const [, port = ''] = await said(/ listening address=127\.0\.0\.1 port=(\d+)/);
    const [, metricsPort = ''] = await said(/ metrics are served address=127\.0\.0\.1 port=(\d+)/);
    const scrape = async (): Promise<string> => (await ask(Number(metricsPort), { path: '/metrics' })).text;
    assert.equal((await ask(Number(port), { path: '/initdb/' })).status, 200);
    assert.equal((await ask(Number(port), autoconfigOf('a@example.com'))).status, 200);
    const first = await scrape();
    succeeds(['check', 'metrics'], first);
    assert.match(first, /^automx2_http_requests_total\{route="autoconfig",method="GET",code="200"\} 1$/m);
    assert.match(first, /^automx2_config_last_reload_successful 1$/m);

    write('loglevel = LOUD');
    child.kill('SIGHUP');
    await said(/configuration not reloaded/);
    const failed = await scrape();
    succeeds(['check', 'metrics'], failed);
    assert.match(failed, /^automx2_config_last_reload_successful 0$/m);

    write('cache_seconds = 1');
    child.kill('SIGHUP');
    await said(/configuration reloaded/);
    assert.match(await scrape(), /^automx2_config_last_reload_successful 1$/m);
    child.kill('SIGTERM');
    assert.equal((await ended).status, 0);
  });

  test('accepts the alerts, and each fires when it should', (t) => {
    succeeds(['check', 'rules', RULES]);
    const file = join(temporaryFolder(t), 'rules.test.yml');
    writeFileSync(file, readFileSync(CASES, 'utf8').replace('RULES', JSON.stringify(RULES)));
    const { status, stdout, stderr } = spawnSync(promtool ?? '', ['test', 'rules', file], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  });
});
