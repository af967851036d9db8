import type { EmailAddress } from '../domain/email-address.ts';
import type { DirectoryEntry, DirectoryServer } from '../domain/mail-domain.ts';

/** Directories (LDAP) that look users up by address. */
export interface Directory {
  /**
   * Looks the address up. Undefined: no entry, or more than one. Rejects with directory_unavailable if the server is
   * unreachable or refuses our credentials, or if the configured filter is invalid.
   */
  find(server: DirectoryServer, address: EmailAddress): Promise<DirectoryEntry | undefined>;
  close(): Promise<void>;
}
