import { davContextUrl } from '../../domain/dav-url.ts';
import { DAV_TYPES } from '../../domain/mail-domain.ts';
import { askSite, type CheckContext, ownTrouble } from './context.ts';
import type { Findings } from './finding.ts';
import { get } from './questions.ts';
import type { SrvOutcome } from './srv.ts';

const LASTING: readonly number[] = [301, 307, 308];

/** The domain's own host leads to calendars and contacts (RFC 6764 section 5). */
export async function checkWellKnownDav(
  findings: Findings,
  context: CheckContext,
  { seen }: SrvOutcome,
): Promise<readonly string[]> {
  const { domain } = context;
  const leading: string[] = [];
  for (const type of DAV_TYPES) {
    const servers = domain.settings.davServers.filter((server) => server.type === type);
    const urls = servers.map(({ url }) => davContextUrl(url, domain.name)).filter((url) => url !== undefined);
    if (urls.length === 0) continue;
    const path = `/.well-known/${type}`;
    const owner = `https://${domain.name}${path}`;
    const { answers, host } = await askSite(context, domain.name, get(path));
    const answer = answers[0]?.answer;
    const expected = `a redirect to ${urls[0]}`;
    const unasked = host.addresses.state === 'unknown' ? host.addresses.reason : undefined;
    const trouble = answer === undefined ? unasked : ownTrouble(answer);
    if (trouble !== undefined) {
      findings.unknown('well-known-dav', owner, trouble);
      continue;
    }
    const status = answer?.state === 'answered' ? answer.status : undefined;
    const location = answer?.state === 'answered' ? URL.parse(answer.location, owner)?.href : undefined;
    // A server for calendars that is the domain's own host may answer itself.
    const isServer = status === 401 || status === 207;
    if (
      isServer ||
      (status !== undefined && LASTING.includes(status) && location !== undefined && urls.includes(location))
    ) {
      leading.push(type);
      findings.ok('well-known-dav', owner, location ?? `status ${status}`);
      continue;
    }
    // Those who find SRV need no redirect.
    const hasSrv = seen.get(`${type}s`)?.state === 'found';
    const found =
      answer === undefined
        ? 'no address'
        : answer.state === 'unreachable'
          ? `no answer (${answer.code})`
          : `status ${status}${answer.location === '' ? '' : ` to ${answer.location}`}`;
    const advice = `Apple's and other clients begin at the domain's own host: lead ${path} to ${context.service}, or redirect it with 301, 307 or 308.`;
    findings.add('well-known-dav', hasSrv ? 'note' : 'warning', owner, { expected, found, advice });
  }
  return leading;
}
