import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { ConfigError, findConfigFile } from '../adapters/config/config-file.ts';
import { type DatabaseUrl, DatabaseUrlError } from '../adapters/database/database-url.ts';
import type { SettingsDatabase } from '../adapters/database/settings-database.ts';
import { LdapDirectory } from '../adapters/ldap/ldap-directory.ts';
import { escapeUnprintable } from '../adapters/log/line-log.ts';
import { inheritedSockets, notifyServiceManager, type ServiceState } from '../adapters/systemd/service-manager.ts';
import { type DomainName, parseDomainName } from '../domain/domain-name.ts';
import { type EmailAddress, parseEmailAddress } from '../domain/email-address.ts';
import { Failure } from '../domain/failure.ts';
import { FORMATS } from '../domain/formats/index.ts';
import { ServedDomain } from '../domain/served-domain.ts';
import type { Log, LogLevel } from '../ports/log.ts';
import { DIRECTORY_DEADLINES, startDaemon } from './daemon.ts';
import { answerLine, documentsOf } from './documents.ts';
import { initdb, servableReport } from './initdb.ts';
import { counted, lintAll, lintDomain } from './lint.ts';
import { createLookup } from './lookup.ts';
import { openDatabase } from './open-database.ts';
import { isOption, readPort, readSettings, type Settings } from './settings.ts';

const HELP = `Usage: automx2 [--config FILE] [COMMAND]

Tells mail clients how to set themselves up: Mozilla Autoconfig, Microsoft
Autodiscover and Apple configuration profiles, from an SQL database.

Commands:
  (none) [--host HOST] [--port PORT] [--check]
                 serve until SIGTERM or SIGINT; SIGHUP reads the
                 configuration anew; --host and --port instead of the option
                 listen; --check only says what is wrong with the configuration
  init [SEED.json | --sample | --purge [--yes]]
                 create tables and indexes that are missing, and then store a
                 seed or the sample data in an empty database, or delete all
                 data (asks for the database's name, unless --yes)
  migrate [--check]
                 upgrade a database of an older automx2, keeping every row;
                 --check only says what would be done
  lookup ADDRESS [--format autoconfig|autodiscover|mobileconfig|all]
                 print what each client gets for the address, or the document of
                 one format alone; no server has to run
  lint [DOMAIN]
                 say what known clients will stumble over in the settings of all
                 domains, or of one, and what to change

  --config FILE  read this file; else $AUTOMX2_CONF, ~/.automx2.conf,
                 /etc/automx2/automx2.conf, /etc/automx2.conf, the first found
  --version      print the version
  --help         print this
`;

/** Signals that stop the daemon; the second one ends it at once. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Exit statuses, as the manual names them. */
const EXIT = { ok: 0, failed: 1, misconfigured: 2 } as const;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`automx2: ${text}\n`);
const writeLine = (line: string): void => void process.stderr.write(line);

/** Wrong words on the command line. */
class UsageError extends Error {}

const version = (): string => {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
};

const OPTIONS = {
  config: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  check: { type: 'boolean' },
  sample: { type: 'boolean' },
  purge: { type: 'boolean' },
  yes: { type: 'boolean' },
  format: { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** What each command takes beside --config. */
const TAKES: Readonly<Record<string, { readonly options: readonly string[]; readonly words: number }>> = {
  serve: { options: ['host', 'port', 'check'], words: 0 },
  init: { options: ['sample', 'purge', 'yes'], words: 1 },
  migrate: { options: ['check'], words: 0 },
  lookup: { options: ['format'], words: 1 },
  lint: { options: [], words: 1 },
};

type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>['values'];
interface Command {
  readonly name: string;
  readonly words: readonly string[];
  readonly options: Options;
}

function parseCommandLine(args: readonly string[]): Command {
  let parsed: { values: Options; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split(/\n|\. /)[0]} (--help shows what there is)`, { cause });
  }
  const { values: options, positionals } = parsed;
  if (options.help === true || options.version === true)
    return { name: options.help ? 'help' : 'version', words: [], options };
  const [name = 'serve', ...words] = positionals;
  // Serving is what no command at all means.
  const takes = Object.hasOwn(TAKES, name) && positionals[0] !== 'serve' ? TAKES[name] : undefined;
  if (takes === undefined) throw new UsageError(`unknown command ${name} (--help shows what there is)`);
  const surplus =
    Object.keys(options).find((option) => option !== 'config' && !takes.options.includes(option)) ?? words[takes.words];
  if (surplus !== undefined) throw new UsageError(`${name} takes no ${surplus} (--help shows what there is)`);
  return { name, words, options };
}

/** Runs the command line's words and resolves with the exit status; for a daemon, when a signal has stopped it. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  try {
    const { name, words, options } = parseCommandLine(args);
    if (name === 'help') say(HELP.trimEnd());
    else if (name === 'version') say(`automx2 ${version()}`);
    else {
      const file = findConfigFile(options.config, process.env, isOption);
      const settings = readSettings(file);
      const sockets = inheritedSockets(process.env, process.pid);
      if (name === 'init') return await init(settings, words[0], options);
      if (name === 'migrate') return await migrate(settings, options.check === true);
      if (name === 'lint') return await lint(settings, words[0]);
      if (name === 'lookup') return await lookUp(settings, words[0], options.format ?? 'all');
      const served = withListen(settings, options, sockets);
      if (options.check === true) {
        // Drivers and certificates, too, without asking the database.
        await (await openDatabase({ ...served, logLevel: 'CRITICAL' }, writeLine)).database.close();
        say(`${file === undefined ? 'No configuration file: the defaults' : file.path} can be used.`);
      } else {
        if (file === undefined) complain('no configuration file found: the database is in memory and starts empty');
        // The same file again: should it be gone, the defaults are not what the operator wants.
        const path = file?.path ?? options.config;
        const readAgain = (): Settings => readSettings(findConfigFile(path, process.env, isOption));
        await serve(served, () => withListen(readAgain(), options, sockets));
      }
    }
    return EXIT.ok;
  } catch (error) {
    if (error instanceof ConfigError || error instanceof DatabaseUrlError || error instanceof UsageError) {
      complain(error.message);
      return EXIT.misconfigured;
    }
    if (!(error instanceof Failure) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    // A failure of ours, or the system's word about an address or a file: in use, not permitted, not there.
    const { message } = error as Error;
    const isUnprepared = error instanceof Failure && error.code === 'store_unprepared' && !message.includes('run: ');
    complain(escapeUnprintable(`${message}${isUnprepared ? '; to prepare it, run: automx2 init' : ''}`));
    return EXIT.failed;
  }
}

/**
 * The settings with the addresses that are to be listened on: the sockets that systemd hands over, else what the command
 * line says, else the option.
 */
function withListen(settings: Settings, { host, port: portText }: Options, inherited: readonly number[]): Settings {
  const port = portText === undefined ? undefined : readPort(portText);
  if (portText !== undefined && port === undefined) throw new UsageError('--port: a number from 0 to 65535 is wanted');
  if (host === '') throw new UsageError('--host: a name or address is wanted');
  if (inherited.length > 0) return { ...settings, listen: inherited.map((descriptor) => ({ descriptor })) };
  if (host === undefined && port === undefined) return settings;
  const fallback = settings.listen.find((address) => 'host' in address) ?? { host: '127.0.0.1', port: 4243 };
  return { ...settings, listen: [{ ...fallback, host: host ?? fallback.host, port: port ?? fallback.port }] };
}

/**
 * Serves until SIGTERM or SIGINT; a second signal ends the process at once. SIGHUP calls `readAgain`, and a configuration
 * that cannot be used changes nothing.
 */
async function serve(settings: Settings, readAgain: () => Settings): Promise<void> {
  // Else the garbage of small, short requests may grow to 100 MiB before V8 looks at it.
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
  const signal = new Promise<void>((stop) => {
    const first = (): void => {
      for (const name of STOP_SIGNALS) process.removeListener(name, first);
      stop();
    };
    for (const name of STOP_SIGNALS) process.on(name, first);
  });
  // From the beginning: a SIGHUP that nobody listens to ends the process.
  let isWanted = false;
  let onHangUp = (): void => {
    isWanted = true;
  };
  process.on('SIGHUP', () => onHangUp());
  // Whoever read our log may have gone; that is no reason to go, too.
  process.stderr.on('error', () => undefined);

  const daemon = await startDaemon(settings, { writeLine });
  const tell = (state: ServiceState): Promise<void> =>
    notifyServiceManager(process.env, state).catch((error: unknown) => {
      daemon.log.write('WARNING', `the service manager cannot be told: ${(error as Error).message}`);
    });
  const reload = async (): Promise<void> => {
    await tell('reloading');
    try {
      daemon.reload(readAgain());
    } catch (error) {
      daemon.log.write('ERROR', `the configuration stays as it was: ${(error as Error).message}`);
    }
    await tell('ready');
  };
  // One after the other: a second SIGHUP during the first must not be the one that is told first.
  let reloads: Promise<void> = tell('ready');
  onHangUp = () => {
    reloads = reloads.then(reload);
  };
  if (isWanted) onHangUp();
  await signal;
  await tell('stopping');
  await daemon.stop();
}

/** Lends a command the database, and closes it whatever happens; the log shows what the command's user shall see. */
async function withDatabase<T>(
  settings: Settings,
  logLevel: LogLevel,
  work: (database: SettingsDatabase, log: Log) => Promise<T>,
): Promise<T> {
  if (settings.database.engine === 'sqlite' && settings.database.path === undefined) {
    throw new UsageError('db_uri names a database in memory, which ends with this command');
  }
  const { database, log } = await openDatabase({ ...settings, logLevel }, writeLine);
  try {
    return await work(database, log);
  } finally {
    await database.close();
  }
}

/** What an operator calls the database; PostgreSQL takes the user's name where none is given. */
const databaseName = (url: DatabaseUrl): string =>
  (url.engine === 'sqlite' ? url.path : (url.database ?? url.user)) ?? userInfo().username;

async function init(settings: Settings, seedFile: string | undefined, options: Options): Promise<number> {
  const { sample = false, purge = false, yes = false } = options;
  if (Number(seedFile !== undefined) + Number(sample) + Number(purge) > 1) {
    throw new UsageError('init takes one of SEED.json, --sample and --purge at a time');
  }
  if (yes && !purge) throw new UsageError('--yes goes with --purge');
  const seed = seedFile === undefined ? undefined : readSeedFile(seedFile);
  return withDatabase(settings, 'ERROR', async (database, log) => {
    const filling = initdb(database, log);
    if (purge) {
      const name = databaseName(settings.database);
      if (!yes && !(await isConfirmed(name))) {
        complain('nothing was deleted');
        return EXIT.failed;
      }
      await filling.purge();
      say('All data are deleted.');
    } else if (sample) {
      if (!(await filling.seedSample())) throw new Failure('data_exist', 'the database holds data already');
      say('The database is prepared and holds the sample data.');
    } else if (seed !== undefined) {
      await filling.seedJson(seed).catch((error: unknown) => {
        if (!(error instanceof Failure) || error.code !== 'seed_invalid') throw error;
        throw new Failure('seed_invalid', `${seedFile}: ${error.message}`, { cause: error });
      });
      say('The database is prepared and holds the seed.');
    } else {
      const { missing } = await database.report();
      await database.create();
      for (const line of missing) say(line);
      say(missing.length === 0 ? 'Nothing was missing.' : 'The database is prepared.');
    }
    return EXIT.ok;
  });
}

function readSeedFile(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Failure('seed_invalid', `${file}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

async function isConfirmed(name: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const answer = await Promise.race([
    terminal.question(`Delete all data? Type the name of the database, ${name}: `),
    closed,
  ]);
  terminal.close();
  return answer.trim() === name && name !== '';
}

async function migrate(settings: Settings, onlyCheck: boolean): Promise<number> {
  return withDatabase(settings, 'ERROR', async (database) => {
    const { state, detail, missing } = await database.report();
    if (state === 'foreign' || state === 'unprepared') {
      complain(`${detail}; there is nothing to migrate`);
      return EXIT.misconfigured;
    }
    if (missing.length === 0) {
      say('The database is up to date.');
      return EXIT.ok;
    }
    if (onlyCheck) {
      say('To be done by automx2 migrate:');
      for (const line of missing) say(`- ${line}`);
      return EXIT.failed;
    }
    for (const line of await database.migrate()) say(line);
    say('The database is up to date.');
    return EXIT.ok;
  });
}

/** Prints what clients would get. Rows that are left out are told as they are in the daemon's log. */
async function lookUp(settings: Settings, text: string | undefined, word: string): Promise<number> {
  const format = FORMATS.find(({ name }) => name === word);
  if (format === undefined && word !== 'all') {
    throw new UsageError(`--format: must be one of ${[...FORMATS.map(({ name }) => name), 'all'].join(', ')}`);
  }
  const address = readAddress(text);
  return withDatabase(settings, 'WARNING', async (database, log) => {
    // As the daemon does; what fails is told once, below.
    await servableReport(database).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
    });
    const directory = new LdapDirectory({ ...settings.directories, ...DIRECTORY_DEADLINES }, log);
    try {
      const find = async (name: DomainName) => {
        const settings = await database.find(name);
        return settings && new ServedDomain(settings);
      };
      const silent = { keeps: () => false, write: () => undefined };
      const user = await createLookup(find, directory, silent).user(address);
      if (user === undefined) throw new Failure('domain_unknown', `${address.domain}: not served here`);
      process.stdout.write(documentsOf(user, format));
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      complain(answerLine(error, format));
      return EXIT.failed;
    } finally {
      await directory.close();
    }
  });
}

function readAddress(text: string | undefined): EmailAddress {
  try {
    return parseEmailAddress(text ?? '');
  } catch (cause) {
    throw new UsageError(text === undefined ? 'lookup wants an address' : (cause as Error).message, { cause });
  }
}

/** Prints a line for each mistake that is found in the settings of all domains, or of one. */
async function lint(settings: Settings, text: string | undefined): Promise<number> {
  const name = text === undefined ? undefined : parseDomainName(text);
  if (text !== undefined && name === undefined) throw new UsageError('lint wants the name of a domain');
  // Rows that are left out are findings here, so the log need not tell them.
  return withDatabase(settings, 'ERROR', async (database) => {
    await servableReport(database);
    const { checked, faulty, lines } = await (name === undefined ? lintAll(database) : lintDomain(database, name));
    if (name !== undefined && checked === 0) throw new Failure('domain_unknown', `${name}: not served here`);
    for (const line of lines) say(line);
    if (lines.length === 0) {
      say(`Nothing was found in ${counted(checked, 'domain')}.`);
      return EXIT.ok;
    }
    say(`${counted(lines.length, 'finding')} in ${faulty} of ${counted(checked, 'domain')}.`);
    return EXIT.failed;
  });
}
