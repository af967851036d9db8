import type { Account, AccountDavServer, AccountMailServer } from '../account.ts';
import { socketTypeByPort } from '../connection-words.ts';
import { element, writeXml, type XmlElement, xmlText } from './xml.ts';

/** draft-ietf-mailmaint-autoconfig, "displayName" and "displayShortName": characters at most. */
const MAX_DISPLAY_NAME = 60;
const MAX_DISPLAY_SHORT_NAME = 20;

/** A name as a client shows it; Thunderbird shows "true" for an empty one, so the domain stands in. */
const displayName = (name: string, domain: string, limit: number): string =>
  [...(xmlText(name).trim() || domain)].slice(0, limit).join('').trimEnd();

const mailServer = (server: AccountMailServer): XmlElement =>
  element(
    server.type === 'smtp' ? 'outgoingServer' : 'incomingServer',
    [
      element('hostname', server.hostname),
      element('port', String(server.port)),
      element('socketType', server.socketType === 'auto' ? socketTypeByPort(server.port) : server.socketType),
      element('authentication', server.authentication),
      element('username', server.username),
    ],
    { type: server.type === 'pop' ? 'pop3' : server.type },
  );

const davServer = (server: AccountDavServer): XmlElement =>
  element(
    server.type === 'caldav' ? 'calendar' : 'addressbook',
    [
      element('url', server.url),
      element('authentication', 'Basic', { system: 'http' }),
      element('username', server.username),
    ],
    { type: server.type },
  );

/** Writes the Autoconfig document of an account (draft-ietf-mailmaint-autoconfig, "Data format"). */
export function writeAutoconfig({ domain, domains, provider, mailServers, davServers }: Account): string {
  return writeXml(
    element(
      'clientConfig',
      [
        element(
          'emailProvider',
          [
            ...domains.map((name) => element('domain', name)),
            element('displayName', displayName(provider.name, domain, MAX_DISPLAY_NAME)),
            element('displayShortName', displayName(provider.shortName, domain, MAX_DISPLAY_SHORT_NAME)),
            ...mailServers.map(mailServer),
          ],
          { id: `automx2-${provider.id}` },
        ),
        ...davServers.map(davServer),
      ],
      { version: '1.2' },
    ),
  );
}
