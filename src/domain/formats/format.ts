import type { DomainName } from '../domain-name.ts';
import type { EmailAddress } from '../email-address.ts';
import type { DavServer, MailDomain, MailServer, RowReference } from '../mail-domain.ts';

/** What documents and client rules are made of; see ServedDomain. */
export interface DocumentDomain {
  readonly name: DomainName;
  /** All domains to name as served with these settings, this one first. */
  readonly names: readonly DomainName[];
  readonly settings: MailDomain;
  /** The rows that make settings wrong for a client that gives no address; with none, its login is the address. */
  readonly addressDependentRows: readonly RowReference[];
}

interface Login {
  /** For clients that fill a placeholder by themselves (Autoconfig): a pattern of a single placeholder stays one. */
  readonly userName: string;
  readonly loginName: string;
}

/** A server as one user has it, placeholders filled. */
export type UserMailServer = MailServer & Login;
export type UserDavServer = DavServer & Login;

/** What the documents of one user are made of; see UserAccount. */
export interface DocumentUser {
  readonly domain: DocumentDomain;
  readonly address: EmailAddress;
  /** The user's own name, where it is known. */
  readonly displayName: string | undefined;
  /** In order of priority. */
  readonly mailServers: readonly UserMailServer[];
  readonly davServers: readonly UserDavServer[];
}

/** What some clients cannot use in the settings of a domain. Findings with equal words are the same mistake. */
export interface Finding {
  readonly clients: string;
  readonly reason: string;
  /** What to change, and where. */
  readonly remedy: string;
  /** The rows at fault; none where something is missing. */
  readonly rows: readonly RowReference[];
}

/** Something that a client cannot cope with, as seen in its source code or on the wire. */
export interface ClientRule extends Omit<Finding, 'rows'> {
  /** The rows at fault; undefined: the domain keeps the rule. */
  readonly broken: (domain: DocumentDomain) => readonly RowReference[] | undefined;
}

/** A document that clients ask for: how it is written, and which clients cannot use it. */
export interface Format {
  /** For `lookup --format`; the access log and metrics name routes, of which one may answer in several formats. */
  readonly name: string;
  /** domain: all users get the same document, unless `ServedDomain.differsByAddress`; user: each gets an own one. */
  readonly scope: 'domain' | 'user';
  readonly contentType: string;
  /** Whether a domain has such documents at all. Undefined: each has, or should. */
  isOffered?(domain: DocumentDomain): boolean;
  /**
   * Writes the document of one user. Throws domain_unusable if the settings lack what the format needs, and
   * protocol_unconfigured if it is not offered.
   */
  write(user: DocumentUser): string;
  /** How `write` escapes texts. Undefined: documents are not cut into templates. */
  readonly escapeText?: (text: string) => string;
  /** What `write` makes of an address by other means than placeholders. */
  derived?(address: EmailAddress): readonly string[];
  /** What known clients cannot use in this format. */
  readonly rules: readonly ClientRule[];
}

/** A format that can answer without an address, too. */
export interface DomainFormat extends Format {
  writeForDomain(domain: DocumentDomain): string;
}
