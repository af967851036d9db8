import { type DomainName, parseDomainName } from './domain-name.ts';

/** The name in front of a mail domain under which clients of PACC ask. */
export const PACC_LABEL = 'ua-auto-config';

/** Names in front of a mail domain under which clients ask for its settings. */
export const SERVICE_LABELS = ['autoconfig', 'autodiscover', PACC_LABEL] as const;
const SERVICE_LABEL = new RegExp(`^(?:${SERVICE_LABELS.join('|')})\\.`);

/**
 * The mail domains for which a host may speak, the likelier one first: a mail domain may itself be called
 * "autoconfig.example", and is then asked under its own name.
 */
export function domainsOfHost(host: string): readonly DomainName[] {
  const names = [parseDomainName(host.replace(SERVICE_LABEL, '')), parseDomainName(host)];
  return [...new Set(names.filter((name) => name !== undefined))];
}
