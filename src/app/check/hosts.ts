import { publishedRecords } from '../../domain/dns/published-records.ts';
import { srvOwner } from '../../domain/dns/services.ts';
import { paccDigest } from '../../domain/formats/pacc.ts';
import { PACC_LABEL } from '../../domain/service-names.ts';
import type { HostAnswer } from '../../ports/resolver.ts';
import { zoneRecord } from '../dns-report.ts';
import { addressesOf, type CheckContext } from './context.ts';
import { Findings } from './finding.ts';

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
  const { name } = domain;
  const [autoconfig, autodiscover, pacc] = ['autoconfig', 'autodiscover', PACC_LABEL].map(
    (label) => `${label}.${name}`,
  );
  const owners = [autoconfig, autodiscover, pacc].filter((owner) => owner !== undefined);
  const [own, wild, autodiscoverSrv, ...hosts] = await Promise.all([
    dns.host(service),
    dns.host(strangeName),
    dns.srv(srvOwner('autodiscover', name)),
    ...owners.map((owner) => dns.host(owner)),
  ]);
  const ownAddresses = new Set(addressesOf(own));
  const targets = autodiscoverSrv.state === 'found' ? autodiscoverSrv.records.map(({ target }) => target) : [];
  const hasSrv = targets.some((target) => target !== '');

  if (own.addresses.state === 'unknown') findings.unknown('service-address', service, own.addresses.reason);
  else if (own.addresses.state === 'found') findings.ok('service-address', service, hostText(own));
  else if (!isDangling(own)) {
    const advice = `${service} has no address: create an A (and AAAA) record for it.`;
    findings.add('service-address', 'error', service, { expected: 'an address', found: 'none', advice });
  }
  if (own.aliases.length > 0 && targets.includes(service)) {
    const advice = `SRV targets must not be aliases (RFC 2782): give ${service} addresses of its own.`;
    findings.add('service-alias', 'warning', service, { expected: 'no alias', found: hostText(own), advice });
  } else if (own.addresses.state === 'found') findings.ok('service-alias', service, hostText(own));
  checkAlias(findings, service, own);

  const hasPacc = paccDigest(domain) !== undefined;
  for (const [index, owner] of owners.entries()) {
    const host = hosts[index];
    if (host === undefined) continue;
    const check = owner === autoconfig ? 'autoconfig-name' : 'autodiscover-name';
    const isPacc = owner === pacc;
    checkAlias(findings, owner, host);
    if (host.addresses.state === 'unknown') findings.unknown(isPacc ? 'pacc' : check, owner, host.addresses.reason);
    if (host.addresses.state === 'absent' && !isPacc && !isDangling(host)) {
      if (owner === autodiscover && hasSrv) {
        const advice = `eM Client and Delta Chat do not read the SRV record: add ${zoneRecord(publishedRecords(domain, service), owner)} where a certificate is possible.`;
        findings.add(check, 'note', owner, { expected: `an alias of ${service}`, found: 'an SRV record only', advice });
      } else if (owner === autodiscover && autodiscoverSrv.state === 'unknown') {
        findings.unknown(check, srvOwner('autodiscover', name), autodiscoverSrv.reason);
      } else {
        const line = zoneRecord(publishedRecords(domain, service), owner);
        const whose = owner === autodiscover ? 'Outlook finds nothing' : `${owner} does not exist`;
        const advice = `${whose}: ${line === undefined ? ownAddressesAdvice(owner, service) : `add ${line} to the zone.`}`;
        findings.add(check, 'error', owner, { expected: `an alias of ${service}`, found: 'no address', advice });
      }
    }
    if (host.addresses.state !== 'found' || (isPacc && !hasPacc)) continue;
    if (!isPacc) findings.ok(check, owner, hostText(host));
    checkAddresses(findings, context, { owner, host, ownAddresses });
    checkWildcard(findings, { owner, host, wild, ownAddresses });
    checkTtl(findings, owner, host);
  }
  return findings;
}

/** Of a host that can be no alias: the service itself, or one that SRV names. */
const ownAddressesAdvice = (owner: string, service: string): string =>
  `create A and AAAA records for it${owner === service ? '' : `, with the addresses of ${service}`}.`;

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

interface OwnedHost {
  readonly owner: string;
  readonly host: HostAnswer;
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
