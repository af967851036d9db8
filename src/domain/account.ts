import type { DomainName } from './domain-name.ts';
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
 * The account of one address, or of any address of the domain.
 * Throws domain_unusable if no mail server is configured that makes sense.
 */
export function accountOf(
  { name, provider, mailServers, davServers, directoryId }: MailDomain,
  address: EmailAddress | undefined,
): Account {
  if (mailServers.length === 0) throw new Failure('domain_unusable', `${name}: no usable mail server is configured`);
  return {
    domain: name,
    address,
    provider,
    usesDirectory: directoryId !== undefined,
    mailServers: mailServers.map(({ userName, priority: _priority, ...server }) => ({
      ...server,
      hostname: address === undefined ? server.hostname : fillPlaceholders(server.hostname, address),
      ...login(userName, address),
    })),
    davServers: davServers
      .map(({ userName, ...server }) => ({
        ...server,
        url: address === undefined ? server.url : fillUrlPlaceholders(server.url, address),
        ...login(userName, address),
      }))
      // A placeholder in the host makes a URL that is none from some addresses: these have no such server.
      .filter(({ url }) => address === undefined || URL.canParse(url)),
  };
}
