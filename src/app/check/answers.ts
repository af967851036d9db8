import type { CertificateSeen, HttpAnswer, HttpQuestion } from '../../ports/prober.ts';
import { askSite, type CheckContext, ownTrouble, type SiteAnswer } from './context.ts';

/** How a document came, if it came. */
export type Outcome =
  | { readonly kind: 'ours' }
  /** The same kind of document with other content. */
  | { readonly kind: 'other' }
  | { readonly kind: 'html' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'certificate'; readonly fault: string }
  | { readonly kind: 'unreachable'; readonly code: string }
  | { readonly kind: 'no address' }
  /** Nothing can be said. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** A redirect on the way (RFC 9110 section 15.4). */
export interface Hop {
  readonly from: string;
  readonly status: number;
  readonly location: string;
}

export interface Fetched {
  /** The asked name. */
  readonly name: string;
  readonly url: string;
  /** At each address of the asked name, after redirects; the one that is furthest from right. */
  readonly outcome: Outcome;
  /** Addresses without answer beside others with one, to which clients go on. */
  readonly silent: readonly { readonly address: string; readonly code: string }[];
  readonly hops: readonly Hop[];
  /** Whether there was an address to ask. */
  readonly isAsked: boolean;
  /** Of the asked name, as far as there was a handshake. */
  readonly certificates: readonly CertificateSeen[];
}

/** What is expected of an answer. */
export interface Expectation {
  readonly octets: string;
  /** What documents of this kind hold, whoever made them. */
  readonly sign: RegExp;
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const MAX_HOPS = 3;

const isHtml = (contentType: string, text: string): boolean =>
  /^text\/html\b/i.test(contentType) || /^\s*<(?:!doctype html|html)\b/i.test(text);

function judge(answer: HttpAnswer, { octets, sign }: Expectation): Outcome {
  const trouble = ownTrouble(answer);
  if (trouble !== undefined) return { kind: 'unknown', reason: trouble };
  if (answer.state === 'unreachable') return { kind: 'unreachable', code: answer.code };
  // A byte order mark is no part of our documents, and spoils the digest of PACC.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(answer.body);
  const fault = answer.certificate?.fault;
  if (answer.status !== 200) return { kind: 'status', status: answer.status };
  if (isHtml(answer.contentType, text)) return { kind: 'html' };
  if (text !== octets && !sign.test(text)) return { kind: 'html' };
  if (fault !== undefined) return { kind: 'certificate', fault };
  return { kind: text === octets ? 'ours' : 'other' };
}

/** Follows redirects to other sites; only to the standard ports, and never to plain http. */
async function follow(
  context: CheckContext,
  from: string,
  answer: HttpAnswer,
  question: HttpQuestion,
  hops: Hop[],
): Promise<HttpAnswer> {
  if (answer.state !== 'answered' || !REDIRECTS.includes(answer.status) || answer.location === '') return answer;
  hops.push({ from, status: answer.status, location: answer.location });
  const url = URL.parse(answer.location, from);
  if (url === null || url.protocol !== 'https:' || url.port !== '' || hops.length > MAX_HOPS) return answer;
  const next = { ...question, path: url.pathname + url.search };
  const [first] = (await askSite(context, url.hostname, next)).answers;
  return first === undefined ? answer : follow(context, url.href, first.answer, question, hops);
}

/** The order in which outcomes count where addresses differ: what is worst, first. */
const WORST: readonly Outcome['kind'][] = [
  'html',
  'certificate',
  'other',
  'unreachable',
  'status',
  'no address',
  'unknown',
  'ours',
];

const worst = (outcomes: readonly Outcome[]): Outcome | undefined =>
  [...outcomes].sort((a, b) => WORST.indexOf(a.kind) - WORST.indexOf(b.kind))[0];

const withoutAnswer = ({ host: { addresses } }: SiteAnswer<unknown>): Outcome =>
  addresses.state === 'unknown' ? { kind: 'unknown', reason: addresses.reason } : { kind: 'no address' };

/** Fetches a document as a client does, at every address of the name. */
export async function fetchDocument(
  context: CheckContext,
  name: string,
  request: HttpQuestion,
  expectation: Expectation,
): Promise<Fetched> {
  const question = { ...request, expectedOctets: Buffer.byteLength(expectation.octets) };
  const url = `${question.scheme}://${name}${question.path}`;
  const site = await askSite(context, name, question);
  const hops: Hop[] = [];
  const all = await Promise.all(
    site.answers.map(async ({ address, answer }, index) => {
      // Of several addresses, the first one's redirects are shown.
      const seen: Hop[] = index === 0 ? hops : [];
      return { address, outcome: judge(await follow(context, url, answer, question, seen), expectation) };
    }),
  );
  const isAnswered = all.some(({ outcome: { kind } }) => kind !== 'unreachable' && kind !== 'unknown');
  const silent = all.flatMap(({ address, outcome }) =>
    isAnswered && outcome.kind === 'unreachable' ? [{ address, code: outcome.code }] : [],
  );
  const outcomes = all
    .filter(({ address }) => !silent.some((each) => each.address === address))
    .map(({ outcome }) => outcome);
  const certificates = site.answers.flatMap(({ answer }) =>
    answer.state === 'answered' && answer.certificate !== undefined ? [answer.certificate] : [],
  );
  const outcome = worst(outcomes) ?? withoutAnswer(site);
  return { name, url, outcome, silent, hops, isAsked: outcomes.length > 0, certificates };
}

/** What came, in a few words. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'ours':
      return 'the settings';
    case 'other':
      return 'other settings than those that are stored';
    case 'html':
      return 'a web page, or something else that is no settings';
    case 'status':
      return `status ${outcome.status}`;
    case 'certificate':
      return `the settings behind a certificate that clients refuse (${outcome.fault})`;
    case 'unreachable':
      return `no answer (${outcome.code})`;
    case 'no address':
      return 'no address';
    case 'unknown':
      return `could not be asked (${outcome.reason})`;
  }
}

export function outcomeAdvice(outcome: Outcome, hostname: string, service: string): string {
  switch (outcome.kind) {
    case 'ours':
      return '';
    case 'other':
      return `${hostname} says something else than the settings here: another program answers, or the daemon has other settings or an old answer in a cache.`;
    case 'html':
      return `${hostname} answers with a web page, or something else that is no settings: lead this URL to ${service}.`;
    case 'status':
      return `${hostname} answers, but not with settings: lead this URL to ${service}, and see whether the daemon serves the domain.`;
    case 'certificate':
      return `Clients refuse the certificate of ${hostname}.`;
    case 'unreachable':
      return unreachableAdvice(outcome.code, hostname);
    case 'no address':
      return `${hostname} has no address.`;
    case 'unknown':
      return `Nothing can be said about ${hostname} from here: ask again.`;
  }
}

/** Whether something other than TLS came. With the other codes ERR_SSL_..., a peer that speaks TLS refuses ours. */
export const isNoTls = (code: string): boolean =>
  /^(?:EPROTO|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE))$/.test(code);

export function unreachableAdvice(code: string, hostname: string): string {
  if (isNoTls(code)) return `${hostname} speaks no TLS at port 443: turn it on in the proxy.`;
  if (code.startsWith('ERR_SSL_')) {
    return `${hostname} refuses TLS (${code}): it has no certificate of that name, or wants another version of TLS.`;
  }
  if (code === 'ECONNRESET') {
    return `${hostname} ends the connection: the proxy knows no site or certificate of that name.`;
  }
  if (code.startsWith('HPE_')) return `${hostname} answers, but not as HTTP requires: see what listens there.`;
  return `${hostname} is not reachable from here (${code}): start the proxy and open the port; inside its own network that may be the router, so ask from outside, or use --connect ADDRESS.`;
}
