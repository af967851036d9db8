import { type Authentication, DIRECT_TLS_PORTS, effectiveSocketType } from '../connection-words.ts';
import { davContextUrl, isAtOddsWithUrl } from '../dav-url.ts';
import { commonHost } from '../host-name.ts';
import {
  type DavServer,
  DEFAULT_USER_NAME,
  type MailServer,
  type RowReference,
  usesDirectoryLogins,
  waysToLogIn,
} from '../mail-domain.ts';
import type { DocumentDomain } from './format.ts';

// What a document of PACC can name; see pacc.ts.

/** Ways to log in that "password" covers. */
const BY_PASSWORD: readonly Authentication[] = ['password-cleartext', 'password-encrypted', 'NTLM'];

/** Whether users can log in with a password. */
export const takesPassword = (server: MailServer): boolean =>
  waysToLogIn(server).some((way) => BY_PASSWORD.includes(way));
/** Whether users can log in at the issuer that the domain names. */
export const takesOAuth2 = (server: MailServer, { settings: { extras } }: DocumentDomain): boolean =>
  extras.oauth2 !== undefined && waysToLogIn(server).includes('OAuth2');

/** What is true of each mail server that the document names. */
export interface Assumption {
  /** Goes on with "it can name only mail servers". */
  readonly reason: string;
  readonly remedy: string;
  readonly lacks: (server: MailServer, domain: DocumentDomain) => boolean;
  /** Where the fault is not in the rows of the servers. */
  readonly rowsAtFault?: (domain: DocumentDomain) => readonly RowReference[];
}

const PLACES: readonly Assumption[] = [
  {
    reason: 'with TLS from the start at port 993 (IMAP), 995 (POP3) and 465 (SMTP)',
    // Evolution, KMail and aerc take one server of a kind: see Autoconfig's rules.
    remedy: 'if they listen there, too, set port to that and socket_type to SSL, rather than link another row',
    lacks: (server) => server.port !== DIRECT_TLS_PORTS[server.type] || effectiveSocketType(server) !== 'SSL',
  },
  {
    reason: 'with one full host name for all users',
    remedy: 'set name to the host name in full, with no placeholder but %EMAILDOMAIN%',
    lacks: ({ hostname }, { name }) => commonHost(hostname, name) === undefined,
  },
];

/** How users log in to each of them. */
export const LOGINS: readonly Assumption[] = [
  {
    reason: 'whose login is the whole address, and here the login comes from a directory',
    remedy: 'let the servers accept the whole address, and clear ldapserver_id of the domain',
    lacks: (_server, { settings }) => usesDirectoryLogins(settings),
    rowsAtFault: ({ settings: { directory } }) =>
      directory === undefined ? [] : [{ table: 'ldapserver', id: directory.id }],
  },
  {
    reason: 'whose login is the whole address',
    remedy: 'let the servers accept the whole address, and set user_name to %EMAILADDRESS%',
    lacks: ({ userName }, { settings }) => !usesDirectoryLogins(settings) && userName !== DEFAULT_USER_NAME,
  },
  {
    reason: 'that take a password, or OAuth2 of the issuer that the extra oauth2 names',
    remedy: 'if they take passwords, too, set authentication to plain or password-encrypted; for OAuth2, add oauth2',
    lacks: (server, domain) => !takesPassword(server) && !takesOAuth2(server, domain),
  },
];

/** All that is true of each mail server that the document names. */
export const ASSUMPTIONS: readonly Assumption[] = [...PLACES, ...LOGINS];

/** Whether some of this is true of a server. */
export const keeps = (assumptions: readonly Assumption[], server: MailServer, domain: DocumentDomain): boolean =>
  !assumptions.some(({ lacks }) => lacks(server, domain));
/** Whether the document can name a server. */
export const canName = (server: MailServer, domain: DocumentDomain): boolean => keeps(ASSUMPTIONS, server, domain);

/**
 * Kinds of servers of which one must be named, or the document would lead clients to less than the domain has: IMAP, or
 * POP3 where there is no IMAP, and SMTP.
 */
export function neededServers({ settings: { mailServers } }: DocumentDomain): readonly (readonly MailServer[])[] {
  const incoming = mailServers.some(({ type }) => type === 'imap') ? 'imap' : 'pop';
  return [incoming, 'smtp'].map((needed) => mailServers.filter(({ type }) => type === needed));
}

/** The mail servers that the document names: none, unless one of each kind that is needed can be. */
export function namedMailServers(domain: DocumentDomain): readonly MailServer[] {
  const nameable = domain.settings.mailServers.filter((server) => canName(server, domain));
  const isWhole = neededServers(domain).every((servers) => servers.some((server) => nameable.includes(server)));
  return isWhole ? nameable : [];
}

/** A URL as the document may have it: https at the default port, with a full host name, without query. Undefined: any other URL. */
function plainUrl(text: string, { name }: DocumentDomain): URL | undefined {
  const url = new URL(text);
  const { protocol, username, password, hostname, port } = url;
  const isBare = username === '' && password === '' && port === '' && !/[?#]/.test(text);
  return protocol === 'https:' && isBare && commonHost(hostname, name) === hostname ? url : undefined;
}

/** A server for calendars or contacts as the document names it, for all users. Undefined: it cannot. */
export function davUrl(server: DavServer, domain: DocumentDomain): string | undefined {
  const text = davContextUrl(server.url, domain.name);
  if (text === undefined || server.userName !== DEFAULT_USER_NAME || isAtOddsWithUrl(server)) return undefined;
  const url = plainUrl(text, domain);
  return url !== undefined && /[^/]/.test(url.pathname) ? text : undefined;
}

/**
 * JMAP as the document names it; it stands for incoming and outgoing mail. Undefined: it cannot, or there is none. Its login
 * is that of the mail servers.
 */
export function jmapUrl(domain: DocumentDomain): string | undefined {
  const { extras, mailServers } = domain.settings;
  if (extras.jmap === undefined || usesDirectoryLogins(domain.settings)) return undefined;
  const hasLogin = mailServers.length === 0 || mailServers.some((server) => keeps(LOGINS, server, domain));
  return hasLogin ? plainUrl(extras.jmap.url, domain)?.href : undefined;
}

/** Servers for calendars or contacts of a kind of which the document can name none. */
export const unnamedDavServers = (domain: DocumentDomain): readonly DavServer[] => {
  const { davServers } = domain.settings;
  const named = davServers.filter((server) => davUrl(server, domain) !== undefined).map(({ type }) => type);
  return davServers.filter(({ type }) => !named.includes(type));
};
