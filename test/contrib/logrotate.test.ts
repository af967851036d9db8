import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../support/database-server.ts';
import { launchProgram } from '../support/program.ts';
import { reportMissing } from '../support/server-database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const contrib = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../contrib/${name}`, import.meta.url)), 'utf8');

const missing = findProgram('logrotate') === undefined && 'logrotate (Debian: logrotate) is not installed';
reportMissing(missing || '', missing !== false);

test('logrotate rotates the log of a running daemon', { skip: missing }, async (t) => {
  const folder = temporaryFolder(t);
  const log = join(folder, 'automx2.log');
  const [, place = ''] = /^: "\$\{AUTOMX2_LOG:=(.*)\}"$/m.exec(contrib('openrc/automx2')) ?? [];
  const sample = contrib('logrotate/automx2');
  assert.match(sample, new RegExp(`^${place} \\{$`, 'm'));
  const config = join(folder, 'logrotate.conf');
  writeFileSync(config, sample.replace(`\n${place} {`, `\n${log} {`), { mode: 0o644 });
  const rotate = (option: string): void => {
    const words = [option, '--state', join(folder, 'state'), config];
    const { status, stderr } = spawnSync('logrotate', words, { encoding: 'utf8' });
    assert.deepEqual([status, /error/i.test(stderr)], [0, false], stderr);
  };
  writeFileSync(join(folder, 'automx2.conf'), '[automx2]\nloglevel = INFO\nlisten = 127.0.0.1:0\n');
  // As OpenRC opens it.
  const wrap = ['sh', '-c', `exec "$0" "$@" 2>>${log}`];
  const daemon = launchProgram(t, folder, ['--config', 'automx2.conf'], { wrap });
  const linesOf = (name: string): readonly string[] => readFileSync(join(folder, name), 'utf8').split('\n');
  let port: string | undefined;
  while (port === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    port = /listening .*port=(\d+)/.exec(linesOf('automx2.log').join('\n'))?.[1];
  }
  const ask = (path: string): Promise<string> =>
    fetch(`http://127.0.0.1:${port}${path}`).then((response) => response.text());
  await ask('/mobileconfig');
  rotate('--debug');
  const before = linesOf('automx2.log');
  rotate('--force');
  assert.deepEqual(linesOf('automx2.log'), ['']);
  assert.deepEqual(linesOf('automx2.log.1'), before);
  for (const path of ['/healthz', '/help']) await ask(path);
  daemon.child.kill('SIGTERM');
  assert.equal((await daemon.ended).status, 0);
  const after = linesOf('automx2.log');
  assert.deepEqual(
    after.flatMap((line) => / INFO (GET \S+)/.exec(line)?.[1] ?? []),
    ['GET /healthz', 'GET /help'],
  );
  assert.match(after[0] ?? '', /^\d{4}-/);
  assert.deepEqual(linesOf('automx2.log.1'), before);
});
