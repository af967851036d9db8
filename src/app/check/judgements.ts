import { type Fetched, outcomeAdvice, outcomeText, unreachableAdvice } from './answers.ts';
import type { Findings } from './finding.ts';

/** The settings must be there. A missing name is reported where names are checked. */
export function judgeRequired(
  findings: Findings,
  check: 'autoconfig' | 'autodiscover' | 'profile',
  fetched: Fetched,
  service: string,
  severity: 'error' | 'warning' = 'error',
): void {
  const { name, url, outcome, isAsked } = fetched;
  if (outcome.kind === 'no address') return;
  // A name that could not be resolved is reported where names are checked.
  if (outcome.kind === 'unknown') {
    if (isAsked) findings.unknown(check, url, outcome.reason);
    return;
  }
  const expected = 'the settings that automx2 lookup prints';
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
export function judgeSite(
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
