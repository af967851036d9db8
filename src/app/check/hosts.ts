import { publishedRecords } from '../../domain/dns/published-records.ts';
import { srvOwner } from '../../domain/dns/services.ts';
import { paccDigest } from '../../domain/formats/pacc.ts';
import { PACC_LABEL } from '../../domain/service-names.ts';
import type { DnsAnswer, HostAnswer, SrvRecord } from '../../ports/resolver.ts';
import { zoneRecord } from '../dns-report.ts';
import { addressesOf, type CheckContext } from './context.ts';
import { type CheckName, Findings } from './finding.ts';

/** A day, in seconds: longer, and a mistake stays with clients for longer than a working day. */
const LONG_TTL = 24 * 60 * 60;

/** "an alias of a.example, 192.0.2.1" */
export function hostText({ aliases, addresses }: HostAnswer): string {
  const leads = aliases.length === 0 ? [] : [`an alias of ${aliases.join(', ')}`];
  const found = addressesOf({ aliases, addresses });
  const none = addresses.state === 'unknown' ? [addresses.reason] : found.length === 0 ? ['no address'] : [];
  return [...leads, ...found, ...none].join(', ');
}

export const isDangling = ({ aliases, addresses }: HostAnswer): boolean =>
  aliases.length > 0 && addresses.state === 'absent';

/** The names under which clients ask, and the service that they should lead to. */
export async function checkHosts(context: CheckContext): Promise<Findings> {
  const { dns, domain, service, strangeName } = context;
  const findings = new Findings();
  const hostAt = async (label: string) => {
    const owner = `${label}.${domain.name}`;
    return { owner, host: await dns.host(owner) };
  };
  const [own, wild, srv, autoconfig, autodiscover, pacc] = await Promise.all([
    dns.host(service),
    dns.host(strangeName),
    dns.srv(srvOwner('autodiscover', domain.name)),
    hostAt('autoconfig'),
    hostAt('autodiscover'),
    hostAt(PACC_LABEL),
  ]);
  checkService(findings, service, own, srv);
  checkName(findings, 'autoconfig-name', autoconfig, () =>
    addMissing(findings, context, 'autoconfig-name', autoconfig.owner),
  );
  checkName(findings, 'autodiscover-name', autodiscover, () =>
    checkAutodiscoverWithoutName(findings, context, autodiscover.owner, srv),
  );
  checkAlias(findings, pacc.owner, pacc.host);
  if (pacc.host.addresses.state === 'unknown') findings.unknown('pacc', pacc.owner, pacc.host.addresses.reason);
  const ownAddresses = new Set(addressesOf(own));
  for (const { owner, host } of [autoconfig, autodiscover, ...(paccDigest(domain) === undefined ? [] : [pacc])]) {
    if (host.addresses.state !== 'found') continue;
    checkAddresses(findings, context, { owner, host, ownAddresses });
    checkWildcard(findings, { owner, host, wild, ownAddresses });
    checkTtl(findings, owner, host);
  }
  return findings;
}

/** The host that everything leads to; SRV may name it only if it is no alias. */
function checkService(findings: Findings, service: string, own: HostAnswer, srv: DnsAnswer<SrvRecord>): void {
  const isTarget = srv.state === 'found' && srv.records.some(({ target }) => target === service);
  checkName(findings, 'service-address', { owner: service, host: own }, () => {
    const advice = `${service} has no address: create an A (and AAAA) record for it.`;
    findings.add('service-address', 'error', service, { expected: 'an address', found: 'none', advice });
  });
  if (own.aliases.length > 0 && isTarget) {
    const advice = `SRV targets must not be aliases (RFC 2782): give ${service} addresses of its own.`;
    findings.add('service-alias', 'warning', service, { expected: 'no alias', found: hostText(own), advice });
  } else if (own.addresses.state === 'found') findings.ok('service-alias', service, hostText(own));
}

interface NamedHost {
  readonly owner: string;
  readonly host: HostAnswer;
}

/** Whether a name leads to an address. `missing` is called where there is neither that nor an alias. */
function checkName(findings: Findings, check: CheckName, { owner, host }: NamedHost, missing: () => void): void {
  checkAlias(findings, owner, host);
  if (host.addresses.state === 'unknown') findings.unknown(check, owner, host.addresses.reason);
  else if (host.addresses.state === 'found') findings.ok(check, owner, hostText(host));
  else if (!isDangling(host)) missing();
}

function addMissing(findings: Findings, context: CheckContext, check: CheckName, owner: string): void {
  const advice = `${owner} has no address, so its clients find nothing: ${remedyFor(context, owner)}.`;
  findings.add(check, 'error', owner, { expected: `an alias of ${context.service}`, found: 'no address', advice });
}

/** Outlook goes on to the SRV record; others do not. */
function checkAutodiscoverWithoutName(
  findings: Findings,
  context: CheckContext,
  owner: string,
  srv: DnsAnswer<SrvRecord>,
): void {
  const check = 'autodiscover-name';
  if (srv.state === 'unknown') findings.unknown(check, srvOwner('autodiscover', context.domain.name), srv.reason);
  else if (srv.state === 'found' && srv.records.some(({ target }) => target !== '')) {
    const advice = `eM Client and Delta Chat do not read the SRV record; where a certificate is possible, ${remedyFor(context, owner)}.`;
    const expected = `an alias of ${context.service}`;
    findings.add(check, 'note', owner, { expected, found: 'an SRV record only', advice });
  } else addMissing(findings, context, check, owner);
}

/** The record to add; or addresses, for a host that can be no alias: the service itself, or one that SRV names. */
function remedyFor({ domain, service }: CheckContext, owner: string): string {
  const line = zoneRecord(publishedRecords(domain, service), owner);
  if (line !== undefined) return `add ${line} to the zone`;
  return `create A and AAAA records for it${owner === service ? '' : `, with the addresses of ${service}`}`;
}

export function checkAlias(findings: Findings, owner: string, host: HostAnswer): void {
  if (isDangling(host)) {
    const last = host.aliases.at(-1) ?? '';
    const isLoop = [owner, ...host.aliases.slice(0, -1)].includes(last);
    const advice = isLoop
      ? `The aliases of ${owner} lead back to ${last}: correct the CNAME records.`
      : `${owner} is an alias of ${last}, which has no address: correct the CNAME record.`;
    findings.add('alias', 'error', owner, { expected: 'an alias with an address', found: hostText(host), advice });
  } else if (host.aliases.length > 0 && host.addresses.state === 'found') findings.ok('alias', owner, hostText(host));
}

interface OwnedHost extends NamedHost {
  readonly ownAddresses: ReadonlySet<string>;
}

function checkAddresses(findings: Findings, { service }: CheckContext, { owner, host, ownAddresses }: OwnedHost): void {
  const found = addressesOf(host);
  const foreign = found.filter((address) => !ownAddresses.has(address));
  if (ownAddresses.size === 0) return;
  if (foreign.length === 0) {
    findings.ok('address', owner, hostText(host));
    return;
  }
  const leads = `${owner} leads to ${foreign.join(', ')}, not to ${service} (${[...ownAddresses].join(', ')})`;
  const advice = `${leads}: if that is no other proxy of yours, make it an alias of ${service}.`;
  findings.add('address', foreign.length === found.length ? 'error' : 'warning', owner, {
    expected: [...ownAddresses].join(', '),
    found: hostText(host),
    advice,
  });
}

/** Whether a name is only there because all are. */
function checkWildcard(
  findings: Findings,
  { owner, host, wild, ownAddresses }: OwnedHost & { readonly wild: HostAnswer },
): void {
  const isWild = wild.addresses.state === 'found' && hostText(wild) === hostText(host);
  if (!isWild || addressesOf(host).every((address) => ownAddresses.has(address))) {
    findings.ok('wildcard', owner, isWild ? 'a wildcard that leads to the service' : 'a record of its own');
    return;
  }
  const advice = `A wildcard answers for ${owner}, so clients get a web site instead of settings: add a record for the name.`;
  findings.add('wildcard', 'warning', owner, { expected: 'a record of its own', found: hostText(wild), advice });
}

function checkTtl(findings: Findings, owner: string, { addresses }: HostAnswer): void {
  if (addresses.state !== 'found') return;
  const ttl = Math.max(...addresses.records.map((record) => record.ttl));
  if (ttl <= LONG_TTL) findings.ok('ttl', owner, `${ttl} s`);
  else {
    const advice = `Resolvers keep ${owner} for ${ttl} s: lower the TTL some days before you move the service.`;
    findings.add('ttl', 'note', owner, { expected: `at most ${LONG_TTL} s`, found: `${ttl} s`, advice });
  }
}
