import { davContextUrl } from '../../domain/dav-url.ts';
import type { Service } from '../../domain/dns/services.ts';
import { DAV_TYPES } from '../../domain/mail-domain.ts';
import type { HttpAnswer } from '../../ports/prober.ts';
import { askSite, type CheckContext } from './context.ts';
import type { Findings } from './finding.ts';
import { get } from './questions.ts';
import { firstAnswer } from './site.ts';
import type { SrvOutcome } from './srv.ts';

/** A path below /.well-known/ of the domain's own host, where clients begin. */
interface WellKnown {
  readonly check: 'well-known-dav' | 'well-known-jmap';
  readonly label: 'caldav' | 'carddav' | 'jmap';
  /** Where it may lead, the best one first. */
  readonly urls: readonly string[];
  readonly redirects: readonly number[];
  /** The domain's own host may be the server. */
  readonly isServer: (answer: HttpAnswer) => boolean;
  /** Those who find its SRV record need no redirect. */
  readonly service: Service;
  readonly clients: string;
}

/** Whether the domain's own host leads clients to a server. */
async function leadsOn(
  findings: Findings,
  context: CheckContext,
  { seen }: SrvOutcome,
  { check, label, urls, redirects, isServer, service, clients }: WellKnown,
): Promise<boolean> {
  const { name } = context.domain;
  const path = `/.well-known/${label}`;
  const owner = `https://${name}${path}`;
  const { trouble, answer, found } = firstAnswer(await askSite(context, name, get(path)));
  if (trouble !== undefined) {
    findings.unknown(check, owner, trouble);
    return false;
  }
  const status = answer?.state === 'answered' ? answer.status : undefined;
  const location = answer?.state === 'answered' ? URL.parse(answer.location, owner)?.href : undefined;
  const isRedirect =
    status !== undefined && redirects.includes(status) && location !== undefined && urls.includes(location);
  if (isRedirect || (answer !== undefined && isServer(answer))) {
    findings.ok(check, owner, location ?? `status ${status}`);
    return true;
  }
  const hasSrv = seen.get(service)?.state === 'found';
  const statuses = `${redirects.slice(0, -1).join(', ')} or ${redirects.at(-1)}`;
  const advice = `${clients} begin at the domain's own host: lead ${path} to ${context.service}, or redirect it with ${statuses}.`;
  const expected = `a redirect to ${urls[0]}`;
  findings.add(check, hasSrv ? 'note' : 'warning', owner, { expected, found, advice });
  return false;
}

/** The domain's own host leads to calendars and contacts (RFC 6764 section 5): which of them. */
export async function checkWellKnownDav(
  findings: Findings,
  context: CheckContext,
  srv: SrvOutcome,
): Promise<readonly string[]> {
  const { name, settings } = context.domain;
  const leading: string[] = [];
  for (const type of DAV_TYPES) {
    const servers = settings.davServers.filter((server) => server.type === type);
    const urls = servers.map(({ url }) => davContextUrl(url, name)).filter((url) => url !== undefined);
    if (urls.length === 0) continue;
    const leads = await leadsOn(findings, context, srv, {
      ...{ check: 'well-known-dav', label: type, urls, service: `${type}s` },
      redirects: [301, 307, 308],
      isServer: (answer) => answer.state === 'answered' && [401, 207].includes(answer.status),
      clients: "Apple's and other clients",
    });
    if (leads) leading.push(type);
  }
  return leading;
}

/** An answer of JMAP itself (RFC 8620 section 2): the session, or the demand to log in. */
export const isJmap = (answer: HttpAnswer): boolean =>
  answer.state === 'answered' &&
  (answer.status === 401 || (answer.status === 200 && /^application\/json\b/i.test(answer.contentType)));

/** The domain's own host leads to JMAP (RFC 8620 section 2.2). */
export async function checkWellKnownJmap(
  findings: Findings,
  context: CheckContext,
  srv: SrvOutcome,
  url: URL,
): Promise<void> {
  await leadsOn(findings, context, srv, {
    ...{ check: 'well-known-jmap', label: 'jmap', urls: [url.href], service: 'jmap', isServer: isJmap },
    redirects: [301, 302, 303, 307, 308],
    clients: 'Himalaya and other clients of JMAP',
  });
}
