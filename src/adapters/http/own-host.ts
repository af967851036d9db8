import type { Lookup } from '../../ports/lookup.ts';

/**
 * Whether a host speaks for a domain with a row of its own. A wildcard would make every host that a stranger names ours, in
 * advice and for certificates. Rejects as the look-up does.
 */
export async function isOwnHost(host: string, lookup: Pick<Lookup, 'host'>): Promise<boolean> {
  const domain = await lookup.host(host);
  return domain !== undefined && domain.settings.wildcard === undefined;
}
