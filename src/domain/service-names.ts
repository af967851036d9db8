import { type DomainName, parseDomainName } from './domain-name.ts';

/** Names in front of a mail domain under which clients ask for its settings. */
const SERVICE_LABEL = /^(?:autoconfig|autodiscover|ua-auto-config)\./;

/**
 * The mail domains for which a host may speak, the likelier one first: a mail domain may itself be called
 * "autoconfig.example", and is then asked under its own name.
 */
export function domainsOfHost(host: string): readonly DomainName[] {
  const names = [parseDomainName(host.replace(SERVICE_LABEL, '')), parseDomainName(host)];
  return [...new Set(names.filter((name) => name !== undefined))];
}
