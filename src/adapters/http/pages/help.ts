import { type DomainName, parseDomainName } from '../../../domain/domain-name.ts';
import { addressText } from '../../../domain/email-address.ts';
import { Failure } from '../../../domain/failure.ts';
import type { Format } from '../../../domain/formats/format.ts';
import { MOBILECONFIG } from '../../../domain/formats/mobileconfig.ts';
import { MOBILECONFIG_EXCHANGE } from '../../../domain/formats/mobileconfig-exchange.ts';
import { THUNDERBIRD_QR } from '../../../domain/formats/thunderbird-qr.ts';
import type { UserAccount } from '../../../domain/user-account.ts';
import type { QrEncoder } from '../../../ports/qr-encoder.ts';
import { readClientAddress } from '../client-address.ts';
import type { Route } from '../listener.ts';
import { isOwnHost } from '../own-host.ts';
import { failureAnswer, failureHeaders, HTML, type Reply, textReply, VARIES_BY_HOST_AND_LANGUAGE } from '../reply.ts';
import type { Request } from '../request.ts';
import { queryParameter } from '../request-target.ts';
import { type HelpView, helpPage, type Problem, type Query, queryText } from './help-page.ts';
import { preferredLanguage, readLanguage } from './languages.ts';
import { type Offers, PROFILE_SECTION } from './sections.ts';
import { STYLE_SOURCE } from './style.ts';

/** What the page needs from the rest of the daemon. */
export interface HelpServices {
  /** Whether profiles are signed. */
  readonly isSigned: boolean;
  /** The host that DNS leads to, if the operator has said so. */
  readonly publicHost: DomainName | undefined;
  readonly qrEncoder: QrEncoder;
}

/** Characters of a name: others would put long texts on our page. */
const MAX_NAME = 64;
/** RFC 5321 section 4.5.3.1; what is longer is no address, and does not come back. */
const MAX_ADDRESS = 254;

const HEADERS = {
  'Content-Security-Policy': `default-src 'none'; style-src ${STYLE_SOURCE}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'Referrer-Policy': 'no-referrer',
  ...VARIES_BY_HOST_AND_LANGUAGE,
} as const;

/** The page of a domain holds nothing of the visitor: caches may keep it, for a while. */
const SHARED = { 'Cache-Control': 'public, max-age=300' } as const;

const EMPTY: Query = { address: '', name: '', language: undefined };

/** Throws request_malformed. */
function readQuery(query: string): Query {
  const parameter = (name: string, text: string): string => (queryParameter(text, name) ?? '').trim();
  return {
    address: parameter('emailaddress', query),
    // Forms write a blank as "+", which in an address is a plus.
    name: [...parameter('name', query.replaceAll('+', '%20'))].slice(0, MAX_NAME).join(''),
    language: readLanguage(parameter('lang', query)),
  };
}

/** What the form shows again of a request that went wrong. */
function typedQuery({ target }: Request): Query {
  try {
    const query = readQuery(target.query);
    return query.address.length > MAX_ADDRESS ? { ...query, address: '' } : query;
  } catch {
    return EMPTY;
  }
}

function reply(request: Request, view: Omit<HelpView, 'language'>, rest: Partial<Reply> = {}): Reply {
  const language = view.query.language ?? preferredLanguage(request.acceptLanguage);
  const headers = { ...HEADERS, 'Content-Language': language, ...rest.headers };
  return { status: 200, contentType: HTML, body: helpPage({ ...view, language }), ...rest, headers };
}

/** The document, if it can be made of the domain's settings for this user. */
function documentOf(user: UserAccount, format: Format): string | undefined {
  try {
    return user.document(format);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** The host under which this page is reached from elsewhere: where the visitor asked, if that is ours, or where DNS leads to. */
async function ownHost(
  { origin, lookup }: Request,
  publicHost: DomainName | undefined,
): Promise<DomainName | undefined> {
  const host = parseDomainName(origin.host);
  if (host === undefined || host === publicHost) return publicHost;
  try {
    return (await isOwnHost(host, lookup)) ? host : publicHost;
  } catch (error) {
    // It need not be the domain of the address: that one's settings are known by now, and nobody waits for a code.
    if (error instanceof Failure) return publicHost;
    throw error;
  }
}

async function offersFor(user: UserAccount, query: Query, request: Request, services: HelpServices): Promise<Offers> {
  const { qrEncoder, publicHost, isSigned } = services;
  const host = await ownHost(request, publicHost);
  const thunderbird = documentOf(user, THUNDERBIRD_QR);
  const profileUrl = (format: Format, more = ''): string | undefined =>
    documentOf(user, format) && `/mobileconfig/?${queryText({ ...query, language: undefined })}${more}`;
  return {
    profileUrl: profileUrl(MOBILECONFIG),
    exchangeUrl: profileUrl(MOBILECONFIG_EXCHANGE, '&account=exchange'),
    isSigned,
    // Certificates are the business of a proxy in front, which serves https, whatever the way from there to us.
    pageCode:
      host === undefined
        ? undefined
        : await qrEncoder.encode(`https://${host}${request.target.path}?${queryText(query)}#${PROFILE_SECTION}`),
    thunderbirdCode: thunderbird === undefined ? undefined : await qrEncoder.encode(thunderbird),
  };
}

/** The page without an address. */
async function domainPage(query: Query, request: Request): Promise<Reply> {
  try {
    const domain = await request.lookup.host(request.origin.host);
    const headers = query.name === '' ? SHARED : {};
    return reply(request, { query, subject: domain && { domain, user: undefined } }, { headers });
  } catch (error) {
    // The domain has no usable servers, or the database is unreachable. The visitor has asked for no domain, so the form
    // is still of use; the answer to an address says what is wrong.
    if (error instanceof Failure) return reply(request, { query });
    throw error;
  }
}

async function get(request: Request, services: HelpServices): Promise<Reply | undefined> {
  const query = readQuery(request.target.query);
  if (query.address === '') return domainPage(query, request);
  const account = await request.lookup.user(readClientAddress(query.address));
  if (account === undefined) return undefined;
  const user = query.name === '' ? account : account.named(query.name);
  const offers = await offersFor(user, { ...query, address: addressText(user.address) }, request, services);
  return reply(request, { query, subject: { domain: user.domain, user }, offers });
}

/** Every failure is a page with the form. */
function onFailure(failure: Failure, request: Request): Reply {
  const { status } = failureAnswer(failure);
  const problem: Problem =
    status === 404 ? { kind: 'unknown', domain: request.domain } : { kind: status === 400 ? 'invalid' : 'unavailable' };
  return reply(request, { query: typedQuery(request), problem }, { status, headers: failureHeaders(status) });
}

/** The page for people: what to tap and to type, for the address in the query or for the domain that Host names. */
export const helpRoute = (services: HelpServices): Route => ({
  format: 'help',
  path: /^\/(?:help\/?)?$/,
  methods: { GET: (request) => get(request, services) },
  onFailure,
});

/** Where the operator wants no page. */
export const plainRoute: Route = {
  format: 'root',
  path: /^\/$/,
  methods: { GET: async () => textReply(200, 'automx2 answers mail programs here') },
};
