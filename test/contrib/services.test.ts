import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../support/database-server.ts';
import { reportMissing } from '../support/server-database.ts';
import { type Cleanup, temporaryFolder } from '../support/temporary-folder.ts';

const contrib = (name: string): string => fileURLToPath(new URL(`../../contrib/${name}`, import.meta.url));

const UNITS = ['automx2.service', 'automx2@.service', 'automx2.socket'] as const;

function run(program: string, words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

/** Without a text the test is run, with one skipped; somebody has to see that, so it is a test's name, too. */
function missing(program: string, debianPackage: string): string | false {
  const text = findProgram(program) === undefined && `${program} (Debian: ${debianPackage}) is not installed`;
  reportMissing(text || '', text !== false);
  return text;
}

const noSystemd = missing('systemd-analyze', 'systemd');
const noShellcheck = missing('shellcheck', 'shellcheck');

/** The units in the place where systemd looks for them under `root`, changed by `edit`, with the drop-in or without. */
function install(
  t: Cleanup,
  { isSealed = false, edit = (text) => text }: { isSealed?: boolean; edit?: (text: string) => string } = {},
): { root: string; units: readonly string[] } {
  const root = temporaryFolder(t);
  const folder = join(root, 'etc/systemd/system');
  mkdirSync(folder, { recursive: true });
  const units = UNITS.map((name) => join(folder, name));
  for (const [index, name] of UNITS.entries()) {
    writeFileSync(units[index] ?? '', edit(readFileSync(contrib(`systemd/${name}`), 'utf8')));
  }
  const dropIns = 'automx2.service.d';
  if (isSealed) cpSync(contrib(`systemd/${dropIns}`), join(folder, dropIns), { recursive: true });
  return { root, units };
}

/** "systemd-analyze verify" wants the programs to be there; which these are does not matter to it. */
const withPrograms = (text: string): string =>
  text.replace(/^(ExecStart|ExecReload)=\/usr\/bin\/\w+/gm, `$1=${process.execPath}`);

describe('systemd units', { skip: noSystemd }, () => {
  for (const isSealed of [false, true]) {
    test(`are understood${isSealed ? ', with the drop-in' : ''}`, (t) => {
      const { units } = install(t, { isSealed, edit: withPrograms });
      assert.deepEqual(run('systemd-analyze', ['verify', '--man=no', ...units]), { status: 0, out: '', err: '' });
    });
  }

  test('a mistake in one would be seen', (t) => {
    const edit = (text: string): string => withPrograms(text).replace('ProtectClock=', 'ProtectCloak=');
    assert.match(run('systemd-analyze', ['verify', '--man=no', ...install(t, { edit }).units]).err, /'ProtectCloak'/);
  });

  // Beside the unit the drop-in would count, too: the unit's own score is that in a folder without it.
  for (const { isSealed, limit } of [
    { isSealed: false, limit: 1.3 },
    { isSealed: true, limit: 0.4 },
  ]) {
    test(`exposure is at most ${limit} ${isSealed ? 'with' : 'without'} the drop-in`, (t) => {
      const { root } = install(t, { isSealed });
      const words = ['security', '--offline=true', `--root=${root}`, '--no-pager', 'automx2.service'];
      const { status, out, err } = run('systemd-analyze', words);
      assert.equal(status, 0, err);
      const exposure = Number(/ exposure level for automx2\.service: (\d+\.\d+) /.exec(out)?.[1]);
      t.diagnostic(`exposure ${exposure}`);
      assert.ok(exposure <= limit, out);
    });
  }

  test('the template for several processes says what the unit says, less what is the one process its own', () => {
    const settings = (name: string): readonly string[] =>
      readFileSync(contrib(`systemd/${name}`), 'utf8')
        .split('\n')
        .filter((line) => /^[^#]/.test(line));
    const isOwn = (line: string): boolean => /^(?:Description|LoadCredential)=/.test(line);
    const [one, several] = ['automx2.service', 'automx2@.service'].map(settings);
    assert.deepEqual(
      several?.filter((line) => !isOwn(line)),
      one?.filter((line) => !isOwn(line)),
    );
    assert.deepEqual(several?.filter(isOwn), ['Description=Configuration of mail clients (automx2, process %i)']);
  });

  test('the root that the unit names is made by the file for systemd-tmpfiles', () => {
    const [, root] = /^RootDirectory=(.*)$/m.exec(readFileSync(contrib('systemd/automx2.service'), 'utf8')) ?? [];
    assert.match(
      readFileSync(contrib('systemd/automx2.tmpfiles'), 'utf8'),
      new RegExp(`^d ${root} 0755 root root -$`, 'm'),
    );
  });
});

describe('the user of the units', {
  skip: findProgram('systemd-sysusers') === undefined && 'systemd is missing',
}, () => {
  test('is made by the file for systemd-sysusers', (t) => {
    const root = temporaryFolder(t);
    mkdirSync(join(root, 'etc'));
    const words = [`--root=${root}`, contrib('systemd/automx2.sysusers')];
    const { status, err } = run('systemd-sysusers', words);
    assert.equal(status, 0, err);
    assert.match(readFileSync(join(root, 'etc/passwd'), 'utf8'), /^automx2:/m);
    for (const unit of UNITS.filter((name) => name.endsWith('.service'))) {
      assert.match(readFileSync(contrib(`systemd/${unit}`), 'utf8'), /^User=automx2$/m);
    }
  });
});

describe('OpenRC script and its settings', () => {
  const files = ['openrc/automx2', 'openrc/automx2.confd'].map(contrib);

  test('are what their folder holds', () => {
    assert.deepEqual(readdirSync(contrib('openrc')).sort(), ['automx2', 'automx2.confd']);
    assert.equal(statSync(contrib('openrc/automx2')).mode & 0o111, 0o111);
  });

  test('are shell scripts', () => {
    for (const file of files) assert.deepEqual(run('sh', ['-n', file]), { status: 0, out: '', err: '' });
  });

  test('have nothing that shellcheck finds', { skip: noShellcheck }, () => {
    assert.deepEqual(run('shellcheck', ['--shell=sh', ...files]), { status: 0, out: '', err: '' });
  });

  test('each setting is documented with its default', () => {
    const [script = '', settings = ''] = files.map((file) => readFileSync(file, 'utf8'));
    const defaults = [...script.matchAll(/^: "\$\{(\w+):=(.*)\}"$/gm)].map(([, name, value]) => `#${name}="${value}"`);
    assert.equal(defaults.length, 5);
    assert.deepEqual(settings.match(/^#AUTOMX2_.*$/gm), defaults);
  });

  /** What openrc-run offers, and our program: each says how it is called. */
  const STANDS_IN: Readonly<Record<string, string>> = {
    checkpath: 'echo "checkpath $*"',
    'supervise-daemon': 'echo "supervise-daemon $*"',
    automx2: 'echo "automx2 $*" >&2; exit "$CHECK_STATUS"',
    ebegin: '',
    eend: 'exit "$1"',
  };
  const STATE = 'checkpath --directory --mode 0700 --owner automx2:automx2 /var/lib/automx2';
  const LOG = 'checkpath --file --mode 0640 --owner automx2:automx2 /var/log/automx2.log';
  const CHECK = 'automx2 --check';
  const HANG_UP = 'supervise-daemon automx2 --signal HUP';
  for (const { command, calls, isRestart = false, check = 0 } of [
    { command: 'start_pre', calls: [STATE, LOG, CHECK] },
    { command: 'start_pre', calls: [STATE, LOG, CHECK], check: 2 },
    { command: 'start_pre', calls: [STATE, LOG], isRestart: true },
    { command: 'stop_pre', calls: [] },
    { command: 'stop_pre', calls: [CHECK], isRestart: true },
    { command: 'stop_pre', calls: [CHECK], isRestart: true, check: 2 },
    { command: 'reload', calls: [CHECK, HANG_UP] },
    { command: 'reload', calls: [CHECK], check: 2 },
    { command: 'checkconfig', calls: [CHECK] },
    { command: 'checkconfig', calls: [CHECK], check: 2 },
    { command: 'health', calls: ['automx2 health'] },
    { command: 'health', calls: ['automx2 health'], check: 1 },
  ]) {
    test(`${command}${isRestart ? ' of a restart' : ''}, the program's status is ${check}`, (t) => {
      const folder = temporaryFolder(t);
      for (const [name, text] of Object.entries(STANDS_IN)) {
        writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      }
      const { status, stdout, stderr } = spawnSync('sh', ['-c', `. "${files[0]}"; command=automx2; ${command}`], {
        encoding: 'utf8',
        env: {
          PATH: `${folder}:${process.env['PATH']}`,
          RC_SVCNAME: 'automx2',
          RC_CMD: isRestart ? 'restart' : command,
          CHECK_STATUS: String(check),
        },
      });
      assert.deepEqual(`${stdout}${stderr}`.split('\n').filter(Boolean).sort(), [...calls].sort());
      assert.equal(status === 0, check === 0);
    });
  }

  test('AUTOMX2_CONF and AUTOMX2_ARGS of a kept conf.d reach the program', () => {
    const print = `. "${files[0]}"; printf '%s\\n' "$command_args"`;
    const { stdout } = spawnSync('sh', ['-c', print], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], AUTOMX2_CONF: '/etc/a b.conf', AUTOMX2_ARGS: '--port 4244' },
    });
    assert.equal(stdout, '--config "/etc/a b.conf" --port 4244\n');
  });
});
