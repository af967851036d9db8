import type { Authentication } from '../connection-words.ts';
import { isAtOddsWithUrl } from '../dav-url.ts';
import {
  type DavServer,
  DEFAULT_USER_NAME,
  davRow,
  extraRow,
  type MailServer,
  mailRow,
  mainServer,
  type RowReference,
  usesDirectoryLogins,
  waysToLogIn,
} from '../mail-domain.ts';
import { hasPlaceholder, isSinglePlaceholder } from '../placeholders.ts';
import { serverName } from '../read-extras.ts';
import { eachMailServer, rowsAtFault, takesOnlyOAuth2 } from './client-rule.ts';
import type { ClientRule, DocumentDomain } from './format.ts';

/** Broken where there is more than one of a type. */
const moreThanOne =
  (type: MailServer['type']): ClientRule['broken'] =>
  ({ settings }) => {
    const servers = settings.mailServers.filter((server) => server.type === type);
    return servers.length > 1 ? servers.map(mailRow) : undefined;
  };

/** What Thunderbird for Android can use to log in, beside OAuth2 at the providers that it knows. */
const ANDROID_AUTHENTICATION: readonly Authentication[] = ['password-cleartext', 'password-encrypted'];

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
  const { mailServers, davServers, extras } = domain.settings;
  const all = [
    ...mailServers.map((server) => ({ row: mailRow(server), userName: server.userName })),
    ...davServers.map((server) => ({ row: davRow(server), userName: server.userName })),
  ];
  const last = extras.managesieve === undefined ? all.at(-1) : mainServer(mailServers);
  return rowsAtFault(all.filter(({ userName }) => userName !== last?.userName).map(({ row }) => row));
}

const hasOAuth2 = (server: MailServer): boolean => waysToLogIn(server).includes('OAuth2');

/** The way that KMail takes of several. */
const wayOfKMail = (server: MailServer): Authentication | undefined =>
  waysToLogIn(server).find((way) => way !== 'password-cleartext');

const ACCEPT_ADDRESSES = 'let the servers accept the whole address, and set user_name to %EMAILADDRESS%';
const ADD_PASSWORD = 'set authentication to plain, or to a list with it, unless passwords are switched off';
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
    reason:
      'it drops the whole answer if an IMAP or SMTP server has no way to log in that it knows, and it knows OAuth2 only of ' +
      'providers that are built into it',
    remedy: 'set authentication to plain or password-encrypted, or to a list with one of them',
    broken: eachMailServer(
      (server) => server.type !== 'pop' && !waysToLogIn(server).some((way) => ANDROID_AUTHENTICATION.includes(way)),
    ),
  },
  {
    clients: 'Thunderbird, KMail',
    reason: 'they take OAuth2 only for providers that are built into them, and nothing else is offered',
    remedy: ADD_PASSWORD,
    broken: eachMailServer(takesOnlyOAuth2),
  },
  {
    clients: 'Evolution, GNOME Online Accounts, Delta Chat, FairEmail, Nextcloud Mail, SnappyMail, aerc',
    reason: 'they read no OAuth2 in Autoconfig, and ask for the password',
    remedy: ADD_PASSWORD,
    broken: eachMailServer(takesOnlyOAuth2),
  },
  {
    // kmail-account-wizard: Server::fromDomElement; KMailTransport: createXOAuthPasswordRequester.
    clients: 'KMail',
    reason:
      'of several ways to log in it takes OAuth2 even if that comes last, and knows no issuer but Google and Microsoft',
    remedy: 'tell its users to choose the password by hand, or remove OAuth2 from the list in authentication',
    broken: eachMailServer((server) => !takesOnlyOAuth2(server) && wayOfKMail(server) === 'OAuth2'),
  },
  {
    clients: 'every client with OAuth2',
    reason: 'a server takes OAuth2, and nothing says where users log in',
    remedy: 'set oauth2 to the issuer and its scope, unless it is one that clients know, such as Google',
    broken: eachMailServer((server, { settings }) => settings.extras.oauth2 === undefined && hasOAuth2(server)),
  },
  {
    clients: 'every client with OAuth2',
    reason: 'there is an issuer, and no mail server has OAuth2 among its ways to log in',
    remedy: 'add OAuth2 to authentication of the servers that take it, or remove oauth2',
    broken: ({ settings: { extras, mailServers } }) =>
      extras.oauth2 === undefined || mailServers.some(hasOAuth2) ? undefined : [extraRow('oauth2')],
  },
  {
    clients: 'every client',
    reason: 'a list in authentication is for a server that the domain does not have',
    remedy: 'set type, name and port to those of the server, or remove the list, unless it is one for all domains',
    broken: ({ settings: { extras, mailServers } }) => {
      const names = mailServers.map((server) => serverName({ ...server, name: server.hostname }));
      return extras.authentication.every((list) => names.includes(serverName(list)))
        ? undefined
        : [extraRow('authentication')];
    },
  },
  {
    clients: 'clients of Autodiscover, iPhone, iPad, Mac',
    reason: 'they follow the column authentication, and it is none of the ways to log in that the list has',
    remedy: 'set the column to one of those in the list',
    broken: eachMailServer((server) => !waysToLogIn(server).includes(server.authentication)),
  },
  {
    // pimalaya, io-pim-discovery: DiscoveryServerType.
    clients: 'Himalaya',
    reason: 'it drops the whole answer if an incoming server is neither IMAP nor POP3, and goes on with PACC and DNS',
    remedy: 'publish what automx2 dns prints, or remove jmap and activesync',
    broken: ({ settings: { extras } }) =>
      rowsAtFault([
        ...(extras.jmap === undefined ? [] : [extraRow('jmap')]),
        ...(extras.activesync !== undefined && 'url' in extras.activesync ? [extraRow('activesync')] : []),
      ]),
  },
  {
    // The same: DiscoveryOAuth2Config.
    clients: 'Himalaya',
    reason: 'it drops the whole answer if an issuer has no authURL or no tokenURL, and goes on with PACC and DNS',
    remedy: 'set authURL and tokenURL to what the metadata of the issuer say',
    broken: ({ settings: { extras } }) =>
      extras.oauth2 !== undefined && (extras.oauth2.authURL === undefined || extras.oauth2.tokenURL === undefined)
        ? [extraRow('oauth2')]
        : undefined,
  },
  {
    // pimalaya, email-lib: EmailProviderProperty and Documentation.
    clients: 'Himalaya 1',
    reason: 'it drops the whole answer if there are instructions, or documentation without a text',
    remedy: 'make documentation of instructions, and give each a text; or tell its users to update',
    broken: ({ settings: { extras } }) =>
      rowsAtFault([
        ...(extras.documentation.some(({ descr }) => Object.keys(descr).length === 0)
          ? [extraRow('documentation')]
          : []),
        ...(extras.instructions.length > 0 ? [extraRow('instructions')] : []),
      ]),
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
