import { type DomainName, parseDomainName } from '../../../domain/domain-name.ts';
import { Failure, type FailureCode } from '../../../domain/failure.ts';
import { activeSyncUrl } from '../../../domain/formats/activesync.ts';
import { domainsOfHost } from '../../../domain/service-names.ts';
import { readClientAddress } from '../client-address.ts';
import type { Handler, Route } from '../listener.ts';
import { isOwnHost } from '../own-host.ts';
import { failureAnswer, failureHeaders, type Reply } from '../reply.ts';
import type { Request } from '../request.ts';
import { percentDecode, queryParameter } from '../request-target.ts';
import { AUTODISCOVER_PATH } from './autodiscover.ts';

// Autodiscover V2 has no published specification: names and codes are those of Exchange Online.

const ACTIVESYNC = 'activesync';
/** Protocols that Exchange knows, and most domains do not have; anything else is invalid. */
const OTHER_PROTOCOLS = [ACTIVESYNC, 'ews', 'rest', 'graph', 'oab', 'actions', 'substrate'];

const ERROR_CODES: { readonly [code in FailureCode]?: string } = {
  address_missing: 'MandatoryParameterMissing',
  address_invalid: 'InvalidUserId',
  request_malformed: 'InvalidRequest',
  domain_unknown: 'UserNotFound',
  domain_unusable: 'UserNotFound',
  protocol_unconfigured: 'ProtocolNotSupported',
};

const json = (status: number, value: Readonly<Record<string, string>>): Reply => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(value),
  headers: failureHeaders(status),
});
const error = (status: number, code: string, message: string): Reply =>
  json(status, { ErrorCode: code, ErrorMessage: message });

const sameLetters = (a: string, b: string): boolean => a.toLowerCase() === b;

/**
 * The URL of the protocol that the client asks for: AutodiscoverV1, which is the XML form, or ActiveSync where the domain has
 * it. The address is in the path (`.../v1.0/ADDRESS`) or in the parameter Email.
 */
const get: Handler = async ({ target: { path, query }, origin, lookup }) => {
  const inPath = /\/v1\.0\/(.*)/is.exec(path)?.[1];
  const text = inPath === undefined ? queryParameter(query, 'email', sameLetters) : percentDecode(inPath);
  const protocol = queryParameter(query, 'protocol', sameLetters)?.toLowerCase() ?? '';
  if (text === undefined || text === '' || protocol === '') {
    return error(400, 'MandatoryParameterMissing', 'Email and Protocol are required.');
  }
  const { domain } = readClientAddress(text);
  if (protocol !== 'autodiscoverv1' && !OTHER_PROTOCOLS.includes(protocol)) {
    return error(400, 'InvalidProtocol', 'Supported protocols: AutodiscoverV1.');
  }
  const served = await lookup.domain(domain);
  if (served === undefined) return undefined;
  const url = protocol === ACTIVESYNC ? activeSyncUrl(served) : undefined;
  if (url !== undefined) return json(200, { Protocol: 'ActiveSync', Url: url });
  if (protocol !== 'autodiscoverv1') throw new Failure('protocol_unconfigured', `${domain}: no URL of this protocol`);
  const host = await adviceHost(origin.host, domain, lookup);
  return json(200, { Protocol: 'AutodiscoverV1', Url: `https://${host}${AUTODISCOVER_PATH}` });
};

/** The asked host if it speaks for a domain of ours: what a stranger writes into Host must not come back as advice. */
async function adviceHost(host: string, domain: DomainName, lookup: Request['lookup']): Promise<string> {
  const isOurs = domainsOfHost(host).includes(domain) || (await isServed(host, lookup));
  return (isOurs ? parseDomainName(host) : undefined) ?? `autodiscover.${domain}`;
}

/** No, while the database cannot say: the asked domain's own host is right, too. */
async function isServed(host: string, lookup: Request['lookup']): Promise<boolean> {
  try {
    return await isOwnHost(host, lookup);
  } catch (cause) {
    if (cause instanceof Failure) return false;
    throw cause;
  }
}

export const autodiscoverJsonRoute: Route = {
  format: 'autodiscover-json',
  path: /^\/autodiscover\/autodiscover\.json(?:\/v1\.0\/[^/]+)?$/i,
  methods: { GET: get },
  onFailure(failure) {
    const { status, text } = failureAnswer(failure);
    return error(status, ERROR_CODES[failure.code] ?? 'InternalServerError', text);
  },
  logPath: (path) => path.replace(/(\/v1\.0\/).*/i, '$1…'),
};
