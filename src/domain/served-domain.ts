import type { DomainName } from './domain-name.ts';
import { UserDocuments, type UserOf } from './formats/compiled.ts';
import type { DocumentDomain, DocumentUser, DomainFormat, Format } from './formats/format.ts';
import { type SharedDocument, sharedDocument } from './formats/shared.ts';
import { DEFAULT_USER_NAME, type MailDomain, type RowReference } from './mail-domain.ts';
import { hasPlaceholder, hasUserPlaceholder, isSinglePlaceholder } from './placeholders.ts';

/** A URL up to the end of its authority (RFC 3986 section 3.2), unless parsers skip slashes or blanks before that. */
const AUTHORITY = /^https?:\/\/(?![/\\\s])[^/?#]*/i;

/** Names under which a wildcard's row is kept ready. */
const MAX_NAMED = 64;

/** A stored domain and what follows from it; made once per stored row, and documents are made once per domain. */
export class ServedDomain implements DocumentDomain {
  readonly settings: MailDomain;
  readonly names: readonly DomainName[];
  /**
   * Whether a document differs by address for a client that fills a login of one placeholder by itself (Autoconfig): a
   * directory decides the login, or there are placeholders that not every client fills.
   */
  readonly differsByAddress: boolean;
  readonly addressDependentRows: readonly RowReference[];
  readonly #canCut: boolean;
  readonly #shared = new Map<DomainFormat, SharedDocument>();
  /** By other names, with their documents: a few, as strangers invent names. */
  readonly #named = new Map<DomainName, ServedDomain>();
  readonly #personal = new Map<Format, UserDocuments>();

  constructor(settings: MailDomain) {
    const { name, siblings: others, mailServers, davServers, directory } = settings;
    const patterns = [...mailServers, ...davServers].map(({ userName }) => userName);
    const places = [...mailServers.map(({ hostname }) => hostname), ...davServers.map(({ url }) => url)];
    this.settings = settings;
    this.names = [name, ...others.filter((other) => other !== name)];
    this.differsByAddress =
      directory !== undefined ||
      patterns.some((pattern) => hasPlaceholder(pattern) && !isSinglePlaceholder(pattern)) ||
      places.some(hasPlaceholder);
    this.addressDependentRows = [
      ...(directory === undefined ? [] : [{ table: 'ldapserver', id: directory.id }]),
      ...mailServers
        .filter(({ userName, hostname }) => userName !== DEFAULT_USER_NAME || hasPlaceholder(hostname))
        .map(({ id }) => ({ table: 'server', id })),
    ];
    this.#canCut =
      directory === undefined &&
      !mailServers.some(({ hostname }) => hasUserPlaceholder(hostname)) &&
      !davServers.some(({ url }) => hasUserPlaceholder(AUTHORITY.exec(url)?.[0] ?? url));
  }

  /** What the same row is to another domain, where it is that of a wildcard. */
  named(name: DomainName): ServedDomain {
    if (name === this.name) return this;
    const known = this.#named.get(name) ?? new ServedDomain({ ...this.settings, name });
    if (this.#named.size >= MAX_NAMED) this.#named.clear();
    this.#named.set(name, known);
    return known;
  }

  get name(): DomainName {
    return this.settings.name;
  }

  /** What everyone of the domain gets who gives no address, or who gets the same as all others. */
  shared(format: DomainFormat): SharedDocument {
    const known = this.#shared.get(format) ?? sharedDocument(format.writeForDomain(this));
    this.#shared.set(format, known);
    return known;
  }

  /**
   * What one user of the domain gets; `userOf` makes other users. Throws domain_unusable where the format cannot be made of
   * these settings.
   */
  personal(format: Format, user: DocumentUser, userOf: UserOf): string {
    if (!this.#canCut) return format.write(user);
    const documents = this.#personal.get(format) ?? new UserDocuments(format);
    this.#personal.set(format, documents);
    return documents.of(user, userOf);
  }
}
