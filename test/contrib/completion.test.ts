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
const FORMATS = [
  'activesync',
  'all',
  'autoconfig',
  'autodiscover',
  'mobileconfig',
  'mobileconfig-exchange',
  'pacc',
  'thunderbird-qr',
];
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

/** What is typed so far, and what is offered for its last word. */
const LINES: readonly { readonly line: string; readonly want: readonly string[] }[] = [
  { line: 'automx2 ', want: COMMANDS.map(({ name }) => name).sort() },
  { line: 'automx2 che', want: ['check'] },
  { line: 'automx2 --config x.conf che', want: ['check'] },
  { line: 'automx2 --', want: ['--check', '--host', '--port', ...COMMON] },
  { line: 'automx2 lookup --', want: ['--format', '--signed', ...COMMON] },
  { line: 'automx2 check --c', want: ['--ca', '--config', '--connect'] },
  { line: 'automx2 lookup --format ', want: FORMATS },
  { line: 'automx2 lookup a@b.example --format m', want: ['mobileconfig', 'mobileconfig-exchange'] },
  { line: 'automx2 domain ', want: ['add', 'list', 'remove', 'show'] },
  { line: 'automx2 domain list ', want: [] },
  { line: 'automx2 health --url ', want: [] },
  { line: 'automx2 migrate ', want: [] },
  { line: 'automx2 apply seed', want: ['seed one.json', 'seeds'] },
  { line: 'automx2 --config seed', want: ['seed one.json', 'seeds'] },
  { line: 'automx2 export --seeds ', want: ['seeds'] },
];

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

function missing(shell: string): string | false {
  const text = findProgram(shell) === undefined && `${shell} (Debian: ${shell}) is not installed`;
  reportMissing(text || '', text !== false);
  return text;
}

for (const [shell, offered] of Object.entries(SHELLS)) {
  describe(`completion in ${shell}`, { skip: missing(shell) }, () => {
    for (const { line, want } of LINES) {
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

/** An interactive zsh in a terminal of its own, as completion runs nowhere else; compadd is given what zsh offers. */
const ZSH_IN_TERMINAL = `cat >setup <<'END'
PROMPT= fpath=(${FOLDER} $fpath) number=0
autoload -Uz compinit && compinit -D -u
compadd() {
  # With these it only asks.
  [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]] && { builtin compadd "$@"; return }
  local -a hits
  builtin compadd -A hits "$@"
  (($#hits)) && print -rl -- $number\\ $^hits >>hits
  builtin compadd "$@"
}
complete-and-clear() { zle complete-word; : >done-$((number++)); zle kill-buffer }
zle -N complete-and-clear && bindkey '^X' complete-and-clear
END
: >hits
zmodload zsh/zpty && zpty terminal zsh -f -i
zpty -w terminal 'source ./setup; print is-""ready'
zpty -r terminal text '*is-ready*'
for ((i = 0; i < $#; i++)) {
  zpty -n -w terminal "$argv[i + 1]"$'\\x18'
  while [[ ! -e done-$i ]] { zpty -r -t terminal text; sleep 0.01 }
}
zpty -d terminal
cat hits`;

test('completion in zsh', { skip: missing('zsh') }, (t) => {
  // Where a command takes no word, zsh offers options.
  const lines = LINES.filter(({ line }) => line !== 'automx2 migrate ');
  const hits = run(t, 'zsh', ['-f', '-c', ZSH_IN_TERMINAL, 'zsh', ...lines.map(({ line }) => line)]);
  for (const [index, { line, want }] of lines.entries()) {
    const offered = hits
      .filter((hit) => hit.startsWith(`${index} `))
      .map((hit) => hit.slice(`${index} `.length).replace('\\ ', ' '));
    assert.deepEqual(offered, [...want].sort(), line);
  }
});
