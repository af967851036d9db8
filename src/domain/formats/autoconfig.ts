import { effectiveSocketType } from '../connection-words.ts';
import type { DavServer, MailServer } from '../mail-domain.ts';
import { AUTOCONFIG_RULES } from './autoconfig-rules.ts';
import type { DocumentDomain, DomainFormat } from './format.ts';
import { element, escapeText, writeXml, type XmlElement, xmlText } from './xml.ts';

/** draft-ietf-mailmaint-autoconfig, "displayName" and "displayShortName": characters at most. */
const MAX_DISPLAY_NAME = 60;
const MAX_DISPLAY_SHORT_NAME = 20;

/** A name as a client shows it; Thunderbird shows "true" for an empty one, so the domain takes its place. */
const displayName = (name: string, domain: string, limit: number): string =>
  [...(xmlText(name).trim() || domain)].slice(0, limit).join('').trimEnd();

const mailServer = (server: MailServer): XmlElement =>
  element(
    server.type === 'smtp' ? 'outgoingServer' : 'incomingServer',
    [
      element('hostname', server.hostname),
      element('port', String(server.port)),
      element('socketType', effectiveSocketType(server)),
      element('authentication', server.authentication),
      element('username', server.userName),
    ],
    { type: server.type === 'pop' ? 'pop3' : server.type },
  );

const davServer = (server: DavServer): XmlElement =>
  element(
    server.type === 'caldav' ? 'calendar' : 'addressbook',
    [
      element('url', server.url),
      element('authentication', 'Basic', { system: 'http' }),
      element('username', server.userName),
    ],
    { type: server.type },
  );

/** The servers as the domain has them, placeholders for the client to fill; or as one user has them. */
interface Servers {
  readonly mailServers: readonly MailServer[];
  readonly davServers: readonly DavServer[];
}

function write({ name, names, settings: { provider } }: DocumentDomain, { mailServers, davServers }: Servers): string {
  return writeXml(
    element(
      'clientConfig',
      [
        element(
          'emailProvider',
          [
            ...names.map((each) => element('domain', each)),
            element('displayName', displayName(provider.name, name, MAX_DISPLAY_NAME)),
            element('displayShortName', displayName(provider.shortName, name, MAX_DISPLAY_SHORT_NAME)),
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

/** The document of Mozilla Autoconfig (draft-ietf-mailmaint-autoconfig, "Data format"). */
export const AUTOCONFIG: DomainFormat = {
  name: 'autoconfig',
  scope: 'domain',
  contentType: 'text/xml; charset=utf-8',
  escapeText,
  write: (user) => write(user.domain, user),
  writeForDomain: (domain) => write(domain, domain.settings),
  rules: AUTOCONFIG_RULES,
};
