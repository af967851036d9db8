import { effectiveSocketType } from '../connection-words.ts';
import { addressText } from '../email-address.ts';
import { type DavServer, DEFAULT_USER_NAME, type MailServer } from '../mail-domain.ts';
import { fillPlaceholders, hasUserPlaceholder } from '../placeholders.ts';
import { eachMailServer, rowsAtFault } from './client-rule.ts';
import type { DomainFormat } from './format.ts';
import { element, escapeText, writeXml, type XmlElement } from './xml.ts';

const ROOT_SCHEMA = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const SETTINGS_SCHEMA = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

/** Error codes of an answer ([MS-OXDSCLI] section 2.2.4.1.1.2): unknown address, bad request, foreign schema. */
export type AutodiscoverErrorCode = 500 | 600 | 601;

// Delta Chat and SnappyMail compare these letter by letter.
const flag = (name: string, value: boolean): XmlElement => element(name, value ? 'on' : 'off');
const optional = (name: string, value: string | number | undefined): XmlElement[] =>
  value === undefined ? [] : [element(name, String(value))];

const MAIL_TYPES = { imap: 'IMAP', pop: 'POP3', smtp: 'SMTP' } as const;
const DAV_TYPES = { caldav: 'CalDAV', carddav: 'CardDAV' } as const;
// Encryption overrides SSL; TLS means STARTTLS. Readers that know only SSL take "off" for clear text.
const ENCRYPTION = { SSL: 'SSL', STARTTLS: 'TLS', plain: 'None', auto: 'Auto' } as const;

/** Without a login the client takes the address for it. */
type Login = { readonly loginName?: string };

const mailProtocol = (server: MailServer & Login): XmlElement =>
  element('Protocol', [
    element('Type', MAIL_TYPES[server.type]),
    element('Server', server.hostname),
    element('Port', String(server.port)),
    flag('DomainRequired', false),
    ...optional('LoginName', server.loginName),
    flag('SPA', server.authentication === 'NTLM'),
    flag('SSL', server.socketType !== 'plain'),
    element('Encryption', ENCRYPTION[server.socketType]),
    flag('AuthRequired', server.authentication !== 'none'),
  ]);

/** CalDAV and CardDAV are no types of Microsoft's: automx2 sends them, and eM Client reads them. */
const davProtocol = (server: DavServer & Login): XmlElement =>
  element('Protocol', [
    element('Type', DAV_TYPES[server.type]),
    element('Server', server.url),
    ...optional('Port', server.port),
    flag('DomainRequired', server.domainRequired),
    ...optional('LoginName', server.loginName),
    flag('SSL', server.useSsl),
  ]);

/** Writes an answer of Autodiscover, its content in a schema of its own. */
export const writeResponse = (schema: string, content: readonly XmlElement[]): string =>
  writeXml(element('Autodiscover', [element('Response', content, { xmlns: schema })], { xmlns: ROOT_SCHEMA }));

const account = (
  mailServers: readonly (MailServer & Login)[],
  davServers: readonly (DavServer & Login)[],
): XmlElement =>
  element('Account', [
    element('AccountType', 'email'),
    element('Action', 'settings'),
    ...mailServers.map(mailProtocol),
    ...davServers.map(davProtocol),
  ]);

/** Ports at which these take STARTTLS whatever Encryption says; at all others they take direct TLS. */
const STARTTLS_PORTS = { thunderbird: [143, 110, 25, 587], fairEmail: [143, 587] } as const;

/** Whether a client that goes by the port takes another kind of TLS than is meant. */
function isGuessedWrong(server: MailServer, startTlsPorts: readonly number[]): boolean {
  const meant = effectiveSocketType(server);
  return meant !== 'plain' && meant !== (startTlsPorts.includes(server.port) ? 'STARTTLS' : 'SSL');
}

/**
 * The settings of an account ([MS-OXDSCLI] section 2.2.4.1). Without an address, User and LoginName are left out, and so
 * are DAV servers whose URL or login differs by user; right only where `ServedDomain.addressDependentRows` is empty.
 */
export const AUTODISCOVER: DomainFormat = {
  name: 'autodiscover',
  scope: 'user',
  contentType: 'text/xml; charset=utf-8',
  escapeText,
  write: ({ address, displayName = addressText(address), mailServers, davServers }) =>
    writeResponse(SETTINGS_SCHEMA, [
      element('User', [element('DisplayName', displayName)]),
      account(mailServers, davServers),
    ]),
  writeForDomain({ name, settings: { mailServers, davServers } }) {
    const common = davServers.filter(({ url, userName }) => userName === DEFAULT_USER_NAME && !hasUserPlaceholder(url));
    const filled = common.map((server) => {
      return { ...server, url: fillPlaceholders(server.url, { localPart: '', domain: name }) };
    });
    return writeResponse(SETTINGS_SCHEMA, [account(mailServers, filled)]);
  },
  rules: [
    {
      // It asks with GET, which has no address.
      clients: 'Delta Chat over Autodiscover',
      reason: 'it asks without an address, and gets 404 because the login or a host name differs by address',
      remedy:
        'make sure that Autoconfig, which it asks first, is reachable; or set user_name to %EMAILADDRESS%, name to a host ' +
        'name without placeholder, and ldapserver_id of the domain to NULL',
      broken: ({ addressDependentRows }) => rowsAtFault(addressDependentRows),
    },
    {
      clients: 'Thunderbird over Autodiscover',
      reason: 'it takes STARTTLS at ports 143, 110, 25 and 587, and TLS from the start at all others',
      remedy:
        'use 993, 995 or 465 with socket_type SSL, or 143, 110 or 587 with STARTTLS (columns port and socket_type)',
      broken: eachMailServer((server) => isGuessedWrong(server, STARTTLS_PORTS.thunderbird)),
    },
    {
      clients: 'FairEmail over Autodiscover',
      reason: 'it takes STARTTLS at ports 143 and 587, and TLS from the start at all others',
      remedy: 'use 993 or 465 with socket_type SSL, or 143 or 587 with STARTTLS (columns port and socket_type)',
      broken: eachMailServer((server) => server.type !== 'pop' && isGuessedWrong(server, STARTTLS_PORTS.fairEmail)),
    },
  ],
};

/** Exchange puts a checksum of its own name here; clients only show it. */
const SERVER_ID = '1';

/** Writes an error ([MS-OXDSCLI] section 2.2.4.1.1.2) with the time of day at which it was met. */
export function writeAutodiscoverError(code: AutodiscoverErrorCode, message: string, time: Date): string {
  const timeOfDay = `${time.toISOString().slice(11, 23)}0000`;
  return writeResponse(ROOT_SCHEMA, [
    element('Error', [element('ErrorCode', String(code)), element('Message', message), element('DebugData', '')], {
      Time: timeOfDay,
      Id: SERVER_ID,
    }),
  ]);
}
