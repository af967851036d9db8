import { der, TAG } from '../../adapters/signing/der.ts';
import type { CertificateSeen, HttpAnswer, HttpQuestion } from '../../ports/prober.ts';
import { askSite, type CheckContext, ownTrouble, type SiteAnswer } from './context.ts';

/** How a document came, if it came. */
export type Outcome =
  /** `isSigned`: within a signature. */
  | { readonly kind: 'ours'; readonly isSigned?: true }
  /** The same kind of document with other content. */
  | { readonly kind: 'other' }
  | { readonly kind: 'html' }
  | { readonly kind: 'status'; readonly status: number }
  /** A document of the same kind that says an error, with its code. */
  | { readonly kind: 'refused'; readonly code: string }
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
  /** An error within such a document, with its code. */
  readonly refusal?: RegExp;
  /** The octets may stand within a signature (CMS), as an OCTET STRING. */
  readonly maybeSigned?: boolean;
}

/** What a signature may add to a document: certificates, above all. */
const SIGNATURE_OCTETS = 65_536;

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const MAX_HOPS = 3;

const isHtml = (contentType: string, text: string): boolean =>
  /^text\/html\b/i.test(contentType) || /^\s*<(?:!doctype html|html)\b/i.test(text);

/** A SEQUENCE that holds the document as it is; whether the signature is right, devices judge by what they trust. */
const isSignedForm = (body: Uint8Array, document: string): boolean =>
  body[0] === TAG.sequence && Buffer.from(body).includes(der(TAG.octetString, Buffer.from(document)));

function judge(answer: HttpAnswer, { octets, sign, refusal, maybeSigned = false }: Expectation): Outcome {
  const trouble = ownTrouble(answer);
  if (trouble !== undefined) return { kind: 'unknown', reason: trouble };
  if (answer.state === 'unreachable') return { kind: 'unreachable', code: answer.code };
  // A byte order mark is no part of our documents, and spoils the digest of PACC.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(answer.body);
  const fault = answer.certificate?.fault;
  if (answer.status !== 200) return { kind: 'status', status: answer.status };
  if (isHtml(answer.contentType, text)) return { kind: 'html' };
  const code = refusal?.exec(text)?.[1];
  if (code !== undefined) return { kind: 'refused', code };
  if (text !== octets && !sign.test(text)) return { kind: 'html' };
  if (fault !== undefined) return { kind: 'certificate', fault };
  if (maybeSigned && isSignedForm(answer.body, octets)) return { kind: 'ours', isSigned: true };
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
  'refused',
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
  const { octets, maybeSigned = false } = expectation;
  const question = { ...request, expectedOctets: Buffer.byteLength(octets) + (maybeSigned ? SIGNATURE_OCTETS : 0) };
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
    case 'refused':
      return `an answer that says error ${outcome.code}`;
    case 'certificate':
      return `an answer behind a certificate that clients refuse (${outcome.fault})`;
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
      return `${hostname} says something else than the settings here: reload the daemon, or wait until what it keeps is over (cache_seconds); or another program answers, or one on the way rewrites it.`;
    case 'html':
      return `A web site answers at ${hostname}: let its server pass this URL on to the daemon, or lead the name to ${service}.`;
    case 'status':
      return statusAdvice(outcome.status, hostname);
    case 'refused':
      return `The daemon at ${hostname} does not serve the domain: reload it, or see whether it reads the same settings as this command.`;
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

/** What a status means in front of this daemon (automx2(8), REQUESTS). */
function statusAdvice(status: number, hostname: string): string {
  switch (status) {
    case 502:
    case 504:
      return `The proxy at ${hostname} gets no answer from the daemon: see whether it runs, and where it listens.`;
    case 503:
      return 'The daemon cannot reach its database or directory: its log says why, and automx2 lookup may, too.';
    case 400:
      return `The proxy at ${hostname} does not pass the host name on: let it send Host, or X-Forwarded-Host with proxy_count.`;
    default:
      return `${hostname} answers, but not with settings: let the proxy there pass this URL on to the daemon, and see whether the daemon serves the domain.`;
  }
}

/** Codes of Node's TLS for a peer that speaks something else, such as plain HTTP. */
export const speaksNoTls = (code: string): boolean =>
  /^(?:EPROTO|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE))$/.test(code);
/** The peer ends the handshake itself: it sent an alert, such as "unrecognized name". */
export const refusesTls = (code: string): boolean => code.startsWith('ERR_SSL_') && !speaksNoTls(code);

export function unreachableAdvice(code: string, hostname: string): string {
  if (speaksNoTls(code)) return `${hostname} speaks no TLS at port 443: turn it on in the proxy.`;
  if (refusesTls(code) || code === 'ECONNRESET') {
    return `${hostname} ends the connection (${code}): the proxy knows no site or certificate of that name.`;
  }
  if (code.startsWith('HPE_')) return `${hostname} answers, but not as HTTP requires: see what listens there.`;
  if (code === 'ETIMEDOUT') {
    return `${hostname} did not answer in time: see whether the proxy and the daemon behind it run, and the port is open; inside its own network that may be the router, so ask from outside, or use --connect ADDRESS.`;
  }
  return `${hostname} is not reachable from here (${code}): start the proxy and open the port; inside its own network that may be the router, so ask from outside, or use --connect ADDRESS.`;
}
