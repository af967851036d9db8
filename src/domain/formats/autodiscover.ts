import type { Account, AccountDavServer, AccountMailServer } from '../account.ts';
import { addressText } from '../email-address.ts';
import { element, writeXml, type XmlElement } from './xml.ts';

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

const mailProtocol = (server: AccountMailServer): XmlElement =>
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
const davProtocol = (server: AccountDavServer): XmlElement =>
  element('Protocol', [
    element('Type', DAV_TYPES[server.type]),
    element('Server', server.url),
    ...optional('Port', server.port),
    flag('DomainRequired', server.domainRequired),
    ...optional('LoginName', server.loginName),
    flag('SSL', server.useSsl),
  ]);

const writeResponse = (schema: string, content: readonly XmlElement[]): string =>
  writeXml(element('Autodiscover', [element('Response', content, { xmlns: schema })], { xmlns: ROOT_SCHEMA }));

/**
 * Writes the settings of an account ([MS-OXDSCLI] section 2.2.4.1). Where only the domain is known, User and LoginName
 * are left out and the client takes the address for the login.
 */
export function writeAutodiscover({ address, displayName, mailServers, davServers }: Account): string {
  return writeResponse(SETTINGS_SCHEMA, [
    ...(address === undefined ? [] : [element('User', [element('DisplayName', displayName ?? addressText(address))])]),
    element('Account', [
      element('AccountType', 'email'),
      element('Action', 'settings'),
      ...mailServers.map(mailProtocol),
      ...davServers.map(davProtocol),
    ]),
  ]);
}

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
