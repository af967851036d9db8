import type { ServedDomain } from '../../domain/served-domain.ts';
import type { Prober } from '../../ports/prober.ts';
import type { Resolver } from '../../ports/resolver.ts';
import { checkCaa } from './caa.ts';
import { type ClientOutcome, clientOutcomes } from './clients.ts';
import {
  type CheckContext,
  type CheckOptions,
  deadlineAfter,
  madeUpUser,
  timedProber,
  timedResolver,
} from './context.ts';
import { CHECKS, type CheckName, type Finding } from './finding.ts';
import { checkHosts } from './hosts.ts';
import { checkMailHosts } from './mail-hosts.ts';
import { checkMx } from './mx.ts';
import { checkPacc } from './pacc.ts';
import { checkSrv } from './srv.ts';
import { checkWeb } from './web.ts';

/** For everything that is asked about one domain, in milliseconds. */
const DOMAIN_LIMIT_MS = 15_000;

/** A name server whose view of DNS is checked. */
export interface View {
  /** What the operator calls it. */
  readonly title: string;
  readonly dns: Resolver;
}

export interface DomainReport {
  readonly domain: string;
  readonly findings: readonly Finding[];
  readonly clients: readonly ClientOutcome[];
}

/** Asks everything about one domain. With several views, sites are asked at the addresses that the first one says. */
export async function checkDomain(
  domain: ServedDomain,
  views: readonly [View, ...View[]],
  prober: Prober,
  options: CheckOptions & { readonly strangeLabel: string },
): Promise<DomainReport> {
  const { within, end } = deadlineAfter(DOMAIN_LIMIT_MS);
  const contextOf = ({ dns }: View): CheckContext => ({
    ...options,
    domain,
    user: madeUpUser(domain),
    strangeName: `${options.strangeLabel}.${domain.name}`,
    dns: timedResolver(dns, within),
    prober: timedProber(prober, within),
  });
  try {
    const [first, ...others] = views;
    const [main, ...further] = await Promise.all([
      checkAll(contextOf(first)),
      ...others.map(async (view) => checkDns(contextOf(view))),
    ]);
    const findings = merged([
      { title: first.title, findings: main.findings },
      ...further.map((found, index) => ({ title: others[index]?.title ?? '', findings: found })),
    ]);
    return { domain: domain.name, findings: findings.toSorted(byOrder), clients: main.clients };
  } finally {
    end();
  }
}

/** What a view says of DNS alone. */
async function checkDns(context: CheckContext): Promise<readonly Finding[]> {
  const [hosts, srv] = await Promise.all([checkHosts(context), checkSrv(context)]);
  return [...hosts.list, ...srv.findings.list];
}

async function checkAll(context: CheckContext): Promise<Pick<DomainReport, 'findings' | 'clients'>> {
  const { domain } = context;
  const srv = checkSrv(context);
  const asked = srv.then((outcome) => checkWeb(context, outcome));
  const [hosts, services, web, pacc, mail, mx, caa] = await Promise.all([
    checkHosts(context),
    srv,
    asked,
    checkPacc(context),
    checkMailHosts(context),
    checkMx(context),
    asked.then(({ issuer }) => checkCaa(context, domain.name, issuer)),
  ]);
  const parts = [hosts, services.findings, web.findings, pacc.findings, mx.findings, caa].map(({ list }) => list);
  const all = distinct([...parts.flat(), ...mail]);
  // With --connect, the answer did not come from where DNS leads.
  const findings = context.connectTo === undefined ? softened(all) : all;
  const where = context.connectTo === undefined ? '' : `, asked at ${context.connectTo.address}`;
  const outcomes = clientOutcomes({
    name: domain.name,
    web,
    mx,
    pacc,
    findings,
    hasDav: domain.settings.davServers.length > 0,
    hasJmap: domain.settings.extras.jmap !== undefined,
  });
  return { findings, clients: outcomes.map((each) => ({ ...each, text: each.text + where })) };
}

/** Two records, or two rows, can have one host. */
const distinct = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values(),
];

/** Checks of documents, of which a client needs the answer. */
const DOCUMENTS: readonly CheckName[] = ['autoconfig', 'autodiscover', 'pacc'];

/** Checks of where a name leads. */
const LEADING: readonly CheckName[] = ['address', 'wildcard'];

/** A name that leads to another machine is no fault where that answers as we do, at each of its addresses. */
function softened(findings: readonly Finding[]): readonly Finding[] {
  const isAnswered = (name: string): boolean => {
    const documents = findings.filter(
      ({ check, owner }) => DOCUMENTS.includes(check) && owner.startsWith(`https://${name}/`),
    );
    return documents.length > 0 && documents.every(({ severity }) => severity === 'ok');
  };
  return findings.map((finding) => {
    if (!LEADING.includes(finding.check) || finding.severity === 'ok' || !isAnswered(finding.owner)) return finding;
    return {
      ...finding,
      severity: 'note',
      advice: `${finding.owner} leads to another machine, which gives the right answer.`,
    };
  });
}

/** What all views say once; what differs with the name of who says so. */
function merged(
  views: readonly { readonly title: string; readonly findings: readonly Finding[] }[],
): readonly Finding[] {
  const [first, ...others] = views;
  if (first === undefined || others.length === 0) return first?.findings ?? [];
  const keyOf = (finding: Finding): string => JSON.stringify(finding);
  const inAll = (finding: Finding): boolean =>
    others.every(({ findings }) => findings.some((other) => keyOf(other) === keyOf(finding)));
  const dnsOnly = new Set(others.flatMap(({ findings }) => findings.map(({ check }) => check)));
  return [
    ...first.findings.map((finding) =>
      inAll(finding) || !dnsOnly.has(finding.check) ? finding : { ...finding, view: first.title },
    ),
    ...others.flatMap(({ title, findings }) =>
      findings
        .filter((finding) => !first.findings.some((other) => keyOf(other) === keyOf(finding)))
        .map((finding) => ({ ...finding, view: title })),
    ),
  ];
}

const order = new Map<string, number>(CHECKS.map((check, index) => [check, index]));

function byOrder(a: Finding, b: Finding): number {
  const checks = (order.get(a.check) ?? 0) - (order.get(b.check) ?? 0);
  if (checks !== 0) return checks;
  return a.owner === b.owner ? 0 : a.owner < b.owner ? -1 : 1;
}
