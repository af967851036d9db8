import { isDavUrl } from './dav-url.ts';
import { type DomainName, parseDomainName } from './domain-name.ts';
import type { EmailAddress } from './email-address.ts';
import { Failure } from './failure.ts';
import type { DavServer, DirectoryEntry, MailDomain, MailServer, Provider } from './mail-domain.ts';
import { fillPlaceholders, fillUrlPlaceholders, hasPlaceholder, isSinglePlaceholder } from './placeholders.ts';

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
  /** The user's own name, where a directory knows it. */
  readonly displayName: string | undefined;
  /** At least one. */
  readonly mailServers: readonly AccountMailServer[];
  readonly davServers: readonly AccountDavServer[];
  /** A directory may know another login than the pattern. */
  readonly usesDirectory: boolean;
  /**
   * Whether there is more to say to a user whose address is known, logins that are one placeholder aside: with a
   * directory, or with placeholders that not every client fills. Not once it is known.
   */
  readonly dependsOnAddress: boolean;
  /** All domains that are to be named as served with these settings, the asked one first. */
  readonly domains: readonly DomainName[];
}

function loginOf(pattern: string, address: EmailAddress | undefined, known: string | undefined): Login {
  if (address === undefined) return { username: pattern, loginName: undefined };
  // What the directory says is no pattern: placeholders in it are meant as they stand.
  const loginName = known ?? fillPlaceholders(pattern, address);
  return { username: known === undefined && isSinglePlaceholder(pattern) ? pattern : loginName, loginName };
}

/** A host name with its placeholders filled, if it has any and an address is known. */
function hostnameFor(hostname: string, address: EmailAddress | undefined): string {
  if (address === undefined || !hasPlaceholder(hostname)) return hostname;
  const filled = fillPlaceholders(hostname, address);
  return parseDomainName(filled) ?? filled;
}

/** See Account.dependsOnAddress. */
function dependsOnAddress({ mailServers, davServers, directory }: MailDomain): boolean {
  const patterns = [...mailServers, ...davServers].map(({ userName }) => userName);
  const places = [...mailServers.map(({ hostname }) => hostname), ...davServers.map(({ url }) => url)];
  return (
    directory !== undefined ||
    patterns.some((pattern) => hasPlaceholder(pattern) && !isSinglePlaceholder(pattern)) ||
    places.some(hasPlaceholder)
  );
}

/**
 * The account of one address, or of any address of the domain; `entry` is what a directory says of the address's owner.
 * A DAV server whose URL is none once placeholders are filled (a local part may hold anything) is left out.
 * Throws domain_unusable if there is no mail server.
 */
export function accountOf(mailDomain: MailDomain, address: EmailAddress | undefined, entry?: DirectoryEntry): Account {
  const { name, siblings, provider, mailServers, davServers, directory } = mailDomain;
  // Servers of one domain have one pattern, as a rule.
  const logins = new Map<string, Login>();
  const login = (pattern: string): Login => {
    const known = logins.get(pattern) ?? loginOf(pattern, address, entry?.login);
    logins.set(pattern, known);
    return known;
  };
  if (mailServers.length === 0) throw new Failure('domain_unusable', `${name}: no usable mail server is configured`);
  const mail = mailServers.map(({ userName, priority: _priority, ...server }) => {
    return { ...server, hostname: hostnameFor(server.hostname, address), ...login(userName) };
  });
  const dav = davServers.flatMap(({ userName, ...server }): AccountDavServer[] => {
    if (address === undefined || !hasPlaceholder(server.url)) return [{ ...server, ...login(userName) }];
    const url = fillUrlPlaceholders(server.url, address);
    return isDavUrl(url) ? [{ ...server, url, ...login(userName) }] : [];
  });
  return {
    domain: name,
    domains: [name, ...siblings],
    address,
    dependsOnAddress: address === undefined && dependsOnAddress(mailDomain),
    provider,
    displayName: entry?.displayName,
    usesDirectory: directory !== undefined,
    mailServers: mail,
    davServers: dav,
  };
}
