import { type Fetched, fetchDocument, type Outcome, outcomeAdvice, outcomeText, unreachableAdvice } from './answers.ts';
import { type AutodiscoverElsewhere, checkHttp, checkJson } from './autodiscover-ways.ts';
import { checkCertificates } from './certificates.ts';
import type { CheckContext } from './context.ts';
import { Findings } from './finding.ts';
import {
  autoconfigExpectation,
  autodiscoverExpectation,
  autodiscoverQuestion,
  get,
  profileExpectation,
  query,
} from './questions.ts';
import type { SrvOutcome } from './srv.ts';
import { checkWellKnownDav } from './well-known-dav.ts';

/** What clients of each protocol meet, for the summary. */
export interface WebOutcome {
  readonly findings: Findings;
  readonly autoconfig: Outcome;
  readonly autoconfigSite: Outcome;
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

/** Everything that clients ask over HTTP. */
export async function checkWeb(context: CheckContext, srv: SrvOutcome): Promise<WebOutcome> {
  const { domain, now, service } = context;
  const { name } = domain;
  const findings = new Findings();
  const profile = profileExpectation(context);
  const target = targetOf(srv);
  const wellKnown = `/.well-known/autoconfig/mail/config-v1.1.xml?${query(context)}`;
  const post = autodiscoverQuestion(context);
  const [autoconfig, autoconfigSite, autodiscover, autodiscoverSite, atTarget, profiles, http, , davRedirects] =
    await Promise.all([
      fetchDocument(
        context,
        `autoconfig.${name}`,
        get(`/mail/config-v1.1.xml?${query(context)}`),
        autoconfigExpectation(context),
      ),
      fetchDocument(context, name, get(wellKnown), autoconfigExpectation(context)),
      fetchDocument(context, `autodiscover.${name}`, post, autodiscoverExpectation(context)),
      fetchDocument(context, name, post, autodiscoverExpectation(context)),
      target === undefined ? undefined : fetchDocument(context, target, post, autodiscoverExpectation(context)),
      profile && fetchDocument(context, `autoconfig.${name}`, get(`/mobileconfig/?${query(context)}`), profile),
      checkHttp(findings, context),
      checkJson(findings, context),
      checkWellKnownDav(findings, context, srv),
    ]);
  judgeRequired(findings, 'autoconfig', autoconfig, service);
  const hasOwnName = autodiscover.outcome.kind !== 'no address';
  if (hasOwnName) judgeRequired(findings, 'autodiscover', autodiscover, service);
  if (target !== undefined && atTarget !== undefined && target !== `autodiscover.${name}`) {
    // It is needed where the name of its own does not answer.
    const severity = autodiscover.outcome.kind === 'ours' ? 'warning' : 'error';
    judgeRequired(findings, 'autodiscover', atTarget, service, severity);
    checkCertificates(findings, target, target, { certificates: atTarget.certificates, now, check: 'certificate' });
  }
  if (profiles !== undefined && autoconfig.outcome.kind === 'ours')
    judgeRequired(findings, 'profile', profiles, service);
  judgeSite(findings, 'autoconfig-web-site', autoconfigSite, service);
  judgeSite(findings, 'autodiscover-web-site', autodiscoverSite, service);
  for (const { name: host, certificates } of [autoconfig, autodiscover]) {
    checkCertificates(findings, host, host, { certificates, now, check: 'certificate' });
  }
  return {
    findings,
    autoconfig: autoconfig.outcome,
    autoconfigSite: autoconfigSite.outcome,
    autodiscover: autodiscover.outcome,
    autodiscoverSite: autodiscoverSite.outcome,
    autodiscoverSrv: target !== undefined && atTarget !== undefined ? { target, outcome: atTarget.outcome } : undefined,
    autodiscoverHttp: http,
    profile: profiles?.outcome,
    issuer: [...autoconfig.certificates, ...autodiscover.certificates][0]?.issuer,
    davRedirects,
  };
}

function targetOf({ seen }: SrvOutcome): string | undefined {
  const answer = seen.get('autodiscover');
  return answer?.state === 'found' ? answer.records.find(({ target }) => target !== '')?.target : undefined;
}

/** The settings must be there. A missing name is reported where names are checked. */
function judgeRequired(
  findings: Findings,
  check: 'autoconfig' | 'autodiscover' | 'profile',
  fetched: Fetched,
  service: string,
  severity: 'error' | 'warning' = 'error',
): void {
  const { name, url, outcome, isAsked } = fetched;
  if (outcome.kind === 'no address') return;
  // A name that DNS could not say is reported where names are checked.
  if (outcome.kind === 'unknown') {
    if (isAsked) findings.unknown(check, url, outcome.reason);
    return;
  }
  const expected = 'the settings, octet by octet as automx2 lookup prints them';
  if (outcome.kind === 'ours') findings.ok(check, url, outcomeText(outcome));
  else {
    const advice = outcomeAdvice(outcome, name, service);
    findings.add(check, severity, url, { expected, found: outcomeText(outcome), advice });
  }
  // Of the host with the profiles, Autoconfig's check has said so.
  if (check !== 'profile') checkSilent(findings, check, fetched);
  checkRedirects(findings, fetched);
}

/** Clients go on to the addresses that answer, some after a long wait. */
export function checkSilent(
  findings: Findings,
  check: 'autoconfig' | 'autodiscover' | 'pacc',
  { name, url, silent }: Fetched,
): void {
  for (const { address, code } of silent) {
    const [expected, found] = ['an answer at each address', `no answer (${code}) at ${address}`];
    findings.add(check, 'warning', url, { expected, found, advice: unreachableAdvice(code, name) });
  }
}

/** Outlook warns at each redirect to another host, and others follow none. */
export function checkRedirects(findings: Findings, { name, url, hops }: Fetched): void {
  if (hops.length === 0) {
    findings.ok('redirect', url, 'none');
    return;
  }
  const found = hops.map(({ status, location }) => `${status} to ${location}`).join(', then ');
  const isAbsolute = hops.every(({ location }) => /^https:\/\//i.test(location));
  const isSameHost = hops.every(({ location, from }) => URL.parse(location, from)?.hostname === name);
  if (hops.length === 1 && isAbsolute && isSameHost) findings.ok('redirect', url, found);
  else {
    const advice = `Answer at this URL itself: Outlook warns its user of redirects to other hosts, and some clients follow none that is not absolute and https, or more than one.`;
    findings.add('redirect', 'warning', url, { expected: 'no redirect', found, advice });
  }
}

/** The domain's own web site may answer as we do, or say that there is nothing. */
function judgeSite(
  findings: Findings,
  check: 'autoconfig-web-site' | 'autodiscover-web-site',
  { name, url, outcome }: Fetched,
  service: string,
): void {
  if (outcome.kind === 'unknown') {
    findings.unknown(check, url, outcome.reason);
    return;
  }
  const problem =
    outcome.kind === 'html'
      ? `The web site of ${name} answers every path: lead this path to ${service}, or let it be 404.`
      : outcome.kind === 'other'
        ? outcomeAdvice(outcome, name, service)
        : outcome.kind === 'unreachable' && outcome.code === 'ETIMEDOUT'
          ? `Clients ask ${name} and wait: let it refuse connections, or answer.`
          : outcome.kind === 'status' && outcome.status >= 500
            ? `The web site of ${name} fails at this path: lead it to ${service}, or let it be 404.`
            : undefined;
  const found = outcomeText(outcome);
  if (problem === undefined) findings.ok(check, url, found);
  else findings.add(check, 'warning', url, { expected: 'the settings, or status 404', found, advice: problem });
}
