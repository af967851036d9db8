import { type Authentication, effectiveSocketType } from '../connection-words.ts';
import type { Extras, Link, ManageSieve, OAuth2, Page, Translations } from '../extras.ts';
import { type DavServer, DEFAULT_USER_NAME, type MailServer, mainServer, waysToLogIn } from '../mail-domain.ts';
import { AUTOCONFIG_RULES } from './autoconfig-rules.ts';
import type { DocumentDomain, DomainFormat } from './format.ts';
import { element, escapeText, writeXml, type XmlElement, xmlText } from './xml.ts';

/** draft-ietf-mailmaint-autoconfig, "displayName" and "displayShortName": characters at most. */
const MAX_DISPLAY_NAME = 60;
const MAX_DISPLAY_SHORT_NAME = 20;

/** A name as a client shows it; Thunderbird shows "true" for an empty one, so the domain takes its place. */
const displayName = (name: string, domain: string, limit: number): string =>
  [...(xmlText(name).trim() || domain)].slice(0, limit).join('').trimEnd();

/** An element, if there is what it is made of. */
const optional = <T>(value: T | undefined, write: (value: T) => XmlElement): readonly XmlElement[] =>
  value === undefined ? [] : [write(value)];

const authentications = (ways: readonly Authentication[]): readonly XmlElement[] =>
  ways.map((way) => element('authentication', way));

const mailServer = (server: MailServer): XmlElement =>
  element(
    server.type === 'smtp' ? 'outgoingServer' : 'incomingServer',
    [
      element('hostname', server.hostname),
      element('port', String(server.port)),
      element('socketType', effectiveSocketType(server)),
      ...authentications(waysToLogIn(server)),
      element('username', server.userName),
    ],
    { type: server.type === 'pop' ? 'pop3' : server.type },
  );

const BASIC = element('authentication', 'Basic', { system: 'http' });
const OAUTH2 = element('authentication', 'OAuth2');

const davServer = (server: DavServer): XmlElement =>
  element(
    server.type === 'caldav' ? 'calendar' : 'addressbook',
    [element('url', server.url), BASIC, element('username', server.userName)],
    { type: server.type },
  );

/** How users log in to what has no row of its own: as to the mail server. FairEmail uses the last login of all. */
interface MainLogin {
  readonly ways: readonly Authentication[];
  readonly userName: string;
}

function mainLogin(mailServers: readonly MailServer[]): MainLogin {
  const server = mainServer(mailServers);
  if (server === undefined) return { ways: ['password-cleartext'], userName: DEFAULT_USER_NAME };
  return { ways: waysToLogIn(server), userName: server.userName };
}

/** "URL-based": over HTTP every password is Basic's, and keeps its place before or behind OAuth2. */
const urlServer = (type: 'jmap' | 'activeSync', { url }: Link, { ways, userName }: MainLogin): XmlElement =>
  element(
    'incomingServer',
    [
      element('url', url),
      ...new Set(ways.map((way) => (way === 'OAuth2' ? OAUTH2 : BASIC))),
      element('username', userName),
    ],
    { type },
  );

const urlServers = ({ jmap, activesync }: Extras, login: MainLogin): readonly XmlElement[] => [
  ...optional(jmap, (link) => urlServer('jmap', link, login)),
  // The redirect to another domain is for those who ask for ActiveSync itself.
  ...optional(activesync !== undefined && 'url' in activesync ? activesync : undefined, (link) =>
    urlServer('activeSync', link, login),
  ),
];

/**
 * Mail servers in their order, and those at a URL behind the last IMAP or POP3 server: to SnappyMail the first incoming
 * server is IMAP, whatever its type says.
 */
function servers(mailServers: readonly MailServer[], extras: Extras): readonly XmlElement[] {
  const end = mailServers.findLastIndex(({ type }) => type !== 'smtp') + 1;
  return [
    ...mailServers.slice(0, end).map(mailServer),
    ...urlServers(extras, mainLogin(mailServers)),
    ...mailServers.slice(end).map(mailServer),
  ];
}

/** Texts by language; one that XML cannot carry is left out. */
const translated = (name: string, descr: Translations): readonly XmlElement[] =>
  Object.entries(descr).flatMap(([lang, words]) => {
    const text = xmlText(words).trim();
    return text === '' ? [] : [element(name, text, { lang })];
  });

const documentation = ({ url, descr }: Page): XmlElement =>
  element('documentation', translated('descr', descr), { url });

/** Mozilla's wiki, "ConfigFileFormat"; gone from the draft, where clients pass over it. FairEmail reads each of several. */
const enable = ({ url, descr }: Page): XmlElement =>
  element('enable', translated('instruction', descr), { visiturl: url });

const setupServer = ({ name, port, socketType }: ManageSieve, { ways, userName }: MainLogin): XmlElement =>
  element(
    'setupServer',
    [
      element('hostname', name),
      element('port', String(port)),
      element('socketType', socketType),
      ...authentications(ways),
      element('username', userName),
    ],
    { type: 'managesieve' },
  );

/**
 * A child of clientConfig, as the draft has it: some versions of Thunderbird for Android read one inside emailProvider, and
 * drop the whole document if that lacks a URL. Never with a secret, which clients of the public cannot keep.
 */
const oAuth2 = ({ authURL, tokenURL, issuer, scope, clientID }: OAuth2): XmlElement =>
  element(
    'oAuth2',
    Object.entries({ authURL, tokenURL, issuer, scope, clientID }).flatMap(([name, text]) =>
      text === undefined ? [] : [element(name, text)],
    ),
  );

/** Mozilla's wiki, "ConfigFileFormat"; gone from the draft, too. */
const webMail = ({ url }: Link): XmlElement => element('webMail', [element('loginPage', '', { url })]);

/** The servers as the domain has them, placeholders for the client to fill; or as one user has them. */
interface Servers {
  readonly mailServers: readonly MailServer[];
  readonly davServers: readonly DavServer[];
}

function write({ name, names, settings }: DocumentDomain, { mailServers, davServers }: Servers): string {
  const { provider, extras } = settings;
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
            ...servers(mailServers, extras),
            ...extras.documentation.map(documentation),
            ...extras.instructions.map(enable),
          ],
          { id: `automx2-${provider.id}` },
        ),
        ...davServers.map(davServer),
        ...optional(extras.managesieve, (server) => setupServer(server, mainLogin(mailServers))),
        ...optional(extras.oauth2, oAuth2),
        ...optional(extras.webmail, webMail),
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
