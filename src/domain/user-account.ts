import { isDavUrl } from './dav-url.ts';
import { parseDomainName } from './domain-name.ts';
import type { EmailAddress } from './email-address.ts';
import type { DocumentUser, Format, UserDavServer, UserMailServer } from './formats/format.ts';
import type { DirectoryEntry } from './mail-domain.ts';
import { fillPlaceholders, fillUrlPlaceholders, hasPlaceholder, isSinglePlaceholder } from './placeholders.ts';
import type { ServedDomain } from './served-domain.ts';

/** The account of one address of a served domain. */
export class UserAccount implements DocumentUser {
  readonly domain: ServedDomain;
  readonly address: EmailAddress;
  readonly #entry: DirectoryEntry | undefined;

  /** `entry`: what a directory says of the owner of the address, or what is known of him otherwise. */
  constructor(domain: ServedDomain, address: EmailAddress, entry?: DirectoryEntry) {
    this.domain = domain;
    this.address = address;
    this.#entry = entry;
  }

  get displayName(): string | undefined {
    return this.#entry?.displayName;
  }

  /** The same account with the name that the user gave, unless a directory knows it. */
  named(name: string | undefined): UserAccount {
    const { login, displayName = name } = this.#entry ?? { login: undefined };
    return new UserAccount(this.domain, this.address, { login, displayName });
  }

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
    const { domain } = this;
    return domain.personal(format, this, (localPart, displayName) => {
      return new UserAccount(domain, { localPart, domain: domain.name }, { login: undefined, displayName });
    });
  }

  #login(pattern: string): Pick<UserMailServer, 'userName' | 'loginName'> {
    const byPattern = fillPlaceholders(pattern, this.address);
    // What the directory says is not a pattern: placeholders in it are literal.
    const loginName = this.#entry?.login ?? byPattern;
    // A login that the pattern gives as well must not tell that the directory knows the user.
    return { userName: loginName === byPattern && isSinglePlaceholder(pattern) ? pattern : loginName, loginName };
  }

  #hostname(pattern: string): string {
    if (!hasPlaceholder(pattern)) return pattern;
    const filled = fillPlaceholders(pattern, this.address);
    return parseDomainName(filled) ?? filled;
  }
}
