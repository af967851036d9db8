import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type * as Ldapts from 'ldapts';
import { addressText, type EmailAddress } from '../../domain/email-address.ts';
import { Failure } from '../../domain/failure.ts';
import { isLoopbackHost } from '../../domain/loopback.ts';
import type { DirectoryEntry, DirectoryServer } from '../../domain/mail-domain.ts';
import type { Directory } from '../../ports/directory.ts';
import type { Log } from '../../ports/log.ts';

/** Options for all directories. */
export interface DirectoryOptions {
  /** Certificates (PEM) of the authorities to trust; undefined: those of Node.js. */
  readonly ca: string | undefined;
  /** Whether certificates are verified. */
  readonly verify: boolean;
  /** Used instead of the passwords in the database. */
  readonly bindPassword: string | undefined;
  readonly connectMs: number;
  /** For a bind or a search. */
  readonly operationMs: number;
}

/** Connections kept open, one per directory: LDAP interleaves searches on one (RFC 4511 section 4.1.1.1). */
const MAX_CONNECTIONS = 16;

const unavailable = (message: string, cause?: unknown): Failure =>
  new Failure('directory_unavailable', `directory: ${message}`, { cause });

/** Looks users up in LDAP directories (RFC 4511). The driver is loaded at the first query. */
export class LdapDirectory implements Directory {
  readonly #options: DirectoryOptions;
  readonly #log: Log;
  readonly #clients = new Map<string, Promise<Ldapts.Client>>();
  readonly #warned = new Set<number>();

  constructor(options: DirectoryOptions, log: Log) {
    this.#options = options;
    this.#log = log;
  }

  async find(server: DirectoryServer, address: EmailAddress): Promise<DirectoryEntry | undefined> {
    const ldapts = await loadDriver();
    const text = addressText(address);
    let filter: Ldapts.Filter;
    try {
      // RFC 4515 section 3: client input is a value, never syntax.
      filter = ldapts.FilterParser.parseString(
        server.searchFilter.replaceAll('{0}', () => ldapts.escapeFilter`${text}`),
      );
    } catch {
      // No cause: the parser's message holds the address.
      throw unavailable(`invalid search_filter (ldapserver ${server.id})`);
    }
    const attributes = [server.loginAttribute, ...(server.nameAttribute === undefined ? [] : [server.nameAttribute])];
    const search = { filter, attributes, scope: 'sub', sizeLimit: 2 } as const;
    const { searchEntries } = await this.#ask(ldapts, server, (client) => client.search(server.searchBase, search));
    const [entry] = searchEntries;
    if (entry === undefined || searchEntries.length > 1) return undefined;
    return { login: firstValue(entry, server.loginAttribute), displayName: firstValue(entry, server.nameAttribute) };
  }

  async close(): Promise<void> {
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    await Promise.all(clients.map((client) => client.then((open) => open.unbind()).catch(() => undefined)));
  }

  /** Runs `work` on the open connection, and again on a new one if that turns out to be dead. */
  async #ask<T>(
    ldapts: typeof Ldapts,
    server: DirectoryServer,
    work: (client: Ldapts.Client) => Promise<T>,
  ): Promise<T> {
    const key = JSON.stringify(server);
    for (;;) {
      const known = this.#clients.get(key);
      const pending = known ?? this.#connect(ldapts, server);
      // Move the connection to the end: the least recently used one is dropped first.
      this.#clients.delete(key);
      this.#clients.set(key, pending);
      try {
        const client = await pending;
        // A client that lost its connection would silently open a new one: unbound, and possibly in clear text.
        if (client.isBound) return await work(client);
        if (known === undefined) throw new Error('connection closed after the bind');
      } catch (error) {
        if (error instanceof ldapts.ResultCodeError) {
          if (known === undefined) this.#forget(key, pending);
          throw unavailable(`${error.name} (ldapserver ${server.id})`, error);
        }
        if (known === undefined) {
          this.#forget(key, pending);
          throw error instanceof Failure ? error : unavailable(`${oneLine(error)} (ldapserver ${server.id})`, error);
        }
      }
      this.#forget(key, pending);
    }
  }

  /** Drops a connection; a newer one under the same key stays. */
  #forget(key: string, pending: Promise<Ldapts.Client>): void {
    if (this.#clients.get(key) === pending) this.#clients.delete(key);
    pending.then((client) => client.unbind()).catch(() => undefined);
  }

  async #connect(ldapts: typeof Ldapts, server: DirectoryServer): Promise<Ldapts.Client> {
    const [oldest] = this.#clients;
    if (oldest !== undefined && this.#clients.size >= MAX_CONNECTIONS) this.#forget(...oldest);

    const { hostname, port, useSsl, bindUser = '' } = server;
    const { ca, verify, connectMs, operationMs } = this.#options;
    const tls: ConnectionOptions = {
      rejectUnauthorized: verify,
      ...(ca === undefined ? {} : { ca }),
      ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
    };
    const authority = `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
    const newClient = (): Ldapts.Client =>
      new ldapts.Client({
        url: `${useSsl ? 'ldaps' : 'ldap'}://${authority}`,
        connectTimeout: connectMs,
        timeout: operationMs,
        strictDN: false,
        ...(useSsl ? { tlsOptions: tls } : {}),
      });
    let client = newClient();
    try {
      if (!useSsl && !isLoopbackHost(hostname)) {
        try {
          await client.startTLS({ ...tls, host: hostname });
        } catch (error) {
          // Only if the server itself refuses; after any other error, such as an untrusted certificate, clear text is unsafe.
          if (!(error instanceof ldapts.ResultCodeError)) throw error;
          // Anyone on the way can send this refusal, to read the password that would follow.
          if (verify)
            throw unavailable(`StartTLS refused (ldapserver ${server.id}); use TLS or ldap_verify = no`, error);
          this.#warnOfClearText(server.id);
          await client.unbind();
          client = newClient();
        }
      }
      const password = this.#options.bindPassword ?? server.bindPassword ?? '';
      // RFC 4513 section 5.1.2: servers treat a name without a password as anonymous, which would hide the mistake.
      if (bindUser !== '' && password === '')
        throw unavailable(`bind_user without a password (ldapserver ${server.id})`);
      await client.bind(bindUser, bindUser === '' ? '' : password);
      return client;
    } catch (error) {
      await client.unbind().catch(() => undefined);
      throw error;
    }
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

/** The driver's message, which may have several lines, as one. */
const oneLine = (error: unknown): string => ((error as Error).message || String(error)).replaceAll('\n', ' ');

/** The first value of an attribute, whose name the server may spell in another case; undefined: none, or an empty one. */
function firstValue(entry: Ldapts.Entry, attribute: string | undefined): string | undefined {
  if (attribute === undefined) return undefined;
  const folded = attribute.toLowerCase();
  const [, values] = Object.entries(entry).find(([name]) => name.toLowerCase() === folded) ?? [];
  const first = Array.isArray(values) ? values[0] : values;
  const text = first?.toString();
  return text === '' ? undefined : text;
}
