import type * as Ldapts from 'ldapts';
import { addressText, type EmailAddress } from '../../domain/email-address.ts';
import type { DirectoryEntry, DirectoryServer } from '../../domain/mail-domain.ts';
import { fillSearchFilter } from '../../domain/search-filter.ts';
import type { Directory } from '../../ports/directory.ts';
import type { Log } from '../../ports/log.ts';
import { type ConnectOptions, LdapConnection } from './connection.ts';
import { unavailable } from './failure.ts';
import { driverFilter } from './filter.ts';
import { type DirectoryDeadlines, DirectoryPool } from './pool.ts';

/** Options for all directories. */
export type DirectoryOptions = Omit<ConnectOptions, 'onClearText'> & DirectoryDeadlines;

/** Looks users up in LDAP directories (RFC 4511). The driver is loaded at the first query. */
export class LdapDirectory implements Directory {
  readonly #options: ConnectOptions;
  readonly #log: Log;
  readonly #pool: DirectoryPool<LdapConnection>;
  readonly #warned = new Set<number>();

  constructor(options: DirectoryOptions, log: Log) {
    this.#options = { ...options, onClearText: ({ id }) => this.#warnOfClearText(id) };
    this.#log = log;
    this.#pool = new DirectoryPool(options);
  }

  async find(server: DirectoryServer, address: EmailAddress): Promise<DirectoryEntry | undefined> {
    const ldapts = await loadDriver();
    const values = [addressText(address), address.localPart, address.domain] as const;
    const filter = driverFilter(ldapts, fillSearchFilter(server.searchFilter, values));
    const attributes = [server.loginAttribute, ...(server.nameAttribute === undefined ? [] : [server.nameAttribute])];
    const entry = await this.#pool.use(
      JSON.stringify(server),
      () => new LdapConnection(ldapts, server, this.#options),
      (connection) => connection.find(filter, attributes),
    );
    if (entry === undefined) return undefined;
    return { login: firstValue(entry, server.loginAttribute), displayName: firstValue(entry, server.nameAttribute) };
  }

  async close(): Promise<void> {
    this.#pool.close();
  }

  #warnOfClearText(id: number): void {
    if (this.#warned.has(id)) return;
    this.#warned.add(id);
    this.#log.write('WARNING', 'directory without TLS: names and passwords cross the network in clear text', {
      ldapserver: id,
    });
  }
}

async function loadDriver(): Promise<typeof Ldapts> {
  try {
    return await import('ldapts');
  } catch (cause) {
    throw unavailable('the package ldapts is not installed', cause);
  }
}

/**
 * The first value of an attribute, whose name the server may spell in another case; undefined: none, or an empty one. Blanks
 * and line ends around it come from tools that filled the directory.
 */
function firstValue(entry: Ldapts.Entry, attribute: string | undefined): string | undefined {
  if (attribute === undefined) return undefined;
  const folded = attribute.toLowerCase();
  const [, values] = Object.entries(entry).find(([name]) => name.toLowerCase() === folded) ?? [];
  const first = Array.isArray(values) ? values[0] : values;
  const text = first?.toString().trim();
  return text === '' ? undefined : text;
}
