import { parseDomainName } from '../../../domain/domain-name.ts';
import { Failure } from '../../../domain/failure.ts';
import { AUTOCONFIG } from '../../../domain/formats/autoconfig.ts';
import type { ServedDomain } from '../../../domain/served-domain.ts';
import { readClientAddress } from '../client-address.ts';
import type { Handler, Route } from '../listener.ts';
import { type Reply, sharedReply } from '../reply.ts';
import type { Request } from '../request.ts';
import { percentDecode, queryParameter } from '../request-target.ts';

const { name: format, contentType } = AUTOCONFIG;

/** The answer that everyone of the domain gets. */
const shared = (domain: ServedDomain, { ifNoneMatch }: Request): Reply =>
  sharedReply(domain.shared(AUTOCONFIG), contentType, ifNoneMatch);

/**
 * The domain comes from `emailaddress`; without it from Host, and placeholders stay for the client to fill
 * (draft-ietf-mailmaint-autoconfig, "Configuration retrieval").
 */
const byAddress: Handler = async (request) => {
  const text = queryParameter(request.target.query, 'emailaddress') ?? '';
  if (text === '') {
    const domain = await request.lookup.host(request.origin.host);
    if (domain === undefined) throw new Failure('address_missing', 'no address, and Host names no served domain');
    return shared(domain, request);
  }
  const user = await request.lookup.user(readClientAddress(text));
  if (user === undefined || !user.domain.differsByAddress) return user && shared(user.domain, request);
  const headers = { 'Cache-Control': 'private, no-store' };
  return { status: 200, contentType, body: user.document(AUTOCONFIG), headers };
};

/** As in Mozilla's provider database: the domain is the path's last part. */
const byPath: Handler = async (request) => {
  const { path } = request.target;
  const name = parseDomainName(percentDecode(path.slice(path.lastIndexOf('/') + 1)));
  const domain = name && (await request.lookup.domain(name));
  return domain && shared(domain, request);
};

export const autoconfigRoutes: readonly Route[] = [
  {
    format,
    path: /^\/(?:(?:(?:\.well-known\/autoconfig|v1\.1)\/)?mail\/config-v1\.1\.xml|\.well-known\/mail-v1\.xml)$/,
    methods: { GET: byAddress },
  },
  { format, path: /^\/v1\.1\/[^/]+$/, methods: { GET: byPath }, logPath: () => '/v1.1/…' },
];
