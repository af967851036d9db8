import { hash } from 'node:crypto';
import { type Authentication, effectiveSocketType } from '../connection-words.ts';
import { davContextUrl } from '../dav-url.ts';
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
import { rowsAtFault } from './client-rule.ts';
import type { ClientRule, DocumentDomain, DomainFormat } from './format.ts';

// draft-ietf-mailmaint-pacc, as versions 02 and 03 are quoted by programs that implement them; the text of 04 was not
// available. Everything that depends on the draft is in this file.

/** The only connection that it can name: TLS from the start, at these ports. */
const IMPLIED_PORTS: Readonly<Record<MailServer['type'], number>> = { imap: 993, pop: 995, smtp: 465 };

/** Members of "protocols" by type of server: version 03 says "submit" where 02 said "smtp", and each ignores the other's. */
const MAIL_MEMBERS: Readonly<Record<MailServer['type'], readonly string[]>> = {
  imap: ['imap'],
  pop: ['pop3'],
  smtp: ['submit', 'smtp'],
};

/** Ways to log in that "password" covers. */
const BY_PASSWORD: readonly Authentication[] = ['password-cleartext', 'password-encrypted', 'NTLM'];

/** Characters of "provider.name" and "provider.shortName" at most. */
const MAX_NAME = 60;
const MAX_SHORT_NAME = 20;

/** Why a server cannot be named. */
type Obstacle = 'connection' | 'host' | 'directory' | 'login' | 'authentication';

function obstacleOf(server: MailServer, { name, settings }: DocumentDomain): Obstacle | undefined {
  if (server.port !== IMPLIED_PORTS[server.type] || effectiveSocketType(server) !== 'SSL') return 'connection';
  if (commonHost(server.hostname, name) === undefined) return 'host';
  if (usesDirectoryLogins(settings)) return 'directory';
  if (server.userName !== DEFAULT_USER_NAME) return 'login';
  return BY_PASSWORD.includes(server.authentication) ? undefined : 'authentication';
}

/**
 * Servers of which one must be named, or the document would lead clients to less than the domain has: IMAP, or POP3 where
 * there is no IMAP, and SMTP.
 */
function neededServers({ settings: { mailServers } }: DocumentDomain): readonly (readonly MailServer[])[] {
  const incoming = mailServers.some(({ type }) => type === 'imap') ? 'imap' : 'pop';
  return [incoming, 'smtp'].map((needed) => mailServers.filter(({ type }) => type === needed));
}

/** Rows that keep the document from being made, for one of the reasons. */
const rowsWith =
  (obstacle: Obstacle): ClientRule['broken'] =>
  (domain) => {
    const wanting = neededServers(domain).filter((servers) =>
      servers.every((server) => obstacleOf(server, domain) !== undefined),
    );
    return rowsAtFault(
      wanting
        .flat()
        .filter((server) => obstacleOf(server, domain) === obstacle)
        .map(mailRow),
    );
  };

/** A server for calendars or contacts as the document names it. Undefined: it cannot. */
function davUrl(server: DavServer, { name, settings }: DocumentDomain): string | undefined {
  const text = davContextUrl(server.url, name);
  if (text === undefined || server.userName !== DEFAULT_USER_NAME || usesDirectoryLogins(settings)) return undefined;
  const url = new URL(text);
  const isPlain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  const isHttps = url.protocol === 'https:' && url.port === '' && (server.port ?? 443) === 443;
  const hasHost = commonHost(url.hostname, name) !== undefined;
  return isPlain && isHttps && hasHost && url.pathname !== '/' ? url.href : undefined;
}

/** Text of one line with single blanks. */
const line = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();

/** Members in order of their names: the digest in DNS is of these octets, so they must be the same on every machine. */
const sorted = (members: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(
    Object.entries(members)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

function protocols(domain: DocumentDomain): Readonly<Record<string, unknown>> {
  const { mailServers, davServers } = domain.settings;
  const found = new Map<string, unknown>();
  for (const server of mailServers.filter((each) => obstacleOf(each, domain) === undefined)) {
    for (const member of MAIL_MEMBERS[server.type]) {
      if (!found.has(member)) found.set(member, { host: commonHost(server.hostname, domain.name) });
    }
  }
  for (const server of davServers) {
    const url = davUrl(server, domain);
    if (url !== undefined && !found.has(server.type)) found.set(server.type, { url });
  }
  return Object.fromEntries(found);
}

function documentOf(domain: DocumentDomain): string | undefined {
  const needed = neededServers(domain);
  if (!needed.every((servers) => servers.some((server) => obstacleOf(server, domain) === undefined))) return undefined;
  const { name, shortName } = domain.settings.provider;
  const short = line(shortName);
  const provider = {
    name: [...(line(name) || domain.name)].slice(0, MAX_NAME).join('').trimEnd(),
    shortName: short === '' || [...short].length > MAX_SHORT_NAME ? undefined : short,
  };
  return JSON.stringify({
    authentication: { password: true },
    info: { provider: sorted(provider) },
    protocols: sorted(protocols(domain)),
  });
}

function write(domain: DocumentDomain): string {
  const document = documentOf(domain);
  if (document !== undefined) return document;
  const reason = 'PACC can name IMAP at 993 and SMTP at 465 only; automx2 lint says more';
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

/** The digest of such a record, in base64. Undefined: the text is no such record, or clients cannot use it. */
export function readPaccDigest(text: string): string | undefined {
  const tags = new Map<string, string>();
  const parts = text.replace(/[ \t]*(?:;[ \t]*)?$/, '').split(';');
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
const NONE = 'they get no document, because it can name only servers';

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
      reason: `${NONE} with TLS from the start at port 993 (IMAP), 995 (POP3) and 465 (SMTP)`,
      remedy: 'if they listen there, too, link rows with that port and socket_type SSL beside these',
      broken: rowsWith('connection'),
    },
    {
      clients: CLIENTS,
      reason: `${NONE} with one full host name for all users`,
      remedy: 'set name to the host name without placeholder',
      broken: rowsWith('host'),
    },
    {
      clients: CLIENTS,
      reason: `${NONE} whose login is the whole address, and here a directory decides`,
      remedy: 'if the servers accept the whole address, clear ldapserver_id of the domain',
      broken: (domain) => rowsWith('directory')(domain) && directoryRow(domain),
    },
    {
      clients: CLIENTS,
      reason: `${NONE} whose login is the whole address`,
      remedy: 'let the servers accept the whole address, and set user_name to %EMAILADDRESS%',
      broken: rowsWith('login'),
    },
    {
      clients: CLIENTS,
      reason: `${NONE} that take a password`,
      remedy: 'set authentication to plain or password-encrypted, unless passwords are switched off',
      broken: rowsWith('authentication'),
    },
    {
      clients: CLIENTS,
      reason:
        'they get no calendars or contacts, because the document can name only an https URL with a path, at port 443, ' +
        'with the whole address as login',
      remedy: 'set url to such a URL, and user_name to %EMAILADDRESS%',
      broken: (domain) => rowsAtFault(domain.settings.davServers.filter((each) => !davUrl(each, domain)).map(davRow)),
    },
  ],
};

const directoryRow = ({ settings: { directory } }: DocumentDomain): readonly RowReference[] =>
  directory === undefined ? [] : [{ table: 'ldapserver', id: directory.id }];
