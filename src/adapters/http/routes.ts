import type { DomainName } from '../../domain/domain-name.ts';
import type { AutodiscoverRequestReader } from '../../ports/autodiscover-request-reader.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Health } from '../../ports/health.ts';
import type { Initdb } from '../../ports/initdb.ts';
import type { ProfileSigner } from '../../ports/profile-signer.ts';
import type { QrEncoder } from '../../ports/qr-encoder.ts';
import { autoconfigRoutes } from './formats/autoconfig.ts';
import { autodiscoverRoute } from './formats/autodiscover.ts';
import { autodiscoverJsonRoute } from './formats/autodiscover-json.ts';
import { mobileconfigRoute } from './formats/mobileconfig.ts';
import { paccRoute } from './formats/pacc.ts';
import { wellKnownRoutes } from './formats/well-known.ts';
import type { Route } from './listener.ts';
import { healthRoute } from './operator/health.ts';
import { type InitdbMode, initdbRoute } from './operator/initdb.ts';
import { type ServedMode, servedRoute } from './operator/served.ts';
import { helpRoute, plainRoute } from './pages/help.ts';
import type { HttpLimits } from './server/limits.ts';

/** What the operator decides about them. */
export interface HttpSettings {
  readonly limits: HttpLimits;
  readonly initdb: InitdbMode;
  readonly served: ServedMode;
  /** The host that DNS leads to, if the operator has said so. */
  readonly publicHost: DomainName | undefined;
  /** Whether people get a page at "/". */
  readonly helpPage: boolean;
}

/** What HTTP needs from the rest of the daemon. */
export interface HttpServices {
  readonly health: Health;
  readonly initdb: Initdb;
  readonly readAutodiscoverRequest: AutodiscoverRequestReader;
  readonly clock: Clock;
  /** Undefined: profiles are served unsigned. */
  readonly signer: ProfileSigner | undefined;
  readonly qrEncoder: QrEncoder;
}

/**
 * Every path that is served. How a request passes: server/ (sockets and limits), listener.ts (route and method), the
 * route's file (reads the request, asks its look-up, writes the reply); what is thrown becomes an answer in listener.ts,
 * by the route's `onFailure` or the table in reply.ts. Paths are compared as sent: a client that escapes a slash means
 * another one.
 */
export const routes = (
  { health, initdb, readAutodiscoverRequest, clock, signer, qrEncoder }: HttpServices,
  { limits, initdb: mode, served, publicHost, helpPage }: HttpSettings,
): readonly Route[] => [
  ...autoconfigRoutes,
  autodiscoverRoute({ readRequest: readAutodiscoverRequest, clock, maxOctets: limits.maxAutodiscoverOctets }),
  autodiscoverJsonRoute,
  mobileconfigRoute(signer),
  paccRoute,
  ...wellKnownRoutes,
  servedRoute(served, publicHost),
  initdbRoute({ initdb, mode, maxOctets: limits.maxSeedOctets }),
  helpPage ? helpRoute({ isSigned: signer !== undefined, publicHost, qrEncoder }) : plainRoute,
  healthRoute(health),
];
