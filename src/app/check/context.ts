import type { DomainName } from '../../domain/domain-name.ts';
import { parseEmailAddress } from '../../domain/email-address.ts';
import type { ServedDomain } from '../../domain/served-domain.ts';
import { SERVICE_LABELS } from '../../domain/service-names.ts';
import { UserAccount } from '../../domain/user-account.ts';
import type { HttpAnswer, HttpQuestion, Peer, Prober, TlsAnswer, Unreachable } from '../../ports/prober.ts';
import type { HostAnswer, Resolver } from '../../ports/resolver.ts';
import type { Endpoint } from './endpoint.ts';
import { BUSY } from './patient-prober.ts';

/** How domains are checked; the same for all of a run. */
export interface CheckOptions {
  /** The host name of this service. */
  readonly service: DomainName;
  /** Where requests to this service go instead of the addresses that DNS says; without a port, to 443, and 80 for http. */
  readonly connectTo: Endpoint | undefined;
  /** Also starts TLS where a mail server begins in clear text. */
  readonly deep: boolean;
  readonly now: Date;
}

/** One domain at work. */
export interface CheckContext extends CheckOptions {
  readonly domain: ServedDomain;
  /** Somebody who does not exist: his address is what requests carry. */
  readonly user: UserAccount;
  readonly dns: Resolver;
  readonly prober: Prober;
  /** A name below the domain that nobody has made. */
  readonly strangeName: string;
}

/** The local part that requests carry. */
export const LOCAL_PART = 'automx2-check';

export const madeUpUser = (domain: ServedDomain): UserAccount =>
  new UserAccount(domain, parseEmailAddress(`${LOCAL_PART}@${domain.name}`));

const PORTS = { https: 443, http: 80 } as const;

/** Addresses of one name that are asked at most: more are a mistake, or a network that serves all alike. */
const MAX_ADDRESSES = 4;

/** Codes that say something about this machine, not about what others get of the peer. */
const OWN_TROUBLES: readonly string[] = [
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  // A kernel without IPv6.
  'EAFNOSUPPORT',
  // A firewall of this machine.
  'EPERM',
  'EACCES',
  'EMFILE',
  'ENFILE',
  'EDEADLINE',
  BUSY,
];
type AnyAnswer = { readonly state: 'answered' | 'connected' } | Unreachable;

/** The code of what kept this machine from asking; undefined: it could ask. */
export const ownTrouble = (answer: AnyAnswer): string | undefined =>
  answer.state === 'unreachable' && OWN_TROUBLES.includes(answer.code) ? answer.code : undefined;

/** What a site says, asked at each of its addresses. */
export interface SiteAnswer<T> {
  readonly name: string;
  readonly host: HostAnswer;
  /** None: DNS has no address, or could not say. */
  readonly answers: readonly { readonly address: string; readonly answer: T }[];
}

export const addressesOf = ({ addresses }: HostAnswer): readonly string[] =>
  addresses.state === 'found' ? addresses.records.map(({ address }) => address) : [];

/** Whether a site is this service: by its name, or because it has no other addresses. */
async function isService({ dns, domain, service }: CheckContext, name: string): Promise<boolean> {
  if ([service, ...SERVICE_LABELS.map((label) => `${label}.${domain.name}`)].includes(name)) return true;
  const [site, own] = (await Promise.all([dns.host(name), dns.host(service)])).map(addressesOf);
  return site !== undefined && site.length > 0 && site.every((address) => own?.includes(address));
}

async function askEach<T extends AnyAnswer>(
  { dns }: CheckContext,
  name: string,
  connectTo: Endpoint | undefined,
  ask: (address: string) => Promise<T>,
): Promise<SiteAnswer<T>> {
  const host = await dns.host(name);
  const asked = connectTo === undefined ? addressesOf(host).slice(0, MAX_ADDRESSES) : [connectTo.address];
  const all = await Promise.all(asked.map(async (address) => ({ address, answer: await ask(address) })));
  // A machine without IPv6 can say nothing about it, and need not where there is IPv4.
  const others = all.filter(({ answer }) => ownTrouble(answer) === undefined);
  return { name, host, answers: others.length > 0 ? others : all };
}

/** One request at each address of a name. */
export async function askSite(
  context: CheckContext,
  name: string,
  question: HttpQuestion,
): Promise<SiteAnswer<HttpAnswer>> {
  const isMoved = context.connectTo !== undefined && (await isService(context, name));
  const connectTo = isMoved ? context.connectTo : undefined;
  const port = connectTo?.port ?? question.port ?? PORTS[question.scheme];
  return askEach(context, name, connectTo, (address) => context.prober.request({ address, port, name }, question));
}

/** What a mail server says at each address of its name. */
export const askMailHost = (
  context: CheckContext,
  name: string,
  ask: (address: string) => Promise<TlsAnswer | { readonly state: 'connected' } | Unreachable>,
) => askEach(context, name, undefined, ask);

/** Resolves as the work does, or with `late` when a domain's time is over before; then, no more work is begun. */
export type Deadline = <T>(work: () => Promise<T>, late: T) => Promise<T>;

export function deadlineAfter(ms: number): { readonly within: Deadline; readonly end: () => void } {
  let [isOver, end] = [false, (): void => undefined];
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      isOver = true;
      resolve();
    }, ms);
    end = () => clearTimeout(timer);
  });
  const within: Deadline = async (work, late) => (isOver ? late : Promise.race([work(), over.then(() => late)]));
  return { within, end: () => end() };
}

const LATE = { state: 'unknown', reason: 'EDEADLINE' } as const;
/** The answer to what was not asked, as the time was over. */
export const UNASKED: Unreachable = { state: 'unreachable', code: 'EDEADLINE' };

/** The same resolver, which says "unknown" when the time is over. */
export const timedResolver = (dns: Resolver, within: Deadline): Resolver => ({
  host: (name) => within(() => dns.host(name), { aliases: [], addresses: LATE }),
  srv: (name) => within(() => dns.srv(name), LATE),
  txt: (name) => within(() => dns.txt(name), LATE),
  mx: (name) => within(() => dns.mx(name), LATE),
  caa: (name) => within(() => dns.caa(name), LATE),
});

export const timedProber = (prober: Prober, within: Deadline): Prober => ({
  request: (peer, question) => within(() => prober.request(peer, question), UNASKED),
  tls: (peer) => within(() => prober.tls(peer), UNASKED),
  startTls: (peer, protocol) => within(() => prober.startTls(peer, protocol), UNASKED),
  connect: (peer) => within(() => prober.connect(peer), UNASKED),
});

/** Asks each mail server once, however many domains use it, and so what is the same question for all. */
export function rememberingProber(prober: Prober): Prober {
  const known = new Map<string, Promise<unknown>>();
  const once = <T>(kind: string, peer: Peer, ask: () => Promise<T>): Promise<T> => {
    const key = JSON.stringify([kind, peer.address, peer.port, peer.name]);
    const answer = (known.get(key) as Promise<T> | undefined) ?? ask();
    known.set(key, answer);
    return answer;
  };
  return {
    request: (peer, question) => {
      const ask = (): Promise<HttpAnswer> => prober.request(peer, question);
      return question.isShared === true ? once(question.path, peer, ask) : ask();
    },
    tls: (peer) => once('tls', peer, () => prober.tls(peer)),
    startTls: (peer, protocol) => once(protocol, peer, () => prober.startTls(peer, protocol)),
    connect: (peer) => once('connect', peer, () => prober.connect(peer)),
  };
}
