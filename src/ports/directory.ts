import type { EmailAddress } from '../domain/email-address.ts';
import type { DirectoryEntry, DirectoryServer } from '../domain/mail-domain.ts';

/** Directories (LDAP) that know users by their addresses. */
export interface Directory {
  /**
   * Looks the address up. Undefined: no entry, or more than one. Rejects with directory_unavailable if the server
   * cannot be asked, refuses our name and password, or cannot read the configured filter.
   */
  find(server: DirectoryServer, address: EmailAddress): Promise<DirectoryEntry | undefined>;
  close(): Promise<void>;
}
