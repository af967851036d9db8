import { isDavUrl } from './dav-url.ts';
import { parseDomainName } from './domain-name.ts';
import type { EmailAddress } from './email-address.ts';
import type { Format } from './formats/format.ts';
import type { DavServer, DirectoryEntry, MailServer } from './mail-domain.ts';
import { fillPlaceholders, fillUrlPlaceholders, hasPlaceholder, isSinglePlaceholder } from './placeholders.ts';
import type { ServedDomain } from './served-domain.ts';

/** A server as one user has it: placeholders are filled, but `userName` stays a pattern of a single placeholder. */
export type UserMailServer = MailServer & Login;
export type UserDavServer = DavServer & Login;

interface Login {
  /** For clients that fill a placeholder by themselves (Autoconfig). */
  readonly userName: string;
  readonly loginName: string;
}

/** The account of one address of a served domain. */
export class UserAccount {
  readonly domain: ServedDomain;
  readonly address: EmailAddress;
  readonly #entry: DirectoryEntry | undefined;

  /** `entry`: what a directory says of the owner of the address, or what is known of him otherwise. */
  constructor(domain: ServedDomain, address: EmailAddress, entry?: DirectoryEntry) {
    this.domain = domain;
    this.address = address;
    this.#entry = entry;
  }

  /** The user's own name, where it is known. */
  get displayName(): string | undefined {
    return this.#entry?.displayName;
  }

  /** The same account with the name that the user gave, unless a directory knows it. */
  named(name: string | undefined): UserAccount {
    const { login, displayName = name } = this.#entry ?? { login: undefined };
    return new UserAccount(this.domain, this.address, { login, displayName });
  }

  /** In order of priority. */
  get mailServers(): readonly UserMailServer[] {
    return this.domain.settings.mailServers.map((server) => {
      return { ...server, hostname: this.#hostname(server.hostname), ...this.#login(server.userName) };
    });
  }

  /** Without those whose URL is invalid once placeholders are filled: a local part may hold anything. */
  get davServers(): readonly UserDavServer[] {
    return this.domain.settings.davServers.flatMap((server) => {
      const url = fillUrlPlaceholders(server.url, this.address);
      return url === server.url || isDavUrl(url) ? [{ ...server, url, ...this.#login(server.userName) }] : [];
    });
  }

  /** Throws domain_unusable where the format cannot be made of the domain's settings. */
  document(format: Format): string {
    return this.domain.personal(format, this);
  }

  #login(pattern: string): Login {
    const known = this.#entry?.login;
    // What the directory says is not a pattern: placeholders in it are literal.
    const loginName = known ?? fillPlaceholders(pattern, this.address);
    return { userName: known === undefined && isSinglePlaceholder(pattern) ? pattern : loginName, loginName };
  }

  #hostname(pattern: string): string {
    if (!hasPlaceholder(pattern)) return pattern;
    const filled = fillPlaceholders(pattern, this.address);
    return parseDomainName(filled) ?? filled;
  }
}
