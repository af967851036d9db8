import { type DnsRecord, zoneLine } from '../domain/dns/dns-record.ts';
import { hostsOf, type PublishedRecord, publishedRecords, type RecordClass } from '../domain/dns/published-records.ts';
import { offeredServices } from '../domain/dns/services.ts';
import type { DomainName } from '../domain/domain-name.ts';
import type { ServedDomain } from '../domain/served-domain.ts';
import type { SettingsReader } from '../ports/settings-reader.ts';
import { chosenDomains } from './chosen-domains.ts';

/** Seconds for which resolvers may keep a record, unless the operator says otherwise. */
export const DEFAULT_TTL = 3_600;

const HEADINGS: Readonly<Record<RecordClass, string>> = {
  required: 'required',
  recommended: 'recommended: more clients find their settings, or find them without asking',
  'not offered': 'may be left out: these say that a service is not offered',
};

/** The records of one domain as text of a zone file, with the clients that need each. */
export function dnsText(domain: ServedDomain, service: DomainName, ttl: number): string {
  const records = publishedRecords(domain, service);
  const hosts = hostsOf(domain);
  const lines = [
    `; ${domain.name}: ${service} must have addresses (A, AAAA; no CNAME), and a certificate for each of`,
    `; ${[...new Set([service, ...hosts])].join(', ')}`,
  ];
  for (const host of hosts.filter((each) => each !== service && !records.some(({ owner }) => owner === each))) {
    lines.push(`; no CNAME for ${host}: a server has this name, whose addresses must be those of ${service}, too`);
  }
  for (const [index, record] of records.entries()) {
    const before = records[index - 1];
    if (record.class !== before?.class) lines.push(`; --- ${HEADINGS[record.class]}`);
    if (record.class !== 'not offered' && record.purpose !== before?.purpose) lines.push(`; ${record.purpose}`);
    lines.push(zoneLine(record, ttl));
  }
  const { omitted, omittedExtras } = offeredServices(domain.settings);
  for (const { row, reason } of omitted) {
    lines.push(`; no record for the row of type ${row.type} with id ${row.id}: ${reason}`);
  }
  for (const { kind, reason } of omittedExtras) lines.push(`; no record for ${kind}: ${reason}`);
  return `${lines.join('\n')}\n`;
}

/** Data for programs and web forms: without quotes and final dots. */
function plainData(record: DnsRecord): string | Readonly<Record<string, string | number>> {
  switch (record.type) {
    case 'CNAME':
      return record.target;
    case 'TXT':
      return record.text;
    case 'SRV': {
      const { priority, weight, port, target } = record;
      return { priority, weight, port, target: target === '' ? '.' : target };
    }
  }
}

/** The same for programs, in the same order. */
export const dnsObject = (domain: ServedDomain, service: DomainName, ttl: number) => ({
  domain: domain.name,
  service,
  records: publishedRecords(domain, service).map((record: PublishedRecord) => ({
    name: record.owner,
    type: record.type,
    ttl,
    data: plainData(record),
    purpose: record.purpose,
    required: record.class === 'required',
  })),
});

/** What to publish for some domains; without the name of the service, how to see it. */
export async function dnsOf(
  settings: Pick<SettingsReader, 'find' | 'walk'>,
  names: readonly DomainName[],
  service: DomainName | undefined,
): Promise<{ readonly text: string; readonly objects: readonly object[] | undefined }> {
  if (service === undefined) {
    const text = `To see what to publish in DNS, run: automx2 dns ${names.join(' ')} --service HOST (or set public_host)\n`;
    return { text, objects: undefined };
  }
  const texts: string[] = [];
  const objects: object[] = [];
  for await (const { served } of chosenDomains(settings, names)) {
    if (served === undefined) continue;
    texts.push(dnsText(served, service, DEFAULT_TTL));
    objects.push(dnsObject(served, service, DEFAULT_TTL));
  }
  return { text: texts.join('\n'), objects };
}

/** The line of the record at an owner, for advice; undefined: nothing is to be published there. */
export function zoneRecord(records: readonly PublishedRecord[], owner: string): string | undefined {
  const record = records.find((each) => each.owner === owner);
  return record && zoneLine(record, DEFAULT_TTL);
}
