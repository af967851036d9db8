import { davContextUrl } from '../../../domain/dav-url.ts';
import { parseDomainName } from '../../../domain/domain-name.ts';
import { Failure } from '../../../domain/failure.ts';
import type { DavServer } from '../../../domain/mail-domain.ts';
import { ANY_METHOD, type Handler, type Route } from '../listener.ts';
import { textReply } from '../reply.ts';
import { oneSlash } from '../request-target.ts';

const WELL_KNOWN = '/\\.well-known/';

/**
 * A mail domain's own host leads to its DAV server (RFC 6764 section 5), whatever the method: 307 keeps a PROPFIND what
 * it is.
 */
const redirect =
  (type: DavServer['type']): Handler =>
  async ({ origin: { host }, lookup }) => {
    const domain = await lookup.host(host);
    if (domain === undefined) return undefined;
    const location = domain.settings.davServers
      .filter((server) => server.type === type)
      .map(({ url }) => davContextUrl(url, domain.name))
      .find((url) => url !== undefined && !leadsBack(url, host));
    if (location === undefined) throw new Failure('protocol_unconfigured', `${domain.name}: no ${type} server`);
    return textReply(307, `Go on at ${location}`, { Location: location });
  };

/** Whether a client that follows would be here again. */
function leadsBack(url: string, host: string): boolean {
  const { hostname, port, pathname } = new URL(url);
  return (
    hostname === parseDomainName(host) && port === '' && davRoutes.some(({ path }) => path.test(oneSlash(pathname)))
  );
}

export const davRoutes: readonly Route[] = (['caldav', 'carddav'] as const).map((type) => ({
  format: type,
  path: new RegExp(`^${WELL_KNOWN}${type}/?$`),
  methods: { [ANY_METHOD]: redirect(type) },
}));
