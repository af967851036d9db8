import { type DomainName, parseDomainName } from '../../domain/domain-name.ts';
import { parseEmailAddress } from '../../domain/email-address.ts';
import { Failure } from '../../domain/failure.ts';
import { writeAutodiscover, writeAutodiscoverError } from '../../domain/formats/autodiscover.ts';
import { DEFAULT_USER_NAME } from '../../domain/mail-domain.ts';
import { hasPlaceholder } from '../../domain/placeholders.ts';
import type { AccountLookup } from '../../ports/account-lookup.ts';
import type { AutodiscoverRequestReader } from '../../ports/autodiscover-request-reader.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Exchange, type Handler, type Reply, textReply, XML } from './exchange.ts';
import { autodiscoverError } from './failure-reply.ts';
import { accountOfHost, hostDomain } from './host-domain.ts';
import { percentDecode, queryParameter } from './request-target.ts';

const XML_PATH = '/autodiscover/autodiscover.xml';

export interface AutodiscoverServices {
  readonly lookUp: AccountLookup;
  readonly readRequest: AutodiscoverRequestReader;
  readonly clock: Clock;
  readonly maxOctets: number;
}

/** Answers the POST of a client that asks for settings in XML ([MS-OXDSCLI] section 3.2.5.1), whatever its type says. */
export function autodiscoverPostHandler({ lookUp, readRequest, clock, maxOctets }: AutodiscoverServices): Handler {
  return async (exchange: Exchange): Promise<Reply> => {
    try {
      const body = await exchange.body(maxOctets);
      if (body === undefined) throw new Failure('request_malformed', `a body of more than ${maxOctets} octets`);
      const address = readRequest(body);
      exchange.domain = address.domain;
      return { status: 200, contentType: XML, body: writeAutodiscover(await lookUp(address)) };
    } catch (error) {
      const answer = autodiscoverError(error);
      if (answer === undefined) throw error;
      return { status: 200, contentType: XML, body: writeAutodiscoverError(answer.code, answer.message, clock.now()) };
    }
  };
}

/**
 * Answers a GET: on plain http the redirect that Outlook looks for ([MS-OXDISCO] section 3.1.5.4), on https settings of
 * the domain that Host names. These go without login, so they are right only where the login is the whole address;
 * an error with status 200 would end the search of clients that use GET.
 */
export function autodiscoverGetHandler(lookUp: AccountLookup): Handler {
  return async (exchange: Exchange): Promise<Reply> => {
    const { scheme, host } = exchange.origin;
    // Only a host name goes into the header: what else a stranger writes into Host must not reach it.
    const hostname = parseDomainName(host);
    if (scheme === 'http' && hostname !== undefined) {
      return textReply(302, 'Ask again with https', { Location: `https://${hostname}${XML_PATH}` });
    }
    const account = await accountOfHost(host, lookUp);
    const needsNoAddress =
      account?.usesDirectory === false &&
      account.mailServers.every(
        ({ username, hostname }) => username === DEFAULT_USER_NAME && !hasPlaceholder(hostname),
      );
    if (account === undefined || !needsNoAddress) {
      throw new Failure('domain_unknown', 'Host names no domain whose settings are right without an address');
    }
    exchange.domain = account.domain;
    return { status: 200, contentType: XML, body: writeAutodiscover(account) };
  };
}

/** Protocols that Exchange knows and we do not have; anything else is none. */
const OTHER_PROTOCOLS = ['activesync', 'ews', 'rest', 'graph', 'oab', 'actions', 'substrate'];

const sameLetters = (a: string, b: string): boolean => a.toLowerCase() === b;
const json = (status: number, value: Readonly<Record<string, string>>): Reply => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(value),
});

/**
 * Answers Autodiscover V2, which has no published specification: who asks for AutodiscoverV1 is led to the XML form.
 * The address stands in the path (`.../v1.0/ADDRESS`) or in the parameter Email.
 */
export function autodiscoverJsonHandler(lookUp: AccountLookup): Handler {
  return async (exchange: Exchange): Promise<Reply> => {
    const { path, query } = exchange.target;
    const inPath = /\/v1\.0\/(.*)/is.exec(path)?.[1];
    const text = inPath === undefined ? queryParameter(query, 'email', sameLetters) : percentDecode(inPath);
    const protocol = queryParameter(query, 'protocol', sameLetters)?.toLowerCase() ?? '';
    if (text === undefined || text === '' || protocol === '') {
      return json(400, { ErrorCode: 'MandatoryParameterMissing', ErrorMessage: 'Email and Protocol are wanted.' });
    }
    const address = parseEmailAddress(text);
    exchange.domain = address.domain;
    if (protocol !== 'autodiscoverv1' && !OTHER_PROTOCOLS.includes(protocol)) {
      return json(400, { ErrorCode: 'InvalidProtocol', ErrorMessage: 'Supported protocols: AutodiscoverV1.' });
    }
    await lookUp(address.domain);
    if (protocol !== 'autodiscoverv1') throw new Failure('protocol_unconfigured', 'only AutodiscoverV1 is there');
    const host = await adviceHost(exchange.origin.host, address.domain, lookUp);
    return json(200, { Protocol: 'AutodiscoverV1', Url: `https://${host}${XML_PATH}` });
  };
}

/** The asked host if it speaks for a domain of ours: what a stranger writes into Host must not come back as advice. */
async function adviceHost(host: string, domain: DomainName, lookUp: AccountLookup): Promise<string> {
  const isOurs = hostDomain(host) === domain || (await speaksForUs(host, lookUp));
  return (isOurs ? parseDomainName(host) : undefined) ?? `autodiscover.${domain}`;
}

/** Whether the host's domain is served. No, while the database cannot tell: the asked domain's own host is right, too. */
async function speaksForUs(host: string, lookUp: AccountLookup): Promise<boolean> {
  try {
    return (await accountOfHost(host, lookUp)) !== undefined;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}
