import type { DomainName } from '../domain/domain-name.ts';
import { Failure } from '../domain/failure.ts';
import type { ServedDomain } from '../domain/served-domain.ts';
import { domainsOfHost } from '../domain/service-names.ts';
import { UserAccount } from '../domain/user-account.ts';
import type { Directory } from '../ports/directory.ts';
import type { Log } from '../ports/log.ts';
import type { Lookup } from '../ports/lookup.ts';
import { Outage } from './outage.ts';

/** The use case behind every format: from an address, a domain or a host name to what a client sets up. */
export function createLookup(
  find: (name: DomainName) => Promise<ServedDomain | undefined>,
  directory: Directory,
  log: Log,
): Lookup {
  /** By id of the directory's row. */
  const outages = new Map<number, Outage>();
  const outageOf = (id: number): Outage => {
    const outage = outages.get(id) ?? new Outage(`look-ups in ldapserver ${id}`, log);
    outages.set(id, outage);
    return outage;
  };
  const usable = (domain: ServedDomain | undefined): ServedDomain | undefined => {
    if (domain?.settings.mailServers.length !== 0) return domain;
    throw new Failure('domain_unusable', `${domain.name}: no usable mail server is configured`);
  };
  const lookup: Lookup = {
    async domain(name) {
      return usable(await find(name));
    },
    async host(host) {
      let byWildcard: ServedDomain | undefined;
      for (const name of domainsOfHost(host)) {
        const domain = await find(name);
        if (domain !== undefined && domain.settings.wildcard === undefined) return usable(domain);
        byWildcard ??= domain;
      }
      return usable(byWildcard);
    },
    async user(address) {
      const domain = await lookup.domain(address.domain);
      const server = domain?.settings.directory;
      if (domain === undefined || server === undefined) return domain && new UserAccount(domain, address);
      return new UserAccount(domain, address, await outageOf(server.id).watch(directory.find(server, address)));
    },
  };
  return lookup;
}
