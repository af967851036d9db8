import { publishedRecords } from '../../domain/dns/published-records.ts';
import {
  DAV_SERVICES,
  type DavLocation,
  EXTRA_SERVICES,
  type ExtraLocation,
  MAIL_SERVICES,
  type MailLocation,
  offeredServices,
  type Service,
  srvOwner,
} from '../../domain/dns/services.ts';
import type { DnsAnswer, SrvRecord } from '../../ports/resolver.ts';
import { zoneRecord } from '../dns-report.ts';
import type { CheckContext } from './context.ts';
import { Findings } from './finding.ts';
import { checkAlias, hostText } from './hosts.ts';

const MAIL_CLIENTS = 'clients that read SRV (FairEmail, SnappyMail, aerc, Himalaya)';
const DAV_CLIENTS = 'clients for calendars and contacts (Thunderbird, DAVx5, those of Apple)';
const EXTRA_CLIENTS = { jmap: 'clients of JMAP (aerc)', sieve: 'editors of mail filters' } as const;

type Location = MailLocation | DavLocation | ExtraLocation;

function clientsOf(service: Service): string {
  if (service === 'jmap' || service === 'sieve') return EXTRA_CLIENTS[service];
  return isOfMail(service) ? MAIL_CLIENTS : DAV_CLIENTS;
}

const isOfMail = (service: Service): boolean => (MAIL_SERVICES as readonly string[]).includes(service);

const place = ({ target, port }: Pick<SrvRecord, 'target' | 'port'>): string => `${target}:${port}`;
const places = (records: readonly Pick<SrvRecord, 'target' | 'port'>[]): string => records.map(place).join(', ');
const isOffer = ({ target }: SrvRecord): boolean => target !== '';

/** Targets of one service that are looked at: nobody runs more servers for one domain under names of their own. */
const MAX_TARGETS = 8;

export interface SrvOutcome {
  readonly findings: Findings;
  /** What DNS says, by service. */
  readonly seen: ReadonlyMap<Service | 'autodiscover', DnsAnswer<SrvRecord>>;
}

/** SRV records and what belongs to them: those of the rows, of services without row, and of Autodiscover. */
export async function checkSrv(context: CheckContext): Promise<SrvOutcome> {
  const { dns, domain } = context;
  const { name } = domain;
  const findings = new Findings();
  const { mail, dav, extra } = offeredServices(domain.settings);
  const offered = new Map<Service, Location[]>();
  for (const each of [...mail, ...dav, ...extra])
    offered.set(each.service, [...(offered.get(each.service) ?? []), each]);
  const others = [...MAIL_SERVICES, ...DAV_SERVICES, ...EXTRA_SERVICES].filter((each) => !offered.has(each));
  const services = ['autodiscover', ...offered.keys(), ...others] as const;
  const answers = await Promise.all(services.map((service) => dns.srv(srvOwner(service, name))));
  const seen = new Map(services.map((service, index) => [service, answers[index] ?? { state: 'absent' as const }]));
  for (const [service, answer] of seen) {
    const owner = srvOwner(service, name);
    if (service === 'autodiscover') checkAutodiscover(findings, context, owner, answer);
    else if (answer.state === 'unknown')
      findings.unknown(offered.has(service) ? 'srv' : 'srv-unused', owner, answer.reason);
    else {
      const rows = offered.get(service);
      if (rows === undefined) checkUnused(findings, context, service, answer);
      else checkOffered(findings, context, service, rows, answer);
    }
  }
  await Promise.all(
    [...seen].map(([service, answer]) => checkTargets(findings, context, srvOwner(service, name), answer)),
  );
  await Promise.all(dav.map((each) => checkDavPath(findings, context, each, seen.get(each.service))));
  return { findings, seen };
}

function checkAutodiscover(
  findings: Findings,
  { service }: CheckContext,
  owner: string,
  answer: DnsAnswer<SrvRecord>,
): void {
  if (answer.state === 'unknown') findings.unknown('autodiscover-srv', owner, answer.reason);
  if (answer.state === 'absent') findings.ok('autodiscover-srv', owner, 'none');
  if (answer.state !== 'found') return;
  const { records } = answer;
  const [first] = records;
  const isRight = records.length === 1 && first?.port === 443 && first.target !== '';
  if (isRight && first.target === service) findings.ok('autodiscover-srv', owner, places(records));
  else {
    const advice = isRight
      ? `${owner} leads to ${first.target}: make sure that it is this service, or name ${service}.`
      : 'Thunderbird takes the record with the lowest weight and ignores the port: publish exactly one with port 443.';
    findings.add('autodiscover-srv', 'warning', owner, { expected: `${service}:443`, found: places(records), advice });
  }
}

function checkOffered(
  findings: Findings,
  { domain, service: host }: CheckContext,
  service: Service,
  rows: readonly Location[],
  answer: DnsAnswer<SrvRecord>,
): void {
  const owner = srvOwner(service, domain.name);
  const expected = places(rows);
  const clients = clientsOf(service);
  const records = answer.state === 'found' ? answer.records : [];
  const offers = records.filter(isOffer);
  if (records.length === 0) {
    const line = zoneRecord(publishedRecords(domain, host), owner);
    // DNS holds no name of that length.
    if (line === undefined) return;
    const advice = `Nothing leads ${clients} to this server: add ${line}`;
    findings.add('srv', 'warning', owner, { expected, found: 'no record', advice });
    return;
  }
  const wrong = offers.filter((record) => !rows.some((row) => place(row) === place(record)));
  const missing = rows.filter((row) => !offers.some((record) => place(record) === place(row)));
  if (offers.length < records.length) {
    const found = offers.length === 0 ? '"."' : `"." beside ${places(offers)}`;
    const advice = `${owner} says that the service is not offered, although a row offers it: remove the record "0 0 0 .".`;
    findings.add('srv', 'error', owner, { expected, found, advice });
  } else if (wrong.length > 0) {
    const says = `${owner} points to ${places(wrong)}, the settings say ${expected}`;
    const advice = `${says}: ${clients} take the former; correct the record, or the row.`;
    findings.add('srv', 'error', owner, { expected, found: places(offers), advice });
  } else if (missing.length > 0) {
    const advice = `${owner} lacks ${places(missing)}: add a record for it.`;
    findings.add('srv', 'warning', owner, { expected, found: places(offers), advice });
  } else findings.ok('srv', owner, places(offers));
}

/** A service without row. */
function checkUnused(
  findings: Findings,
  { domain: { name, settings } }: CheckContext,
  service: Service,
  answer: DnsAnswer<SrvRecord>,
): void {
  const owner = srvOwner(service, name);
  const records = answer.state === 'found' ? answer.records : [];
  const offers = records.filter(isOffer);
  if (offers.length === 0) {
    findings.ok('srv-unused', owner, records.length === 0 ? 'no record' : 'not offered');
    return;
  }
  // The records may be right where rows exist that SRV should not name, such as those without TLS.
  const isRow = offers.every(({ target, port }) =>
    settings.mailServers.some((row) => row.port === port && row.hostname.toLowerCase() === target),
  );
  const advice = isRow
    ? `${owner} offers a server that clients should not be led to: remove the record.`
    : `${owner} offers a service although no row does: remove the record, or publish "0 0 0 .", or add a row.`;
  const found = offers.length < records.length ? `"." beside ${places(offers)}` : places(offers);
  findings.add('srv-unused', isRow || !isOfMail(service) ? 'note' : 'error', owner, {
    expected: 'no record, or "."',
    found,
    advice,
  });
}

async function checkTargets(
  findings: Findings,
  { dns, service }: CheckContext,
  owner: string,
  answer: DnsAnswer<SrvRecord>,
): Promise<void> {
  if (answer.state !== 'found') return;
  const targets = [...new Set(answer.records.filter(isOffer).map(({ target }) => target))].slice(0, MAX_TARGETS);
  for (const target of targets) {
    // It has checks of its own.
    if (target === service) continue;
    const host = await dns.host(target);
    const { addresses, aliases } = host;
    if (addresses.state === 'unknown') findings.unknown('srv-target', target, addresses.reason);
    else if (addresses.state === 'absent') {
      checkAlias(findings, target, host);
      const advice = `${owner} leads to ${target}, which has no address: correct the record, or give ${target} one.`;
      findings.add('srv-target', 'error', target, { expected: 'an address', found: hostText(host), advice });
    } else if (aliases.length > 0) {
      const advice = `SRV targets must not be aliases (RFC 2782): name ${aliases.at(-1)} in ${owner}, or give ${target} addresses.`;
      findings.add('srv-target', 'warning', target, { expected: 'no alias', found: hostText(host), advice });
    } else findings.ok('srv-target', target, hostText(host));
  }
}

async function checkDavPath(
  findings: Findings,
  { dns, domain }: CheckContext,
  { service, path }: DavLocation,
  srv: DnsAnswer<SrvRecord> | undefined,
): Promise<void> {
  // Without the record beside it, nobody reads the path.
  if (srv?.state !== 'found') return;
  const owner = srvOwner(service, domain.name);
  const answer = await dns.txt(owner);
  if (answer.state === 'unknown') {
    findings.unknown('dav-path', owner, answer.reason);
    return;
  }
  const expected = `path=${path}`;
  const found = answer.state === 'found' ? answer.records.filter((text) => text.startsWith('path=')) : [];
  if (found.length === 1 && found[0] === expected) findings.ok('dav-path', owner, expected);
  else {
    const advice = `Clients begin at another path of the server: publish one TXT record "${expected}" at ${owner}.`;
    findings.add('dav-path', 'warning', owner, { expected, found: found.join(', ') || 'no record', advice });
  }
}
