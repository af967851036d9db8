import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConfigError, findConfigFile } from '../adapters/config/config-file.ts';
import { DatabaseUrlError } from '../adapters/database/database-url.ts';
import { startDaemon } from './daemon.ts';
import { isOption, readPort, readSettings, type Settings } from './settings.ts';

const HELP = `Usage: automx2 [--config FILE] [--host HOST] [--port PORT] [--check]

Tells mail clients how to set themselves up: Mozilla Autoconfig, Microsoft
Autodiscover and Apple configuration profiles, from an SQL database.

  --config FILE  read this file; else $AUTOMX2_CONF, ~/.automx2.conf,
                 /etc/automx2/automx2.conf, /etc/automx2.conf, the first found
  --host HOST    listen on this name or address instead of the option listen
  --port PORT    listen on this port instead
  --check        read the configuration, say what is wrong with it, and stop
  --version      print the version
  --help         print this
`;

/** Exit statuses, as the manual names them. */
const EXIT = { ok: 0, failed: 1, misconfigured: 2 } as const;

const say = (text: string): void => void process.stdout.write(text);
const complain = (text: string): void => void process.stderr.write(`automx2: ${text}\n`);

/** Wrong words on the command line. */
class UsageError extends Error {}

const version = (): string => {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
};

function parseCommandLine(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        config: { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
        check: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split('\n')[0]} (--help shows what there is)`, { cause });
  }
}

/** The settings with what the command line says instead of the option `listen`. */
function withListen(settings: Settings, host: string | undefined, portText: string | undefined): Settings {
  if (host === undefined && portText === undefined) return settings;
  const [first = { host: '127.0.0.1', port: 4243 }] = settings.listen;
  const port = portText === undefined ? first.port : readPort(portText);
  if (port === undefined) throw new UsageError('--port: a number from 0 to 65535 is wanted');
  if (host === '') throw new UsageError('--host: a name or address is wanted');
  return { ...settings, listen: [{ host: host ?? first.host, port }] };
}

/** Runs the command line's words and resolves with the exit status; for a daemon, when a signal has stopped it. */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  try {
    const options = parseCommandLine(words);
    if (options.help === true) say(HELP);
    else if (options.version === true) say(`automx2 ${version()}\n`);
    else {
      const file = findConfigFile(options.config, process.env, isOption);
      const settings = withListen(readSettings(file), options.host, options.port);
      if (options.check === true) {
        say(`${file === undefined ? 'No configuration file: the defaults' : file.path} can be used.\n`);
      } else {
        if (file === undefined) complain('no configuration file found: the database is in memory and starts empty');
        await serve(settings);
      }
    }
    return EXIT.ok;
  } catch (error) {
    if (error instanceof ConfigError || error instanceof DatabaseUrlError || error instanceof UsageError) {
      complain(error.message);
      return EXIT.misconfigured;
    }
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    complain(message); // the system's word about an address: in use, not ours, not permitted
    return EXIT.failed;
  }
}

/** Serves until SIGTERM or SIGINT; a second signal ends the process at once. */
async function serve(settings: Settings): Promise<void> {
  const signal = new Promise<void>((stop) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop());
  });
  const daemon = await startDaemon(settings, { writeLine: (line) => void process.stderr.write(line) });
  await signal;
  await daemon.stop();
}
