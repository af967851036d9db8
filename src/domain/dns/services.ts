import { effectiveSocketType } from '../connection-words.ts';
import { davContextUrl } from '../dav-url.ts';
import type { DomainName } from '../domain-name.ts';
import { commonHost } from '../host-name.ts';
import type { DavServer, MailDomain, MailServer } from '../mail-domain.ts';
import type { SrvData } from './dns-record.ts';

/** Services that a domain can offer by SRV: RFC 6186 and RFC 8314 section 5.1 for mail, RFC 6764 section 3 for DAV. */
export const MAIL_SERVICES = ['imaps', 'imap', 'pop3s', 'pop3', 'submissions', 'submission'] as const;
export const DAV_SERVICES = ['caldavs', 'caldav', 'carddavs', 'carddav'] as const;
export type MailService = (typeof MAIL_SERVICES)[number];
export type DavService = (typeof DAV_SERVICES)[number];

/** The owner of its SRV record. */
export const srvOwner = (service: MailService | DavService | 'autodiscover', domain: DomainName): string =>
  `_${service}._tcp.${domain}`;

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

/** What SRV says of the rows of a domain. */
export interface OfferedServices {
  readonly mail: readonly MailLocation[];
  readonly dav: readonly DavLocation[];
  /** Rows that no record can describe, each with the reason. */
  readonly omitted: readonly { readonly row: MailServer | DavServer; readonly reason: string }[];
}

const BY_SOCKET_TYPE = {
  imap: { SSL: 'imaps', STARTTLS: 'imap' },
  pop: { SSL: 'pop3s', STARTTLS: 'pop3' },
  smtp: { SSL: 'submissions', STARTTLS: 'submission' },
} as const;

/** Steps between priorities, so that an operator can put a record between two of ours. */
const PRIORITY_STEP = 10;
/** All have the same share: the rows know none. Zero would mean "almost never" beside others (RFC 2782, "Weight"). */
const WEIGHT = 1;

/** Between servers, not for clients (RFC 8314 section 3.3). */
const RELAY_PORT = 25;

const HTTPS_PORT = 443;

/**
 * What a domain's rows offer, for SRV: servers with TLS whose host is the same for all users. Priorities tell the order of
 * the rows, that of IMAP and POP3 with each other, too (RFC 6186 section 3.4).
 */
export function offeredServices({ name, mailServers, davServers }: MailDomain): OfferedServices {
  const omitted: { row: MailServer | DavServer; reason: string }[] = [];
  const ranks = { incoming: 0, outgoing: 0 };
  const mail = mailServers.flatMap((row): readonly MailLocation[] => {
    const socketType = effectiveSocketType(row);
    const target = commonHost(row.hostname, name);
    const leave = (reason: string): readonly MailLocation[] => {
      omitted.push({ row, reason });
      return [];
    };
    if (socketType === 'plain') return leave('clients must not be led to a server without TLS');
    if (row.type === 'smtp' && row.port === RELAY_PORT) return leave('port 25 is for servers, not for clients');
    if (target === undefined) return leave('its host differs by user, or is not a full host name');
    const isSame = (other: MailServer): boolean => other.type === row.type && other.port === row.port;
    if (
      mailServers
        .slice(0, mailServers.indexOf(row))
        .some((other) => isSame(other) && commonHost(other.hostname, name) === target)
    )
      return [];
    const rank = row.type === 'smtp' ? ranks.outgoing++ : ranks.incoming++;
    const service = BY_SOCKET_TYPE[row.type][socketType];
    return [{ service, row, priority: rank * PRIORITY_STEP, weight: WEIGHT, port: row.port, target }];
  });
  const dav: DavLocation[] = [];
  for (const row of davServers) {
    const service = `${row.type}s` as const;
    const url = davContextUrl(row.url, name);
    const { protocol = '', hostname = '', port = '', pathname = '' } = url === undefined ? {} : new URL(url);
    const target = commonHost(hostname, name);
    if (protocol !== 'https:' || target === undefined) {
      omitted.push({ row, reason: 'its URL is not https, or its host differs by user' });
    } else if (dav.some((other) => other.service === service)) {
      omitted.push({ row, reason: 'one server for each is all that SRV with a path can say' });
    } else {
      const place = { priority: 0, weight: WEIGHT, port: Number(port || HTTPS_PORT), target };
      dav.push({ service, row, path: pathname, ...place });
    }
  }
  return { mail, dav, omitted };
}
