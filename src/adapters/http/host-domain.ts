import type { Account } from '../../domain/account.ts';
import { type DomainName, parseDomainName } from '../../domain/domain-name.ts';
import { Failure } from '../../domain/failure.ts';
import type { AccountLookup } from '../../ports/account-lookup.ts';

/** Names in front of a mail domain under which clients ask for its settings. */
const SERVICE_LABEL = /^(?:autoconfig|autodiscover|ua-auto-config)\./;

/** The mail domain for which the asked host speaks, whoever owns it. */
export const hostDomain = (host: string): DomainName | undefined => parseDomainName(host.replace(SERVICE_LABEL, ''));

/** What all addresses of the domain share for which the asked host speaks. Undefined: it is no domain of ours. */
export async function accountOfHost(host: string, lookUp: AccountLookup): Promise<Account | undefined> {
  // "autoconfig.example" may be a mail domain, too, which is asked under its own name.
  for (const domain of new Set([hostDomain(host), parseDomainName(host)])) {
    if (domain === undefined) continue;
    try {
      return await lookUp(domain);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'domain_unknown') throw error;
    }
  }
  return undefined;
}
