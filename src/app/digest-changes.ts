import { counted, firstOf } from '../domain/counted.ts';
import type { DomainName } from '../domain/domain-name.ts';
import { paccDigest } from '../domain/formats/pacc.ts';
import { ServedDomain } from '../domain/served-domain.ts';
import type { SettingsReader } from '../ports/settings-reader.ts';

/** How many domains a remark names. */
const MAX_NAMED = 3;

async function digestOf(settings: Pick<SettingsReader, 'find'>, name: DomainName): Promise<string | undefined> {
  const domain = await settings.find(name);
  return domain && paccDigest(new ServedDomain(domain));
}

/**
 * A remark about domains whose document of PACC becomes another one: clients refuse it until its digest is in DNS
 * (draft-ietf-mailmaint-pacc).
 */
export async function digestChanges(
  before: Pick<SettingsReader, 'find'>,
  after: Pick<SettingsReader, 'find'>,
  names: readonly DomainName[],
): Promise<readonly string[]> {
  const changed: DomainName[] = [];
  for (const name of names) {
    const old = await digestOf(before, name);
    if (old !== undefined && old !== (await digestOf(after, name))) changed.push(name);
  }
  if (changed.length === 0) return [];
  const what = `the digest of PACC changes for ${counted(changed.length, 'domain')} (${firstOf(changed, MAX_NAMED)})`;
  return [`${what}; where it is in DNS, publish what automx2 dns prints then beside the old record`];
}
