import { type DomainName, parseDomainName } from '../domain-name.ts';
import type { DocumentDomain } from '../formats/format.ts';
import { paccDigest } from '../formats/pacc.ts';
import { commonHost } from '../host-name.ts';
import { PACC_LABEL, SERVICE_LABELS } from '../service-names.ts';
import type { DnsRecord, RecordData } from './dns-record.ts';
import {
  DAV_SERVICES,
  type DavService,
  type ExtraService,
  MAIL_SERVICES,
  type MailService,
  offeredServices,
  srvOwner,
} from './services.ts';

/** How much depends on a record. */
export type RecordClass = 'required' | 'recommended' | 'not offered';

export type PublishedRecord = DnsRecord & {
  readonly class: RecordClass;
  /** Which clients need it, or what for. */
  readonly purpose: string;
};

/** "0 0 0 .": clients need not try (RFC 2782, "Target"). */
const NOT_OFFERED: RecordData = { type: 'SRV', priority: 0, weight: 0, port: 0, target: '' };

const MAIL_PURPOSE = 'FairEmail, SnappyMail, aerc and Himalaya look for mail servers here (SRV)';
const DAV_PURPOSE = 'Thunderbird, DAVx5, iPhone, iPad and Mac look for calendars and contacts here';
const EXTRA_PURPOSES: Readonly<Record<ExtraService, string>> = {
  jmap: 'aerc and other clients of JMAP begin at /.well-known/jmap of this host (SRV)',
  sieve: 'editors of mail filters look for ManageSieve here (SRV)',
};
const SERVICE_PURPOSES: Readonly<Record<(typeof SERVICE_LABELS)[number], string>> = {
  autoconfig: 'Thunderbird, FairEmail, Evolution, KMail and others (Autoconfig); profiles for iPhone, iPad and Mac',
  autodiscover: 'Outlook, eM Client, Delta Chat (Autodiscover)',
  [PACC_LABEL]: 'Evolution, Himalaya (PACC); the host, and the digest of the document',
};
const AUTODISCOVER_SRV_PURPOSE =
  'Outlook, where a certificate for the name above is impossible; it asks its user once. May stand beside it';

/** Names under which clients ask for a domain's settings. Some domains' names are too long to have others below them. */
export const hostsOf = (domain: DocumentDomain): readonly DomainName[] =>
  SERVICE_LABELS.filter((label) => label !== PACC_LABEL || paccDigest(domain) !== undefined).flatMap(
    (label) => parseDomainName(`${label}.${domain.name}`) ?? [],
  );

/** Hosts with addresses of their own, which can be no aliases: this service, and those that SRV records lead to. */
function hostsWithAddresses({ name, settings }: DocumentDomain, service: DomainName): ReadonlySet<string | undefined> {
  const { dav, extra } = offeredServices(settings);
  const mailHosts = settings.mailServers.map(({ hostname }) => commonHost(hostname, name));
  return new Set([service, ...mailHosts, ...[...dav, ...extra].map(({ target }) => target)]);
}

/** What to publish for one served domain, in the order of importance; `service` is the host name that all lead to. */
export function publishedRecords(domain: DocumentDomain, service: DomainName): readonly PublishedRecord[] {
  const { name, settings } = domain;
  const { mail, dav, extra } = offeredServices(settings);
  const records: PublishedRecord[] = [];
  const add = (group: RecordClass, purpose: string, owner: string, data: RecordData): void => {
    // A domain's name may be too long for it.
    if (parseDomainName(owner) !== undefined) records.push({ owner, ...data, class: group, purpose });
  };
  const digest = paccDigest(domain);
  const noAliases = hostsWithAddresses(domain, service);
  const addHost = (group: RecordClass, label: (typeof SERVICE_LABELS)[number]): void => {
    const owner = `${label}.${name}`;
    if (!noAliases.has(owner)) add(group, SERVICE_PURPOSES[label], owner, { type: 'CNAME', target: service });
  };

  addHost('required', 'autoconfig');
  addHost('required', 'autodiscover');
  const autodiscover = { type: 'SRV', priority: 0, weight: 0, port: 443, target: service } as const;
  add('recommended', AUTODISCOVER_SRV_PURPOSE, srvOwner('autodiscover', name), autodiscover);
  if (digest !== undefined) {
    addHost('recommended', PACC_LABEL);
    const owner = `_${PACC_LABEL}.${name}`;
    add('recommended', SERVICE_PURPOSES[PACC_LABEL], owner, { type: 'TXT', text: digest });
  }
  for (const each of MAIL_SERVICES) {
    for (const { priority, weight, port, target } of mail.filter(({ service: offered }) => offered === each)) {
      add('recommended', MAIL_PURPOSE, srvOwner(each, name), { type: 'SRV', priority, weight, port, target });
    }
  }
  for (const { service: each, priority, weight, port, target, path } of dav) {
    add('recommended', DAV_PURPOSE, srvOwner(each, name), { type: 'SRV', priority, weight, port, target });
    add('recommended', DAV_PURPOSE, srvOwner(each, name), { type: 'TXT', text: `path=${path}` });
  }
  for (const { service: each, priority, weight, port, target } of extra) {
    add('recommended', EXTRA_PURPOSES[each], srvOwner(each, name), { type: 'SRV', priority, weight, port, target });
  }
  for (const each of unofferedServices(domain)) {
    add('not offered', 'not offered, so that clients stop guessing', srvOwner(each, name), NOT_OFFERED);
  }
  return records;
}

/**
 * Services of which clients may be told that there are none: those of mail, and DAV in clear text beside DAV over https. Not
 * those of rows without a record: other formats name these. Nor JMAP and ManageSieve, which nobody guesses.
 */
export function unofferedServices({ settings }: DocumentDomain): readonly (MailService | DavService)[] {
  const { mail, dav, omitted } = offeredServices(settings);
  const there = new Set([...mail, ...dav, ...omitted].map(({ service }) => service));
  const clearText = DAV_SERVICES.filter((each) => dav.some(({ service }) => service === `${each}s`));
  return [...MAIL_SERVICES, ...clearText].filter((each) => !there.has(each));
}
