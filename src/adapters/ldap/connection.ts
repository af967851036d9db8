import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectSecurely } from 'node:tls';
import type * as Ldapts from 'ldapts';
import { isLoopbackHost } from '../../domain/loopback.ts';
import type { DirectoryServer } from '../../domain/mail-domain.ts';
import { unavailable } from './failure.ts';
import { Messages } from './messages.ts';

/** How directories are connected to. */
export interface ConnectOptions {
  /** Certificates (PEM) of the authorities to trust; undefined: those of Node.js. */
  readonly ca: string | undefined;
  /** Whether certificates are verified; without it, a server that refuses StartTLS is asked in clear text. */
  readonly verify: boolean;
  /** Used instead of the passwords in the database. */
  readonly bindPassword: string | undefined;
  /** Called where names and passwords are about to cross the network in clear text. */
  readonly onClearText: (server: DirectoryServer) => void;
}

/** What result codes (RFC 4511 section 4.1.9) mean here. */
const ANSWERS: Readonly<Record<number, string>> = {
  32: 'it has no such search_base',
  49: 'it refuses bind_user or its password',
};

/** Of Node's TLS: no authority that we trust has signed the certificate. */
const UNTRUSTED = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

/** A connection to a directory, for one operation after the other. */
export class LdapConnection {
  readonly #driver: typeof Ldapts;
  readonly #server: DirectoryServer;
  readonly #options: ConnectOptions;
  #messages = new Messages();
  readonly #sockets = new Set<Socket>();
  #client: Ldapts.Client | undefined;
  #isLost = false;
  readonly #lost = Promise.withResolvers<never>();

  constructor(driver: typeof Ldapts, server: DirectoryServer, options: ConnectOptions) {
    this.#driver = driver;
    this.#server = server;
    this.#options = options;
    this.#lost.promise.catch(() => undefined);
  }

  /** Whether it is bound, and not lost. A driver that lost it would silently open a new one, unbound and without TLS. */
  get isOpen(): boolean {
    return !this.#isLost && this.#client?.isBound === true;
  }

  /** Connects and binds. */
  async open(): Promise<void> {
    const { hostname, useSsl, bindUser = '', bindPassword = '', id } = this.#server;
    const password = this.#options.bindPassword ?? bindPassword;
    // RFC 4513 section 5.1.2: servers treat a name without a password as anonymous, which would hide the mistake.
    if (bindUser !== '' && password === '') throw unavailable(`bind_user without a password (ldapserver ${id})`);
    let client = this.#newClient();
    if (!useSsl && !isLoopbackHost(hostname)) {
      try {
        await this.#run(client.startTLS({ ...this.#tls(), host: hostname }));
      } catch (error) {
        // Only if the server itself refuses; after any other error, such as an untrusted certificate, clear text is unsafe.
        if (!((error as Error).cause instanceof this.#driver.ResultCodeError)) throw error;
        // Anyone on the way can send this refusal, to read the password that would follow.
        if (this.#options.verify)
          throw unavailable(`StartTLS refused (ldapserver ${id}); use TLS or ldap_verify = no`, error);
        this.#options.onClearText(this.#server);
        for (const socket of this.#sockets) this.#forget(socket);
        client = this.#newClient();
      }
    }
    await this.#run(client.bind(bindUser, bindUser === '' ? '' : password));
    this.#client = client;
  }

  /** The entry that matches; undefined: none, or more than one. */
  async find(filter: Ldapts.Filter, attributes: string[]): Promise<Ldapts.Entry | undefined> {
    if (this.#client === undefined) throw unavailable('not connected');
    const search = { filter, attributes, scope: 'sub', sizeLimit: 1 } as const;
    try {
      const { searchEntries } = await this.#run(this.#client.search(this.#server.searchBase, search));
      return this.#messages.foundSeveral ? undefined : searchEntries[0];
    } catch (error) {
      // A server that ignores the limit is not listened to any longer.
      if (this.#messages.foundSeveral) return undefined;
      throw error;
    }
  }

  /** Says farewell; the driver then closes the socket. */
  close(): void {
    this.#isLost = true;
    this.#client?.unbind().catch(() => undefined);
  }

  /** Gives it up; what waits for an answer gets `error`. */
  destroy(error = new Error('connection given up')): void {
    this.#isLost = true;
    this.#lost.reject(error);
    for (const socket of this.#sockets) this.#forget(socket);
  }

  /** One operation. Its failure leaves the connection open only if the server answered. */
  async #run<T>(operation: Promise<T>): Promise<T> {
    this.#messages.begin();
    operation.catch(() => undefined);
    try {
      // The driver does not notice everything that ends a connection, such as the end of one that StartTLS made.
      return await Promise.race([operation, this.#lost.promise]);
    } catch (error) {
      const isAnswer = error instanceof this.#driver.ResultCodeError;
      if (!isAnswer) this.destroy();
      const reason = isAnswer ? (ANSWERS[error.code] ?? error.name) : oneLine(error);
      throw unavailable(`${reason} (ldapserver ${this.#server.id})`, error);
    }
  }

  #forget(socket: Socket): void {
    this.#sockets.delete(socket);
    socket.destroy();
  }

  #tls(): ConnectionOptions {
    const { ca, verify } = this.#options;
    const { hostname } = this.#server;
    return {
      rejectUnauthorized: verify,
      ...(ca === undefined ? {} : { ca }),
      ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
    };
  }

  #newClient(): Ldapts.Client {
    const { hostname, port, useSsl } = this.#server;
    this.#messages = new Messages();
    const authority = `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
    return new this.#driver.Client({
      url: `${useSsl ? 'ldaps' : 'ldap'}://${authority}`,
      strictDN: false,
      ...(useSsl ? { tlsOptions: this.#tls() } : {}),
      createConnection: ((...words: [number, string]) => this.#guarded(connect(...words))) as typeof connect,
      createSecureConnection: ((...words: [ConnectionOptions]) => {
        // What came in clear text must not be read as the beginning of what comes over TLS.
        if (this.#messages.isPartial) throw new Error('malformed message');
        return this.#guarded(connectSecurely(...words));
      }) as typeof connectSecurely,
    });
  }

  /** The socket, whose octets reach the driver as whole messages. The driver takes sockets only, no stream in their place. */
  #guarded<T extends Socket>(socket: T): T {
    this.#sockets.add(socket);
    socket.once('error', (error) => this.#end(socket, error));
    socket.once('close', () => this.#end(socket, new Error('connection closed')));
    const emit = socket.emit.bind(socket);
    socket.emit = (event: string | symbol, ...values: unknown[]): boolean => {
      if (event !== 'data') return emit(event, ...values);
      try {
        this.#messages.read(values[0] as Buffer, (message) => emit('data', message));
      } catch (error) {
        this.destroy(error as Error);
      }
      return true;
    };
    return socket;
  }

  /** Sockets that we gave up ourselves do not count. */
  #end(socket: Socket, error: Error): void {
    if (this.#sockets.has(socket)) this.destroy(error);
  }
}

/** The driver's message, which may have several lines, as one; if every address of a host refused, it has none. */
function oneLine(error: unknown): string {
  const { message, code = '' } = error as NodeJS.ErrnoException;
  if (UNTRUSTED.includes(code)) return 'its certificate comes from no known authority; see ldap_ca_file';
  return (message || code || String(error)).replaceAll('\n', ' ');
}
