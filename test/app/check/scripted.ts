import { AUTODISCOVER_PATH } from '../../../src/adapters/http/formats/autodiscover.ts';
import { PACC_PATH } from '../../../src/adapters/http/formats/pacc.ts';
import { checkDomain, type DomainReport } from '../../../src/app/check/check-domain.ts';
import { type CheckContext, madeUpUser } from '../../../src/app/check/context.ts';
import type { Endpoint } from '../../../src/app/check/endpoint.ts';
import { autoconfigExpectation, autodiscoverExpectation } from '../../../src/app/check/questions.ts';
import { publishedRecords } from '../../../src/domain/dns/published-records.ts';
import { MOBILECONFIG } from '../../../src/domain/formats/mobileconfig.ts';
import { PACC } from '../../../src/domain/formats/pacc.ts';
import type { MailDomain } from '../../../src/domain/mail-domain.ts';
import type { ServedDomain } from '../../../src/domain/served-domain.ts';
import type { CertificateSeen, HttpAnswer, HttpQuestion, Peer, Prober, TlsAnswer } from '../../../src/ports/prober.ts';
import type { DnsAnswer, HostAnswer, MxRecord, Resolver, SrvRecord } from '../../../src/ports/resolver.ts';
import { caldav, carddav, domain, domainName, imap, smtp } from '../../domain/samples.ts';

// Our own ports with answers as tables: the servers themselves are in test/check.

export const SERVICE = domainName('service.example');
export const NAME = 'example.org';
export const ADDRESS = '192.0.2.1';
/** Of the domain's own web site. */
export const SITE_ADDRESS = '192.0.2.2';
export const NOW = new Date('2026-06-01T00:00:00Z');
const MAIL_ADDRESS = '192.0.2.3';

export const found = <T>(...records: readonly T[]): DnsAnswer<T> => ({ state: 'found', records });
export const ABSENT = { state: 'absent' } as const;
export const UNKNOWN = { state: 'unknown', reason: 'ESERVFAIL' } as const;
const TTL = 3_600;

export const hostAt = (...addresses: readonly string[]): HostAnswer => ({
  aliases: [],
  addresses: found(...addresses.map((address) => ({ address, ttl: TTL }))),
});
export const aliasOf = (alias: string, ...addresses: readonly string[]): HostAnswer => ({
  aliases: [alias],
  addresses: addresses.length === 0 ? ABSENT : hostAt(...addresses).addresses,
});
export const NO_HOST: HostAnswer = { aliases: [], addresses: ABSENT };
export const UNKNOWN_HOST: HostAnswer = { aliases: [], addresses: UNKNOWN };
export const srv = (target: string, port: number): SrvRecord => ({ priority: 0, weight: 1, port, target });

export const daysFromNow = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);
export const certificate = (members: Partial<CertificateSeen> = {}): CertificateSeen => ({
  fault: undefined,
  names: [NAME],
  issuer: "Let's Encrypt",
  validTo: daysFromNow(60),
  protocol: 'TLSv1.3',
  ...members,
});

export const answered = (
  body: string,
  members: Partial<Extract<HttpAnswer, { state: 'answered' }>> = {},
): HttpAnswer => ({
  state: 'answered',
  status: 200,
  contentType: 'text/xml',
  location: '',
  body: Buffer.from(body),
  certificate: certificate(),
  ...members,
});
export const status = (code: number, location = ''): HttpAnswer => answered('', { status: code, location });
export const unreachable = (code: string) => ({ state: 'unreachable', code }) as const;

export type Web = (peer: Peer, question: HttpQuestion) => HttpAnswer | undefined;

/** What everybody says: names that are not there are absent, and web servers know nothing of what `web` leaves undefined. */
export interface Script {
  readonly hosts: Record<string, HostAnswer>;
  readonly srv: Record<string, DnsAnswer<SrvRecord>>;
  readonly txt: Record<string, DnsAnswer<string>>;
  readonly mx: Record<string, DnsAnswer<MxRecord>>;
  readonly caa: Record<string, DnsAnswer<string>>;
  web: Web;
  tls: (peer: Peer) => TlsAnswer;
}

/** The settings of most tests: all kinds of servers, and a document for PACC. */
const MEMBERS: Partial<MailDomain> = {
  mailServers: [imap, { ...smtp, port: 465, socketType: 'SSL' }],
  davServers: [
    { ...caldav, url: 'https://dav.example.org/calendars/' },
    { ...carddav, url: 'https://dav.example.org/contacts/' },
  ],
};
export const served = (members: Partial<MailDomain> = {}): ServedDomain => domain({ ...MEMBERS, ...members });

export const emptyScript = (): Script => ({
  ...{ hosts: {}, srv: {}, txt: {}, mx: {}, caa: {} },
  web: () => undefined,
  tls: () => ({ state: 'connected', certificate: certificate() }),
});

/** Everything as it should be. */
export function healthyScript(settings: ServedDomain = served()): Script {
  const script = emptyScript();
  script.hosts[SERVICE] = hostAt(ADDRESS);
  script.hosts[NAME] = hostAt(SITE_ADDRESS);
  // From which no client goes on.
  script.mx[NAME] = found({ preference: 10, exchange: 'mx.example' });
  for (const host of ['imap', 'smtp', 'dav']) script.hosts[`${host}.${NAME}`] = hostAt(MAIL_ADDRESS);
  for (const record of publishedRecords(settings, SERVICE)) {
    const { owner } = record;
    if (record.type === 'CNAME') script.hosts[owner] = aliasOf(SERVICE, ADDRESS);
    if (record.type === 'SRV') script.srv[owner] = found(srv(record.target, record.port));
    if (record.type === 'TXT') script.txt[owner] = found(record.text);
  }
  const user = madeUpUser(settings);
  const context = { domain: settings, user } as CheckContext;
  script.web = ({ address, name }, { scheme, path }) => {
    if (address !== ADDRESS) return undefined;
    if (scheme === 'http') return status(302, `https://${name}${path}`);
    if (path === AUTODISCOVER_PATH) return answered(autodiscoverExpectation(context).octets);
    if (path === PACC_PATH) return answered(PACC.writeForDomain(settings));
    if (path.startsWith('/mobileconfig/')) return answered(user.document(MOBILECONFIG));
    if (path.startsWith('/autodiscover/')) {
      return answered(`{"Url":"https://${name}/autodiscover/autodiscover.xml"}`);
    }
    return path.includes('config-v1.1.xml') ? answered(autoconfigExpectation(context).octets) : undefined;
  };
  return script;
}

export const resolver = ({ hosts, srv: services, txt, mx, caa }: Script): Resolver => ({
  host: async (name) => hosts[name] ?? NO_HOST,
  srv: async (name) => services[name] ?? ABSENT,
  txt: async (name) => txt[name] ?? ABSENT,
  mx: async (name) => mx[name] ?? ABSENT,
  caa: async (name) => caa[name] ?? ABSENT,
});

export const prober = (script: Script): Prober => ({
  request: async (peer, question) => script.web(peer, question) ?? status(404),
  tls: async (peer) => script.tls(peer),
  startTls: async (peer) => script.tls(peer),
  connect: async () => ({ state: 'connected' }),
});

export interface Setting {
  readonly settings?: ServedDomain;
  readonly connectTo?: Endpoint;
}

const options = ({ connectTo }: Setting) => ({ service: SERVICE, connectTo, deep: false, now: NOW });

export const contextFor = (script: Script, setting: Setting = {}): CheckContext => {
  const { settings = served() } = setting;
  return {
    ...options(setting),
    domain: settings,
    user: madeUpUser(settings),
    strangeName: `strange.${NAME}`,
    dns: resolver(script),
    prober: prober(script),
  };
};

/** The report of a domain; further scripts are further views of DNS. */
export function reportOf(script: Script, setting: Setting = {}, ...others: readonly Script[]): Promise<DomainReport> {
  const views = others.map((other, index) => ({ title: `view ${index + 2}`, dns: resolver(other) }));
  const { settings = served() } = setting;
  return checkDomain(settings, [{ title: 'view 1', dns: resolver(script) }, ...views], prober(script), {
    ...options(setting),
    strangeLabel: 'strange',
  });
}

/** "CHECK SEVERITY" of all that is not as it should be, each once, sorted. */
export const faultsOf = (findings: DomainReport['findings']): readonly string[] =>
  [
    ...new Set(
      findings.filter(({ severity }) => severity !== 'ok').map(({ check, severity }) => `${check} ${severity}`),
    ),
  ].sort();
