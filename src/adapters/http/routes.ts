import type { AccountLookup } from '../../ports/account-lookup.ts';
import type { AutodiscoverRequestReader } from '../../ports/autodiscover-request-reader.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Health } from '../../ports/health.ts';
import type { Initdb } from '../../ports/initdb.ts';
import { autoconfigHandler, ispdbHandler } from './autoconfig-handler.ts';
import { autodiscoverGetHandler, autodiscoverJsonHandler, autodiscoverPostHandler } from './autodiscover-handler.ts';
import { davRedirectHandler } from './dav-redirect-handler.ts';
import type { Handler } from './exchange.ts';
import { type InitdbMode, initdbHandlers } from './initdb-handler.ts';
import { mobileconfigHandler } from './mobileconfig-handler.ts';
import { type ServedMode, servedHandler } from './served-handler.ts';
import type { HttpLimits } from './server/limits.ts';
import { healthHandler, rootHandler } from './status-handlers.ts';

/** What the operator decides about them. */
export interface HttpSettings {
  readonly limits: HttpLimits;
  readonly initdb: InitdbMode;
  readonly served: ServedMode;
}

/** What HTTP needs from the rest of the daemon. */
export interface HttpServices {
  readonly lookUp: AccountLookup;
  readonly health: Health;
  readonly initdb: Initdb;
  readonly readAutodiscoverRequest: AutodiscoverRequestReader;
  readonly clock: Clock;
}

export interface Route {
  /** Name of the format, for the access log. */
  readonly format: string;
  readonly path: RegExp;
  /** By method, or ANY_METHOD. HEAD is GET without its body, unless it has a handler of its own. */
  readonly methods: Readonly<Record<string, Handler>>;
}

/** For a route whose answer is the same whatever the method, those of WebDAV included. */
export const ANY_METHOD = '*';

/** Every path that is served. Paths are compared as sent: a client that escapes a slash means another one. */
export function routes(
  { lookUp, health, initdb, readAutodiscoverRequest, clock }: HttpServices,
  { limits, initdb: mode, served }: HttpSettings,
): readonly Route[] {
  return [
    {
      format: 'autoconfig',
      path: /^\/(?:(?:(?:\.well-known\/autoconfig|v1\.1)\/)?mail\/config-v1\.1\.xml|\.well-known\/mail-v1\.xml)$/,
      methods: { GET: autoconfigHandler(lookUp) },
    },
    { format: 'autoconfig', path: /^\/v1\.1\/[^/]+$/, methods: { GET: ispdbHandler(lookUp) } },
    {
      format: 'autodiscover',
      path: /^\/autodiscover\/autodiscover\.xml$/i,
      methods: {
        GET: autodiscoverGetHandler(lookUp),
        POST: autodiscoverPostHandler({
          lookUp,
          readRequest: readAutodiscoverRequest,
          clock,
          maxOctets: limits.maxAutodiscoverOctets,
        }),
      },
    },
    {
      format: 'autodiscover-json',
      path: /^\/autodiscover\/autodiscover\.json(?:\/v1\.0\/[^/]+)?$/i,
      methods: { GET: autodiscoverJsonHandler(lookUp) },
    },
    { format: 'mobileconfig', path: /^\/mobileconfig\/?$/, methods: { GET: mobileconfigHandler(lookUp) } },
    {
      format: 'caldav',
      path: /^\/\.well-known\/caldav\/?$/,
      methods: { [ANY_METHOD]: davRedirectHandler('caldav', lookUp) },
    },
    {
      format: 'carddav',
      path: /^\/\.well-known\/carddav\/?$/,
      methods: { [ANY_METHOD]: davRedirectHandler('carddav', lookUp) },
    },
    { format: 'served', path: /^\/v1\/served$/, methods: { GET: servedHandler(lookUp, served) } },
    {
      format: 'initdb',
      path: /^\/initdb\/?$/,
      methods: initdbHandlers({ initdb, mode, maxOctets: limits.maxSeedOctets }),
    },
    { format: 'root', path: /^\/$/, methods: { GET: rootHandler(health) } },
    { format: 'health', path: /^\/healthz$/, methods: { GET: healthHandler(health) } },
  ];
}
