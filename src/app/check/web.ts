import type { Outcome } from './answers.ts';
import { checkAutoconfig } from './autoconfig.ts';
import { checkAutodiscover } from './autodiscover.ts';
import type { AutodiscoverElsewhere } from './autodiscover-ways.ts';
import type { CheckContext } from './context.ts';
import { Findings } from './finding.ts';
import { checkJmap } from './jmap.ts';
import { checkOAuth2 } from './oauth2.ts';
import type { SrvOutcome } from './srv.ts';
import { checkWellKnownDav } from './well-known.ts';

/** What clients of each protocol meet, for the summary. */
export interface WebOutcome {
  readonly findings: Findings;
  readonly autoconfig: Outcome;
  readonly autoconfigSite: Outcome;
  /** Without an address. */
  readonly autoconfigByHost: Outcome;
  readonly autodiscover: Outcome;
  readonly autodiscoverSite: Outcome;
  /** At the target of the SRV record; undefined: there is none. */
  readonly autodiscoverSrv: AutodiscoverElsewhere | undefined;
  /** Where a redirect from plain http leads, another host than autodiscover.D; undefined: there is none. */
  readonly autodiscoverHttp: AutodiscoverElsewhere | undefined;
  /** Undefined: none can be made. */
  readonly profile: Outcome | undefined;
  /** Who issued the certificate of the service; undefined: none was seen. */
  readonly issuer: string | undefined;
  /** Types of DAV for which the domain's own host leads on. */
  readonly davRedirects: readonly string[];
}

/** Everything that clients ask over HTTP, but for PACC. */
export async function checkWeb(context: CheckContext, seen: SrvOutcome): Promise<WebOutcome> {
  const findings = new Findings();
  const [{ autoconfig, byHost, site, profile }, { autodiscover, http, srv, ...others }, davRedirects] =
    await Promise.all([
      checkAutoconfig(findings, context),
      checkAutodiscover(findings, context, seen),
      checkWellKnownDav(findings, context, seen),
      checkJmap(findings, context, seen),
      checkOAuth2(findings, context),
    ]);
  return {
    findings,
    autoconfig: autoconfig.outcome,
    autoconfigSite: site.outcome,
    autoconfigByHost: byHost.outcome,
    autodiscover: autodiscover.outcome,
    autodiscoverSite: others.site.outcome,
    autodiscoverSrv: srv,
    autodiscoverHttp: http,
    profile: profile?.outcome,
    issuer: [...autoconfig.certificates, ...autodiscover.certificates][0]?.issuer,
    davRedirects,
  };
}
