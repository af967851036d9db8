import { type Fetched, fetchDocument, outcomeAdvice, outcomeText } from './answers.ts';
import { checkCertificates } from './certificates.ts';
import type { CheckContext } from './context.ts';
import type { Findings } from './finding.ts';
import { judgeRequired, judgeSite } from './judgements.ts';
import {
  AUTOCONFIG_PATH,
  autoconfigExpectation,
  byHostExpectation,
  get,
  PROFILE_PATH,
  profileExpectation,
  query,
} from './questions.ts';

export interface AutoconfigOutcome {
  readonly autoconfig: Fetched;
  readonly site: Fetched;
  /** Without an address. */
  readonly byHost: Fetched;
  /** Undefined: none can be made. */
  readonly profile: Fetched | undefined;
}

/** What clients of Autoconfig ask, and the profile, which is at the same host. */
export async function checkAutoconfig(findings: Findings, context: CheckContext): Promise<AutoconfigOutcome> {
  const { domain, now, service } = context;
  const host = `autoconfig.${domain.name}`;
  const expected = autoconfigExpectation(context);
  const wanted = profileExpectation(context);
  const [autoconfig, site, byHost, profile] = await Promise.all([
    fetchDocument(context, host, get(`${AUTOCONFIG_PATH}?${query(context)}`), expected),
    fetchDocument(context, domain.name, get(`/.well-known/autoconfig${AUTOCONFIG_PATH}?${query(context)}`), expected),
    fetchDocument(context, host, get(AUTOCONFIG_PATH), byHostExpectation(context)),
    wanted && fetchDocument(context, host, get(`${PROFILE_PATH}?${query(context)}`), wanted),
  ]);
  judgeRequired(findings, 'autoconfig', autoconfig, service);
  checkCertificates(findings, host, host, { certificates: autoconfig.certificates, now, check: 'certificate' });
  // Other faults of the host are reported already.
  if (autoconfig.outcome.kind === 'ours') {
    judgeByHost(findings, byHost, service);
    if (profile !== undefined) judgeRequired(findings, 'profile', profile, service);
  }
  judgeSite(findings, 'autoconfig-web-site', site, service);
  return { autoconfig, site, byHost, profile };
}

/** If this alone fails, the proxy does not pass the host name on. */
function judgeByHost(findings: Findings, { name, outcome, url, hops }: Fetched, service: string): void {
  const check = 'autoconfig-by-host';
  if (outcome.kind === 'unknown') findings.unknown(check, url, outcome.reason);
  else if (outcome.kind === 'ours') findings.ok(check, url, outcomeText(outcome));
  else {
    const isLost = outcome.kind === 'status' && outcome.status < 500;
    const [cause, remedy] =
      hops.length === 0
        ? ['does not pass the host name on', 'let it send Host, or X-Forwarded-Host with proxy_count']
        : ['redirects to another host name than that', 'let it answer itself'];
    const advice = isLost
      ? `The proxy at ${name} ${cause}, from which clients without address (Thunderbird for Android, KMail) get their domain: ${remedy}.`
      : outcomeAdvice(outcome, name, service);
    findings.add(check, 'error', url, { expected: 'the settings of the host', found: outcomeText(outcome), advice });
  }
}
