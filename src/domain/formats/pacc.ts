import { hash } from 'node:crypto';
import { Failure } from '../failure.ts';
import { commonHost } from '../host-name.ts';
import { type DavServer, davRow, extraRow, type MailServer, mailRow } from '../mail-domain.ts';
import { missing, rowsAtFault } from './client-rule.ts';
import type { ClientRule, DocumentDomain, DomainFormat } from './format.ts';
import {
  ASSUMPTIONS,
  type Assumption,
  canName,
  davUrl,
  jmapUrl,
  keeps,
  LOGINS,
  namedMailServers,
  neededServers,
  takesOAuth2,
  takesPassword,
  unnamedDavServers,
} from './pacc-servers.ts';

// draft-ietf-mailmaint-pacc, as versions 02 and 03 are quoted by programs that implement them; the text of 04 was not
// available. Everything that depends on the draft is in this file, pacc-servers.ts and pacc-digest.ts.

/** Code points of "provider.name" and "provider.shortName" at most. */
const MAX_NAME = 60;
const MAX_SHORT_NAME = 20;

/** Text of one line with single blanks. */
const line = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();

/** How users of the domain log in, to what the document names. */
function authenticationOf(domain: DocumentDomain, named: readonly MailServer[]): object {
  const { extras, mailServers } = domain.settings;
  // JMAP alone logs in as the mail servers that the document cannot name.
  const servers = named.length > 0 ? named : mailServers.filter((server) => keeps(LOGINS, server, domain));
  const hasOAuth2 =
    extras.oauth2 !== undefined && (servers.length === 0 || servers.some((server) => takesOAuth2(server, domain)));
  return {
    'oauth-public': hasOAuth2 ? { issuer: extras.oauth2?.issuer } : undefined,
    password: servers.length === 0 || servers.some(takesPassword),
  };
}

/**
 * What there is to read and to see. Not "help.contact", although there is an extra for support: that one is for users, and
 * "contact" for developers and operators (version 03).
 */
function infoOf({ name, settings: { provider, extras } }: DocumentDomain): object {
  const shortName = line(provider.shortName);
  const { documentation, logo } = extras;
  return {
    help: documentation[0] && { documentation: documentation[0].url },
    provider: {
      logo: logo && [{ 'content-type': logo.contentType, height: logo.height, url: logo.url, width: logo.width }],
      name: [...(line(provider.name) || name)].slice(0, MAX_NAME).join('').trimEnd(),
      shortName: shortName === '' || [...shortName].length > MAX_SHORT_NAME ? undefined : shortName,
    },
  };
}

/** Undefined: the settings lack what it needs. */
function documentOf(domain: DocumentDomain): string | undefined {
  const { davServers, wildcard } = domain.settings;
  // Its owner has published no digest, and a wildcard is no claim to a name.
  if (wildcard !== undefined) return undefined;
  const named = namedMailServers(domain);
  const jmap = jmapUrl(domain);
  if (named.length === 0 && jmap === undefined) return undefined;
  const mail = (type: MailServer['type']): object | undefined => {
    const server = named.find((each) => each.type === type);
    return server && { host: commonHost(server.hostname, domain.name) };
  };
  const dav = (type: DavServer['type']): object | undefined => {
    const url = davServers.flatMap((each) => (each.type === type ? (davUrl(each, domain) ?? []) : []))[0];
    return url === undefined ? undefined : { url };
  };
  // Members in order of their names; undefined ones are left out. The digest in DNS is of these octets. "managesieve" has no
  // port with TLS from the start in version 03.
  return JSON.stringify({
    authentication: authenticationOf(domain, named),
    info: infoOf(domain),
    protocols: {
      caldav: dav('caldav'),
      carddav: dav('carddav'),
      imap: mail('imap'),
      jmap: jmap === undefined ? undefined : { url: jmap },
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
  if (domain.settings.wildcard !== undefined) {
    throw new Failure('domain_unusable', `${domain.name}: PACC is only for domains with a row of their own`);
  }
  const reason = 'PACC can name no incoming server, or no SMTP, and no JMAP; automx2 lint says why';
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

const CLIENTS = 'clients of PACC (Evolution, Himalaya)';

/** What becomes of a domain whose mail servers cannot be named, by whether JMAP can be. */
const CONSEQUENCES = [
  { hasJmap: false, consequence: 'they get no document, because it can name only servers' },
  { hasJmap: true, consequence: 'they get a document with JMAP alone, because it can name only mail servers' },
] as const;

/** Broken where each server of a kind that is needed lacks something. */
const assumptionRules = ({ reason, remedy, lacks, rowsAtFault: elsewhere }: Assumption): readonly ClientRule[] =>
  CONSEQUENCES.map(({ hasJmap, consequence }) => ({
    clients: CLIENTS,
    reason: `${consequence} ${reason}`,
    remedy,
    broken: (domain) => {
      if ((jmapUrl(domain) !== undefined) !== hasJmap) return undefined;
      const unnamed = neededServers(domain).filter((servers) => !servers.some((server) => canName(server, domain)));
      const faulty = unnamed.flat().filter((server) => lacks(server, domain));
      return rowsAtFault(faulty.length > 0 && elsewhere !== undefined ? elsewhere(domain) : faulty.map(mailRow));
    },
  }));

/** Servers that take only one of the ways to log in that the document says all have. */
function serversOfOneWay(domain: DocumentDomain): readonly MailServer[] {
  const named = namedMailServers(domain);
  const [byPassword, byOAuth2] = [takesPassword, (server: MailServer) => takesOAuth2(server, domain)];
  const saysBoth = named.some(byPassword) && named.some(byOAuth2);
  return saysBoth ? named.filter((server) => !byPassword(server) || !byOAuth2(server)) : [];
}

const NO_SMTP = missing((types) => types.length > 0 && !types.includes('smtp'));

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
      broken: (domain) => (jmapUrl(domain) === undefined ? NO_SMTP(domain) : undefined),
    },
    ...ASSUMPTIONS.flatMap(assumptionRules),
    {
      clients: CLIENTS,
      reason:
        'they are not told of JMAP, because the document can name only an https URL at port 443 with a full host name, ' +
        'without query, whose login is the whole address',
      remedy: 'set url of the extra jmap to such a URL, and user_name of the mail servers to %EMAILADDRESS%',
      broken: (domain) =>
        domain.settings.extras.jmap === undefined || jmapUrl(domain) !== undefined ? undefined : [extraRow('jmap')],
    },
    {
      clients: CLIENTS,
      reason: 'they are told that all servers take passwords and OAuth2, and these take only one of them',
      remedy: 'let all servers take the same, and name it in the extra authentication',
      broken: (domain) => rowsAtFault(serversOfOneWay(domain).map(mailRow)),
    },
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
