import type { Authentication, SocketType } from './connection-words.ts';
import type { DomainName } from './domain-name.ts';

/** What the operator configured; a row of the database that makes sense, in the field's words. */
export interface Provider {
  readonly id: number;
  readonly name: string;
  readonly shortName: string;
}

export interface MailServer {
  readonly id: number;
  /** Lower comes first; equal ones by id. */
  readonly priority: number;
  readonly type: 'imap' | 'pop' | 'smtp';
  /** May hold placeholders. */
  readonly hostname: string;
  /** 1 to 65535. */
  readonly port: number;
  readonly socketType: SocketType;
  /** Login pattern with placeholders, never empty. */
  readonly userName: string;
  readonly authentication: Authentication;
}

export interface DavServer {
  readonly id: number;
  readonly type: 'caldav' | 'carddav';
  /** http or https; may hold placeholders. */
  readonly url: string;
  /** 1 to 65535; undefined: the URL says it. */
  readonly port: number | undefined;
  readonly useSsl: boolean;
  readonly domainRequired: boolean;
  readonly userName: string;
}

/** Everything that is configured for one domain. */
export interface MailDomain {
  readonly name: DomainName;
  readonly provider: Provider;
  /** In order of priority, then id. */
  readonly mailServers: readonly MailServer[];
  /** In order of id. */
  readonly davServers: readonly DavServer[];
  /** The directory (LDAP) server that knows the domain's users, by its id. */
  readonly directoryId: number | undefined;
}

/** Login pattern of a server whose row names none. */
export const DEFAULT_USER_NAME = '%EMAILADDRESS%';
