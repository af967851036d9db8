import { type DomainName, parseDomainName } from './domain-name.ts';
import { fillPlaceholders, hasUserPlaceholder } from './placeholders.ts';

/** Whether a name has at least two labels, the last of which is not a number (RFC 1123 section 2.1). */
export function isFullName(name: string): boolean {
  const labels = name.split('.');
  return labels.length > 1 && !/^\d+$/.test(labels.at(-1) ?? '');
}

/** The host of a server as all users of the domain have it. Undefined: it differs by user, or is not a full host name. */
export function commonHost(pattern: string, domain: DomainName): DomainName | undefined {
  if (hasUserPlaceholder(pattern)) return undefined;
  const name = parseDomainName(fillPlaceholders(pattern, { localPart: '', domain }));
  return name !== undefined && isFullName(name) ? name : undefined;
}
