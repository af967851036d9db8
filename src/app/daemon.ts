import type { AddressInfo } from 'node:net';
import type { Deadlines } from '../adapters/database/deadlines.ts';
import { createListener, type Listener } from '../adapters/http/listener.ts';
import { routes } from '../adapters/http/routes.ts';
import { createHttpServer, type HttpServer } from '../adapters/http/server/create-server.ts';
import { type ListenAddress, listen, listenFields, listenText } from '../adapters/http/server/listen.ts';
import { createQrEncoder } from '../adapters/qr/qr-encoder.ts';
import { readAutodiscoverRequest } from '../adapters/xml/read-autodiscover-request.ts';
import type { DomainName } from '../domain/domain-name.ts';
import type { Clock } from '../ports/clock.ts';
import type { Directory } from '../ports/directory.ts';
import type { Initdb } from '../ports/initdb.ts';
import type { Log } from '../ports/log.ts';
import { CachedSettings, type CacheOptions } from './cache/cached-settings.ts';
import { openHome } from './home.ts';
import { lazyDirectory } from './lazy-directory.ts';
import { createLookup } from './lookup.ts';
import { CLOCK, logOptions, openLog } from './open-log.ts';
import type { ListenPlace } from './option-readers.ts';
import { restartOptions, type Settings } from './options.ts';
import { openSigner } from './profile-signing.ts';

/** How long a directory may let us wait, in milliseconds. */
export const DIRECTORY_DEADLINES = { requestMs: 3_000, restMs: 1_000 };

/** How long connections to a directory are kept that look-ups from before a reload may still use. */
const RETIRED_MS = 10_000;

export interface Daemon {
  readonly log: Log;
  /** Where it listens on TCP, in the order of the setting. */
  readonly addresses: readonly AddressInfo[];
  /** Every place where it listens, as the option writes it. */
  readonly places: readonly string[];
  readonly initdb: Initdb;
  /**
   * Takes over what can change while requests run; what cannot is named in one WARNING. Rejects with document_invalid and
   * with SigningError, and then nothing has changed.
   */
  reload(settings: Settings): Promise<void>;
  /** For the metrics: a configuration was read again, and is in use or was refused. */
  reloadEnded(succeeded: boolean): void;
  /** Takes no new connection, lets requests in flight end within the grace time, closes the database. */
  stop(): Promise<void>;
}

/** Where log lines go, and for tests, deadlines and a clock that differ from the standard. */
export interface DaemonContext {
  readonly writeLine: (line: string) => void;
  /** Whether the operator has configured anything. */
  readonly isConfigured?: boolean;
  readonly deadlines?: Deadlines;
  readonly clock?: Clock;
}

/**
 * Builds every part once and joins them; nothing outside src/app constructs an adapter. Resolves when all addresses
 * listen. Starts while the database is unreachable. Rejects with store_unprepared for a database of another layout than
 * ours, with document_invalid, with SigningError, and with ListenError.
 */
export async function startDaemon(settings: Settings, context: DaemonContext): Promise<Daemon> {
  const { writeLine, isConfigured = true, deadlines, clock = CLOCK } = context;
  const log = openLog(settings, writeLine);
  const qrEncoder = createQrEncoder(log);
  let signer = await openSigner(settings, clock, log);
  const home = await openHome(settings, {
    log,
    writeLine,
    isConfigured,
    ...(deadlines === undefined ? {} : { deadlines }),
  });
  const cache = new CachedSettings(home.settings, cacheOptions(settings), { clock, log });
  const filling = home.initdb((succeeded) => cache.changed(succeeded));
  const servers: HttpServer[] = [];
  const metricsServers: HttpServer[] = [];
  const stopServers = (): Promise<unknown> =>
    Promise.all([...servers, ...metricsServers].map((server) => server.stop()));
  const metrics =
    settings.metricsListen.length === 0
      ? undefined
      : new (await import('./metrics.ts')).Metrics({
          cache,
          connections: () => servers.reduce((sum, server) => sum + server.connectionCount(), 0),
          signedUntil: () => signer?.validTo,
          clock,
        });
  try {
    await home.check();

    /** The part that depends on what a reload can change. */
    const build = ({ directories, initdb: mode, limits, served, publicHost, helpPage, proxyCount }: Settings) => {
      const loaded = lazyDirectory(async () => {
        const { LdapDirectory } = await import('../adapters/ldap/ldap-directory.ts');
        return new LdapDirectory({ ...directories, ...DIRECTORY_DEADLINES }, log);
      });
      const directory = metrics?.watchDirectory(loaded) ?? loaded;
      const find = (name: DomainName) => cache.find(name);
      const all = routes(
        { health: cache, initdb: filling, readAutodiscoverRequest, clock, signer, qrEncoder },
        { limits, initdb: mode, served, publicHost, helpPage },
      );
      metrics?.addRoutes(all.map(({ format }) => format));
      const lookup = createLookup(metrics?.watchFind(find) ?? find, directory, log);
      const listener = createListener({ routes: all, lookup, proxyCount, log, clock, meter: metrics });
      return { directory, listener };
    };
    let { directory, listener } = build(settings);
    const retired = new Set<Directory>();
    // Servers keep this one; what it hands requests to may change between two of them.
    const current: Listener = (...request) => listener(...request);

    warnOfPurge(settings, log);
    for (const place of settings.listen) {
      const http = createHttpServer(current, settings.limits);
      await listen(http.server, listenAddress(place, settings));
      servers.push(http);
      log.write('INFO', 'listening', listenFields(http.server));
    }
    if (metrics !== undefined) {
      for (const place of settings.metricsListen) {
        const http = createHttpServer(metrics.listener(log), settings.limits);
        // Behind a port that processes share, each scrape would reach another one.
        await listen(http.server, listenAddress(place, { ...settings, reusePort: false }), 'metrics_listen');
        metricsServers.push(http);
        log.write('INFO', 'metrics are served', listenFields(http.server));
      }
    }
    return {
      log,
      addresses: servers
        .map(({ server }) => server.address())
        .filter((address) => typeof address === 'object' && address !== null),
      places: servers.map(({ server }) => listenText(server)),
      initdb: filling,
      async reload(next) {
        const names = restartOptions(settings, next);
        const nextSigner = await openSigner(next, clock, log);
        home.reload();
        signer = nextSigner;
        log.configure(logOptions(next));
        cache.configure(cacheOptions(next));
        // Look-ups in flight keep using the old connections.
        const old = directory;
        retired.add(old);
        setTimeout(() => void old.close().then(() => retired.delete(old)), RETIRED_MS).unref();
        ({ directory, listener } = build(next));
        for (const { setLimits } of [...servers, ...metricsServers]) setLimits(next.limits);
        log.write('INFO', 'configuration reloaded');
        warnOfPurge(next, log);
        if (names.length > 0) {
          log.write('WARNING', `these options change only with a restart: ${names.join(', ')}`);
        }
      },
      reloadEnded: (succeeded) => metrics?.reloadEnded(succeeded),
      async stop() {
        log.write('INFO', 'stopping');
        await stopServers();
        metrics?.stop();
        await Promise.all([...retired, directory].map((each) => each.close()));
        await home.settings.close();
      },
    };
  } catch (error) {
    await stopServers();
    metrics?.stop();
    await home.settings.close();
    throw error;
  }
}

const cacheOptions = ({ cache, limits: { maxConnections } }: Settings): CacheOptions => ({ ...cache, maxConnections });

/** A place to listen on with what other options say about it. */
function listenAddress(place: ListenPlace, { reusePort, socketMode }: Settings): ListenAddress {
  if ('path' in place) return { ...place, mode: socketMode };
  return 'host' in place && reusePort ? { ...place, reusePort } : place;
}

/** A proxy that sends no X-Forwarded-For makes every stranger look like this machine. */
function warnOfPurge({ initdb, settingsFile }: Settings, log: Log): void {
  if (initdb !== 'purge' || settingsFile !== undefined) return;
  log.write('WARNING', 'initdb is "purge": any program on this machine can delete all data');
}
