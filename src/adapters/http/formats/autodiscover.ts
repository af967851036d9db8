import { parseDomainName } from '../../../domain/domain-name.ts';
import type { EmailAddress } from '../../../domain/email-address.ts';
import { Failure } from '../../../domain/failure.ts';
import { ACTIVESYNC } from '../../../domain/formats/activesync.ts';
import { AUTODISCOVER, writeAutodiscoverError } from '../../../domain/formats/autodiscover.ts';
import type { AutodiscoverRequestReader } from '../../../ports/autodiscover-request-reader.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Lookup } from '../../../ports/lookup.ts';
import type { Handler, Route } from '../listener.ts';
import { failureAnswer, type Reply, textReply } from '../reply.ts';

/** Where clients ask, in this spelling; they write it in any letter case. */
export const AUTODISCOVER_PATH = '/autodiscover/autodiscover.xml';

export interface AutodiscoverServices {
  readonly readRequest: AutodiscoverRequestReader;
  readonly clock: Clock;
  readonly maxOctets: number;
}

const { name: format, contentType } = AUTODISCOVER;

/** The query of the URL that a redirect leads to: who comes with it is not redirected again. */
const REDIRECTED = 'redirected';
const xml = (body: string): Reply => ({ status: 200, contentType, body });

/**
 * GET: on plain http the redirect that Outlook looks for ([MS-OXDISCO] section 3.1.5.4), on https settings of the domain
 * that Host names. These go without login, so they are right only where nothing depends on the address; an error with
 * status 200 would end the search of clients that use GET. Some proxies say http whatever the client speaks, as automx2's
 * sample for nginx does: a client is never redirected to the URL that it asked for.
 */
const get: Handler = async ({ origin: { scheme, host }, target: { query }, lookup }) => {
  // Only a host name goes into the header: what else a stranger writes into Host must not reach it.
  const hostname = parseDomainName(host);
  if (scheme === 'http' && hostname !== undefined && query !== REDIRECTED) {
    return textReply(302, 'Ask again with https', {
      Location: `https://${hostname}${AUTODISCOVER_PATH}?${REDIRECTED}`,
    });
  }
  const domain = await lookup.host(host);
  return domain?.addressDependentRows.length === 0 ? xml(domain.shared(AUTODISCOVER).text) : undefined;
};

async function hasActiveSync({ domain }: EmailAddress, lookup: Lookup): Promise<boolean> {
  try {
    return (await lookup.domain(domain))?.settings.extras.activesync !== undefined;
  } catch (error) {
    if (error instanceof Failure && error.code === 'domain_unusable') return false;
    throw error;
  }
}

/**
 * POST: settings in XML ([MS-OXDSCLI] section 3.2.5.1), whatever type the request says it has. A request for
 * ActiveSync gets the error of an unknown schema where the domain has none or is not served; no directory is asked for that.
 */
const post =
  ({ readRequest, maxOctets }: AutodiscoverServices): Handler =>
  async (request) => {
    const octets = await request.body(maxOctets);
    if (octets === undefined) throw new Failure('request_malformed', `a body of more than ${maxOctets} octets`);
    const { lookup } = request;
    const { address, schema } = readRequest(octets);
    if (schema === 'mobilesync' && !(await hasActiveSync(address, lookup))) {
      throw new Failure('protocol_unconfigured', `${address.domain}: ActiveSync is not configured`);
    }
    const user = await lookup.user(address);
    return user && xml(user.document(schema === 'mobilesync' ? ACTIVESYNC : AUTODISCOVER));
  };

export const autodiscoverRoute = (services: AutodiscoverServices): Route => ({
  format,
  path: new RegExp(`^${AUTODISCOVER_PATH.replace('.', '\\.')}$`, 'i'),
  methods: { GET: get, POST: post(services) },
  onFailure(failure, { method }) {
    const { autodiscover: code, autodiscoverText, text } = failureAnswer(failure);
    if (method !== 'POST' || code === undefined) return undefined;
    return xml(writeAutodiscoverError(code, autodiscoverText ?? text, services.clock.now()));
  },
});
