/** How the connection is secured. "auto": the client shall find out. */
export type SocketType = 'SSL' | 'STARTTLS' | 'plain' | 'auto';

/** How the client proves who it is, in the words of draft-ietf-mailmaint-autoconfig. */
export type Authentication =
  | 'password-cleartext'
  | 'password-encrypted'
  | 'NTLM'
  | 'none'
  | 'OAuth2'
  | 'GSSAPI'
  | 'TLS-client-cert'
  | 'client-IP-address';

/** Direct TLS by the number of the port alone: submissions, imaps, pop3s (RFC 8314 section 7). */
export const socketTypeByPort = (port: number): 'SSL' | 'STARTTLS' =>
  port === 465 || port === 993 || port === 995 ? 'SSL' : 'STARTTLS';

// Maps, not objects: the words come from a database, and "constructor" is no socket type.
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

/** Reads a configured socket type in any letter case; an empty one goes by the port. Undefined: no such word. */
export const readSocketType = (word: string, port: number): SocketType | undefined =>
  word === '' ? socketTypeByPort(port) : SOCKET_TYPES.get(word.toLowerCase());

/** Reads a configured way to authenticate in any letter case. Undefined: no such word. */
export const readAuthentication = (word: string): Authentication | undefined => AUTHENTICATIONS.get(word.toLowerCase());
