import type { CheckContext } from './context.ts';
import type { Findings } from './finding.ts';
import { askUrl } from './site.ts';
import type { SrvOutcome } from './srv.ts';
import { checkWellKnownJmap, isJmap } from './well-known.ts';

const WELL_KNOWN_JMAP = '/.well-known/jmap';

/** JMAP, where the domain has it: at its host, where clients begin that read SRV, and from the domain's own host. */
export async function checkJmap(findings: Findings, context: CheckContext, srv: SrvOutcome): Promise<void> {
  const { name, settings } = context.domain;
  if (settings.extras.jmap === undefined) return;
  const url = new URL(settings.extras.jmap.url);
  const isOwnHost = url.host === name;
  await Promise.all([
    checkSession(findings, context, url),
    isOwnHost ? undefined : checkWellKnownJmap(findings, context, srv, url),
  ]);
}

/** Clients that know host and port by SRV find the session at a fixed path (RFC 8620 section 2.2). */
async function checkSession(findings: Findings, context: CheckContext, { origin, host }: URL): Promise<void> {
  const url = new URL(WELL_KNOWN_JMAP, origin);
  const came = await askUrl(findings, context, 'jmap', url);
  if (came === undefined) return;
  const { answer, found } = came;
  const isRedirect = answer?.state === 'answered' && /^3\d\d$/.test(String(answer.status)) && answer.location !== '';
  if (answer !== undefined && (isRedirect || isJmap(answer))) findings.ok('jmap', url.href, found);
  else {
    const expected = 'the session of JMAP, a redirect to it, or status 401';
    const advice = `Clients of JMAP that read SRV (aerc) begin at this URL: let the server at ${host} answer it, or redirect it to the session.`;
    findings.add('jmap', 'warning', url.href, { expected, found, advice });
  }
}
