import { isDavUrl } from './dav-url.ts';
import { type DomainName, parseDomainName } from './domain-name.ts';
import type { EmailAddress } from './email-address.ts';
import { Failure } from './failure.ts';
import type { DavServer, MailDomain, MailServer, Provider } from './mail-domain.ts';
import { fillPlaceholders, fillUrlPlaceholders, isSinglePlaceholder } from './placeholders.ts';

/** How the user of a server is called, for two kinds of client. */
interface Login {
  /** For a client that fills a placeholder by itself (Autoconfig): the pattern, where it is one placeholder. */
  readonly username: string;
  /** Filled. Undefined where only the domain is known. */
  readonly loginName: string | undefined;
}

export type AccountMailServer = Omit<MailServer, 'userName' | 'priority'> & Login;
export type AccountDavServer = Omit<DavServer, 'userName'> & Login;

/** What a format needs to know and nothing else: servers in final order, names filled in, logins decided. */
export interface Account {
  readonly domain: DomainName;
  /** Undefined: only the domain was asked for, and placeholders stay as they are. */
  readonly address: EmailAddress | undefined;
  readonly provider: Provider;
  /** At least one. */
  readonly mailServers: readonly AccountMailServer[];
  readonly davServers: readonly AccountDavServer[];
  /** A directory may know another login than the pattern. */
  readonly usesDirectory: boolean;
}

const login = (pattern: string, address: EmailAddress | undefined): Login => {
  if (address === undefined) return { username: pattern, loginName: undefined };
  const loginName = fillPlaceholders(pattern, address);
  return { username: isSinglePlaceholder(pattern) ? pattern : loginName, loginName };
};

/**
 * The account of one address, or of any address of the domain. A server whose host is none once placeholders are
 * filled (a local part may hold anything) is no server for that address.
 * Throws domain_unusable if no mail server is left.
 */
export function accountOf(
  { name, provider, mailServers, davServers, directoryId }: MailDomain,
  address: EmailAddress | undefined,
): Account {
  const mail = mailServers.flatMap(({ userName, priority: _priority, ...server }): AccountMailServer[] => {
    const hostname =
      address === undefined ? server.hostname : parseDomainName(fillPlaceholders(server.hostname, address));
    return hostname === undefined ? [] : [{ ...server, hostname, ...login(userName, address) }];
  });
  const dav = davServers.flatMap(({ userName, ...server }): AccountDavServer[] => {
    const url = address === undefined ? server.url : fillUrlPlaceholders(server.url, address);
    return address !== undefined && !isDavUrl(url) ? [] : [{ ...server, url, ...login(userName, address) }];
  });
  if (mail.length === 0) throw new Failure('domain_unusable', `${name}: no usable mail server is configured`);
  return {
    domain: name,
    address,
    provider,
    usesDirectory: directoryId !== undefined,
    mailServers: mail,
    davServers: dav,
  };
}
