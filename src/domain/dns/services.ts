import { effectiveSocketType } from '../connection-words.ts';
import { davContextUrl, isAtOddsWithUrl } from '../dav-url.ts';
import type { DomainName } from '../domain-name.ts';
import type { ExtraKind } from '../extras.ts';
import { commonHost } from '../host-name.ts';
import {
  type DavServer,
  DEFAULT_USER_NAME,
  type MailDomain,
  type MailServer,
  usesDirectoryLogins,
} from '../mail-domain.ts';
import type { SrvData } from './dns-record.ts';

/** Services that a domain can offer by SRV: RFC 6186 and RFC 8314 section 5.1 for mail, RFC 6764 section 3 for DAV. */
export const MAIL_SERVICES = ['imaps', 'imap', 'pop3s', 'pop3', 'submissions', 'submission'] as const;
export const DAV_SERVICES = ['caldavs', 'caldav', 'carddavs', 'carddav'] as const;
export type MailService = (typeof MAIL_SERVICES)[number];
export type DavService = (typeof DAV_SERVICES)[number];
/** Of extras: RFC 8620 section 2.2 for JMAP, RFC 5804 section 1.8 for ManageSieve. */
export const EXTRA_SERVICES = ['jmap', 'sieve'] as const;
export type ExtraService = (typeof EXTRA_SERVICES)[number];
export type Service = MailService | DavService | ExtraService;

/** The owner of its SRV record. */
export const srvOwner = (service: Service | 'autodiscover', domain: DomainName): string => `_${service}._tcp.${domain}`;

/** Where a service is: one row's host and port. */
export interface MailLocation extends SrvData {
  readonly service: MailService;
  readonly row: MailServer;
}
export interface DavLocation extends SrvData {
  readonly service: DavService;
  readonly row: DavServer;
  /** Where clients begin (RFC 6764 section 4). */
  readonly path: string;
}
export interface ExtraLocation extends SrvData {
  readonly service: ExtraService;
}

/** What SRV says of the rows of a domain. */
export interface OfferedServices {
  readonly mail: readonly MailLocation[];
  readonly dav: readonly DavLocation[];
  readonly extra: readonly ExtraLocation[];
  readonly omittedExtras: readonly OmittedExtra[];
  /** Rows that no record can describe, each with the service that it nevertheless is, and the reason. */
  readonly omitted: readonly OmittedRow[];
}
export interface OmittedRow {
  readonly service: MailService | DavService;
  readonly row: MailServer | DavServer;
  readonly reason: string;
}
export interface OmittedExtra {
  readonly service: ExtraService;
  readonly kind: ExtraKind;
  readonly reason: string;
}

const BY_SOCKET_TYPE = {
  imap: { SSL: 'imaps', STARTTLS: 'imap', plain: 'imap' },
  pop: { SSL: 'pop3s', STARTTLS: 'pop3', plain: 'pop3' },
  smtp: { SSL: 'submissions', STARTTLS: 'submission', plain: 'submission' },
} as const;

/** Steps between priorities, so that an operator can put a record between two of ours. */
const PRIORITY_STEP = 10;
/** All have the same share: the rows know none. Zero would mean "almost never" beside others (RFC 2782, "Weight"). */
const WEIGHT = 1;

/** Between servers, not for clients (RFC 8314 section 3.3). */
const RELAY_PORT = 25;

const HTTPS_PORT = 443;

/** Clients begin with the whole address (RFC 6186 section 4), and FairEmail tries nothing else. */
const OTHER_LOGIN = 'its login is not the whole address, and SRV cannot say so';
const NO_COMMON_HOST = 'its host differs by user, or is not a full host name';

/** Mail servers with TLS whose host is the same for all users, each place once. */
function offeredMail(settings: MailDomain, omitted: OmittedRow[]): readonly MailLocation[] {
  const { name, mailServers } = settings;
  const places = new Map<string, MailLocation>();
  const ranks = { incoming: 0, outgoing: 0 };
  for (const row of mailServers) {
    const socketType = effectiveSocketType(row);
    const service = BY_SOCKET_TYPE[row.type][socketType];
    const target = commonHost(row.hostname, name);
    if (socketType === 'plain') {
      omitted.push({ service, row, reason: 'clients must not be led to a server without TLS' });
    } else if (row.type === 'smtp' && row.port === RELAY_PORT) {
      omitted.push({ service, row, reason: 'port 25 is for servers, not for clients' });
    } else if (target === undefined) {
      omitted.push({ service, row, reason: NO_COMMON_HOST });
    } else if (usesDirectoryLogins(settings) || row.userName !== DEFAULT_USER_NAME) {
      omitted.push({ service, row, reason: OTHER_LOGIN });
    } else {
      const place = `${service} ${target} ${row.port}`;
      if (places.has(place)) continue;
      const rank = row.type === 'smtp' ? ranks.outgoing++ : ranks.incoming++;
      places.set(place, { service, row, priority: rank * PRIORITY_STEP, weight: WEIGHT, port: row.port, target });
    }
  }
  return [...places.values()];
}

/** The first server for calendars and the first for contacts that SRV, with a path in TXT, can name. */
function offeredDav({ name, davServers }: MailDomain, omitted: OmittedRow[]): readonly DavLocation[] {
  const dav: DavLocation[] = [];
  for (const row of davServers) {
    const service: DavService = /^https:/i.test(row.url) ? `${row.type}s` : row.type;
    const leave = (reason: string): void => void omitted.push({ service, row, reason });
    const context = davContextUrl(row.url, name);
    const url = context === undefined ? undefined : new URL(context);
    const target = commonHost(url?.hostname ?? '', name);
    if (url === undefined) leave('its host, or its whole path, differs by user');
    else if (url.protocol !== 'https:') leave('its URL is not https');
    else if (isAtOddsWithUrl(row)) leave('its port or use_ssl contradicts its URL');
    else if (target === undefined) leave(NO_COMMON_HOST);
    else if (url.search !== '') leave('its URL has a query, and SRV with a path has no place for one');
    else if (dav.some((other) => other.service === service)) leave('SRV with a path can name one server only');
    else {
      const port = Number(url.port || HTTPS_PORT);
      dav.push({ service, row, priority: 0, weight: WEIGHT, port, target, path: url.pathname });
    }
  }
  return dav;
}

/** JMAP, whose clients find the URL at the host (RFC 8620 section 2.2), and ManageSieve. */
function offeredExtras({ name, extras: { jmap, managesieve } }: MailDomain, omitted: OmittedExtra[]): ExtraLocation[] {
  const locations: ExtraLocation[] = [];
  const add = (service: ExtraService, kind: ExtraKind, host: string, port: number): void => {
    const target = commonHost(host, name);
    if (target === undefined) omitted.push({ service, kind, reason: NO_COMMON_HOST });
    else locations.push({ service, priority: 0, weight: WEIGHT, port, target });
  };
  if (jmap !== undefined) {
    const { hostname, port } = new URL(jmap.url);
    add('jmap', 'jmap', hostname, Number(port || HTTPS_PORT));
  }
  if (managesieve?.socketType === 'STARTTLS') add('sieve', 'managesieve', managesieve.name, managesieve.port);
  else if (managesieve !== undefined) {
    const reason = 'clients that read SRV begin with STARTTLS (RFC 5804), and it has TLS from the start';
    omitted.push({ service: 'sieve', kind: 'managesieve', reason });
  }
  return locations;
}

/**
 * What a domain's rows offer, for SRV. Priorities tell the order of the rows, that of IMAP and POP3 with each other, too
 * (RFC 6186 section 3.4).
 */
export function offeredServices(settings: MailDomain): OfferedServices {
  const omitted: OmittedRow[] = [];
  const omittedExtras: OmittedExtra[] = [];
  return {
    mail: offeredMail(settings, omitted),
    dav: offeredDav(settings, omitted),
    extra: offeredExtras(settings, omittedExtras),
    ...{ omitted, omittedExtras },
  };
}
