import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { findConfigFile } from '../adapters/config/config-file.ts';
import { DatabaseUrlError } from '../adapters/database/database-url.ts';
import { escapeUnprintable, journalPriority } from '../adapters/log/line-log.ts';
import { SigningError } from '../adapters/signing/signing-error.ts';
import { writesToJournal } from '../adapters/systemd/service-manager.ts';
import type { LogLevel } from '../ports/log.ts';
import type {
  Command,
  Configuration,
  GivenOptions,
  OptionKind,
  OptionKinds,
  Surroundings,
} from './commands/command.ts';
import { COMMANDS, SERVE } from './commands/index.ts';
import { environmentOptions } from './environment.ts';
import { EXIT, type ExitStatus, exitStatusOf, UsageError } from './exit-status.ts';
import { exposuresOf } from './exposure.ts';
import { errorAbout, isOption, readSettings } from './options.ts';
import { version } from './version.ts';

/** Options that every command takes. */
export const COMMON = { config: 'file', version: 'flag', help: 'flag' } as const satisfies OptionKinds;

const INDENT = ' '.repeat(17);

function helpText(): string {
  const lines = [SERVE, ...COMMANDS].flatMap((command) => [
    `  ${command === SERVE ? '(none)' : command.name} ${command.usage.replaceAll('\n', `\n${INDENT}`)}`,
    ...command.help.map((line) => INDENT + line),
  ]);
  return `Usage: automx2 [--config FILE] [COMMAND]

Tells mail clients how to set themselves up: Mozilla Autoconfig, Microsoft
Autodiscover and Apple configuration profiles, from an SQL database or a file.

Commands:
${lines.join('\n')}

  --config FILE  read this file; without it $AUTOMX2_CONF, ~/.automx2.conf,
                 /etc/automx2/automx2.conf, /etc/automx2.conf, the first found
  --version      print the version
  --help         print this
`;
}

const misused = (reason: string, options?: ErrorOptions): UsageError =>
  new UsageError(`${reason}; see automx2 --help`, options);

/** Throws UsageError for a value that is none of the words of its kind. */
function checkChoice(what: string, kind: OptionKind | undefined, value: GivenOptions<OptionKinds>[string]): void {
  if (typeof kind !== 'object' || value === undefined || kind.includes(String(value))) return;
  throw new UsageError(`${what}: must be one of ${kind.join(', ')}, not "${value}"`);
}

interface CommandLine {
  readonly command: Command;
  readonly words: readonly string[];
  readonly options: GivenOptions<OptionKinds>;
}

/** What names the daemon: nothing, its own name, and the word that starts automx2 with flask. */
const SERVE_WORDS: readonly (string | undefined)[] = [undefined, SERVE.name, 'run'];

/** Takes the words apart. Throws UsageError for what no command, or not the one that is named, takes. */
function parseCommandLine(args: readonly string[]): CommandLine {
  const kinds: OptionKinds = Object.assign({}, COMMON, ...[SERVE, ...COMMANDS].map(({ options }) => options));
  const config: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [
      name,
      { type: kind === 'flag' ? 'boolean' : 'string', multiple: kind === 'texts' },
    ]),
  );
  let parsed: { readonly values: object; readonly positionals: readonly string[] };
  try {
    const options = { ...config, help: { type: 'boolean', short: 'h' } } as const;
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    // The first sentence says what is wrong; the others are about this way of parsing.
    throw misused((cause as Error).message.split(/\n|\. /)[0] ?? '', { cause });
  }
  const options = parsed.values as GivenOptions<OptionKinds>;
  const [name, ...words] = parsed.positionals;
  if (options['help'] === true || options['version'] === true) return { command: SERVE, words, options };
  if (name === 'help' && words.length > 0) throw misused(`help: unexpected argument "${words[0]}"`);
  if (name === 'help') return { command: SERVE, words, options: { ...options, help: true } };
  const command = SERVE_WORDS.includes(name) ? SERVE : COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) throw misused(`unknown command "${name}"`);
  const [least, most] = command.words;
  const wrongOption = Object.keys(options).find((option) => !Object.hasOwn({ ...COMMON, ...command.options }, option));
  if (wrongOption !== undefined) throw misused(`${command.name} takes no --${wrongOption}`);
  for (const [option, kind] of Object.entries(command.options)) checkChoice(`--${option}`, kind, options[option]);
  checkChoice(command.name, command.wordKind, words[0]);
  if (words.length > most) throw misused(`${command.name}: unexpected argument "${words[most]}"`);
  if (words.length < least)
    throw new UsageError(`usage: automx2 ${command.name} ${command.usage.replaceAll('\n', ' ')}`);
  return { command, words, options };
}

function readConfiguration(named: string | undefined, env: Surroundings['env']): Configuration {
  const file = findConfigFile(named, env, isOption);
  // What the environment says counts more than the file.
  const options = new Map([...(file?.options ?? []), ...environmentOptions(env)]);
  const settings = readSettings(options);
  return {
    path: file?.path,
    isEmpty: file === undefined && options.size === 0,
    settings,
    exposures: () => exposuresOf(file?.path, options, settings),
    placed: (error) => {
      // What only the driver knows to be wrong, or what shows when a key is used, stands in the file all the same.
      const option = error instanceof DatabaseUrlError ? 'db_uri' : error instanceof SigningError && error.option;
      return option ? errorAbout(options, option, (error as Error).message, error as Error) : error;
    },
    // By its path: if the file is gone, the next one in the search order is not meant.
    readAgain: () => readConfiguration(file?.path, env),
  };
}

/** Runs the command line's words and resolves with the exit status; for a daemon, when a signal has stopped it. */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<ExitStatus> {
  const { stdout, stderr, env } = surroundings;
  const say = (line: string): void => void stdout.write(`${line}\n`);
  const write = (level: LogLevel, line: string): void => {
    const priority = writesToJournal(env) ? journalPriority(level) : '';
    stderr.write(`${priority}automx2: ${escapeUnprintable(line)}\n`);
  };
  const complain = (line: string): void => write('WARNING', line);
  try {
    const { command, words, options } = parseCommandLine(args);
    if (options['help'] === true) stdout.write(helpText());
    else if (options['version'] === true) say(`automx2 ${version()}`);
    else {
      const { config } = options as GivenOptions<typeof COMMON>;
      const configuration = readConfiguration(config, env);
      // Without these, V8 lets garbage grow before it collects it: that of a daemon's small, short requests to 100 MiB, and
      // that of plans for 100,000 domains to twice what is in use.
      setFlagsFromString('--semi-space-growth-factor=1');
      setFlagsFromString('--heap-growing-percent=20');
      return await command.run({ configuration, words, options, surroundings, say, complain }).catch((error) => {
        throw configuration.placed(error);
      });
    }
    return EXIT.ok;
  } catch (error) {
    const status = error instanceof Error ? exitStatusOf(error) : undefined;
    if (status === undefined) throw error;
    write('ERROR', (error as Error).message);
    return status;
  }
}
