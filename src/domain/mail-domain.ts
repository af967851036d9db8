import type { Authentication, SocketType } from './connection-words.ts';
import type { DirectoryAddress } from './directory-address.ts';
import type { DomainName, Wildcard } from './domain-name.ts';
import type { ExtraKind, Extras } from './extras.ts';
import type { SearchFilter } from './search-filter.ts';

export const MAIL_TYPES = ['imap', 'pop', 'smtp'] as const;
export const DAV_TYPES = ['caldav', 'carddav'] as const;

/** A row of the operator's database. */
export interface RowReference {
  readonly table: string;
  /** Of a table whose rows are not numbered: their keys. */
  readonly id: number | string;
}

export const mailRow = ({ id }: { readonly id: number }): RowReference => ({ table: 'server', id });
export const davRow = ({ id }: { readonly id: number }): RowReference => ({ table: 'davserver', id });
/** The rows of a kind that a domain has, by its own name or by that of all. */
export const extraRow = (kind: ExtraKind): RowReference => ({ table: 'automx2_extra', id: kind });

/** What the operator configured: a usable row of the database, in the field's words. */
export interface Provider {
  readonly id: number;
  readonly name: string;
  readonly shortName: string;
}

export interface MailServer {
  readonly id: number;
  /** Lower comes first; equal ones by id. */
  readonly priority: number;
  readonly type: (typeof MAIL_TYPES)[number];
  /** May hold placeholders. */
  readonly hostname: string;
  /** 1 to 65535. */
  readonly port: number;
  readonly socketType: SocketType;
  /** Login pattern with placeholders, never empty. */
  readonly userName: string;
  readonly authentication: Authentication;
  /** All ways to log in, best first, where there are several; `authentication` is for formats that name one. */
  readonly authentications?: readonly Authentication[];
}

export interface DavServer {
  readonly id: number;
  readonly type: (typeof DAV_TYPES)[number];
  /** http or https; may hold placeholders. */
  readonly url: string;
  /** 1 to 65535; undefined: the URL says it. */
  readonly port: number | undefined;
  readonly useSsl: boolean;
  readonly domainRequired: boolean;
  readonly userName: string;
}

/** A directory (LDAP) that knows users by their addresses. */
export interface DirectoryServer extends DirectoryAddress {
  readonly id: number;
  readonly searchBase: string;
  readonly searchFilter: SearchFilter;
  readonly loginAttribute: string;
  readonly nameAttribute: string | undefined;
  /** Undefined: anonymous. */
  readonly bindUser: string | undefined;
  readonly bindPassword: string | undefined;
}

/** What a directory knows of the owner of an address. */
export interface DirectoryEntry {
  /** Login name, for every server; undefined: the directory does not say. */
  readonly login: string | undefined;
  /** The user's own name. */
  readonly displayName: string | undefined;
}

/** Everything that is configured for one domain. */
export interface MailDomain {
  readonly name: DomainName;
  /** The name of the stored row, where it serves more domains than this one. */
  readonly wildcard?: Wildcard;
  /** Other domains of the provider, in order of id, where they are to be named; else none. */
  readonly siblings: readonly DomainName[];
  readonly provider: Provider;
  /** In order of priority, then id. */
  readonly mailServers: readonly MailServer[];
  /** In order of id. */
  readonly davServers: readonly DavServer[];
  /** What knows the domain's users better than the login patterns do. */
  readonly directory: DirectoryServer | undefined;
  /** What the domain offers beside these servers. */
  readonly extras: Extras;
}

/** Whether logins are whatever a directory says, not what the rows of servers say. */
export const usesDirectoryLogins = ({ directory }: Pick<MailDomain, 'directory'>): boolean =>
  directory !== undefined && directory.loginAttribute !== '';

/** The ways to log in to a server, best first. */
export const waysToLogIn = ({
  authentication,
  authentications = [authentication],
}: MailServer): readonly Authentication[] => authentications;

/** The server whose login, and ways to log in, count for services without a row of their own: IMAP where there is any. */
export const mainServer = <S extends MailServer>(servers: readonly S[]): S | undefined =>
  MAIL_TYPES.flatMap((type) => servers.find((server) => server.type === type) ?? [])[0];

/** The first of some servers of one type; a clear-text one only if no other is encrypted. */
export const preferEncrypted = <S extends MailServer>(servers: readonly S[]): S | undefined =>
  servers.find(({ socketType }) => socketType !== 'plain') ?? servers[0];

/** Login pattern of a server whose row names none. */
export const DEFAULT_USER_NAME = '%EMAILADDRESS%';
