import type { Authentication } from '../connection-words.ts';
import { isAtOddsWithUrl } from '../dav-url.ts';
import {
  type DavServer,
  DEFAULT_USER_NAME,
  davRow,
  type MailServer,
  mailRow,
  type RowReference,
  usesDirectoryLogins,
} from '../mail-domain.ts';
import { hasPlaceholder, isSinglePlaceholder } from '../placeholders.ts';
import { eachMailServer, rowsAtFault } from './client-rule.ts';
import type { ClientRule, DocumentDomain } from './format.ts';

/** Broken where there is more than one of a type. */
const moreThanOne =
  (type: MailServer['type']): ClientRule['broken'] =>
  ({ settings }) => {
    const servers = settings.mailServers.filter((server) => server.type === type);
    return servers.length > 1 ? servers.map(mailRow) : undefined;
  };

/** What Thunderbird for Android can use to log in. */
const ANDROID_AUTHENTICATION: readonly Authentication[] = ['password-cleartext', 'password-encrypted', 'OAuth2'];

/** A rule about login patterns, which do not count where a directory decides. */
const eachPattern = (isBroken: (pattern: string) => boolean): ClientRule['broken'] =>
  eachMailServer(({ userName }, domain) => !usesDirectoryLogins(domain.settings) && isBroken(userName));

const eachDavServer =
  (isBroken: (server: DavServer) => boolean): ClientRule['broken'] =>
  ({ settings }) =>
    rowsAtFault(settings.davServers.filter(isBroken).map(davRow));

/** Rows whose login differs from the last one of a document. */
function otherLogins(domain: DocumentDomain): readonly RowReference[] | undefined {
  if (usesDirectoryLogins(domain.settings)) return undefined;
  const { mailServers, davServers } = domain.settings;
  const all = [
    ...mailServers.map((server) => ({ row: mailRow(server), userName: server.userName })),
    ...davServers.map((server) => ({ row: davRow(server), userName: server.userName })),
  ];
  return rowsAtFault(all.filter(({ userName }) => userName !== all.at(-1)?.userName).map(({ row }) => row));
}

const ACCEPT_ADDRESSES = 'let the servers accept the whole address, and set user_name to %EMAILADDRESS%';
const LINK_ONE = 'leave one of them in server_domain';

/** What known clients cannot use in an Autoconfig document. */
export const AUTOCONFIG_RULES: readonly ClientRule[] = [
  {
    clients: 'Evolution, KMail',
    reason: 'of several IMAP servers they take the last one, or mix them',
    remedy: LINK_ONE,
    broken: moreThanOne('imap'),
  },
  {
    clients: 'Evolution, KMail',
    reason: 'of several POP3 servers they take the last one, or mix them',
    remedy: LINK_ONE,
    broken: moreThanOne('pop'),
  },
  {
    clients: 'Evolution, KMail, aerc',
    reason: 'of several SMTP servers they take the last one, or mix them',
    remedy: LINK_ONE,
    broken: moreThanOne('smtp'),
  },
  {
    clients: 'Thunderbird for Android',
    reason: 'it drops the whole answer if an IMAP or SMTP server has no TLS',
    remedy: 'set socket_type to SSL or STARTTLS',
    broken: eachMailServer(({ type, socketType }) => type !== 'pop' && socketType === 'plain'),
  },
  {
    clients: 'Thunderbird for Android',
    reason: 'it drops the whole answer if an IMAP or SMTP server has a way to log in that it does not know',
    remedy: 'set authentication to plain or password-encrypted',
    broken: eachMailServer(
      ({ type, authentication }) => type !== 'pop' && !ANDROID_AUTHENTICATION.includes(authentication),
    ),
  },
  {
    clients: 'Thunderbird',
    reason: 'it takes OAuth2 only for providers that are built into it, and nothing else is offered',
    remedy: 'set authentication to plain, unless passwords are switched off',
    broken: eachMailServer(({ authentication }) => authentication === 'OAuth2'),
  },
  {
    clients: 'Geary',
    reason: 'it asks without an address and fills no placeholder in the name of a server',
    remedy: 'set name to the host name without placeholder',
    broken: eachMailServer(({ hostname }) => hasPlaceholder(hostname)),
  },
  {
    clients: 'GNOME Online Accounts',
    reason: 'it takes a server only if its login is one placeholder and nothing else',
    remedy: ACCEPT_ADDRESSES,
    broken: eachPattern((pattern) => !isSinglePlaceholder(pattern)),
  },
  {
    clients: 'GNOME Online Accounts',
    reason:
      'it takes a server only if its login is one placeholder and nothing else, and here the login comes from a directory',
    remedy: 'let the servers accept the whole address, and clear ldapserver_id of the domain',
    broken: (domain) =>
      usesDirectoryLogins(domain.settings)
        ? domain.addressDependentRows.filter(({ table }) => table === 'ldapserver')
        : undefined,
  },
  {
    clients: 'aerc',
    reason: 'it fills no other placeholder than %EMAILADDRESS% in a login',
    remedy: ACCEPT_ADDRESSES,
    broken: eachPattern((pattern) => pattern !== DEFAULT_USER_NAME && isSinglePlaceholder(pattern)),
  },
  {
    clients: 'Evolution, FairEmail',
    reason: 'they do not fill %EMAILDOMAIN% in a login',
    remedy: ACCEPT_ADDRESSES,
    broken: eachPattern((pattern) => pattern === '%EMAILDOMAIN%'),
  },
  {
    clients: 'FairEmail',
    reason: 'it takes the last login of an answer, calendars and contacts included, for all servers',
    remedy: 'set user_name to the same in all rows',
    broken: otherLogins,
  },
  {
    // draft-ietf-mailmaint-autoconfig, "url": https.
    clients: 'every client with calendars or contacts',
    reason: 'the URL is http, which Autoconfig does not allow, and the password crosses the network in clear text',
    remedy: 'set url to the one with https, and use_ssl to true',
    broken: eachDavServer(({ url }) => !/^https:/i.test(url)),
  },
  {
    clients: 'clients with calendars or contacts',
    reason: 'those of Autoconfig see the URL only, the others port and use_ssl beside it, and these say something else',
    remedy: 'set port to 0, and use_ssl to true for https and false for http',
    broken: eachDavServer(isAtOddsWithUrl),
  },
];
