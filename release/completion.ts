import { mkdirSync, writeFileSync } from 'node:fs';
import { COMMON } from '../src/app/command-line.ts';
import type { Command, OptionKind, OptionKinds } from '../src/app/commands/command.ts';
import { COMMANDS, SERVE } from '../src/app/commands/index.ts';

const TITLE = 'of automx2(8), made from its table of commands by "npm run completion".';

/** SERVE is what the command line means without a command. */
const ALL: readonly Command[] = [SERVE, ...COMMANDS];
const NAMES = COMMANDS.map(({ name }) => name).join(' ');
const KINDS: OptionKinds = Object.assign({}, COMMON, ...ALL.map(({ options }) => options));

const written = (options: OptionKinds, isMeant: (kind: OptionKind) => boolean = () => true): readonly string[] =>
  Object.entries(options).flatMap(([name, kind]) => (isMeant(kind) ? [`--${name}`] : []));
const WITH_VALUE = written(KINDS, (kind) => kind !== 'flag');

const SUMMARY_LENGTH = 60;

/** What a command does, in a few words: its help up to where details begin. */
function summary({ help }: Command): string {
  const [first = ''] = help.join(' ').split(/ ?[;:(]/);
  return first.length > SUMMARY_LENGTH ? first.replace(/,.*/, '') : first;
}

function bash(): string {
  const choices = Object.entries(KINDS).flatMap(([name, kind]) =>
    typeof kind === 'object' ? [`\t--${name}) words='${kind.join(' ')}' ;;`] : [],
  );
  const command = ({ name, options, wordKind }: Command): string => {
    const words =
      name === SERVE.name
        ? `words='${NAMES}'`
        : wordKind === 'file'
          ? 'words=FILES'
          : typeof wordKind === 'object' && `((i + 1 == COMP_CWORD)) && words='${wordKind.join(' ')}'`;
    const lines = [`options+=' ${written(options).join(' ')}'`, ...(words ? [words] : []), ';;'];
    return `\t${name === SERVE.name ? "''" : name})\n${lines.map((line) => `\t\t${line}\n`).join('')}`;
  };
  return `# Completion for bash ${TITLE}
_automx2() {
	local i cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command='' words=''
	local options='${written(COMMON).join(' ')}'
	# bash takes --option=value for three words.
	if [[ $cur == '=' ]]; then
		cur=''
	elif [[ $prev == '=' ]]; then
		prev=\${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		case \${COMP_WORDS[i]} in
		${WITH_VALUE.join(' | ')})
			[[ \${COMP_WORDS[i + 1]} == '=' ]] && ((i++))
			((i++))
			;;
		-*) ;;
		*)
			command=\${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case $command in
${ALL.map(command).join('')}	esac
	case $prev in
	${written(KINDS, (kind) => kind === 'file').join(' | ')}) words=FILES ;;
	${written(KINDS, (kind) => kind === 'folder').join(' | ')}) words=FOLDERS ;;
	${written(KINDS, (kind) => kind === 'text' || kind === 'texts').join(' | ')}) words='' ;;
${choices.join('\n')}
	*) [[ $cur == -* ]] && words=$options ;;
	esac
	case $words in
	FILES) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	FOLDERS) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
	*) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
	esac
	# Names of files are quoted, and folders get a slash.
	[[ $words != FILES && $words != FOLDERS ]] || compopt -o filenames 2>/dev/null || true
}
complete -F _automx2 automx2
`;
}

function zsh(): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const action = (kind: OptionKind): string =>
    typeof kind === 'object'
      ? `(${kind.join(' ')})`
      : { flag: '', text: '', texts: '', file: '_files', folder: '_files -/' }[kind];
  const specs = (options: OptionKinds): readonly string[] =>
    Object.entries(options).map(([name, kind]) =>
      kind === 'flag' ? `--${name}` : quoted(`${kind === 'texts' ? '*' : ''}--${name}=:${name}:${action(kind)}`),
    );
  const command = ({ name, options, wordKind }: Command): string => {
    const words =
      wordKind === 'file' ? ["'*:file:_files'"] : wordKind === undefined ? [] : [quoted(`1:verb:${action(wordKind)}`)];
    return `\t\t${name}) _arguments ${['$common', ...specs(options), ...words].join(' ')} ;;\n`;
  };
  return `#compdef automx2
# Completion for zsh ${TITLE}
_automx2() {
	local curcontext=$curcontext state
	local -a line
	local -a common=(${specs(COMMON).join(' ')})
	local -a commands=(
${COMMANDS.map((each) => `\t\t${quoted(`${each.name}:${summary(each)}`)}\n`).join('')}	)
	_arguments -C $common ${specs(SERVE.options).join(' ')} '1: :->command' '*:: :->words'
	case $state in
	command) _describe command commands ;;
	words)
		case $line[1] in
${COMMANDS.map(command).join('')}		esac
		;;
	esac
}
_automx2 "$@"
`;
}

function fish(): string {
  const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const value = (kind: OptionKind): string =>
    typeof kind === 'object'
      ? ` -xa ${quoted(kind.join(' '))}`
      : { flag: '', text: ' -x', texts: ' -x', file: ' -rF', folder: " -xa '(__fish_complete_directories)'" }[kind];
  const specs = (options: OptionKinds): readonly string[] =>
    Object.entries(options).map(([name, kind]) => `-l ${name}${value(kind)}`);
  const command = (each: Command): readonly string[] => {
    const name = each === SERVE ? "''" : each.name;
    const words =
      each.wordKind === 'file' ? ['-F'] : each.wordKind === undefined ? [] : [`-a ${quoted(each.wordKind.join(' '))}`];
    return [
      ...specs(each.options).map((spec) => `complete -c automx2 -n "__automx2_command ${name}" ${spec}`),
      ...words.map((spec) => `complete -c automx2 -n "__automx2_command ${name}${spec === '-F' ? '' : ' 1'}" ${spec}`),
    ];
  };
  return `# Completion for fish ${TITLE}
# Whether the command is this one, '' for none; if a number follows, whether there are so many words, options apart.
function __automx2_command
	set -l words
	set -l is_value no
	for word in (commandline -opc)[2..]
		if test $is_value = yes
			set is_value no
			continue
		end
		switch $word
			case ${WITH_VALUE.join(' ')}
				set is_value yes
			case '-*'
			case '*'
				set -a words $word
		end
	end
	test "$words[1]" = "$argv[1]"; or return
	test (count $argv) = 1; or test (count $words) = $argv[2]
end
complete -c automx2 -f
${specs(COMMON)
  .map((spec) => `complete -c automx2 ${spec}\n`)
  .join('')}${COMMANDS.map(
  (each) => `complete -c automx2 -n "__automx2_command ''" -a ${each.name} -d ${quoted(summary(each))}\n`,
).join('')}${ALL.flatMap(command).join('\n')}
`;
}

/** The files of contrib/completion, named as each shell looks for them. */
export const COMPLETIONS: Readonly<Record<string, string>> = {
  'automx2.bash': bash(),
  _automx2: zsh(),
  'automx2.fish': fish(),
};

if (import.meta.filename === process.argv[1]) {
  const folder = new URL('../contrib/completion/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(COMPLETIONS)) writeFileSync(new URL(name, folder), text);
}
