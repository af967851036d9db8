import type { ExitStatus } from '../exit-status.ts';
import type { Settings } from '../options.ts';

/**
 * What the command line uses of the process that it runs in; a test hands in its own. `env` may be changed: what systemd
 * hands over is taken out.
 */
export interface Surroundings {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: Record<string, string | undefined>;
  readonly pid: number;
  on(signal: Signal, listener: () => void): unknown;
  /** An error that was not caught, thrown or by a promise. */
  once(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  removeListener(signal: Signal, listener: () => void): unknown;
}
export type Signal = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

/**
 * What an option takes: "flag" nothing, "text" a value, "texts" one each time that it is given; "file" and "folder" the path
 * of one; a list one of its words.
 */
export type OptionKind = 'flag' | 'text' | 'texts' | 'file' | 'folder' | readonly string[];
export type OptionKinds = Readonly<Record<string, OptionKind>>;
type ValueOf<Kind> = Kind extends 'flag' ? boolean : Kind extends 'texts' ? readonly string[] : string;
export type GivenOptions<K extends OptionKinds> = { readonly [N in keyof K]: ValueOf<K[N]> | undefined };

/** The configuration file that was found, if there is one, and what it says. */
export interface Configuration {
  readonly path: string | undefined;
  /** Whether nothing is configured, neither there nor in the environment. */
  readonly isEmpty: boolean;
  readonly settings: Settings;
  /** An error; of a mistake in an option that came to light later, one with the place where the option stands. */
  placed(error: unknown): unknown;
  /** Who beside their owners gets at the file and at the files of passwords and keys that it names, a line for each mistake. */
  exposures(): readonly string[];
  /** The same file as it is now. Throws ConfigError. */
  readAgain(): Configuration;
}

/** What a command is run with. */
export interface CommandCall<K extends OptionKinds> {
  readonly configuration: Configuration;
  readonly words: readonly string[];
  readonly options: GivenOptions<K>;
  readonly surroundings: Surroundings;
  /** Writes a line to standard output. */
  say(line: string): void;
  /** Writes a line to standard error, as the program's own: what a terminal would obey is escaped. */
  complain(line: string): void;
}

export interface CommandDescription<K extends OptionKinds> {
  readonly name: string;
  /** What follows the name on the command line, as the help shows it: one line or more. */
  readonly usage: string;
  /** What it does: lines of at most 63 characters. */
  readonly help: readonly string[];
  readonly options: K;
  /** The least and the most words that it takes. */
  readonly words: readonly [least: number, most: number];
  /** What its words are: files; or the first is one of these. Without it: anything. */
  readonly wordKind?: 'file' | readonly string[];
  /** Imports the command's module, whose `run` resolves with the exit status. */
  readonly load: () => Promise<{ readonly run: (call: CommandCall<K>) => Promise<ExitStatus> }>;
}

/** A command whose options are not known to the compiler any more. */
export interface Command extends Omit<CommandDescription<OptionKinds>, 'load'> {
  run(call: CommandCall<OptionKinds>): Promise<ExitStatus>;
}

/** Makes a command of its description. `run` must be called with options of the kinds that the description names. */
export const command = <const K extends OptionKinds>({ load, ...description }: CommandDescription<K>): Command => ({
  ...description,
  run: async ({ options, ...call }) => (await load()).run({ ...call, options: options as GivenOptions<K> }),
});
