import { type Authentication, effectiveSocketType } from '../../../domain/connection-words.ts';
import { activeSyncHost, activeSyncUrl } from '../../../domain/formats/activesync.ts';
import type { DocumentDomain, DocumentUser, UserDavServer } from '../../../domain/formats/format.ts';
import { type HtmlElement, html } from '../../../domain/formats/html.ts';
import { commonHost } from '../../../domain/host-name.ts';
import {
  type DavServer,
  DEFAULT_USER_NAME,
  type MailServer,
  mainServer,
  preferEncrypted,
  usesDirectoryLogins,
} from '../../../domain/mail-domain.ts';
import { hasPlaceholder } from '../../../domain/placeholders.ts';
import type { Texts } from './texts.ts';

/** Whose settings the page shows: those of an address, or, without one, what is the same for the whole domain. */
export interface Subject {
  readonly domain: DocumentDomain;
  readonly user: DocumentUser | undefined;
}

const LOGIN: Readonly<Record<Authentication, keyof Texts['login']>> = {
  'password-cleartext': 'password',
  'password-encrypted': 'password',
  NTLM: 'password',
  OAuth2: 'oauth2',
  GSSAPI: 'kerberos',
  'TLS-client-cert': 'certificate',
  'client-IP-address': 'nothing',
  none: 'nothing',
};

/** In the words of mail programs. */
const ENCRYPTION = { SSL: 'SSL/TLS', STARTTLS: 'STARTTLS' } as const;

/** One value a cell: a click selects it. */
const table = (caption: string, rows: readonly (readonly [heading: string, value: string])[]): HtmlElement =>
  html(
    'table',
    {},
    html('caption', {}, caption),
    html(
      'tbody',
      {},
      ...rows.map(([heading, value]) => html('tr', {}, html('th', { scope: 'row' }, heading), html('td', {}, value))),
    ),
  );

/** What to type as user name, in words where no address is given. */
function userName({ userName: pattern }: MailServer | DavServer, { settings }: DocumentDomain, texts: Texts): string {
  if (usesDirectoryLogins(settings)) return texts.addressFirst;
  if (pattern === DEFAULT_USER_NAME) return texts.manual.wholeAddress;
  if (pattern === '%EMAILLOCALPART%') return texts.manual.localPart;
  return hasPlaceholder(pattern) ? texts.addressFirst : pattern;
}

interface ShownServer {
  readonly server: MailServer;
  readonly hostname: string;
  readonly login: string;
}

function shownServers({ domain, user }: Subject, texts: Texts): readonly ShownServer[] {
  if (user !== undefined) {
    return user.mailServers.map((server) => ({ server, hostname: server.hostname, login: server.loginName }));
  }
  return domain.settings.mailServers.map((server) => ({
    server,
    hostname: commonHost(server.hostname, domain.name) ?? texts.addressFirst,
    login: userName(server, domain, texts),
  }));
}

/** A table for the best server of each kind. */
export function mailTables(subject: Subject, texts: Texts): readonly HtmlElement[] {
  const { manual } = texts;
  const shown = shownServers(subject, texts);
  const servers = shown.map(({ server }) => server);
  const hasImap = servers.some(({ type }) => type === 'imap');
  const captions = { imap: manual.imap, smtp: manual.smtp, pop: hasImap ? manual.popInstead : manual.pop };
  // POP3 last, where there is IMAP, too.
  return (hasImap ? (['imap', 'smtp', 'pop'] as const) : (['pop', 'smtp'] as const)).flatMap((type) => {
    const best = preferEncrypted(servers.filter((server) => server.type === type));
    return shown
      .filter(({ server }) => server === best)
      .map(({ server, hostname, login }) => {
        const socketType = effectiveSocketType(server);
        const encryption = socketType === 'plain' ? manual.notEncrypted : ENCRYPTION[socketType];
        return table(captions[type], [
          [manual.server, hostname],
          [manual.port, String(server.port)],
          [manual.encryption, encryption],
          [manual.userName, login],
          [manual.login, texts.login[LOGIN[server.authentication]]],
        ]);
      });
  });
}

/** A table for each thing beside mail that some programs ask for. */
export function extraTables(subject: Subject, texts: Texts): readonly HtmlElement[] {
  const { manual, dav } = texts;
  const { jmap, managesieve } = subject.domain.settings.extras;
  const activeSync = activeSyncUrl(subject.domain);
  const shown = shownServers(subject, texts);
  const mailbox = mainServer(shown.map(({ server }) => server));
  const login = shown.filter(({ server }) => server === mailbox).map((each) => [manual.userName, each.login] as const);
  return [
    ...(activeSync === undefined
      ? []
      : [table(manual.activeSync, [[manual.server, activeSyncHost(activeSync) ?? activeSync], ...login])]),
    ...(jmap === undefined ? [] : [table(manual.jmap, [[dav.url, jmap.url], ...login])]),
    ...(managesieve === undefined
      ? []
      : [
          table(manual.manageSieve, [
            [manual.server, managesieve.name],
            [manual.port, String(managesieve.port)],
            [manual.encryption, ENCRYPTION[managesieve.socketType]],
            ...login,
          ]),
        ]),
  ];
}

/** The link that opens DAVx5, or another app for it, with address and user name filled in. */
function davx5Url({ type, url, loginName }: UserDavServer): string {
  const { protocol, host, pathname, search } = new URL(url);
  const scheme = protocol === 'https:' ? `${type}s` : type;
  return `${scheme}://${encodeURIComponent(loginName)}@${host}${pathname}${search}`;
}

/** A table for each server of calendars or contacts, with a link for Android. */
export function davTables({ domain, user }: Subject, texts: Texts): readonly HtmlElement[] {
  const { dav, manual } = texts;
  const caption = { caldav: dav.calendar, carddav: dav.contacts };
  if (user === undefined) {
    return domain.settings.davServers.map((server) =>
      table(caption[server.type], [
        [dav.url, hasPlaceholder(server.url) ? texts.addressFirst : server.url],
        [manual.userName, userName(server, domain, texts)],
      ]),
    );
  }
  return user.davServers.flatMap((server) => [
    table(caption[server.type], [
      [dav.url, server.url],
      [manual.userName, server.loginName],
    ]),
    html('p', {}, html('a', { href: davx5Url(server) }, dav.davx5)),
  ]);
}
