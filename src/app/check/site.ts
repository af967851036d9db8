import { commonHost } from '../../domain/host-name.ts';
import type { HttpAnswer } from '../../ports/prober.ts';
import { checkCertificates } from './certificates.ts';
import { askSite, type CheckContext, ownTrouble, type SiteAnswer } from './context.ts';
import type { CheckName, Findings } from './finding.ts';
import { get } from './questions.ts';

/** What came of a question to a site, at its first address. */
export interface Came {
  /** What kept it from being asked. */
  readonly trouble: string | undefined;
  /** Undefined: there is no address. */
  readonly answer: HttpAnswer | undefined;
  /** In a few words. */
  readonly found: string;
}

/** What came of asking the first of its addresses. */
export function firstAnswer({ answers, host }: SiteAnswer<HttpAnswer>): Came {
  const answer = answers[0]?.answer;
  const unasked = host.addresses.state === 'unknown' ? host.addresses.reason : undefined;
  const trouble = answer === undefined ? unasked : ownTrouble(answer);
  if (answer === undefined) return { trouble, answer, found: 'no address' };
  if (answer.state === 'unreachable') return { trouble, answer, found: `no answer (${answer.code})` };
  return { trouble, answer, found: `status ${answer.status}${answer.location === '' ? '' : ` to ${answer.location}`}` };
}

/**
 * Asks a URL of a server that many domains can have, once for all of them, and looks at its certificates. Undefined: it
 * could not be asked, which is reported.
 */
export async function askUrl(
  findings: Findings,
  context: CheckContext,
  check: CheckName,
  { href, hostname, host, port, pathname }: URL,
): Promise<Came | undefined> {
  if (commonHost(hostname, context.domain.name) === undefined) {
    const advice = 'Its host is no full host name: look at it by hand.';
    findings.add(check, 'note', href, { found: 'not asked', advice });
    return undefined;
  }
  const portOf = port === '' ? {} : { port: Number(port) };
  const site = await askSite(context, hostname, { ...get(pathname), ...portOf, isShared: true });
  const certificates = site.answers.flatMap(({ answer }) =>
    answer.state === 'answered' && answer.certificate !== undefined ? [answer.certificate] : [],
  );
  checkCertificates(findings, host, hostname, { certificates, now: context.now, check: 'certificate' });
  const came = firstAnswer(site);
  if (came.trouble === undefined) return came;
  findings.unknown(check, href, came.trouble);
  return undefined;
}
