import { hash } from 'node:crypto';
import { type Authentication, DIRECT_TLS_PORTS, effectiveSocketType } from '../connection-words.ts';
import { davContextUrl, isAtOddsWithUrl } from '../dav-url.ts';
import { Failure } from '../failure.ts';
import { commonHost } from '../host-name.ts';
import {
  type DavServer,
  DEFAULT_USER_NAME,
  davRow,
  type MailServer,
  mailRow,
  type RowReference,
  usesDirectoryLogins,
} from '../mail-domain.ts';
import { missing, rowsAtFault } from './client-rule.ts';
import type { ClientRule, DocumentDomain, DomainFormat } from './format.ts';

// draft-ietf-mailmaint-pacc, as versions 02 and 03 are quoted by programs that implement them; the text of 04 was not
// available. Everything that depends on the draft is in this file.

/** Ways to log in that "password" covers. */
const BY_PASSWORD: readonly Authentication[] = ['password-cleartext', 'password-encrypted', 'NTLM'];

/** Code points of "provider.name" and "provider.shortName" at most. */
const MAX_NAME = 60;
const MAX_SHORT_NAME = 20;

/** What is true of each mail server that the document names. */
interface Assumption {
  /** Goes on with "it can name only servers". */
  readonly reason: string;
  readonly remedy: string;
  readonly lacks: (server: MailServer, domain: DocumentDomain) => boolean;
  /** Where the fault is not in the rows of the servers. */
  readonly rowsAtFault?: (domain: DocumentDomain) => readonly RowReference[];
}

const ASSUMPTIONS: readonly Assumption[] = [
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
    reason: 'that take a password',
    remedy: 'if they take passwords, too, set authentication to plain or password-encrypted',
    lacks: ({ authentication }) => !BY_PASSWORD.includes(authentication),
  },
];

const canName = (server: MailServer, domain: DocumentDomain): boolean =>
  !ASSUMPTIONS.some(({ lacks }) => lacks(server, domain));

/**
 * Kinds of servers of which one must be named, or the document would lead clients to less than the domain has: IMAP, or
 * POP3 where there is no IMAP, and SMTP.
 */
function neededServers({ settings: { mailServers } }: DocumentDomain): readonly (readonly MailServer[])[] {
  const incoming = mailServers.some(({ type }) => type === 'imap') ? 'imap' : 'pop';
  return [incoming, 'smtp'].map((needed) => mailServers.filter(({ type }) => type === needed));
}

/** A server for calendars or contacts as the document names it, for all users. Undefined: it cannot. */
function davUrl(server: DavServer, { name }: DocumentDomain): string | undefined {
  const text = davContextUrl(server.url, name);
  if (text === undefined || server.userName !== DEFAULT_USER_NAME || isAtOddsWithUrl(server)) return undefined;
  const { protocol, username, password, hostname, port, pathname } = new URL(text);
  const isBare = username === '' && password === '' && port === '' && !/[?#]/.test(text);
  const isFull = commonHost(hostname, name) === hostname && /[^/]/.test(pathname);
  return protocol === 'https:' && isBare && isFull ? text : undefined;
}

/** Servers for calendars or contacts of a kind of which the document can name none. */
const unnamedDavServers = (domain: DocumentDomain): readonly DavServer[] => {
  const { davServers } = domain.settings;
  const named = davServers.filter((server) => davUrl(server, domain) !== undefined).map(({ type }) => type);
  return davServers.filter(({ type }) => !named.includes(type));
};

/** Text of one line with single blanks. */
const line = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();

/** Undefined: the settings lack what it needs. */
function documentOf(domain: DocumentDomain): string | undefined {
  if (!neededServers(domain).every((servers) => servers.some((server) => canName(server, domain)))) return undefined;
  const { provider, mailServers, davServers } = domain.settings;
  const shortName = line(provider.shortName);
  const mail = (type: MailServer['type']): object | undefined => {
    const server = mailServers.find((each) => each.type === type && canName(each, domain));
    return server && { host: commonHost(server.hostname, domain.name) };
  };
  const dav = (type: DavServer['type']): object | undefined => {
    const url = davServers.flatMap((each) => (each.type === type ? (davUrl(each, domain) ?? []) : []))[0];
    return url === undefined ? undefined : { url };
  };
  // Members in order of their names; undefined ones are left out. The digest in DNS is of these octets.
  return JSON.stringify({
    authentication: { password: true },
    info: {
      provider: {
        name: [...(line(provider.name) || domain.name)].slice(0, MAX_NAME).join('').trimEnd(),
        shortName: shortName === '' || [...shortName].length > MAX_SHORT_NAME ? undefined : shortName,
      },
    },
    protocols: {
      caldav: dav('caldav'),
      carddav: dav('carddav'),
      imap: mail('imap'),
      pop3: mail('pop'),
      // Version 02 says "smtp" where 03 says "submit"; each ignores the other's.
      smtp: mail('smtp'),
      submit: mail('smtp'),
    },
  });
}

function write(domain: DocumentDomain): string {
  const document = documentOf(domain);
  if (document !== undefined) return document;
  const reason = 'PACC can name no incoming server, or no SMTP; automx2 lint says why';
  throw new Failure('domain_unusable', `${domain.name}: ${reason}`);
}

/**
 * The text of the TXT record at _ua-auto-config.DOMAIN, by which clients know that the document comes from the owner of the
 * domain. Undefined: there is no document.
 */
export function paccDigest(domain: DocumentDomain): string | undefined {
  const document = documentOf(domain);
  return document === undefined ? undefined : `v=UAAC1; a=sha256; d=${hash('sha256', document, 'base64')}`;
}

/** A tag of the record (version 03, section 5.2.2.2): blanks may stand around the equals sign. */
const TAG = /^[ \t]*([a-z\d]+)[ \t]*=[ \t]*([\x21-\x7e]+)[ \t]*$/i;
/** Others may come, and may be repeated. */
const OWN_TAGS = ['v', 'a', 'd'];
const SHA256_IN_BASE64 = /^[A-Za-z\d+/]{42}[AEIMQUYcgkosw048]=$/;

/** A pattern would try each blank of a long row of them. */
function withoutBlanksAtEnd(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end -= 1;
  return text.slice(0, end);
}

/** The digest of such a record, in base64. Undefined: the text is no such record, or clients cannot use it. */
export function readPaccDigest(text: string): string | undefined {
  const tags = new Map<string, string>();
  const whole = withoutBlanksAtEnd(text);
  const parts = (whole.endsWith(';') ? withoutBlanksAtEnd(whole.slice(0, -1)) : whole).split(';');
  for (const part of parts) {
    const [, name, value] = TAG.exec(part) ?? [];
    if (name === undefined || value === undefined || (tags.has(name) && OWN_TAGS.includes(name))) return undefined;
    tags.set(name, value);
  }
  const isUsable = tags.get('v') === 'UAAC1' && tags.get('a') === 'sha256' && !/^[ \t]/.test(text);
  const digest = tags.get('d') ?? '';
  return isUsable && SHA256_IN_BASE64.test(digest) ? digest : undefined;
}

const CLIENTS = 'clients of PACC (Evolution, Himalaya)';

/** Broken where each server of a kind that is needed lacks something. */
const assumptionRule = ({ reason, remedy, lacks, rowsAtFault: elsewhere }: Assumption): ClientRule => ({
  clients: CLIENTS,
  reason: `they get no document, because it can name only servers ${reason}`,
  remedy,
  broken: (domain) => {
    const unnamed = neededServers(domain).filter((servers) => !servers.some((server) => canName(server, domain)));
    const faulty = unnamed.flat().filter((server) => lacks(server, domain));
    return rowsAtFault(faulty.length > 0 && elsewhere !== undefined ? elsewhere(domain) : faulty.map(mailRow));
  },
});

/** The document of PACC, "Automatic Configuration of Email, Calendar, and Contact Server Settings", the same for everyone. */
export const PACC: DomainFormat = {
  name: 'pacc',
  scope: 'domain',
  contentType: 'application/json',
  write: ({ domain }) => write(domain),
  writeForDomain: write,
  rules: [
    {
      clients: CLIENTS,
      reason: 'they get no document if there is no SMTP',
      remedy: 'link a server of type smtp to the domain in server_domain',
      broken: missing((types) => types.length > 0 && !types.includes('smtp')),
    },
    ...ASSUMPTIONS.map(assumptionRule),
    {
      clients: CLIENTS,
      reason:
        'they get no calendars or contacts, because the document can name only an https URL at port 443 with a full host ' +
        'name and a path for all users, without query, whose login is the whole address',
      remedy: 'set url to such a URL, and user_name to %EMAILADDRESS%',
      broken: (domain) => rowsAtFault(unnamedDavServers(domain).map(davRow)),
    },
  ],
};
