import {
  inheritedSockets,
  notifyServiceManager,
  type ServiceState,
  watchdogInterval,
} from '../../adapters/systemd/service-manager.ts';
import { faultText } from '../../domain/failure.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import { EXIT, type ExitStatus, exitStatusOf, UsageError } from '../exit-status.ts';
import { openHome } from '../home.ts';
import { CLOCK, openLog } from '../open-log.ts';
import { OptionError, readPort } from '../option-readers.ts';
import { readSettings, type Settings } from '../options.ts';
import { openSigner } from '../profile-signing.ts';
import { version } from '../version.ts';
import type { CommandCall, Configuration, Surroundings } from './command.ts';

type ServeCall = CommandCall<{ readonly host: 'text'; readonly port: 'text'; readonly check: 'flag' }>;

/** Signals that stop the daemon; the second one ends it at once. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Serves until a signal stops it, or only checks the configuration. */
export async function run(call: ServeCall): Promise<ExitStatus> {
  const { configuration, options, surroundings, say, complain } = call;
  const { env, pid, stderr } = surroundings;
  const port = options.port === undefined ? undefined : portOption(options.port);
  if (options.host === '' || /^[^:]*:[^:]*$/.test(options.host ?? '')) {
    throw new UsageError('--host: must be a name or an address, without port');
  }
  const descriptors = inheritedSockets(env, pid);
  /** With the places to listen on: the sockets that systemd hands over, else the command line's, else the option's. */
  const withListen = (settings: Settings): Settings => {
    if (descriptors.length > 0) return { ...settings, listen: descriptors.map((descriptor) => ({ descriptor })) };
    if (options.host === undefined && port === undefined) return settings;
    const configured = [...settings.listen, ...readSettings().listen].find((place) => 'host' in place);
    const { host = configured?.host ?? '' } = options;
    return { ...settings, listen: [{ host, port: port ?? configured?.port ?? 0 }] };
  };
  const settings = withListen(configuration.settings);
  if (options.check === true) {
    // Drivers, certificates, keys and the settings file, too, without asking the database.
    const writeLine = (line: string): void => void stderr.write(line);
    const log = openLog({ ...settings, logLevel: 'WARNING' }, writeLine);
    const home = await openHome(settings, { log, writeLine, isConfigured: !configuration.isEmpty });
    await home.settings.close();
    await openSigner(settings, CLOCK, log);
    for (const line of configuration.exposures()) complain(line);
    if (home.summary !== undefined) say(home.summary);
    say(
      configuration.path === undefined
        ? 'No configuration file: the defaults and the environment are valid.'
        : `${configuration.path} is valid.`,
    );
    return EXIT.ok;
  }
  return serve(configuration, withListen, surroundings);
}

function portOption(text: string): number {
  try {
    return readPort(text);
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause;
    throw new UsageError(`--port: ${cause.describe(`"${text}"`)}`, { cause });
  }
}

/**
 * Serves until SIGTERM or SIGINT; a second signal ends the process at once. SIGHUP reads the configuration again; one that
 * cannot be used changes nothing. After an uncaught error the state of the process is unknown: it logs one CRITICAL
 * line and returns EXIT.failed, and the service manager restarts it.
 */
async function serve(
  configuration: Configuration,
  withListen: (settings: Settings) => Settings,
  surroundings: Surroundings,
): Promise<ExitStatus> {
  const settings = withListen(configuration.settings);
  const stopped = new Promise<void>((stop) => {
    const first = (): void => {
      for (const name of STOP_SIGNALS) surroundings.removeListener(name, first);
      stop();
    };
    for (const name of STOP_SIGNALS) surroundings.on(name, first);
  });
  // From the beginning: a SIGHUP without a listener ends the process.
  let hasHungUp = false;
  let onHangUp = (): void => {
    hasHungUp = true;
  };
  surroundings.on('SIGHUP', () => onHangUp());
  // The daemon goes on serving when the reader of its log has gone.
  surroundings.stderr.on('error', () => undefined);

  const writeLine = (line: string): void => void surroundings.stderr.write(line);
  let daemon: Daemon;
  try {
    daemon = await startDaemon(settings, { writeLine, isConfigured: !configuration.isEmpty });
  } catch (error) {
    const status = exitStatusOf(error as Error);
    // What reads JSON reads nothing else; for people, the command line writes its own line.
    if (settings.logFormat !== 'json' || status === undefined) throw error;
    openLog(settings, writeLine).write('CRITICAL', (configuration.placed(error) as Error).message);
    return status;
  }
  daemon.log.write('INFO', 'started', {
    version: version(),
    configuration: configuration.path ?? 'none',
    settings: settings.settingsFile ?? settings.database.engine,
    listen: daemon.places.join(' '),
  });
  const warn = (lines: readonly string[]): void => {
    for (const line of lines) daemon.log.write('WARNING', line);
  };
  if (process.geteuid?.() === 0) warn(['running as root: use a user of its own']);
  warn(configuration.exposures());
  const crashed = new Promise<'crashed'>((crash) => {
    surroundings.once('uncaughtException', (error) => {
      daemon.log.write('CRITICAL', `uncaught error, exiting: ${faultText(error)}`);
      crash('crashed');
    });
  });
  const notify = (state: ServiceState): Promise<void> =>
    notifyServiceManager(surroundings.env, state).catch((error: unknown) => {
      daemon.log.write('WARNING', `the service manager cannot be notified: ${(error as Error).message}`);
    });
  const reload = async (): Promise<void> => {
    await notify('reloading');
    try {
      const next = configuration.readAgain();
      const exposures = next.exposures();
      await daemon.reload(withListen(next.settings)).catch((error: unknown) => {
        throw next.placed(error);
      });
      daemon.reloadEnded(true);
      warn(exposures);
    } catch (error) {
      daemon.reloadEnded(false);
      daemon.log.write('ERROR', `configuration not reloaded, the old one stays in use: ${(error as Error).message}`);
    }
    await notify('ready');
  };
  // One after the other, so that notifications of two reloads arrive in order.
  let reloads: Promise<void> = notify('ready');
  onHangUp = () => {
    reloads = reloads.then(reload);
  };
  if (hasHungUp) onHangUp();
  // By a timer of the event loop: a loop that is stuck does not feed the watchdog.
  const aliveMs = watchdogInterval(surroundings.env, surroundings.pid);
  const alive = aliveMs === undefined ? undefined : setInterval(() => void notify('alive'), aliveMs);
  if ((await Promise.race([stopped, crashed])) === 'crashed') return EXIT.failed;
  clearInterval(alive);
  await notify('stopping');
  await daemon.stop();
  return EXIT.ok;
}
