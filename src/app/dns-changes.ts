import { counted, firstOf } from '../domain/counted.ts';
import { zoneLine } from '../domain/dns/dns-record.ts';
import { publishedRecords } from '../domain/dns/published-records.ts';
import type { DomainName } from '../domain/domain-name.ts';
import { ServedDomain } from '../domain/served-domain.ts';
import type { SettingsReader } from '../ports/settings-reader.ts';
import { DEFAULT_TTL } from './dns-report.ts';

/** How many domains a remark names. */
const MAX_NAMED = 3;

/** Whatever the service is called: its name does not change. Undefined: not served. */
async function recordsOf(settings: Pick<SettingsReader, 'find'>, name: DomainName): Promise<string | undefined> {
  const domain = await settings.find(name);
  if (domain === undefined) return undefined;
  return publishedRecords(new ServedDomain(domain), name)
    .map((record) => zoneLine(record, DEFAULT_TTL))
    .join('\n');
}

/**
 * A remark about domains that need other records in DNS: an old SRV record leads clients to the old server, and clients of
 * PACC refuse a document whose digest is not there (draft-ietf-mailmaint-pacc).
 */
export async function dnsChanges(
  before: Pick<SettingsReader, 'find'>,
  after: Pick<SettingsReader, 'find'>,
  names: readonly DomainName[],
): Promise<readonly string[]> {
  const changed: DomainName[] = [];
  for (const name of names) {
    const [old, next] = await Promise.all([recordsOf(before, name), recordsOf(after, name)]);
    if (old !== undefined && next !== undefined && old !== next) changed.push(name);
  }
  if (changed.length === 0) return [];
  const what = `records of DNS change for ${counted(changed.length, 'domain')} (${firstOf(changed, MAX_NAMED)})`;
  return [
    `${what}: publish what automx2 dns prints then; keep an old digest of PACC beside the new one until its TTL is over`,
  ];
}
