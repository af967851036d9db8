/** How the connection is secured. "auto": the client detects it. */
export type SocketType = 'SSL' | 'STARTTLS' | 'plain' | 'auto';

/** How the client authenticates, in the terms of draft-ietf-mailmaint-autoconfig. */
export type Authentication =
  | 'password-cleartext'
  | 'password-encrypted'
  | 'NTLM'
  | 'none'
  | 'OAuth2'
  | 'GSSAPI'
  | 'TLS-client-cert'
  | 'client-IP-address';

/** Ports of TLS from the start: imaps, pop3s and submissions (RFC 8314 section 7). */
export const DIRECT_TLS_PORTS = { imap: 993, pop: 995, smtp: 465 } as const;

const ALL_DIRECT_TLS_PORTS: readonly unknown[] = Object.values(DIRECT_TLS_PORTS);

/** The socket type implied by the port. */
export const socketTypeByPort = (port: unknown): 'SSL' | 'STARTTLS' =>
  ALL_DIRECT_TLS_PORTS.includes(port) ? 'SSL' : 'STARTTLS';

/** How a server's connection is secured, where clients have nothing to detect: "auto" is what the port implies. */
export const effectiveSocketType = (server: {
  readonly socketType: SocketType;
  readonly port: number;
}): Exclude<SocketType, 'auto'> => (server.socketType === 'auto' ? socketTypeByPort(server.port) : server.socketType);

// Maps, because in an object a database value such as "constructor" would find an inherited member.
const SOCKET_TYPES: ReadonlyMap<string, SocketType> = new Map([
  ['ssl', 'SSL'],
  ['tls', 'SSL'],
  ['ssl/tls', 'SSL'],
  ['starttls', 'STARTTLS'],
  ['plain', 'plain'],
  ['none', 'plain'],
  ['auto', 'auto'],
]);

const AUTHENTICATIONS: ReadonlyMap<string, Authentication> = new Map([
  ['', 'password-cleartext'],
  ['plain', 'password-cleartext'],
  ['password-cleartext', 'password-cleartext'],
  ['secure', 'password-encrypted'],
  ['password-encrypted', 'password-encrypted'],
  ['cram-md5', 'password-encrypted'],
  ['ntlm', 'NTLM'],
  ['none', 'none'],
  ['oauth2', 'OAuth2'],
  ['gssapi', 'GSSAPI'],
  ['tls-client-cert', 'TLS-client-cert'],
  ['client-ip-address', 'client-IP-address'],
]);

/** The words that are read, for messages. */
export const SOCKET_TYPE_WORDS: readonly string[] = [...SOCKET_TYPES.keys()];
export const AUTHENTICATION_WORDS: readonly string[] = [...AUTHENTICATIONS.keys()].filter((word) => word !== '');

/** automx2's own words, which are stored: it passes others on to clients as they are. */
export const STORED_SOCKET_TYPES: Readonly<Record<SocketType, string>> = {
  SSL: 'SSL',
  STARTTLS: 'STARTTLS',
  plain: 'plain',
  auto: 'Auto',
};
export const STORED_PASSWORD_CLEARTEXT = 'plain';

/** Reads a configured socket type in any letter case; an empty one is derived from the port. Undefined: unknown. */
export const readSocketType = (word: string, port: number): SocketType | undefined =>
  word === '' ? socketTypeByPort(port) : SOCKET_TYPES.get(word.toLowerCase());

/** Reads a configured authentication method in any letter case. Undefined: unknown. */
export const readAuthentication = (word: string): Authentication | undefined => AUTHENTICATIONS.get(word.toLowerCase());
