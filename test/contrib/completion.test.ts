import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { COMPLETIONS } from '../../release/completion.ts';
import { COMMANDS } from '../../src/app/commands/index.ts';
import { findProgram } from '../support/database-server.ts';
import { reportMissing } from '../support/server-database.ts';
import { type Cleanup, temporaryFolder } from '../support/temporary-folder.ts';

const FOLDER = fileURLToPath(new URL('../../contrib/completion', import.meta.url));
const FORMATS = ['all', 'autoconfig', 'autodiscover', 'mobileconfig', 'pacc', 'thunderbird-qr'];
const COMMON = ['--config', '--help', '--version'];

test('the files are what the table of commands gives', () => {
  assert.deepEqual(readdirSync(FOLDER).sort(), Object.keys(COMPLETIONS).sort());
  for (const [name, text] of Object.entries(COMPLETIONS)) {
    assert.equal(readFileSync(join(FOLDER, name), 'utf8'), text, 'npm run completion makes them anew');
  }
});

for (const [program, ...words] of [
  ['zsh', '-n', join(FOLDER, '_automx2')],
  ['shellcheck', '--shell=bash', join(FOLDER, 'automx2.bash')],
] as const) {
  test(`${program} finds nothing wrong`, { skip: findProgram(program) === undefined }, (t) => {
    assert.deepEqual(run(t, program, words), []);
  });
}

/** Runs a shell in a folder with one file and one folder in it, and gives what it prints: a completion a line. */
function run(t: Cleanup, program: string, words: readonly string[], input = ''): readonly string[] {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, 'seed one.json'), '');
  mkdirSync(join(cwd, 'seeds'));
  const env = { PATH: process.env['PATH'], HOME: cwd, LANG: 'C.UTF-8', TERM: 'dumb' };
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, env, input, encoding: 'utf8', timeout: 60_000 });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, stdout);
  return [...new Set(stdout.split('\n').filter((line) => line !== ''))].sort();
}

/** Each shell by what it offers for the last word of a line. */
const SHELLS: Readonly<Record<string, (t: Cleanup, line: string) => readonly string[]>> = {
  bash: (t, line) => {
    // As bash itself splits a line: "=" is a word.
    const words = line.split(/ |(?==)|(?<==)/);
    const script = `. ${FOLDER}/automx2.bash
      complete -p automx2 | grep -qx 'complete -F _automx2 automx2' || exit 1
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _automx2; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run(t, 'bash', ['--norc', '-c', script, 'bash', ...words]);
  },
  fish: (t, line) =>
    run(t, 'fish', ['--no-config', '-c', `source ${FOLDER}/automx2.fish; complete -C '${line}'`]).map(
      (each) => each.split('\t')[0] ?? '',
    ),
};

for (const [shell, offered] of Object.entries(SHELLS)) {
  const missing = findProgram(shell) === undefined && `${shell} (Debian: ${shell}) is not installed`;
  reportMissing(missing || '', missing !== false);
  describe(`completion in ${shell}`, { skip: missing }, () => {
    for (const { line, want } of [
      { line: 'automx2 ', want: COMMANDS.map(({ name }) => name).sort() },
      { line: 'automx2 che', want: ['check'] },
      { line: 'automx2 --config x.conf che', want: ['check'] },
      { line: 'automx2 --', want: ['--check', '--host', '--port', ...COMMON] },
      { line: 'automx2 lookup --', want: ['--format', '--signed', ...COMMON] },
      { line: 'automx2 check --c', want: ['--ca', '--config', '--connect'] },
      { line: 'automx2 lookup --format ', want: FORMATS },
      { line: 'automx2 lookup a@b.example --format m', want: ['mobileconfig'] },
      { line: 'automx2 domain ', want: ['add', 'list', 'remove', 'show'] },
      { line: 'automx2 domain list ', want: [] },
      { line: 'automx2 health --url ', want: [] },
      { line: 'automx2 migrate ', want: [] },
      { line: 'automx2 apply seed', want: ['seed one.json', 'seeds'] },
      { line: 'automx2 --config seed', want: ['seed one.json', 'seeds'] },
      { line: 'automx2 export --seeds ', want: ['seeds'] },
    ]) {
      test(line, (t) => {
        const plain = offered(t, line).map((each) => each.replace(/\/$/, ''));
        assert.deepEqual(plain, [...want].sort());
      });
    }
  });
}

for (const { line, want } of [
  { line: 'automx2 lookup --format=', want: FORMATS },
  { line: 'automx2 lookup --format=auto', want: ['autoconfig', 'autodiscover'] },
  { line: 'automx2 --config=x.conf lookup --s', want: ['--signed'] },
]) {
  test(`bash: ${line}`, { skip: findProgram('bash') === undefined }, (t) => {
    assert.deepEqual(SHELLS['bash']?.(t, line), want);
  });
}
